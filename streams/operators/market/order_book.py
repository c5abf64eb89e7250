"""The L3 book (market by order) of one instrument: every order, in the queue of its price.

What always holds:

- Orders of one price stand in the order in which they came: price-time priority. An order that
  changes its price, or grows, goes to the end of its queue; one that shrinks keeps its place (as
  CME, "Market by Order", and NASDAQ, ITCH 5.0, do it).
- The L2 book is the sum: after every message each level's size is the sum of its orders' sizes.
  Builder, checks and queries then work on it as on any L2 book.
- A message about an order that is not there changes nothing and is counted: the recording began
  after the order, or a message was lost.

An order is a row of columns; rows form a doubly linked queue a price. Two hash tables find an
order by its id and a queue by its side and price, so every message costs the same however deep
the book is.
"""

from typing import Any, NamedTuple

import numpy as np

from schemas.frames import ADD, CLEAR, FILL, MODIFY
from streams.kernels import inlined, kernel
from streams.operators.market import hash_table
from streams.operators.market.book import ASK, BID, SYNCED, TS_EVENT, TS_RECV, leave_quotes
from streams.operators.market.book import SEQ as BOOK_SEQ
from streams.operators.market.hash_table import ABSENT, Table
from streams.operators.market.levels import below, best_place, price_at, set_level
from streams.operators.market.levels import clear as clear_levels

NONE = -1  # no order before or behind
# order columns
ID, PRICE, SIZE, SIDE, AHEAD, BEHIND, QUEUE = range(7)
# queue columns
HEAD, TAIL, TOTAL, KEY = range(4)
# counts
ORDERS, FREE, QUEUES, FREE_QUEUE, UNKNOWN, REPEATED = range(6)


class OrderBookState(NamedTuple):
    """``orders``: (capacity, 8) rows, a cache line each; ``queues``: (capacity, 4);
    ``by_id`` and ``by_price`` find their rows; ``counts``: see the names above. Free rows are
    chained through AHEAD and HEAD."""

    orders: Any
    queues: Any
    by_id: Table
    by_price: Table
    counts: Any


def empty_state(capacity: int = 512) -> OrderBookState:
    return OrderBookState(
        np.zeros((capacity, 8), np.int64),
        np.zeros((capacity, 4), np.int64),
        hash_table.empty_table(2 * capacity),
        hash_table.empty_table(2 * capacity),
        np.array([0, NONE, 0, NONE, 0, 0], np.int64),
    )


def with_room(state: OrderBookState, more: int) -> OrderBookState:
    """The same state with room for so many more orders."""
    orders = _taller(state.orders, int(state.counts[ORDERS]) + more)
    queues = _taller(state.queues, int(state.counts[QUEUES]) + more)
    return OrderBookState(
        orders,
        queues,
        hash_table.grown(state.by_id, len(orders)),
        hash_table.grown(state.by_price, len(queues)),
        state.counts,
    )


def _taller(rows: Any, needed: int) -> Any:
    if needed <= len(rows):
        return rows
    bigger = np.zeros((max(needed, 2 * len(rows)), rows.shape[1]), np.int64)
    bigger[: len(rows)] = rows
    return bigger


@inlined
def apply_order(state, book, orders, row):  # type: ignore[no-untyped-def]
    """Folds row ``row`` of an Orders section into the orders and into the L2 ``book``; False when
    it names an order that is not there."""
    action, order_id = orders.action[row], orders.order_id[row]
    price, size, side = orders.price[row], orders.size[row], np.int64(orders.side[row])
    leave_quotes(book)
    book.meta[SYNCED] = 1
    book.meta[BOOK_SEQ] = orders.seq[row]
    book.meta[TS_EVENT], book.meta[TS_RECV] = orders.ts_event[row], orders.ts_recv[row]
    if action == CLEAR:
        clear(state, book)
        return True
    place = hash_table.place(state.by_id, order_id)
    at = state.by_id.values[place]
    if at == ABSENT:
        if action == ADD:
            _enter(state, book, order_id, side, price, size)
            return True
        state.counts[UNKNOWN] += 1
        return False
    if action == FILL:
        return True
    return _change(state, book, at, place, action, side, price, size)


@inlined
def _change(state, book, at, place, action, side, price, size):  # type: ignore[no-untyped-def]
    """What a message does to an order that is there: it shrinks, leaves, or moves."""
    rows = state.orders
    left = size
    if action == ADD:
        state.counts[REPEATED] += 1
    elif action == MODIFY:
        side = rows[at, SIDE]
    else:
        price, left = rows[at, PRICE], max(rows[at, SIZE] - size, 0)
    keeps_place = action != ADD and price == rows[at, PRICE] and left <= rows[at, SIZE]
    if keeps_place and left > 0:
        _add_to_level(state, book, rows[at, QUEUE], left - rows[at, SIZE])
        rows[at, SIZE] = left
    else:
        order_id = rows[at, ID]
        _leave(state, book, at, place)
        if not keeps_place:
            _enter(state, book, order_id, side, price, left)
    return True


@kernel
def clear(state, book):  # type: ignore[no-untyped-def]
    """No orders; the counts of what was unknown stay."""
    state.by_id.values[:] = ABSENT
    state.by_price.values[:] = ABSENT
    state.counts[ORDERS], state.counts[FREE] = 0, NONE
    state.counts[QUEUES], state.counts[FREE_QUEUE] = 0, NONE
    clear_levels(book.levels)


