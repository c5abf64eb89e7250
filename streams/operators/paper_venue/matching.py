"""Matching of paper orders against a recorded or live market, as one pass over a frame.

What always holds:

- An order acts only on events that come after it in the log and not before its arrival time
  (its own time plus the venue's latency).
- It trades against what was displayed, best price first, and never moves the market.
- A resting order waits behind the size displayed at its price when it arrived. Trades at that
  price use the queue up before it; a cancellation helps it only once less is displayed than
  stands before it. A trade or quote through its price means that the queue is gone.
"""

import numpy as np

from schemas.frames import CHECKSUM, DEPTH, ORDER, TRADE
from streams.kernels import kernel
from streams.operators.market import book as bk
from streams.operators.market.follow import (
    DEPTHS,
    EVENT,
    ORDERS,
    QUOTES,
    TRADES,
    follow_checksum,
    follow_depth,
    follow_order,
    follow_quote,
)
from streams.operators.market.levels import (
    below,
    best,
    best_place,
    price_at,
    size_at,
    size_of,
)

# columns of a live order
SIDE, IS_LIMIT, TIF, PRICE, LEAVES, QUEUE, ARRIVES, STATE, CANCELS = range(9)
WAITING, RESTING, DONE_STATE = range(3)
GTC, IOC, FOK = range(3)
# columns of an execution
ORDER_ROW, WHAT, AT_PRICE, SIZE, EVENT_ROW, TS = range(6)
TAKEN, MADE, EXPIRED, REJECTED, CANCELED = range(5)
# a further cursor column
EXECUTIONS = 7
CURSOR_COLUMNS = 8
FINISHED = -1
NEVER = np.iinfo(np.int64).max


@kernel
def match(market, cursor, book, orders, live, out):  # type: ignore[no-untyped-def]
    """Folds the book and the live orders over a frame; comes back at events that need more than
    arithmetic, as ``streams.operators.market.follow`` says."""
    kinds, trades, quotes, depth = market.kinds, market.trades, market.quotes, market.depth
    section = market.orders
    for event in range(cursor[EVENT], len(kinds)):
        cursor[EVENT] = event + 1
        if kinds[event] == TRADE:
            row = cursor[TRADES]
            cursor[TRADES] += 1
            act(trades.ts_event[row], event, book, live, out, cursor)
            _on_trade(trades, row, event, live, out, cursor)
        elif kinds[event] == DEPTH:
            act(depth.ts_event[cursor[DEPTHS]], event, book, live, out, cursor)
            outcome = follow_depth(depth, cursor, book)
            if depth.snapshot[cursor[DEPTHS] - 1] or outcome >= bk.PENDING:
                return outcome
            if outcome == bk.APPLIED:
                _on_book(book.meta[bk.TS_EVENT], event, book, live, out, cursor)
        elif kinds[event] == ORDER:
            act(section.ts_event[cursor[ORDERS]], event, book, live, out, cursor)
            if follow_order(section, cursor, book, orders) == bk.APPLIED:
                _on_book(book.meta[bk.TS_EVENT], event, book, live, out, cursor)
        elif kinds[event] == CHECKSUM:
            follow_checksum(market.checksums, cursor, book, market.scales)
        else:
            ts = quotes.ts_event[cursor[QUOTES]]
            act(ts, event, book, live, out, cursor)
            if follow_quote(quotes, cursor, book) == bk.APPLIED:
                _on_book(ts, event, book, live, out, cursor)
    return FINISHED


@kernel
def act(ts, event, book, live, out, cursor):  # type: ignore[no-untyped-def]
    """Orders arrive and are cancelled when their time has come."""
    for i in range(len(live)):
        order = live[i]
        if order[STATE] == WAITING and ts >= order[ARRIVES]:
            _arrive(i, order, ts, event, book, out, cursor)
        if order[STATE] != DONE_STATE and ts >= order[CANCELS]:
            _end(i, order, CANCELED, ts, event, out, cursor)


