"""Orders that wait: in the book for a trade or a price, or for their stop price."""

from streams.kernels import inlined, kernel
from streams.operators.market.levels import best
from streams.operators.paper_venue import columns as c
from streams.operators.paper_venue import queue
from streams.operators.paper_venue.auctions import in_auction, opening
from streams.operators.paper_venue.taking import (
    allowed,
    crosses,
    end,
    execute,
    far_side,
    start,
    within_reach,
    write,
)


@inlined
def trade_stirs(live, price):  # type: ignore[no-untyped-def]
    """Whether a trade at a price may concern an order."""
    for i in range(len(live)):
        state = live[i, c.STATE]
        if state == c.STOPPED or state == c.FOR_AUCTION:
            return True
        if state == c.RESTING and live[i, c.SIDE] * (live[i, c.PRICE] - price) >= 0:
            return True
    return False


@inlined
def book_stirs(live, book):  # type: ignore[no-untyped-def]
    """Whether the book as it is now may concern an order."""
    for i in range(len(live)):
        state = live[i, c.STATE]
        if state == c.STOPPED or state == c.TRIGGERED:
            return True
        moved = state == c.RESTING and queue.displayed(live[i], book) != live[i, c.LEVEL]
        if moved or (state == c.RESTING and (live[i, c.MET] > 0 or crosses(live[i], book))):
            return True
    return False


@inlined
def order_stirs(live):  # type: ignore[no-untyped-def]
    """Whether changes to single orders concern one of ours."""
    for i in range(len(live)):
        if live[i, c.STATE] == c.RESTING and live[i, c.EXACT] != queue.NOT_EXACT:
            return True
    return False


@kernel
def on_trade(trades, row, event, book, orders, desk, cursor):  # type: ignore[no-untyped-def]
    price, size, ts = trades.price[row], trades.size[row], trades.ts_event[row]
    phase = desk.session[c.PHASE]
    if phase == c.HALTED or phase == c.CLOSED:
        return
    for i in range(len(desk.live)):
        order = desk.live[i]
        state = order[c.STATE]
        if state == c.FOR_AUCTION and order[c.TIF] == c.OPG:
            opening(i, price, size, ts, event, desk, cursor)
        elif state == c.RESTING and phase == c.AUCTION:
            in_auction(i, price, size, ts, event, desk, cursor)
        elif state == c.RESTING and trades.side[row] != order[c.SIDE] and ts >= order[c.JOINED]:
            _meet_trade(i, price, size, ts, event, book, orders, desk, cursor)
        elif state == c.STOPPED and phase == c.TRADING and not desk.rules[c.STOP_BY_QUOTE]:
            _watch(i, price, ts, event, desk, cursor)


@kernel
def _meet_trade(i, price, size, ts, event, book, orders, desk, cursor):  # type: ignore[no-untyped-def]
    """A trade at the order's price uses up its queue; one through it means that the queue is
    gone. Where every order is known, it is the execution of an order behind that counts."""
    order = desk.live[i]
    through = order[c.SIDE] * (order[c.PRICE] - price)
    if through > 0:
        make(i, order[c.LEAVES], ts, event, book, orders, desk, cursor)
    elif through == 0 and order[c.EXACT] == queue.NOT_EXACT:
        reached = queue.meet(order, size, ts, desk.rules)
        if reached > 0:
            make(i, min(reached, order[c.SHOWN]), ts, event, book, orders, desk, cursor)


@kernel
def make(i, size, ts, event, book, orders, desk, cursor):  # type: ignore[no-untyped-def]
    """A resting order trades at its price; an iceberg whose shown part is gone shows the next,
    at the end of the queue."""
    order = desk.live[i]
    size = min(size, allowed(order, desk))
    if size > 0:
        order[c.SHOWN] = max(order[c.SHOWN] - size, 0)
        execute(i, c.MADE, order[c.PRICE], size, ts, event, desk, cursor)
    if order[c.STATE] == c.DONE:
        return
    if allowed(order, desk) == 0:
        end(i, c.NOT_REDUCING, ts, event, desk, cursor)
    elif order[c.SHOWN] == 0:
        order[c.JOINED] = ts
        queue.enter(order, book, orders, desk.rules)


@kernel
def on_book(ts, event, book, orders, desk, cursor):  # type: ignore[no-untyped-def]
    if desk.session[c.PHASE] != c.TRADING:
        return
    for i in range(len(desk.live)):
        order = desk.live[i]
        if order[c.STATE] == c.STOPPED and desk.rules[c.STOP_BY_QUOTE]:
            price, size = best(book.levels, far_side(order))
            if size:
                _watch(i, price, ts, event, desk, cursor)
        if order[c.STATE] == c.TRIGGERED:
            order[c.JOINED] = ts
            start(i, ts, event, book, orders, desk, cursor)
        elif order[c.STATE] == c.RESTING:
            queue.look_again(order, ts, book, desk.rules)
            size = _comes_within_reach(order, book, desk.rules)
            if size > 0:
                make(i, size, ts, event, book, orders, desk, cursor)


@kernel
def _comes_within_reach(order, book, rules):  # type: ignore[no-untyped-def]
    """What trades with a resting order because the other side shows at its price or through it:
    the whole, but for an order that took what was shown there. That is gone, though a recording
    goes on showing it, and only what is added to it counts."""
    if order[c.MET] == c.NOT_MET:
        return order[c.LEAVES] if crosses(order, book) else 0
    met, order[c.MET] = order[c.MET], within_reach(order, book, rules, c.NEVER)
    return min(order[c.MET] - met, order[c.LEAVES])


@kernel
def on_order(section, row, ts, event, book, orders, desk, cursor):  # type: ignore[no-untyped-def]
    """Before the book takes a change to one order of it."""
    for i in range(len(desk.live)):
        order = desk.live[i]
        if order[c.STATE] == c.RESTING and order[c.EXACT] != queue.NOT_EXACT:
            behind = queue.before_change(order, section, row, orders)
            if behind > 0 and desk.session[c.PHASE] == c.TRADING:
                size = min(behind, order[c.SHOWN])
                make(i, size, ts, event, book, orders, desk, cursor)


@kernel
def _watch(i, price, ts, event, desk, cursor):  # type: ignore[no-untyped-def]
    """A stop order sees a price: a trailing one follows it when it moves away, and any wakes
    when it is reached."""
    order = desk.live[i]
    side = order[c.SIDE]
    if order[c.TRAIL]:
        nearer = price + side * order[c.TRAIL]
        if not order[c.HAS_STOP] or side * (nearer - order[c.STOP]) < 0:
            order[c.STOP], order[c.HAS_STOP] = nearer, 1
    if side * (price - order[c.STOP]) >= 0:
        order[c.STATE], order[c.KIND] = c.TRIGGERED, c.PLAIN
        write(i, c.WOKEN, order[c.STOP], 0, ts, event, desk, cursor)
