"""The levels of both sides of a book, in blocks of 64 prices that follow one another.

What always holds:

- Prices are whole numbers of ticks, those of asks negated, so that the better price is the larger
  one on both sides. The tick is learned: the greatest common divisor of all prices so far.
- A block is a row of sizes, 0 where there is no level, and a word whose bits say where there is
  one. A hash table finds it by its number, so a change costs the same wherever it falls.
- Blocks have ranks, best first, for those who go from level to level. A block stays when its last
  level goes, for prices come back; empty ones are dropped when room is made.

A *place* is where a level stands: 64 times the rank of its block, plus its own tick in there. It
holds until the next change.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import uint64

from streams.kernels import inlined, kernel
from streams.operators.market import hash_table
from streams.operators.market.hash_table import ABSENT, Table

BID, ASK = 0, 1
BLOCK = 64  # prices, as many as a word has bits
NOTHING = np.iinfo(np.int64).min  # the best tick of an empty side
_SHIFT, _LAST = 6, 63


class Levels(NamedTuple):
    """``size``: (blocks, 64) and ``filled``: (blocks,), in the order in which blocks came;
    ``by_number``: their rows there, by ``_key``; ``number`` and ``row``: (2, blocks) numbers and
    rows of a side's blocks, best first; ``used``: (2,) how many those are; ``best`` and ``rank``:
    (2,) the best level's tick, and the rank of its block."""

    tick: int
    size: Any
    filled: Any
    by_number: Table
    number: Any
    row: Any
    used: Any
    best: Any
    rank: Any


def empty_levels(blocks: int = 64, tick: int = 0) -> Levels:
    """``tick`` 0: no price is known yet."""
    return Levels(
        tick,
        np.zeros((blocks, BLOCK), np.int64),
        np.zeros(blocks, np.uint64),
        hash_table.grown(hash_table.empty_table(64), blocks),
        np.zeros((2, blocks), np.int64),
        np.zeros((2, blocks), np.int64),
        np.zeros(2, np.int64),
        np.full(2, NOTHING, np.int64),
        np.zeros(2, np.int64),
    )


def with_room(levels: Levels, *columns: Any) -> Levels:
    """The same levels with room for all prices of these columns besides."""
    more, tick = sum(map(len, columns)), levels.tick
    if not more:
        return levels
    if tick != 1:
        for prices in columns:
            tick = int(_common_tick(tick, prices))
    used = int(levels.used[BID] + levels.used[ASK])
    if tick and tick == levels.tick and used + more <= len(levels.filled):
        return levels
    return _laid_anew(levels, tick or 1, more)


def _laid_anew(levels: Levels, tick: int, more: int) -> Levels:
    """In fresh blocks, with room for ``more``. Finer ticks can make a block of every level."""
    sides = [table(levels, side) for side in (BID, ASK)]
    kept = int(np.count_nonzero(levels.filled))
    if tick != levels.tick:
        kept = sum(len(prices) for prices, _ in sides)
    fresh = empty_levels(max(len(levels.filled), 2 * (kept + more)), tick)
    for side, (prices, sizes) in enumerate(sides):
        set_levels(fresh, side, prices, sizes, 0, len(prices))
    return fresh


def table(levels: Levels, side: int, most: int | None = None) -> tuple[Any, Any]:
    """Prices and sizes, best first; all when ``most`` is None."""
    n = int(count(levels, side))
    n = n if most is None else min(n, most)
    prices, sizes = np.empty(n, np.int64), np.empty(n, np.int64)
    copy(levels, side, prices, sizes, 0, n)
    for column in (prices, sizes):
        column.flags.writeable = False
    return prices, sizes


@kernel
def _common_tick(tick, prices):  # type: ignore[no-untyped-def]
    for price in prices:
        if tick == 0:
            tick = abs(price)
        elif price % tick:
            tick = np.gcd(tick, price)
    return tick


@inlined
def _key(side, number):  # type: ignore[no-untyped-def]
    return 2 * number + side


@inlined
def set_level(levels, side, price, size):  # type: ignore[no-untyped-def]
    """Sets one level's size; 0 deletes it. There must be room for its price."""
    tick = (price if side == BID else -price) // levels.tick
    number, cell = tick >> _SHIFT, tick & _LAST
    entry = hash_table.place(levels.by_number, _key(side, number))
    row = levels.by_number.values[entry]
    if row == ABSENT:
        if size == 0:
            return
        row = _add_block(levels, side, number, entry)
    levels.size[row, cell] = size
    bit = uint64(1) << uint64(cell)
    if size:
        levels.filled[row] |= bit
        if tick > levels.best[side]:
            _rise(levels, side, tick, number)
    else:
        levels.filled[row] &= ~bit
        if tick == levels.best[side]:
            _fall(levels, side)


