"""A lake's rows as files for other programs: CSV, Parquet or Arrow, prices and sizes as exact
decimals, times as timestamps in UTC; a file's rows at a time, and under its name once complete.

Depth becomes a row a level: ``side`` 1 for bids, -1 for asks. Of a bar that was corrected only the
last revision is given.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from connectors.selection import Selection
from schemas.lake import files, layout
from schemas.lake.kinds import LEVELS, TEXT
from schemas.lake.layout import Place
from schemas.lake.rows import Rows, concat, empty

FORMATS = ("csv", "parquet", "arrow")
View: TypeAlias = Callable[[Rows], Rows]


def raw(rows: Rows) -> Rows:
    """As it is in the lake."""
    return rows


def export(lake: Path, kind: str, wanted: Selection, to: str, out: Path, view: View = raw) -> int:
    """Writes what is wanted of a kind, by instrument and time, as ``view`` shows it; returns how
    many rows. Raises ValueError for an unknown format, and LakeError."""
    if to not in FORMATS:
        raise ValueError(f"{to!r} is no format: choose one of {', '.join(FORMATS)}")
    found = [p for p in layout.places(lake) if p.kind == kind and wanted.wants(p.instrument)]
    if not found:
        held = ", ".join(sorted({f"{p.instrument} {p.kind}" for p in layout.places(lake)}))
        raise ValueError(f"{lake}: holds no such {kind}; there are: {held or 'none'}")
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(out.name + ".part")
    try:
        count = _write(part, to, _tables(lake, found, wanted, view))
        os.replace(part, out)
    finally:
        part.unlink(missing_ok=True)
    return count


def _write(path: Path, to: str, tables: Iterator[Any]) -> int:
    first = next(tables)
    count = 0
    with _writer(path, to, first.schema) as writer:
        while first is not None:
            writer.write_table(first)
            count += first.num_rows
            first = next(tables, None)
    return count


def _writer(path: Path, to: str, schema: Any) -> Any:
    import pyarrow as pa  # takes 0.3 s
    from pyarrow import csv, parquet

    match to:
        case "csv":
            return csv.CSVWriter(path, schema)
        case "parquet":
            return parquet.ParquetWriter(path, schema, compression="zstd")
    return pa.ipc.new_file(path, schema)


def _tables(lake: Path, places: list[Place], wanted: Selection, view: View) -> Iterator[Any]:
    """All with one schema, so at the scales that hold every price and size."""
    manifests = [files.read_manifest(lake, place) for place in places]
    scales = (max(m.price_scale for m in manifests), max(m.size_scale for m in manifests))
    for place in places:
        rows, _ = files.read(lake, place)
        rows = rows.take(np.flatnonzero(wanted.times(rows.columns[rows.kind.event])))
        rows = concat([empty(rows.kind, rows.instrument, *scales), rows])
        yield table(view(rows))


def table(rows: Rows) -> Any:
    """Rows as an Arrow table."""
    import pyarrow as pa

    kind = rows.kind
    if kind.name == "bars":
        rows = rows.take(_last_revisions(rows))
    columns = _by_level(rows) if kind.has_levels else rows.columns
    count = len(columns[kind.event])
    arrays = {"instrument": pa.array([rows.instrument]).take(pa.array(np.zeros(count, np.int64)))}
    for name, column in columns.items():
        if name in kind.prices:
            arrays[name] = _decimals(column, rows.price_scale)
        elif name in kind.sizes:
            arrays[name] = _decimals(column, rows.size_scale)
        elif name.startswith("ts_"):
            arrays[name] = pa.array(column, pa.timestamp("ns", "UTC"))
        elif name == "notional_hi":
            scale = rows.price_scale + rows.size_scale
            arrays["notional"] = _wide(columns["notional_lo"], column, scale)
        elif kind.columns.get(name) == TEXT:
            arrays[name] = pa.array(column.tolist(), pa.string())
        elif (name in kind.columns and name != "notional_lo") or name == "side":
            arrays[name] = pa.array(column)
    return pa.table(arrays)


def _last_revisions(rows: Rows) -> Any:
    columns = rows.columns
    spec = np.unique(columns["spec"], return_inverse=True)[1]
    order = np.lexsort([columns["revision"], columns["ts_close"], spec, columns["ts_open"]])
    same = np.zeros(len(order), bool)
    same[:-1] = np.all(
        [c[order][1:] == c[order][:-1] for c in (columns["ts_open"], columns["ts_close"], spec)],
        axis=0,
    )
    replaced = same & np.append(np.diff(columns["revision"][order]) > 0, False)
    return np.sort(order[~replaced])


def _by_level(rows: Rows) -> dict[str, Any]:
    counts, columns = rows.counts, rows.columns
    names = [n for n in rows.kind.columns if n not in (*LEVELS, "bids", "asks")]
    flat = {name: np.repeat(columns[name], counts) for name in names}
    both = np.stack([columns["bids"], columns["asks"]], axis=1).ravel()
    flat["side"] = np.repeat(np.tile(np.array([1, -1], np.int8), len(counts)), both)
    return flat | {name: columns[name] for name in LEVELS}


def _decimals(values: Any, scale: int) -> Any:
    values = np.ascontiguousarray(values, np.int64)
    return _wide(values.view(np.uint64), values >> 63, scale)


def _wide(low: Any, high: Any, scale: int) -> Any:
    """128-bit integers as decimals: Arrow keeps them as two little-endian words."""
    import pyarrow as pa

    words = np.empty((len(low), 2), np.uint64)
    words[:, 0], words[:, 1] = low, np.ascontiguousarray(high, np.int64).view(np.uint64)
    kind = pa.decimal128(38, scale)
    return pa.Array.from_buffers(kind, len(low), [None, pa.py_buffer(words.tobytes())])