@inlined
def _enter(state, book, order_id, side, price, size):  # type: ignore[no-untyped-def]
    """To the end of its queue."""
    if size <= 0 or side == 0:
        return
    counts = state.counts
    at = counts[FREE]
    if at == NONE:
        at = counts[ORDERS]
        counts[ORDERS] += 1
    else:
        counts[FREE] = state.orders[at, AHEAD]
    queue = _queue(state, side, price)
    tail = state.queues[queue, TAIL]
    rows = state.orders
    rows[at, ID], rows[at, PRICE], rows[at, SIZE], rows[at, SIDE] = order_id, price, size, side
    rows[at, AHEAD], rows[at, BEHIND], rows[at, QUEUE] = tail, NONE, queue
    if tail == NONE:
        state.queues[queue, HEAD] = at
    else:
        state.orders[tail, BEHIND] = at
    state.queues[queue, TAIL] = at
    hash_table.put(state.by_id, order_id, at)
    _add_to_level(state, book, queue, size)


@inlined
def _leave(state, book, at, place):  # type: ignore[no-untyped-def]
    """Out of its queue; the last one takes the queue with it. ``place`` is where ``by_id`` has
    the order."""
    rows = state.orders
    queue = rows[at, QUEUE]
    ahead, behind = rows[at, AHEAD], rows[at, BEHIND]
    if ahead == NONE:
        state.queues[queue, HEAD] = behind
    else:
        state.orders[ahead, BEHIND] = behind
    if behind == NONE:
        state.queues[queue, TAIL] = ahead
    else:
        state.orders[behind, AHEAD] = ahead
    _add_to_level(state, book, queue, -rows[at, SIZE])
    if state.queues[queue, HEAD] == NONE:
        hash_table.remove_at(
            state.by_price, hash_table.place(state.by_price, state.queues[queue, KEY])
        )
        state.queues[queue, HEAD] = state.counts[FREE_QUEUE]
        state.counts[FREE_QUEUE] = queue
    hash_table.remove_at(state.by_id, place)
    rows[at, SIZE] = 0
    rows[at, AHEAD] = state.counts[FREE]
    state.counts[FREE] = at


@inlined
def _key(side, price):  # type: ignore[no-untyped-def]
    return 2 * price + (1 if side > 0 else 0)


@inlined
def _queue(state, side, price):  # type: ignore[no-untyped-def]
    """The queue of a price, made when there is none."""
    key = _key(side, price)
    at = hash_table.get(state.by_price, key)
    if at == ABSENT:
        at = state.counts[FREE_QUEUE]
        if at == NONE:
            at = state.counts[QUEUES]
            state.counts[QUEUES] += 1
        else:
            state.counts[FREE_QUEUE] = state.queues[at, HEAD]
        state.queues[at, HEAD], state.queues[at, TAIL] = NONE, NONE
        state.queues[at, TOTAL], state.queues[at, KEY] = 0, key
        hash_table.put(state.by_price, key, at)
    return at


@inlined
def _add_to_level(state, book, queue, size):  # type: ignore[no-untyped-def]
    key, total = state.queues[queue, KEY], state.queues[queue, TOTAL] + size
    state.queues[queue, TOTAL] = total
    set_level(book.levels, BID if key & 1 else ASK, key >> 1, total)


@kernel
def queue_position(state, order_id):  # type: ignore[no-untyped-def]
    """(orders ahead, size ahead) of an order in the queue of its price; (-1, -1) when it is not
    in the book."""
    at = hash_table.get(state.by_id, order_id)
    if at == ABSENT:
        return -1, -1
    orders = size = 0
    at = state.orders[at, AHEAD]
    while at != NONE:
        orders += 1
        size += state.orders[at, SIZE]
        at = state.orders[at, AHEAD]
    return orders, size


@kernel
def _live(state, book, out):  # type: ignore[no-untyped-def]
    """Writes every order, best price first and in queue order, bids before asks."""
    n = 0
    for which in (BID, ASK):
        side = 1 if which == BID else -1
        level = best_place(book.levels, which)
        while level >= 0:
            price = price_at(book.levels, which, level)
            queue = hash_table.get(state.by_price, _key(side, price))
            at = NONE if queue == ABSENT else state.queues[queue, HEAD]
            while at != NONE:
                out[n, 0], out[n, 1] = state.orders[at, ID], side
                out[n, 2], out[n, 3] = price, state.orders[at, SIZE]
                n += 1
                at = state.orders[at, BEHIND]
            level = below(book.levels, which, level)
    return n


@kernel
def _enter_all(state, book, rows):  # type: ignore[no-untyped-def]
    for i in range(len(rows)):
        _enter(state, book, rows[i, 0], rows[i, 1], rows[i, 2], rows[i, 3])


class OrderBook:
    """The orders of one instrument beside its L2 ``book`` (a BookState with room)."""

    def __init__(self) -> None:
        self.state = empty_state()

    def make_room(self, orders: int) -> None:
        """Before a kernel folds so many order messages."""
        self.state = with_room(self.state, orders)

    def live(self, book: Any) -> Any:
        """(orders, 4): id, side, price, size of every order, best price first, in queue order."""
        rows = np.zeros((int(self.state.counts[ORDERS]), 4), np.int64)
        return rows[: _live(self.state, book, rows)]

    def pack(self, book: Any) -> list[Any]:
        """For a snapshot: the orders in canonical order, and the counts of trouble."""
        return [self.live(book), self.state.counts[UNKNOWN:]]

    @staticmethod
    def unpack(packed: list[Any], book: Any) -> "OrderBook":
        """Enters the orders anew; the L2 book is made from them."""
        rows, trouble = packed
        orders = OrderBook()
        orders.make_room(len(rows))
        clear_levels(book.levels)
        _enter_all(orders.state, book, rows.reshape(-1, 4))
        orders.state.counts[UNKNOWN:] = trouble
        return orders
