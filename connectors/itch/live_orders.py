"""The orders that rest at NASDAQ: what E, X, D and U leave out because A or F said it before.

One hash table for all instruments, as order ids are unique over a day. Open addressing with linear
probing, at most half full; a row is half a cache line and holds everything, so an order costs one
miss. An order that leaves closes its gap by shifting back those behind it (Knuth, *The Art of
Computer Programming* 3, 6.4, algorithm R): a day of a billion orders leaves no tombstones.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import uint64

from streams.kernels import inlined, kernel

ID, PRICE, SIDE, LEFT = range(4)  # LEFT is 0 where a place is free: an order has a size
ALL = 2**62  # more than any order has


class LiveOrders(NamedTuple):
    """``rows``: (a power of two, 4); ``count``: one number."""

    rows: Any
    count: Any


def no_orders(capacity: int = 1024) -> LiveOrders:
    """``capacity`` must be a power of two."""
    return LiveOrders(np.zeros((capacity, 4), np.int64), np.zeros(1, np.int64))


def with_room(live: LiveOrders, more: int) -> LiveOrders:
    """The same orders with room for so many more."""
    needed = 2 * (int(live.count[0]) + more)
    if needed <= len(live.rows):
        return live
    bigger = np.zeros((1 << (needed - 1).bit_length(), 4), np.int64)
    _copy(live.rows, bigger)
    return LiveOrders(bigger, live.count)


@inlined
def _home(rows, order_id):  # type: ignore[no-untyped-def]
    """Fibonacci hashing: the upper half of the product is well mixed."""
    mixed = (uint64(order_id) * uint64(0x9E3779B97F4A7C15)) >> uint64(32)
    return np.int64(mixed & uint64(len(rows) - 1))


@kernel
def place(rows, order_id):  # type: ignore[no-untyped-def]
    """Where the order lies, or where it would go; there its LEFT is 0."""
    at = _home(rows, order_id)
    while rows[at, LEFT] != 0 and rows[at, ID] != order_id:
        at = (at + 1) & (len(rows) - 1)
    return at


@kernel
def enter(rows, order_id, price, side, size):  # type: ignore[no-untyped-def]
    """A new order, of a size that is not 0; one of the same id gives way. Returns by how many
    orders there are more."""
    at = place(rows, order_id)
    more = 0 if rows[at, LEFT] else 1
    rows[at, ID], rows[at, PRICE], rows[at, SIDE], rows[at, LEFT] = order_id, price, side, size
    return more


@kernel
def take(rows, order_id, size):  # type: ignore[no-untyped-def]
    """Takes so much away from an order; it leaves when nothing is left. Returns (side, price, size
    taken, by how many orders there are fewer), all 0 when there is no such order."""
    at = place(rows, order_id)
    side, price, left = rows[at, SIDE], rows[at, PRICE], rows[at, LEFT]
    if left == 0:
        return 0, 0, 0, 0
    if left > size:
        rows[at, LEFT] = left - size
        return side, price, size, 0
    _leave(rows, at)
    return side, price, left, 1


@kernel
def _leave(rows, gap):  # type: ignore[no-untyped-def]
    """Closes the gap that the order which lies there leaves."""
    mask = len(rows) - 1
    at = gap
    while True:
        at = (at + 1) & mask
        if rows[at, LEFT] == 0:
            break
        if ((at - _home(rows, rows[at, ID])) & mask) >= ((at - gap) & mask):
            for column in range(4):
                rows[gap, column] = rows[at, column]
            gap = at
    rows[gap, LEFT] = 0


@kernel
def _copy(source, target):  # type: ignore[no-untyped-def]
    for i in range(len(source)):
        if source[i, LEFT] != 0:
            enter(target, source[i, ID], source[i, PRICE], source[i, SIDE], source[i, LEFT])
