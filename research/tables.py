"""Rows → CSV or Parquet, a batch at a time, and only under the file's name once it is complete."""

import csv
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any

_BATCH = 50_000

Row = dict[str, Any]


def write(path: Path, rows: Iterable[Row]) -> int:
    """The rows to ``.csv`` or ``.parquet``, all with the first one's columns; returns how many.
    Raises ValueError for another ending."""
    writers = {".csv": _csv, ".parquet": _parquet}
    if path.suffix not in writers:
        raise ValueError(f"{path}: the name must end in .csv or .parquet")
    path.parent.mkdir(parents=True, exist_ok=True)
    with _complete(path) as part:
        return writers[path.suffix](part, iter(rows))


@contextmanager
def _complete(path: Path) -> Iterator[Path]:
    part = path.with_name(path.name + ".part")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _csv(path: Path, rows: Iterator[Row]) -> int:
    count = 0
    with path.open("w", newline="") as file:
        first = next(rows, None)
        if first is None:
            return 0
        writer = csv.DictWriter(file, list(first))
        writer.writeheader()
        for row in chain([first], rows):
            writer.writerow({name: _text(value) for name, value in row.items()})
            count += 1
    return count


def _text(value: Any) -> Any:
    """Decimals without an exponent."""
    return f"{value:f}" if isinstance(value, Decimal) else value


def _parquet(path: Path, rows: Iterator[Row]) -> int:
    """Decimals become decimal128(38, 18), times int64 ns become timestamps."""
    import pyarrow as pa  # takes 0.3 s
    from pyarrow import parquet

    count, writer = 0, None
    try:
        while batch := list(islice(rows, _BATCH)):
            schema = _schema(pa, batch[0])
            columns = {name: [_fit(row[name]) for row in batch] for name in batch[0]}
            table = pa.table(columns, schema=schema)
            writer = writer or parquet.ParquetWriter(path, schema, compression="zstd")
            writer.write_table(table)
            count += len(batch)
    finally:
        if writer:
            writer.close()
    if not count:
        parquet.write_table(pa.table({}), path)
    return count


def _schema(pa: Any, row: Row) -> Any:
    def kind(name: str, value: Any) -> Any:
        if name.startswith("ts_"):
            return pa.timestamp("ns", tz="UTC")
        match value:
            case str():
                return pa.string()
            case int():
                return pa.int64()
            case float():
                return pa.float64()
        return pa.decimal128(38, 18)

    return pa.schema([(name, kind(name, value)) for name, value in row.items()])


def _fit(value: Any) -> Any:
    return round(value, 18) if isinstance(value, Decimal) else value
