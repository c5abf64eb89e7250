"""Tables by a mapping → rows, a file at a time. A number that cannot be read refuses its file."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from connectors import csv_columns
from connectors.compressed import Damaged, contents
from connectors.history import BARS
from connectors.ids import trade_number
from connectors.mapped.mapping import Mapping, MappingError
from connectors.times_column import times
from schemas.lake.kinds import KINDS
from schemas.lake.rows import Rows, of_columns

_SIDES = {"b": 1, "buy": 1, "1": 1, "s": -1, "sell": -1, "-1": -1, "": 0, "0": 0, "unknown": 0}


def rows_of(mapping: Mapping) -> Iterator[Rows]:
    """Of each file and instrument, in the order of the files' names. Raises MappingError."""
    for path in mapping.tables():
        try:
            for name, data in contents(path):
                yield from _rows(mapping, _table(mapping, path, data), name)
        except (ValueError, KeyError, Damaged) as error:
            raise MappingError(f"{path}: {error}; see the mapping {mapping.path}") from error


def _table(mapping: Mapping, path: Path, data: bytes) -> Any:
    """Of text, whatever the file holds."""
    if data[:4] != b"PAR1":
        return csv_columns.read(data, list(mapping.header) or None, mapping.delimiter)
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return parquet.read_table(pa.BufferReader(data))
    except pa.ArrowException as error:
        raise ValueError(f"is a damaged Parquet file: {error}") from error


def _rows(mapping: Mapping, table: Any, name: str) -> Iterator[Rows]:
    columns = {ours: _text(table, theirs) for ours, theirs in mapping.columns.items()}
    symbols = columns.pop("symbol", None)
    made, scales = _MAKE[mapping.kind](mapping, columns)
    kind = KINDS[mapping.kind]
    if symbols is None:
        yield of_columns(kind, mapping.instrument, scales, made, name)
        return
    symbols = np.asarray(symbols.to_pylist(), str)
    for symbol in np.unique(symbols).tolist():
        own = {column: values[symbols == symbol] for column, values in made.items()}
        yield of_columns(kind, f"{mapping.venue}:{symbol}", scales, own, name)


def _text(table: Any, name: str) -> Any:
    import pyarrow as pa

    if name not in table.column_names:
        raise ValueError(f"has no column {name!r}; there are {', '.join(table.column_names)}")
    column = csv_columns.flat(table[name])
    if column.null_count:
        raise ValueError(f"column {name!r} has empty fields")
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("ns", column.type.tz))
    if pa.types.is_floating(column.type):  # the shortest text that means the same number
        return pa.array([format(Decimal(repr(value)), "f") for value in column.to_pylist()])
    return column.cast(pa.string())


def _when(mapping: Mapping, column: Any) -> Any:
    import pyarrow as pa
    from pyarrow import compute as pc

    if pa.types.is_timestamp(column.type):
        aware = column if column.type.tz else pc.assume_timezone(column, mapping.timezone)
        return aware.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return times(column, mapping.time, mapping.timezone)


def _trades(mapping: Mapping, columns: dict[str, Any]) -> tuple[dict[str, Any], tuple[int, int]]:
    (price,), price_scale = csv_columns.decimals([columns["price"]])
    (size,), size_scale = csv_columns.decimals([columns["size"]])
    at = _when(mapping, columns["ts_event"])
    count = len(at)
    ids = columns.get("trade_id")
    sides = columns.get("side")
    made = {
        "ts_event": at,
        "ts_recv": _when(mapping, columns["ts_recv"]) if "ts_recv" in columns else at,
        "trade_id": np.array([trade_number(v) for v in ids.to_pylist()], np.int64)
        if ids is not None
        else np.zeros(count, np.int64),
        "price": price,
        "size": size,
        "side": np.array([_side(v) for v in sides.to_pylist()], np.int8)
        if sides is not None
        else np.zeros(count, np.int8),
    }
    return made, (price_scale, size_scale)


def _side(text: str) -> int:
    try:
        return _SIDES[text.lower()]
    except KeyError:
        raise ValueError(f"side {text!r} is none of {', '.join(filter(None, _SIDES))}") from None


def _quotes(mapping: Mapping, columns: dict[str, Any]) -> tuple[dict[str, Any], tuple[int, int]]:
    (bid, ask), price_scale = csv_columns.decimals([columns["bid"], columns["ask"]])
    at = _when(mapping, columns["ts_event"])
    sizes = {name: columns[name] for name in ("bid_size", "ask_size") if name in columns}
    found, size_scale = csv_columns.decimals(list(sizes.values()))
    given = dict(zip(sizes, found, strict=True))
    none = np.zeros(len(at), np.int64)
    made = {
        "ts_event": at,
        "ts_recv": _when(mapping, columns["ts_recv"]) if "ts_recv" in columns else at,
        "seq": csv_columns.integers(columns["seq"]) if "seq" in columns else none,
        "bid": bid,
        "bid_size": given.get("bid_size", none),
        "ask": ask,
        "ask_size": given.get("ask_size", none),
    }
    return made, (price_scale, size_scale)


def _bars(mapping: Mapping, columns: dict[str, Any]) -> tuple[dict[str, Any], tuple[int, int]]:
    names = ("open", "high", "low", "close")
    prices, price_scale = csv_columns.decimals([columns[name] for name in names])
    at = _when(mapping, columns["ts_open"])
    none, size_scale = np.zeros(len(at), np.int64), 0
    volume = none
    if "volume" in columns:
        (volume,), size_scale = csv_columns.decimals([columns["volume"]])
    made = {
        "spec": np.array([f"time:{mapping.bar}"] * len(at), object),
        "ts_open": at,
        "ts_close": at + BARS[mapping.bar],
        **dict(zip(names, prices, strict=True)),
        "volume": volume,
        "buy_volume": none,
        "sell_volume": none,
        "notional_hi": none,
        "notional_lo": none.astype(np.uint64),
        "trades": csv_columns.integers(columns["trades"]) if "trades" in columns else none,
        "revision": none.astype(np.int32),
        "late": none,
    }
    return made, (price_scale, size_scale)


_MAKE = {"trades": _trades, "quotes": _quotes, "bars": _bars}
