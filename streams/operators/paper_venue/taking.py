"""Orders that act: they trade with what is displayed, and then rest or end.

Only what the other side displayed can be taken, best price first, each level with the fraction of
hidden size that the configuration assumes. The book is never moved: two orders of ours may take
the same size, but one order never takes a size twice. An order meets others of its own account
only where self-trade prevention looks.
"""

from streams.kernels import inlined, kernel
from streams.operators.market import book as bk
from streams.operators.market.levels import below, best_place, price_at, size_at
from streams.operators.paper_venue import columns as c
from streams.operators.paper_venue import queue


@kernel
def write(i, what, price, size, ts, event, desk, cursor):  # type: ignore[no-untyped-def]
    row = desk.out[cursor[c.EXECUTIONS]]
    row[c.ORDER_ROW], row[c.WHAT], row[c.AT_PRICE], row[c.SIZE] = i, what, price, size
    row[c.EVENT_ROW], row[c.TS] = event, ts
    cursor[c.EXECUTIONS] += 1


@kernel
def end(i, what, ts, event, desk, cursor):  # type: ignore[no-untyped-def]
    desk.live[i, c.STATE] = c.DONE
    write(i, what, 0, 0, ts, event, desk, cursor)


@kernel
def execute(i, what, price, size, ts, event, desk, cursor):  # type: ignore[no-untyped-def]
    order = desk.live[i]
    order[c.LEAVES] -= size
    desk.positions[order[c.ACCOUNT]] += order[c.SIDE] * size
    write(i, what, price, size, ts, event, desk, cursor)
    if order[c.LEAVES] == 0:
        order[c.STATE] = c.DONE


@kernel
def allowed(order, desk):  # type: ignore[no-untyped-def]
    """The most that the order may still trade: reduce-only may not pass zero."""
    if not order[c.REDUCE_ONLY]:
        return order[c.LEAVES]
    return min(max(-order[c.SIDE] * desk.positions[order[c.ACCOUNT]], 0), order[c.LEAVES])


@inlined
def reaches(order, price):  # type: ignore[no-untyped-def]
    """Whether the order may trade at a price of the other side."""
    return order[c.IS_LIMIT] == 0 or order[c.SIDE] * (order[c.PRICE] - price) >= 0


@inlined
def far_side(order):  # type: ignore[no-untyped-def]
    """The side that the order trades with."""
    return bk.ASK if order[c.SIDE] > 0 else bk.BID


@inlined
def crosses(order, book):  # type: ignore[no-untyped-def]
    """Whether the order could trade with the best price of the other side."""
    levels, far = book.levels, far_side(order)
    at = best_place(levels, far)
    return at >= 0 and reaches(order, price_at(levels, far, at))


@kernel
def _with_hidden(size, rules):  # type: ignore[no-untyped-def]
    """A level's size with the hidden part that is assumed; the whole millions first, as the
    product of both would not fit."""
    ppm = rules[c.HIDDEN_PPM]
    return size + size // 1_000_000 * ppm + size % 1_000_000 * ppm // 1_000_000


@kernel
def within_reach(order, book, rules, enough):  # type: ignore[no-untyped-def]
    """What the other side shows that the order may trade with; counted until it is enough."""
    levels, far = book.levels, far_side(order)
    total, at = 0, best_place(levels, far)
    while at >= 0 and total < enough and reaches(order, price_at(levels, far, at)):
        total += _with_hidden(size_at(levels, far, at), rules)
        at = below(levels, far, at)
    return total


@kernel
def take(i, ts, event, book, desk, cursor):  # type: ignore[no-untyped-def]
    """Trades with the displayed levels within reach, best first, but for what it took before."""
    order, rules = desk.live[i], desk.rules
    taken = max(order[c.MET], 0)
    levels, far = book.levels, far_side(order)
    at = best_place(levels, far)
    while at >= 0 and order[c.STATE] != c.DONE and reaches(order, price_at(levels, far, at)):
        if allowed(order, desk) == 0:
            break
        price = price_at(levels, far, at)
        if rules[c.SELF_TRADES]:
            _prevent(i, price, True, ts, event, desk, cursor)
        shown = _with_hidden(size_at(levels, far, at), rules)
        skipped = min(taken, shown)
        taken -= skipped
        size = min(shown - skipped, allowed(order, desk))
        if order[c.STATE] != c.DONE and size > 0:
            execute(i, c.TAKEN, price, size, ts, event, desk, cursor)
        at = below(levels, far, at)
    if rules[c.SELF_TRADES] and order[c.STATE] != c.DONE and allowed(order, desk):
        _prevent(i, 0, False, ts, event, desk, cursor)