@kernel
def set_levels(levels, side, prices, sizes, start, stop):  # type: ignore[no-untyped-def]
    """Sets the levels start … stop-1 of a message."""
    for i in range(start, stop):
        set_level(levels, side, prices[i], sizes[i])


@kernel
def _add_block(levels, side, number, entry):  # type: ignore[no-untyped-def]
    """Into its rank; ``entry`` is where ``by_number`` will have it. Returns its row."""
    numbers, rows, used = levels.number[side], levels.row[side], levels.used
    row, rank = used[BID] + used[ASK], used[side]
    while rank > 0 and numbers[rank - 1] < number:
        numbers[rank], rows[rank] = numbers[rank - 1], rows[rank - 1]
        rank -= 1
    numbers[rank], rows[rank] = number, row
    used[side] += 1
    if rank <= levels.rank[side]:
        levels.rank[side] += 1
    levels.by_number.keys[entry], levels.by_number.values[entry] = _key(side, number), row
    return row


@inlined
def _rise(levels, side, tick, number):  # type: ignore[no-untyped-def]
    """There is a better level than the best, in a block that is there."""
    rank = levels.used[side] - 1 if levels.best[side] == NOTHING else levels.rank[side]
    while levels.number[side, rank] < number:
        rank -= 1
    levels.best[side], levels.rank[side] = tick, rank


@kernel
def _fall(levels, side):  # type: ignore[no-untyped-def]
    """The best level is gone."""
    at = below(levels, side, best_place(levels, side))
    if at >= 0:
        levels.best[side], levels.rank[side] = _tick_at(levels, side, at), at >> _SHIFT
    else:
        levels.best[side] = NOTHING


@kernel
def clear(levels):  # type: ignore[no-untyped-def]
    """No levels on either side."""
    used = levels.used[BID] + levels.used[ASK]
    if used:
        levels.size[:used] = 0
        levels.filled[:used] = 0
        levels.by_number.values[:] = ABSENT
        levels.used[:], levels.best[:] = 0, NOTHING


@inlined
def best_place(levels, side):  # type: ignore[no-untyped-def]
    """Where the best level is; -1 on an empty side."""
    there = levels.best[side] != NOTHING
    return (levels.rank[side] << _SHIFT) + (levels.best[side] & _LAST) if there else -1


@kernel
def below(levels, side, at):  # type: ignore[no-untyped-def]
    """Where the next level is after the one at ``at``; -1 when that is the last."""
    rank, lower = at >> _SHIFT, (uint64(1) << uint64(at & _LAST)) - uint64(1)
    filled = levels.filled[levels.row[side, rank]] & lower
    while filled == 0:
        rank += 1
        if rank == levels.used[side]:
            return np.int64(-1)
        filled = levels.filled[levels.row[side, rank]]
    return (rank << _SHIFT) + _highest_bit(filled)


@kernel
def _highest_bit(word):  # type: ignore[no-untyped-def]
    """Of a uint64 other than 0. The compiler makes one instruction of it."""
    bit = -1
    while word:
        word >>= uint64(1)
        bit += 1
    return bit


@inlined
def _tick_at(levels, side, at):  # type: ignore[no-untyped-def]
    return (levels.number[side, at >> _SHIFT] << _SHIFT) + (at & _LAST)


@inlined
def price_at(levels, side, at):  # type: ignore[no-untyped-def]
    price = _tick_at(levels, side, at) * levels.tick
    return price if side == BID else -price


@inlined
def size_at(levels, side, at):  # type: ignore[no-untyped-def]
    return levels.size[levels.row[side, at >> _SHIFT], at & _LAST]


@kernel
def best(levels, side):  # type: ignore[no-untyped-def]
    """(price, size) of the best level; (0, 0) on an empty side."""
    at = best_place(levels, side)
    return (price_at(levels, side, at), size_at(levels, side, at)) if at >= 0 else (0, 0)


@kernel
def size_of(levels, side, price):  # type: ignore[no-untyped-def]
    """The size displayed at a price."""
    ticks = price if side == BID else -price
    if levels.tick == 0 or ticks % levels.tick:
        return 0
    tick = ticks // levels.tick
    row = hash_table.get(levels.by_number, _key(side, tick >> _SHIFT))
    return levels.size[row, tick & _LAST] if row != ABSENT else 0


@kernel
def count(levels, side):  # type: ignore[no-untyped-def]
    """How many levels a side has."""
    n, at = 0, best_place(levels, side)
    while at >= 0:
        n, at = n + 1, below(levels, side, at)
    return n


@kernel
def copy(levels, side, prices, sizes, start, stop):  # type: ignore[no-untyped-def]
    """Writes the best levels to rows start … stop-1; zeros where there are no more."""
    at = best_place(levels, side)
    for n in range(start, stop):
        if at >= 0:
            prices[n], sizes[n] = price_at(levels, side, at), size_at(levels, side, at)
            at = below(levels, side, at)
        else:
            prices[n], sizes[n] = 0, 0
