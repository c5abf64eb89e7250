"""ClickHouse's Native format: columns as they lie in memory, one block an insert.

A block is the number of columns and rows as varints, then each column's name, type and data:
fixed-size values little-endian one after the other, strings each behind its length, arrays as
cumulative UInt64 offsets followed by the flat values, maps as arrays of keys followed by values
(ClickHouse docs, "Native" format). Decimals are scaled integers: a Decimal(38, 18) is 16 bytes.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from streams.kernels import kernel
from streams.operators.market.int128 import multiply

DECIMAL = "Decimal(38, 18)"
TIME = "DateTime64(9, 'UTC')"
PLACES = 18


class Column(NamedTuple):
    """Values one after the other; an array column has ``lengths`` and its flat values in
    ``data``, a nullable one a byte a value in ``nulls``, a map its keys in ``data`` and what they
    stand for in ``values``."""

    type: str
    data: bytes
    lengths: Any = None
    nulls: bytes = b""
    values: bytes = b""


def varint(n: int) -> bytes:
    """LEB128, as ClickHouse writes sizes."""
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def text(value: str | bytes) -> bytes:
    """A string behind its length."""
    raw = value.encode() if isinstance(value, str) else value
    return varint(len(raw)) + raw


def same_text(value: str, rows: int) -> Column:
    return Column("String", text(value) * rows)


def texts(values: Iterable[str]) -> Column:
    return Column("String", b"".join(map(text, values)))


def times(values: Any) -> Column:
    return Column(TIME, values.tobytes())


def numbers(type_: str, values: Any) -> Column:
    return Column(type_, values.tobytes())


def decimals(values: Any, scale: int) -> Column:
    """int64 values scaled by 10**scale. Raises ValueError for a scale over 18."""
    return Column(DECIMAL, _rescaled(values, scale))


def decimal_arrays(values: Any, scale: int, lengths: Any) -> Column:
    """Flat int64 values of arrays of so many elements each."""
    return Column(f"Array({DECIMAL})", _rescaled(values, scale), lengths)


def wide_decimals(hi: Any, lo: Any, scale: int) -> Column:
    """128-bit values as two columns, scaled by 10**scale."""
    out = np.empty((len(hi), 2), np.uint64)
    _rescale_wide(hi, lo, _factor(scale), out)
    return Column(DECIMAL, out.tobytes())


def array_of(type_: str, values: tuple[Any, ...]) -> Column:
    """One array, of ``String`` or ``Float64``."""
    flat = texts(values).data if type_ == "String" else np.array(values, np.float64).tobytes()
    return Column(f"Array({type_})", flat, np.array([len(values)]))


def map_of(values: dict[str, float]) -> Column:
    """One map from text to ``Float64``: like an array, its keys before its values."""
    ordered = sorted(values)
    numbers_ = np.array([values[key] for key in ordered], np.float64).tobytes()
    lengths = np.array([len(values)])
    return Column("Map(String, Float64)", texts(ordered).data, lengths, values=numbers_)


def _rescaled(values: Any, scale: int) -> bytes:
    out = np.empty((len(values), 2), np.uint64)
    _rescale(values, _factor(scale), out)
    data: bytes = out.tobytes()
    return data


def _factor(scale: int) -> int:
    if not 0 <= scale <= PLACES:
        raise ValueError(f"{scale} decimals do not fit {DECIMAL}")
    return int(10 ** (PLACES - scale))


@kernel
def _rescale(values, factor, out):  # type: ignore[no-untyped-def]
    for i in range(len(values)):
        out[i, 1], out[i, 0] = multiply(values[i], factor)


@kernel
def _rescale_wide(hi, lo, factor, out):  # type: ignore[no-untyped-def]
    """(hi·2⁶⁴ + lo) × factor modulo 2¹²⁸; lo is unsigned, so it goes in two halves."""
    for i in range(len(hi)):
        upper, lower = multiply(np.int64(lo[i] >> np.uint64(1)), factor)
        carried = (upper << np.uint64(1)) | (lower >> np.uint64(63))
        lower = lower << np.uint64(1)
        if lo[i] & np.uint64(1):
            total = lower + np.uint64(factor)
            carried += np.uint64(1) if total < lower else np.uint64(0)
            lower = total
        out[i, 0] = lower
        out[i, 1] = carried + np.uint64(hi[i]) * np.uint64(factor)


def block(names: list[str], columns: list[list[Column]], rows: int) -> bytes:
    """One block; ``columns[n]`` are the pieces of column ``names[n]``, in order."""
    out = [varint(len(names)), varint(rows)]
    for name, pieces in zip(names, columns, strict=True):
        out += [text(name), text(pieces[0].type)]
        if pieces[0].lengths is not None:
            lengths = np.concatenate([piece.lengths for piece in pieces])
            out.append(np.cumsum(lengths, dtype=np.uint64).tobytes())
        out += [piece.nulls for piece in pieces]
        out += [piece.data for piece in pieces]
        out += [piece.values for piece in pieces]
    return b"".join(out)
