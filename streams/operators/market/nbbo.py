"""The best bid and offer over several venues, folded from what each shows: kernels over arrays.

What always holds:

- A venue that left shows nothing: its sizes are 0 until its next row.
- Among venues at the best price the first is the one whose best price has stood there longest, in
  event time; ties go by the order of the list. A new size at the same price keeps the place.
- A row is written for an event that changed price, total size, number of venues or first venue of
  the best bid or offer, and never at the end of a frame.

Bid above ask *between* venues is normal for a moment, and an arbitrage while it lasts; so the
state of a row says it, and nothing is thrown away.
"""

from typing import Any, NamedTuple

import numpy as np

from schemas.frames import BOOK, CROSSED, LOCKED, NORMAL, Nbbo
from streams.kernels import allocating, inlined, kernel
from streams.operators.market.book import ASK, BID
from streams.operators.market.validate import LARGEST

PRICE, SIZE, FIRST, VENUES, SHOWING = range(5)  # columns of State.top


class State(NamedTuple):
    """``price`` and ``size``: (venues, 2, levels) bids and asks, best first, asks' prices negated,
    so that the better price is the larger one on both sides; ``since``: (venues, 2) when the best
    price came; ``heard``: a venue's newest event time; ``now``: that of all; ``top``: (2, 5) the
    best of each side, and how many venues show that side at all. Times in ns."""

    price: Any
    size: Any
    since: Any
    heard: Any
    now: Any
    top: Any


def empty_state(venues: int, levels: int) -> State:
    state = State(
        np.zeros((venues, 2, levels), np.int64),
        np.zeros((venues, 2, levels), np.int64),
        np.zeros((venues, 2), np.int64),
        np.zeros(venues, np.int64),
        np.zeros(1, np.int64),
        np.zeros((2, 5), np.int64),
    )
    state.top[:, FIRST] = -1
    return state


def empty_rows(rows: int, levels: int) -> Nbbo:
    """Columns to write so many rows into."""
    dtypes = [np.int64] * 2 + [np.uint8] + [np.int32] * 4
    flat = [np.int64, np.int64, np.int32] * 2
    columns = [np.empty(rows, dtype) for dtype in dtypes]
    return Nbbo._make(columns + [np.empty(rows * levels, dtype) for dtype in flat])


@kernel
def fold(kinds, books, levels, venue, factors, stale_ns, state, out, rows):  # type: ignore[no-untyped-def]
    """Folds the book rows of ``venue``, prices and sizes multiplied by ``factors``. ``rows`` takes
    the tape row of each row written; returns how many."""
    book = n = 0
    for row in range(len(kinds)):
        if kinds[row] != BOOK:
            continue
        ts, first = books.ts_event[book], book * levels
        _show(state, venue, BID, ts, books.bid_price, books.bid_size, first, levels, factors)
        _show(state, venue, ASK, ts, books.ask_price, books.ask_size, first, levels, factors)
        state.heard[venue] = max(state.heard[venue], ts)
        rows[n] = row
        n += pass_time(ts, books.ts_recv[book], stale_ns, state, out, n)
        book += 1
    return n


@inlined
def pass_time(ts_event, ts_recv, stale_ns, state, out, n):  # type: ignore[no-untyped-def]
    """Takes venues away that have been silent for over ``stale_ns``; writes row ``n`` if the best
    bid or offer is not what the last row said. Returns how many rows it wrote."""
    now = state.now[0] = max(state.now[0], ts_event)
    for venue in range(len(state.heard)):
        if now - state.heard[venue] > stale_ns:
            leave(state, venue)
    bid_changed, ask_changed = _look(state, BID), _look(state, ASK)
    if bid_changed or ask_changed:
        _write(state, out, n, ts_event, ts_recv)
        return 1
    return 0


@inlined
def leave(state, venue):  # type: ignore[no-untyped-def]
    """Takes a venue's quotes away."""
    for side in (BID, ASK):
        if state.size[venue, side, 0]:
            state.price[venue, side] = 0
            state.size[venue, side] = 0


