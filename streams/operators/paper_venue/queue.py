"""Where a resting order stands in the queue of its price, by one of four models.

- CONSERVATIVE: behind all that was displayed when it came. Trades at its price use the queue up
  before it; a cancellation helps it only once less is displayed than stands before it
  (hftbacktest's RiskAdverseQueueModel).
- POWER_LAW and LOGARITHM: of what is cancelled, a share stood behind the order,
  f(back) / (f(back) + f(front)) with f(x) = x**n or ln(1 + x) (hftbacktest's ProbQueueModel with
  PowerProbQueueFunc and LogProbQueueFunc, after E. Rigtorp, "Estimating order queue position",
  2013). Here the front is rounded up.
- BY_ORDER: where the venue shows every order, those ahead are known: the last of them is kept, and
  an order behind that is executed means that ours was before it (hftbacktest's L3FIFOQueueModel).
  A book that is cleared tells no more who is ahead: the order goes on with CONSERVATIVE.

But for BY_ORDER an execution is told twice, as a trade and as less size in the book, and feeds
differ in which comes first. So each size counts once, as a trade, in either order:

- A trade that the book does not show yet is owed: the next decreases are taken for it, until a
  change of the book that is not older than the trade has come.
- A decrease that no trade explains counts as cancelled, until a trade that is not newer than it
  comes: that was part of it, so the order stands where it would if the trade had come first.
- A trade from before the order joined the queue is none of its business.

hftbacktest does the first of these ("chg - cum_trade_qty"). What of a decrease was traded stays a
guess where a venue's clock for trades is not that for its book.
"""

import math

from schemas.frames import ADD, CLEAR, EXECUTE, FILL, MODIFY
from streams.kernels import inlined, kernel
from streams.operators.market import book as bk
from streams.operators.market import hash_table
from streams.operators.market import order_book as ob
from streams.operators.market.hash_table import ABSENT
from streams.operators.market.levels import size_of
from streams.operators.paper_venue.columns import (
    BY_ORDER,
    DISPLAY,
    EXACT,
    FRONT,
    GONE,
    LAST_AHEAD,
    LEAVES,
    LEVEL,
    LOGARITHM,
    POWER,
    POWER_LAW,
    PRICE,
    QUEUE,
    QUEUE_MODEL,
    SHOWN,
    SIDE,
    TOLD,
    TRADED,
    UNIT,
)

NOT_EXACT, SOME_AHEAD, FIRST = range(3)  # EXACT
NOT_THERE, AHEAD, BEHIND = range(3)  # where an order of the book stands, seen from ours


@inlined
def displayed(order, book):  # type: ignore[no-untyped-def]
    """Size at the order's price on its own side."""
    return size_of(book.levels, bk.BID if order[SIDE] > 0 else bk.ASK, order[PRICE])


@kernel
def enter(order, book, orders, rules):  # type: ignore[no-untyped-def]
    """To the end of the queue."""
    order[QUEUE] = order[LEVEL] = displayed(order, book)
    order[TRADED] = order[GONE] = 0
    order[SHOWN] = min(order[DISPLAY], order[LEAVES]) if order[DISPLAY] else order[LEAVES]
    order[EXACT] = NOT_EXACT
    if rules[QUEUE_MODEL] == BY_ORDER and orders.counts[ob.ORDERS]:
        key = 2 * order[PRICE] + (1 if order[SIDE] > 0 else 0)
        queue = hash_table.get(orders.by_price, key)
        order[EXACT] = FIRST if queue == ABSENT else SOME_AHEAD
        if queue != ABSENT:
            order[LAST_AHEAD] = orders.orders[orders.queues[queue, ob.TAIL], ob.ID]


@kernel
def look_again(order, ts, book, rules):  # type: ignore[no-untyped-def]
    """After the book changed."""
    level = displayed(order, book)
    if level == order[LEVEL]:
        return
    if order[EXACT] == NOT_EXACT:
        _decrease(order, order[LEVEL] - level, level, ts, rules)
        order[QUEUE] = min(order[QUEUE], level)
    order[LEVEL] = level


