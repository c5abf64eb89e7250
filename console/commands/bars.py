"""``tickstream bars``: bars of a recording into a CSV or Parquet file."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors.selection import EVERYTHING, Selection
from console.errors import Failure
from console.reading import reading
from research import bars, tables
from streams.operators.market.bars import parse


def make(
    source: Path,
    kind: str,
    spec: str,
    to: str,
    out: Path | None,
    wanted: Selection = EVERYTHING,
) -> dict[str, Any]:
    """What ``bars --json`` prints. Raises Failure for an unknown kind, spec or ending."""
    made: Counter[str] = Counter()

    def counted(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for row in rows:
            made[row["instrument"]] += 1
            yield row

    try:
        chosen = parse(f"{kind}:{spec}")
        stem = source.name.split(".")[0]
        target = out or Path(f"{stem}-{kind}-{spec}.{to}")
        with reading(source) as tell:
            count = tables.write(target, counted(bars.read(source, (chosen,), tell, wanted)))
    except ValueError as error:
        raise Failure(str(error)) from error
    return {"source": str(source), "out": str(target), "bars": count, "instruments": dict(made)}
