"""Matching of paper orders against a recorded or live market, as one pass over a frame.

What always holds:

- An order acts only on events that come after it in the log and not before its arrival time
  (its own time plus the venue's latency). So do a cancellation and a change, and those of one
  order arrive in the order in which they were sent.
- It trades against what was displayed, best price first, and never moves the market; but what an
  order took is not there for it again.
- A resting order waits behind the size displayed at its price when it arrived, and moves up as
  its queue model says (queue.py), by each size once though a feed tells of it twice. A trade or
  quote through its price means that the queue is gone.
- It never trades more than it asks, at a worse price than its limit, or after its end; reduce-only
  never passes zero of the position that was made here.
- A change keeps its place in the queue only where the price stays and the size does not grow.
- A stop wakes once, and acts on the first book after what woke it: the trade that woke it has
  had its size before.
- While the venue is halted or closed nothing trades, and what cannot wait is rejected.
- Every order that the venue took has exactly one end, and no report follows it but the refusal of
  a later request.
"""

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
from streams.operators.paper_venue import columns as c
from streams.operators.paper_venue.auctions import wait_for_auction
from streams.operators.paper_venue.resting import (
    book_stirs,
    on_book,
    on_order,
    on_trade,
    order_stirs,
    trade_stirs,
)
from streams.operators.paper_venue.taking import crosses, end, rest, start, take_and_rest, write

FINISHED = -1


@kernel
def match(market, cursor, book, orders, desk):  # type: ignore[no-untyped-def]
    """Folds the book and the live orders over a frame; comes back at events that need more than
    arithmetic, as ``streams.operators.market.follow`` says. Handing all arrays on to another
    function costs as much as folding an event, so that is done only where something stirs."""
    kinds, trades, quotes, depth = market.kinds, market.trades, market.quotes, market.depth
    section, live = market.orders, desk.live
    for event in range(cursor[EVENT], len(kinds)):
        cursor[EVENT] = event + 1
        if kinds[event] == TRADE:
            row = cursor[TRADES]
            cursor[TRADES] += 1
            if trades.ts_event[row] >= cursor[c.DUE]:
                act(trades.ts_event[row], event, book, orders, desk, cursor)
            if trade_stirs(live, trades.price[row]):
                on_trade(trades, row, event, book, orders, desk, cursor)
        elif kinds[event] == DEPTH:
            ts = depth.ts_event[cursor[DEPTHS]]
            if ts >= cursor[c.DUE]:
                act(ts, event, book, orders, desk, cursor)
            outcome = follow_depth(depth, cursor, book)
            if depth.snapshot[cursor[DEPTHS] - 1] or outcome >= bk.PENDING:
                return outcome
            if outcome == bk.APPLIED and book_stirs(live, book):
                on_book(ts, event, book, orders, desk, cursor)
        elif kinds[event] == ORDER:
            row = cursor[ORDERS]
            ts = section.ts_event[row]
            if ts >= cursor[c.DUE]:
                act(ts, event, book, orders, desk, cursor)
            if order_stirs(live):
                on_order(section, row, ts, event, book, orders, desk, cursor)
            outcome = follow_order(section, cursor, book, orders)
            if outcome == bk.APPLIED and book_stirs(live, book):
                on_book(ts, event, book, orders, desk, cursor)
        elif kinds[event] == CHECKSUM:
            follow_checksum(market.checksums, cursor, book, market.scales)
        else:
            ts = quotes.ts_event[cursor[QUOTES]]
            if ts >= cursor[c.DUE]:
                act(ts, event, book, orders, desk, cursor)
            if follow_quote(quotes, cursor, book) == bk.APPLIED and book_stirs(live, book):
                on_book(ts, event, book, orders, desk, cursor)
    return FINISHED