@kernel
def _decrease(order, less, level, ts, rules):  # type: ignore[no-untyped-def]
    """What was traded is not counted again; the rest counts as cancelled for the time being."""
    traded = min(max(less, 0), order[TRADED])
    order[TRADED] = 0 if ts >= order[TOLD] else order[TRADED] - traded
    gone = less - traded
    if gone <= 0:
        return
    if order[GONE] == 0:
        order[FRONT] = order[QUEUE]
    order[QUEUE] = _without(order[QUEUE], level + gone, gone, rules)
    order[GONE] += gone
    order[TOLD] = ts


@kernel
def meet(order, size, ts, rules):  # type: ignore[no-untyped-def]
    """A trade at the order's price uses up its queue. Returns how much of it went past the queue,
    negative: how much still stands before the order."""
    if ts > order[TOLD]:
        order[GONE] = 0
    known = min(size, order[GONE])
    front = order[FRONT] if known else order[QUEUE]
    left = max(front - size, 0)
    order[GONE] -= known
    order[FRONT] = order[QUEUE] = left
    if order[GONE]:
        order[QUEUE] = _without(left, order[LEVEL] + order[GONE], order[GONE], rules)
    if known:
        order[QUEUE] = min(order[QUEUE], order[LEVEL])
    if size > known:
        order[TRADED] += size - known
        order[TOLD] = max(order[TOLD], ts)
    return size - front


@kernel
def _without(front, level, gone, rules):  # type: ignore[no-untyped-def]
    """What stands before the order when so much of a level is cancelled."""
    model = rules[QUEUE_MODEL]
    if level and model in (POWER_LAW, LOGARITHM):
        return _front(front, level, gone, rules)
    return front


@kernel
def _front(front, level, gone, rules):  # type: ignore[no-untyped-def]
    """What is left before the order when so much of a level is cancelled."""
    back = max(level - front, 0)
    f_front, f_back = _weight(front, level, rules), _weight(back, level, rules)
    behind = f_back / (f_front + f_back)
    left = front - (1.0 - behind) * gone + min(back - behind * gone, 0.0)
    return max(math.ceil(left), 0)


@kernel
def _weight(size, level, rules):  # type: ignore[no-untyped-def]
    if rules[QUEUE_MODEL] != POWER_LAW:
        return math.log(1.0 + size / rules[UNIT])
    weight, share = 1.0, size / level
    for _ in range(rules[POWER]):
        weight *= share
    return weight


@kernel
def _stands(order, orders, at):  # type: ignore[no-untyped-def]
    """Where the book's order in row ``at`` stands, seen from ours."""
    rows = orders.orders
    if rows[at, ob.SIDE] != order[SIDE] or rows[at, ob.PRICE] != order[PRICE]:
        return NOT_THERE
    walk = orders.queues[rows[at, ob.QUEUE], ob.HEAD]
    while order[EXACT] == SOME_AHEAD and walk != ob.NONE:
        if walk == at:
            return AHEAD
        if rows[walk, ob.ID] == order[LAST_AHEAD]:
            return BEHIND
        walk = rows[walk, ob.BEHIND]
    return BEHIND


@kernel
def before_change(order, section, row, orders):  # type: ignore[no-untyped-def]
    """Looks at a change to an order before the book takes it. Returns what of it would have met
    ours first: the size executed of an order behind."""
    action = section.action[row]
    if action == CLEAR:
        order[EXACT] = NOT_EXACT
        return 0
    at = hash_table.get(orders.by_id, section.order_id[row])
    stands = NOT_THERE if at == ABSENT else _stands(order, orders, at)
    if stands == BEHIND and action in (EXECUTE, FILL):
        return section.size[row]
    if stands == AHEAD and action != FILL:
        _shrink(order, section, row, orders, at)
    return 0


@kernel
def _shrink(order, section, row, orders, at):  # type: ignore[no-untyped-def]
    """An order ahead gets smaller, leaves, or moves to the end of a queue."""
    size, action, told = orders.orders[at, ob.SIZE], section.action[row], section.size[row]
    left = told if action == MODIFY else size - told
    moves = action == MODIFY and (section.price[row] != order[PRICE] or told > size)
    if action == ADD or moves or left <= 0:
        left = 0
    order[QUEUE] -= size - left
    if left == 0 and orders.orders[at, ob.ID] == order[LAST_AHEAD]:
        ahead = orders.orders[at, ob.AHEAD]
        order[EXACT] = FIRST if ahead == ob.NONE else SOME_AHEAD
        if ahead != ob.NONE:
            order[LAST_AHEAD] = orders.orders[ahead, ob.ID]
