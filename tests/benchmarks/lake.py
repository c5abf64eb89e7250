"""A day of trades into the lake and back, beside pyarrow alone with the same columns
(which neither sorts, nor merges, nor checks, nor knows how the rows came)."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.lake import form
from schemas.lake import layout
from schemas.lake.kinds import KINDS
from schemas.lake.rows import DAY_NS, of_columns
from sinks.archive.writer import LakeWriter
from streams.cause import Cause
from tests.benchmarks.timing import median_seconds

ROWS = 1_000_000


def run() -> dict[str, Any]:
    columns = day()
    rows = of_columns(KINDS["trades"], "V:X", (2, 6), columns, "bench@a")
    table = pa.table(columns)
    with tempfile.TemporaryDirectory() as folder:
        lake, plain = Path(folder) / "lake", Path(folder) / "plain.parquet"

        def write() -> None:
            for place in layout.places(lake) if layout.is_one(lake) else ():
                place.path(lake).unlink()
            writer = LakeWriter(lake)
            writer.keep(rows, Cause("bench", "a", 0, 0))
            writer.flush()

        rates = {
            "written": rate(write),
            "played": rate(lambda: sum(len(p.found) for p in form.pieces(lake))),
            "pyarrow_written": rate(lambda: pq.write_table(table, plain, compression="zstd")),
            "pyarrow_read": rate(lambda: pq.read_table(plain)),
        }
        (place,) = layout.places(lake)
        sizes = {"bytes_a_row": place.path(lake).stat().st_size, "pyarrow": plain.stat().st_size}
    sizes = {name: round(size / ROWS, 1) for name, size in sizes.items()}
    return {"unit": "rows a second", **rates, **sizes}


def rate(work: Callable[[], object]) -> int:
    return round(ROWS / median_seconds(work, rounds=3))


def day() -> dict[str, Any]:
    rng = np.random.default_rng(1)
    at = 19_900 * DAY_NS + np.sort(rng.integers(0, DAY_NS, ROWS))
    return {
        "ts_event": at,
        "ts_recv": np.maximum.accumulate(at + rng.integers(0, 10**7, ROWS)),
        "trade_id": np.arange(1, ROWS + 1),
        "price": 6_000_000 + rng.integers(-50, 50, ROWS).cumsum(),
        "size": rng.integers(1, 10**6, ROWS),
        "side": rng.choice(np.array([-1, 1], np.int8), ROWS),
    }
