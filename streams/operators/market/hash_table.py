"""An int64 → int64 hash table in two plain arrays, for kernels that look up orders by id.

Open addressing with linear probing; the size is a power of two and the table stays at most half
full, which the caller sees to with ``grown``. A removed key closes its gap by shifting back those
behind it (Knuth, *The Art of Computer Programming* 3, 6.4, algorithm R), so there are no tombstones
and the time does not grow with the age of a table. ``ABSENT`` marks a free place: it is no value.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import uint64

from streams.kernels import inlined, kernel

ABSENT = -1


class Table(NamedTuple):
    """``values`` is ABSENT where a place is free."""

    keys: Any
    values: Any


def empty_table(capacity: int = 1024) -> Table:
    """``capacity`` must be a power of two."""
    return Table(np.zeros(capacity, np.int64), np.full(capacity, ABSENT, np.int64))


def grown(table: Table, entries: int) -> Table:
    """The table itself, or a larger one with the same entries, that holds so many."""
    if 2 * entries <= len(table.keys):
        return table
    bigger = empty_table(1 << (2 * entries - 1).bit_length())
    _copy(table, bigger)
    return bigger


@inlined
def _home(table, key):  # type: ignore[no-untyped-def]
    """Fibonacci hashing: the upper half of the product is well mixed."""
    mixed = (uint64(key) * uint64(0x9E3779B97F4A7C15)) >> uint64(32)
    return np.int64(mixed & uint64(len(table.keys) - 1))


@kernel
def place(table, key):  # type: ignore[no-untyped-def]
    """Where the key lies, or where it would go."""
    at = _home(table, key)
    while table.values[at] != ABSENT and table.keys[at] != key:
        at = (at + 1) & (len(table.keys) - 1)
    return at


@kernel
def get(table, key):  # type: ignore[no-untyped-def]
    """The key's value, or ABSENT."""
    return table.values[place(table, key)]


@kernel
def put(table, key, value):  # type: ignore[no-untyped-def]
    at = place(table, key)
    table.keys[at], table.values[at] = key, value


@kernel
def remove_at(table, gap):  # type: ignore[no-untyped-def]
    """Takes out the key that lies there."""
    mask = len(table.keys) - 1
    at = gap
    while True:
        at = (at + 1) & mask
        if table.values[at] == ABSENT:
            break
        if ((at - _home(table, table.keys[at])) & mask) >= ((at - gap) & mask):
            table.keys[gap], table.values[gap] = table.keys[at], table.values[at]
            gap = at
    table.values[gap] = ABSENT


@kernel
def _copy(source, target):  # type: ignore[no-untyped-def]
    for i in range(len(source.keys)):
        if source.values[i] != ABSENT:
            put(target, source.keys[i], source.values[i])