@kernel
def act(ts, event, book, orders, desk, cursor):  # type: ignore[no-untyped-def]
    """Whatever is due by ``ts`` happens, the earliest first: orders arrive and run out, requests
    arrive."""
    while ts >= cursor[c.DUE]:
        i, r, cursor[c.DUE] = _next(desk)
        if ts < cursor[c.DUE] or (i < 0 and r < 0):
            return
        if r >= 0:
            _answer(r, ts, event, book, orders, desk, cursor)
        elif desk.live[i, c.STATE] == c.WAITING and ts >= desk.live[i, c.ARRIVES]:
            _arrive(i, ts, event, book, orders, desk, cursor)
        else:
            end(i, c.TIMED_OUT, ts, event, desk, cursor)


@kernel
def _next(desk):  # type: ignore[no-untyped-def]
    """(order, request, when) of what is due first; -1 for what it is not."""
    order, request, due = -1, -1, c.NEVER
    for i in range(len(desk.live)):
        row = desk.live[i]
        if row[c.STATE] != c.DONE:
            at = row[c.ARRIVES] if row[c.STATE] == c.WAITING else row[c.EXPIRES]
            if at < due:
                order, due = i, at
    for r in range(len(desk.requests)):
        row = desk.requests[r]
        if not row[c.ANSWERED] and row[c.COMES] < due:
            order, request, due = -1, r, row[c.COMES]
    return order, request, due


@kernel
def _arrive(i, ts, event, book, orders, desk, cursor):  # type: ignore[no-untyped-def]
    order = desk.live[i]
    if order[c.TIF] == c.OPG or order[c.TIF] == c.CLS:
        wait_for_auction(i, ts, event, desk, cursor)
    elif order[c.KIND] == c.STOPPING:
        order[c.STATE] = c.STOPPED
    else:
        start(i, ts, event, book, orders, desk, cursor)


@kernel
def _answer(r, ts, event, book, orders, desk, cursor):  # type: ignore[no-untyped-def]
    request = desk.requests[r]
    request[c.ANSWERED] = 1
    i, cancels = request[c.OF], request[c.ASKED] == c.CANCEL
    if desk.live[i, c.STATE] == c.DONE:
        late = c.CANCEL_TOO_LATE if cancels else c.CHANGE_TOO_LATE
        write(i, late, 0, 0, ts, event, desk, cursor)
    elif cancels:
        end(i, c.CANCELED, ts, event, desk, cursor)
    else:
        _change(i, request, ts, event, book, orders, desk, cursor)


@kernel
def _change(i, request, ts, event, book, orders, desk, cursor):  # type: ignore[no-untyped-def]
    """New price, size and stop price, 0: as it is. What is filled counts towards the size."""
    order = desk.live[i]
    filled, old = order[c.TOTAL] - order[c.LEAVES], order[c.PRICE]
    size = request[c.NEW_SIZE] if request[c.NEW_SIZE] else order[c.TOTAL]
    if size <= filled:
        write(i, c.CHANGE_TOO_SMALL, 0, 0, ts, event, desk, cursor)
        return
    resting, trading = order[c.STATE] == c.RESTING, desk.session[c.PHASE] == c.TRADING
    order[c.PRICE] = request[c.NEW_PRICE] if request[c.NEW_PRICE] else old
    if order[c.POST_ONLY] and resting and trading and crosses(order, book):
        order[c.PRICE] = old
        write(i, c.CHANGE_WOULD_TAKE, 0, 0, ts, event, desk, cursor)
        return
    keeps = order[c.PRICE] == old and size <= order[c.TOTAL]
    order[c.TOTAL], order[c.LEAVES] = size, size - filled
    if request[c.NEW_STOP]:
        order[c.STOP], order[c.HAS_STOP] = request[c.NEW_STOP], 1
    write(i, c.CHANGED, order[c.PRICE], size, ts, event, desk, cursor)
    if resting and keeps:
        order[c.SHOWN] = min(order[c.SHOWN], order[c.LEAVES])
        return
    order[c.JOINED] = request[c.COMES]
    if resting and trading and book.meta[bk.SYNCED]:
        take_and_rest(i, ts, event, book, orders, desk, cursor)
    elif resting:
        rest(order, book, orders, desk.rules)
