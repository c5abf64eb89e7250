"""The L1 and L2 book of one instrument, folded from best quotes, or from snapshots and diffs.

What always holds:

- A book is *synced* or it shows nothing. It becomes synced by a snapshot, and stays so while
  every diff follows the one before it (``prev_seq`` = the last ``seq``).
- Diffs that come before a snapshot wait; the snapshot then takes those that continue it. The
  first diff after a snapshot may straddle it (``prev_seq <= snapshot seq < seq``), as the venues
  document (Binance: "How to manage a local order book correctly").
- A diff that is not newer than the book is dropped. A diff that skips is a gap: the book is no
  longer synced and the diff waits for the next snapshot.
- While the venue trades continuously, a best bid above the best ask means that something was
  lost: as a gap. In an auction or a halt books cross, and that is no trouble.

The kernels work on ``BookState``, plain arrays, so that other kernels (bars, the paper venue)
fold the same book in one pass over a frame.
"""

from typing import Any, NamedTuple

import numpy as np

from schemas.frames import Depth
from streams.kernels import inlined, kernel
from streams.operators.market import levels as lv
from streams.operators.market.levels import Levels, set_level, set_levels

# meta columns
SYNCED, FRESH, SEQ, TS_EVENT, TS_RECV, PHASE, SHAPE, COMPUTED, DEEP = range(9)
# what became of a message; from PENDING on Python must act
APPLIED, STALE, VERIFIED, PENDING, GAP, CROSSED, LOCKED, BAD_CHECKSUM, UNKNOWN_ORDER = range(9)
# PHASE: what the venue does with orders now
CONTINUOUS, PAUSED = range(2)
# SHAPE: how the best prices lie
OPEN, SHUT = range(2)

BID, ASK = lv.BID, lv.ASK


class BookState(NamedTuple):
    """``meta``: see the names above."""

    levels: Levels
    meta: Any


def empty_state() -> BookState:
    return BookState(lv.empty_levels(), np.zeros(9, np.int64))


def with_room(state: BookState, *columns: Any) -> BookState:
    """The same state with room for levels at all prices of these columns."""
    return BookState(lv.with_room(state.levels, *columns), state.meta)


@inlined
def judge(state):  # type: ignore[no-untyped-def]
    """APPLIED; or CROSSED (and no longer synced), or LOCKED when bid and ask have just met."""
    meta = state.meta
    (bid, bid_size), (ask, ask_size) = lv.best(state.levels, BID), lv.best(state.levels, ASK)
    if bid_size == 0 or ask_size == 0 or meta[PHASE] != CONTINUOUS:
        return APPLIED
    if bid > ask:
        meta[SYNCED] = 0
        return CROSSED
    was, meta[SHAPE] = meta[SHAPE], SHUT if bid == ask else OPEN
    return LOCKED if meta[SHAPE] == SHUT and was == OPEN else APPLIED


@inlined
def leave_quotes(state):  # type: ignore[no-untyped-def]
    """More than the best quotes is coming: what they made of the book goes."""
    if not state.meta[DEEP]:
        state.meta[DEEP], state.meta[SYNCED] = 1, 0
        lv.clear(state.levels)


@kernel
def apply_quote(state, quotes, row):  # type: ignore[no-untyped-def]
    """The L1 book: where a venue sends neither depth nor orders, its best quotes are the book.
    APPLIED, or STALE where it has more."""
    meta = state.meta
    if meta[DEEP]:
        return STALE
    meta[SYNCED], meta[SEQ] = 1, quotes.seq[row]
    meta[TS_EVENT], meta[TS_RECV] = quotes.ts_event[row], quotes.ts_recv[row]
    _replace(state.levels, BID, quotes.bid[row], quotes.bid_size[row])
    _replace(state.levels, ASK, quotes.ask[row], quotes.ask_size[row])
    return APPLIED


@kernel
def _replace(levels, side, price, size):  # type: ignore[no-untyped-def]
    """The only level of a side."""
    before, size_before = lv.best(levels, side)
    if size_before:
        set_level(levels, side, before, 0)
    if size:
        set_level(levels, side, price, size)


@kernel
def apply_message(state, depth, row, level):  # type: ignore[no-untyped-def]
    """Folds depth message ``row``, whose levels start at ``level``; says what became of it."""
    meta = state.meta
    leave_quotes(state)
    if depth.snapshot[row]:
        lv.clear(state.levels)
        meta[SYNCED], meta[FRESH] = 1, 1
    else:
        if not meta[SYNCED]:
            return PENDING
        if depth.seq[row] <= meta[SEQ]:
            return STALE
        follows = depth.prev_seq[row] == meta[SEQ]
        straddles = meta[FRESH] == 1 and depth.prev_seq[row] <= meta[SEQ]
        if not (follows or straddles):
            meta[SYNCED] = 0
            return GAP
        meta[FRESH] = 0
    meta[SEQ] = depth.seq[row]
    meta[TS_EVENT] = depth.ts_event[row]
    meta[TS_RECV] = depth.ts_recv[row]
    end_bids = level + depth.bids[row]
    end = end_bids + depth.asks[row]
    set_levels(state.levels, BID, depth.price, depth.size, level, end_bids)
    set_levels(state.levels, ASK, depth.price, depth.size, end_bids, end)
    return judge(state)


def one_message(depth: Depth, row: int, level: int) -> Depth:
    """A depth section that holds only this message, on memory of its own."""
    levels = slice(level, level + int(depth.bids[row]) + int(depth.asks[row]))
    columns = [column[row : row + 1] for column in depth[:7]]
    columns += [column[levels] for column in depth[7:]]
    return Depth._make(read_only(column.copy()) for column in columns)


def read_only(array: Any) -> Any:
    """Kernels are compiled for read-only columns, as the codec delivers them; a writable
    twin would be compiled a second time."""
    if array.flags.writeable:
        array = array.view()
        array.flags.writeable = False
    return array


def read_only_section(section: Any) -> Any:
    """A section of read-only columns."""
    return type(section)._make(map(read_only, section))
