"""NASDAQ TotalView-ITCH 5.0 messages → columns: a stretch of a file at a time, in one kernel.

The format is "NASDAQ TotalView-ITCH 5.0" (NQTVITCHSpecification): big-endian fields at fixed
places, times in ns since New York's midnight in six bytes, prices with four decimals. In NASDAQ's
files every message stands behind its length in two bytes, big-endian.

What always holds: every byte consumed is a row, a message of a kind that does not concern the
book, or part of a damaged row; a message that the stretch cuts off is not consumed. Damage ends
with the message it is in, as its length says; damage without a gap is one row.
"""

from typing import Any, NamedTuple

import numpy as np

from streams.kernels import inlined, kernel

SYSTEM, DIRECTORY, TRADING_ACTION = ord("S"), ord("R"), ord("H")
ADD, ADD_NAMED, REPLACE = ord("A"), ord("F"), ord("U")  # named: with the participant's id
EXECUTED, EXECUTED_AT, CANCEL, DELETE = ord("E"), ord("C"), ord("X"), ord("D")
HIDDEN_TRADE, CROSS = ord("P"), ord("Q")
BAD_LENGTH, BAD_VALUE = 1, 2  # kinds of damaged rows; no message begins with these

_READ = b"SRHAFUECXDPQ"
_LENGTH_OF = {
    **{"S": 12, "R": 39, "H": 25, "Y": 20, "L": 26, "V": 35, "W": 12, "K": 28, "J": 35, "h": 21},
    **{"A": 36, "F": 40, "E": 31, "C": 36, "X": 23, "D": 19, "U": 35, "P": 44, "Q": 40, "B": 19},
    **{"I": 50, "N": 20, "O": 48},
}
_LENGTHS = np.zeros(256, np.int64)  # 0: a kind that the specification does not have
_IS_READ = np.zeros(256, np.bool_)
for _kind, _length in _LENGTH_OF.items():
    _LENGTHS[ord(_kind)] = _length
    _IS_READ[ord(_kind)] = ord(_kind) in _READ
_BUY, _SELL, _PRINTABLE = ord("B"), ord("S"), ord("Y")
_DAY_NS = 86_400 * 10**9
_LARGEST = 10**17  # what a frame may hold; only a cross has a size of eight bytes


class Messages(NamedTuple):
    """A row a message. ``order_id``, ``new_id`` and ``match`` are unsigned in the file; ``side`` is
    the order's, 1 buy, -1 sell, 0 where the message has none; ``seq`` is the number of the message
    in the file; ``at`` is where its length stands. A damaged row's ``size`` is its bytes."""

    kind: Any
    locate: Any
    side: Any
    printable: Any
    ts: Any
    order_id: Any
    new_id: Any
    size: Any
    price: Any
    match: Any
    seq: Any
    at: Any


def empty_messages(rows: int) -> Messages:
    dtypes = ("u1", "u2", "i1", "u1", *("i8",) * 8)
    return Messages._make(np.empty(rows, dtype) for dtype in dtypes)


@kernel
def parse(block, seq, out):  # type: ignore[no-untyped-def]
    """Writes the rows of ``block`` until its end or until ``out`` is full; ``seq`` is the number of
    the last message before it. Returns (rows, bytes consumed, number of the last message)."""
    rows = at = 0
    while at + 2 <= len(block) and rows < len(out.kind):
        length = _number(block, at, 2)
        if at + 2 + length > len(block):
            break
        kind = block[at + 2] if length else np.uint8(0)
        if length == 0 or (_LENGTHS[kind] != length and _LENGTHS[kind] != 0):
            rows = _damage(out, rows, BAD_LENGTH, at, 2 + length, seq)
        elif _IS_READ[kind]:
            if _read(block, at + 2, kind, out, rows):
                out.seq[rows], out.at[rows] = seq + 1, at
                rows += 1
            else:
                rows = _damage(out, rows, BAD_VALUE, at, 2 + length, seq)
        at += 2 + length
        seq += 1
    return rows, at, seq


@inlined
def _number(block, at, width):  # type: ignore[no-untyped-def]
    """A big-endian integer; one of eight bytes keeps its bits, and so may come out negative."""
    value = np.int64(0)
    for i in range(width):
        value = (value << 8) | np.int64(block[at + i])
    return value


@inlined
def _side(byte):  # type: ignore[no-untyped-def]
    return np.int8(1) if byte == _BUY else np.int8(-1) if byte == _SELL else np.int8(0)


@inlined
def _damage(out, rows, kind, at, size, seq):  # type: ignore[no-untyped-def]
    """A new damaged row, or the last one made longer; returns the number of rows."""
    last = rows - 1
    if rows and out.kind[last] == kind and out.at[last] + out.size[last] == at:
        out.size[last] += size
        return rows
    out.kind[rows], out.locate[rows], out.size[rows] = kind, 0, size
    out.at[rows], out.seq[rows] = at, seq + 1
    return rows + 1


@inlined
def _read(block, at, kind, out, row):  # type: ignore[no-untyped-def]
    """Writes the message that begins at ``at``; False when its values make no sense."""
    order_id = new_id = size = price = match = np.int64(0)
    side, printable, sensible = np.int8(0), np.uint8(1), True
    if kind == CROSS:
        size, price = _number(block, at + 11, 8), _number(block, at + 27, 4)
        match = _number(block, at + 31, 8)
        sensible = 0 <= size <= _LARGEST
    elif kind != SYSTEM and kind != DIRECTORY and kind != TRADING_ACTION:
        order_id = _number(block, at + 11, 8)
        if kind in (ADD, ADD_NAMED, HIDDEN_TRADE):
            side, size = _side(block[at + 19]), _number(block, at + 20, 4)
            price = _number(block, at + 32, 4)
            if kind == HIDDEN_TRADE:
                match = _number(block, at + 36, 8)
            else:
                sensible = side != 0 and size > 0 and price > 0
        elif kind == REPLACE:
            new_id, size = _number(block, at + 19, 8), _number(block, at + 27, 4)
            price = _number(block, at + 31, 4)
            sensible = size > 0 and price > 0
        elif kind != DELETE:
            size = _number(block, at + 19, 4)
            if kind != CANCEL:
                match = _number(block, at + 23, 8)
            if kind == EXECUTED_AT:
                printable = np.uint8(block[at + 31] == _PRINTABLE)
                price = _number(block, at + 32, 4)
    ts = _number(block, at + 5, 6)
    out.kind[row], out.locate[row], out.ts[row] = kind, _number(block, at + 1, 2), ts
    out.side[row], out.printable[row], out.order_id[row] = side, printable, order_id
    out.new_id[row], out.size[row], out.price[row], out.match[row] = new_id, size, price, match
    return sensible and ts < _DAY_NS