@kernel
def _arrive(i, order, ts, event, book, out, cursor):  # type: ignore[no-untyped-def]
    if not book.meta[bk.SYNCED]:
        _end(i, order, REJECTED, ts, event, out, cursor)
        return
    if order[TIF] == FOK and _takeable(order, book) < order[LEAVES]:
        _end(i, order, EXPIRED, ts, event, out, cursor)
        return
    _take(i, order, ts, event, book, out, cursor)
    if order[LEAVES] == 0:
        order[STATE] = DONE_STATE
    elif order[IS_LIMIT] and order[TIF] == GTC:
        order[STATE] = RESTING
        order[QUEUE] = _displayed(order, book)
    else:
        _end(i, order, EXPIRED, ts, event, out, cursor)


@kernel
def _reaches(order, price):  # type: ignore[no-untyped-def]
    """Whether the order may trade at a price of the other side."""
    return not order[IS_LIMIT] or order[SIDE] * (order[PRICE] - price) >= 0


@kernel
def _far_side(order):  # type: ignore[no-untyped-def]
    """The side that the order trades with."""
    return bk.ASK if order[SIDE] > 0 else bk.BID


@kernel
def _takeable(order, book):  # type: ignore[no-untyped-def]
    far, levels = _far_side(order), book.levels
    total, at = 0, best_place(levels, far)
    while at >= 0 and total < order[LEAVES] and _reaches(order, price_at(levels, far, at)):
        total += size_at(levels, far, at)
        at = below(levels, far, at)
    return total


@kernel
def _take(i, order, ts, event, book, out, cursor):  # type: ignore[no-untyped-def]
    far, levels = _far_side(order), book.levels
    at = best_place(levels, far)
    while at >= 0 and order[LEAVES] > 0 and _reaches(order, price_at(levels, far, at)):
        price, size = price_at(levels, far, at), min(size_at(levels, far, at), order[LEAVES])
        _execute(i, order, TAKEN, price, size, ts, event, out, cursor)
        at = below(levels, far, at)


@kernel
def _displayed(order, book):  # type: ignore[no-untyped-def]
    """Size at the order's price on its own side."""
    return size_of(book.levels, bk.BID if order[SIDE] > 0 else bk.ASK, order[PRICE])


@kernel
def _on_trade(trades, row, event, live, out, cursor):  # type: ignore[no-untyped-def]
    price, size, ts = trades.price[row], trades.size[row], trades.ts_event[row]
    for i in range(len(live)):
        order = live[i]
        if order[STATE] != RESTING or trades.side[row] == order[SIDE]:
            continue
        through = order[SIDE] * (order[PRICE] - price)
        if through > 0:
            _execute(i, order, MADE, order[PRICE], order[LEAVES], ts, event, out, cursor)
        elif through == 0:
            reached = size - order[QUEUE]
            order[QUEUE] = max(order[QUEUE] - size, 0)
            if reached > 0:
                filled = min(reached, order[LEAVES])
                _execute(i, order, MADE, order[PRICE], filled, ts, event, out, cursor)
        if order[LEAVES] == 0:
            order[STATE] = DONE_STATE


@kernel
def _on_book(ts, event, book, live, out, cursor):  # type: ignore[no-untyped-def]
    for i in range(len(live)):
        order = live[i]
        if order[STATE] != RESTING:
            continue
        order[QUEUE] = min(order[QUEUE], _displayed(order, book))
        price, size = best(book.levels, _far_side(order))
        if size and _reaches(order, price):
            _execute(i, order, MADE, order[PRICE], order[LEAVES], ts, event, out, cursor)
            order[STATE] = DONE_STATE


@kernel
def _execute(i, order, what, price, size, ts, event, out, cursor):  # type: ignore[no-untyped-def]
    order[LEAVES] -= size
    _write(i, what, price, size, ts, event, out, cursor)


@kernel
def _end(i, order, what, ts, event, out, cursor):  # type: ignore[no-untyped-def]
    order[STATE] = DONE_STATE
    _write(i, what, 0, 0, ts, event, out, cursor)


@kernel
def _write(i, what, price, size, ts, event, out, cursor):  # type: ignore[no-untyped-def]
    row = out[cursor[EXECUTIONS]]
    row[ORDER_ROW], row[WHAT], row[AT_PRICE], row[SIZE] = i, what, price, size
    row[EVENT_ROW], row[TS] = event, ts
    cursor[EXECUTIONS] += 1