@inlined
def _show(state, venue, side, ts, prices, sizes, first, levels, factors):  # type: ignore[no-untyped-def]
    """Takes over one side of a book row, whose levels start at ``first``."""
    price, size = state.price[venue, side], state.size[venue, side]
    factor = factors[0] if side == BID else -factors[0]
    shown, best = size[0] > 0, price[0]
    for i in range(len(price)):
        there = i < levels and sizes[first + i] > 0
        price[i] = prices[first + i] * factor if there else 0
        size[i] = sizes[first + i] * factors[1] if there else 0
    if not shown or price[0] != best:
        state.since[venue, side] = ts


@inlined
def _look(state, side):  # type: ignore[no-untyped-def]
    """Looks for the best price of a side; True, and kept, when it is not as before."""
    first, price, size, venues, showing = -1, 0, 0, 0, 0
    for venue in range(len(state.heard)):
        shown = state.size[venue, side, 0]
        if shown == 0:
            continue
        showing += 1
        offered = state.price[venue, side, 0]
        if first < 0 or offered > price:
            first, price, size, venues = venue, offered, shown, 1
        elif offered == price:
            size, venues = size + shown, venues + 1
            if state.since[venue, side] < state.since[first, side]:
                first = venue
    top = state.top[side]
    top[SHOWING] = showing
    same = top[PRICE] == price and top[SIZE] == size
    if same and top[FIRST] == first and top[VENUES] == venues:
        return False
    top[PRICE], top[SIZE], top[FIRST], top[VENUES] = price, size, first, venues
    return True


@inlined
def _write(state, out, n, ts_event, ts_recv):  # type: ignore[no-untyped-def]
    out.ts_event[n], out.ts_recv[n] = ts_event, ts_recv
    top = state.top
    bid, ask = top[BID, PRICE], -top[ASK, PRICE]
    out.state[n] = NORMAL
    if top[BID, FIRST] >= 0 and top[ASK, FIRST] >= 0 and bid >= ask:
        out.state[n] = LOCKED if bid == ask else CROSSED
    out.bid_first[n], out.ask_first[n] = top[BID, FIRST], top[ASK, FIRST]
    out.bidding[n], out.asking[n] = top[BID, SHOWING], top[ASK, SHOWING]
    _merge(state.price, state.size, BID, 1, n, out.bid_price, out.bid_size, out.bid_venues)
    _merge(state.price, state.size, ASK, -1, n, out.ask_price, out.ask_size, out.ask_venues)


@allocating
def _merge(price, size, side, sign, n, prices, sizes, venues):  # type: ignore[no-untyped-def]
    """Writes the levels of all venues, equal prices as one level, best first."""
    members, _, levels = price.shape
    at = np.zeros(members, np.int64)
    for i in range(n * levels, (n + 1) * levels):
        best = total = count = 0
        for venue in range(members):
            if at[venue] == levels or size[venue, side, at[venue]] == 0:
                continue
            offered = price[venue, side, at[venue]]
            if count == 0 or offered > best:
                best, total, count = offered, 0, 0
            if offered == best:
                total, count = total + size[venue, side, at[venue]], count + 1
        prices[i], sizes[i], venues[i] = sign * best, total, count
        for venue in range(members):
            at[venue] += at[venue] < levels and price[venue, side, at[venue]] == best


@kernel
def largest(kinds, books):  # type: ignore[no-untyped-def]
    """(largest price without its sign, largest size) of the book rows; (-1, -1) where a size or a
    time is negative, a price or size implausible, or kinds do not match the rows."""
    rows = price = size = 0
    for kind in kinds:
        rows += kind == BOOK
    if rows != len(books.ts_event):
        return -1, -1
    for ts in books.ts_event:
        if ts < 0:
            return -1, -1
    for i in range(len(books.bid_price)):
        low = min(books.bid_price[i], books.ask_price[i])
        price = max(price, books.bid_price[i], books.ask_price[i], -low)
        size = max(size, books.bid_size[i], books.ask_size[i])
        if low < -LARGEST or min(books.bid_size[i], books.ask_size[i]) < 0:
            return -1, -1
    return (price, size) if max(price, size) <= LARGEST else (-1, -1)