@kernel
def _prevent(i, price, up_to_price, ts, event, desk, cursor):  # type: ignore[no-untyped-def]
    """Order ``i`` would meet resting orders of its own account: all within its reach, or only
    those not worse than ``price``, which is next."""
    order = desk.live[i]
    for j in range(len(desk.live)):
        other = desk.live[j]
        ours = other[c.STATE] == c.RESTING and other[c.ACCOUNT] == order[c.ACCOUNT]
        if not ours or other[c.SIDE] == order[c.SIDE] or not reaches(order, other[c.PRICE]):
            continue
        if up_to_price and order[c.SIDE] * (price - other[c.PRICE]) < 0:
            continue
        _keep_apart(i, j, ts, event, desk, cursor)
        if order[c.STATE] == c.DONE:
            return


@kernel
def _keep_apart(i, j, ts, event, desk, cursor):  # type: ignore[no-untyped-def]
    mode = desk.rules[c.SELF_TRADES]
    if mode == c.CANCEL_NEWEST:
        end(i, c.SELF_TRADE, ts, event, desk, cursor)
    elif mode == c.CANCEL_OLDEST:
        end(j, c.SELF_TRADE, ts, event, desk, cursor)
    else:
        size = min(desk.live[i, c.LEAVES], desk.live[j, c.LEAVES])
        _decrease(i, size, ts, event, desk, cursor)
        _decrease(j, size, ts, event, desk, cursor)


@kernel
def _decrease(i, size, ts, event, desk, cursor):  # type: ignore[no-untyped-def]
    order = desk.live[i]
    if order[c.LEAVES] == size:
        end(i, c.SELF_TRADE, ts, event, desk, cursor)
        return
    order[c.LEAVES] -= size
    order[c.TOTAL] -= size
    order[c.SHOWN] = min(order[c.SHOWN], order[c.LEAVES])
    write(i, c.DECREASED, order[c.PRICE], order[c.TOTAL], ts, event, desk, cursor)


@kernel
def can_rest(order):  # type: ignore[no-untyped-def]
    return order[c.IS_LIMIT] != 0 and order[c.TIF] != c.IOC and order[c.TIF] != c.FOK


@kernel
def start(i, ts, event, book, orders, desk, cursor):  # type: ignore[no-untyped-def]
    """An order begins to act: it is judged, takes, and rests or ends."""
    order = desk.live[i]
    refused = _judge(order, book, desk)
    if refused:
        end(i, refused, ts, event, desk, cursor)
    elif desk.session[c.PHASE] != c.TRADING:
        rest(order, book, orders, desk.rules)
    else:
        take_and_rest(i, ts, event, book, orders, desk, cursor)


@kernel
def _judge(order, book, desk):  # type: ignore[no-untyped-def]
    """Why an order ends before it trades; 0 when it does not."""
    if not book.meta[bk.SYNCED]:
        return c.NO_BOOK
    trading, most = desk.session[c.PHASE] == c.TRADING, allowed(order, desk)
    if not trading and not can_rest(order):
        return c.NOT_TRADING
    if most == 0:
        return c.NOTHING_TO_REDUCE
    if order[c.POST_ONLY] and trading and crosses(order, book):
        return c.WOULD_TAKE
    whole = order[c.LEAVES]
    if order[c.TIF] == c.FOK and min(most, within_reach(order, book, desk.rules, whole)) < whole:
        return c.UNFILLED
    return 0


@kernel
def rest(order, book, orders, rules):  # type: ignore[no-untyped-def]
    order[c.STATE] = c.RESTING
    queue.enter(order, book, orders, rules)


@kernel
def take_and_rest(i, ts, event, book, orders, desk, cursor):  # type: ignore[no-untyped-def]
    order = desk.live[i]
    take(i, ts, event, book, desk, cursor)
    if order[c.STATE] == c.DONE:
        return
    if allowed(order, desk) == 0:
        end(i, c.NOT_REDUCING, ts, event, desk, cursor)
    elif can_rest(order):
        if order[c.MET] != c.NOT_MET or crosses(order, book):
            order[c.MET] = within_reach(order, book, desk.rules, c.NEVER)
        rest(order, book, orders, desk.rules)
    else:
        end(i, c.UNFILLED, ts, event, desk, cursor)
