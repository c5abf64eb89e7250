"""The L3 book against an obvious one: a list of orders a price, in Python."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.frames import ADD, CANCEL, CLEAR, EXECUTE, FILL, MODIFY, Orders
from streams.kernels import kernel
from streams.operators.market import book as bk
from streams.operators.market import hash_table
from streams.operators.market.order_book import (
    REPEATED,
    UNKNOWN,
    OrderBook,
    apply_order,
    queue_position,
)
from streams.operators.market.queries import levels

Message = tuple[int, int, int, int, int]  # action, side, id, price, size


class NaiveOrderBook:
    """Queues as lists of [id, size]; price-time priority."""

    def __init__(self) -> None:
        self.queues: dict[tuple[int, int], list[list[int]]] = {}
        self.where: dict[int, tuple[int, int]] = {}
        self.unknown = self.repeated = 0

    def apply(self, message: Message) -> None:
        action, side, order_id, price, size = message
        if action == CLEAR:
            self.queues, self.where = {}, {}
        elif action == ADD:
            if order_id in self.where:
                self.repeated += 1
                self.take(order_id)
            self.enter(order_id, side, price, size)
        elif order_id not in self.where:
            self.unknown += 1
        elif action == MODIFY:
            self.modify(order_id, price, size)
        elif action != FILL:
            entry = self.entry(order_id)
            entry[1] -= size
            if entry[1] <= 0:
                self.take(order_id)

    def modify(self, order_id: int, price: int, size: int) -> None:
        side, old_price = self.where[order_id]
        entry = self.entry(order_id)
        if size <= 0:
            self.take(order_id)
        elif price == old_price and size <= entry[1]:
            entry[1] = size
        else:
            self.take(order_id)
            self.enter(order_id, side, price, size)

    def enter(self, order_id: int, side: int, price: int, size: int) -> None:
        if size > 0 and side:
            self.queues.setdefault((side, price), []).append([order_id, size])
            self.where[order_id] = (side, price)

    def entry(self, order_id: int) -> list[int]:
        return next(e for e in self.queues[self.where[order_id]] if e[0] == order_id)

    def take(self, order_id: int) -> None:
        key = self.where.pop(order_id)
        self.queues[key] = [e for e in self.queues[key] if e[0] != order_id]
        if not self.queues[key]:
            del self.queues[key]

    def live(self) -> list[tuple[int, int, int, int]]:
        bids = sorted((key for key in self.queues if key[0] > 0), key=lambda k: -k[1])
        asks = sorted(key for key in self.queues if key[0] < 0)
        return [
            (order_id, *key, size) for key in (*bids, *asks) for order_id, size in self.queues[key]
        ]

    def levels(self, side: int) -> dict[int, int]:
        return {
            price: sum(size for _, size in queue)
            for (which, price), queue in self.queues.items()
            if which == side
        }


def section(messages: list[Message]) -> Orders:
    n = np.arange(len(messages), dtype=np.int64)
    action, side, order_id, price, size = (
        np.array(column, np.int64) for column in zip(*messages, strict=True)
    )
    return Orders(n, n, n, action.astype(np.uint8), side.astype(np.int8), order_id, price, size)


def folded(messages: list[Message]) -> tuple[OrderBook, bk.BookState]:
    orders, rows = OrderBook(), section(messages)
    book = bk.with_room(bk.empty_state(), rows.price)
    orders.make_room(len(messages))
    fold(orders.state, book, rows)
    return orders, book


@kernel
def fold(state, book, rows):
    for row in range(len(rows.action)):
        apply_order(state, book, rows, row)


def sizes(book: bk.BookState, which: int) -> dict[int, int]:
    return dict(levels(book, which))


messages = st.lists(
    st.tuples(
        st.sampled_from([ADD] * 5 + [CANCEL, EXECUTE, MODIFY] * 2 + [CLEAR, FILL]),
        st.sampled_from([1, -1]),
        st.integers(-3, 12),
        st.integers(95, 105),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=120,
)


@settings(max_examples=300)
@given(messages)
def test_any_sequence_equals_a_naive_book_and_its_levels_are_the_sums(given: list[Message]) -> None:
    orders, book = folded(given)
    naive = NaiveOrderBook()
    for message in given:
        naive.apply(message)
    assert list(map(tuple, orders.live(book).tolist())) == naive.live()
    assert sizes(book, bk.BID) == naive.levels(1)
    assert sizes(book, bk.ASK) == naive.levels(-1)
    assert int(orders.state.counts[UNKNOWN]) == naive.unknown
    assert int(orders.state.counts[REPEATED]) == naive.repeated


@settings(max_examples=50)
@given(messages)
def test_a_snapshot_holds_the_queues(given: list[Message]) -> None:
    orders, book = folded(given)
    other = bk.with_room(bk.empty_state(), section(given).price)
    restored = OrderBook.unpack(orders.pack(book), other)
    assert restored.live(other).tolist() == orders.live(book).tolist()
    assert (sizes(other, bk.BID), sizes(other, bk.ASK)) == (
        sizes(book, bk.BID),
        sizes(book, bk.ASK),
    )


def test_the_queue_position_counts_who_came_before() -> None:
    orders, _ = folded(
        [(ADD, 1, 1, 100, 5), (ADD, 1, 2, 100, 7), (ADD, 1, 3, 100, 1), (ADD, 1, 4, 99, 9)]
    )
    assert [queue_position(orders.state, n) for n in (1, 2, 3, 4, 5)] == [
        (0, 0),
        (1, 5),
        (2, 12),
        (0, 0),
        (-1, -1),
    ]


@pytest.mark.parametrize(
    ("change", "ahead"),
    [
        ((MODIFY, 1, 1, 100, 4), (0, 0)),
        ((MODIFY, 1, 1, 100, 6), (1, 7)),
        ((MODIFY, 1, 1, 101, 5), (0, 0)),
        ((CANCEL, 1, 1, 0, 2), (0, 0)),
    ],
)
def test_an_order_keeps_its_place_only_when_it_shrinks(
    change: Message, ahead: tuple[int, int]
) -> None:
    orders, _ = folded([(ADD, 1, 1, 100, 5), (ADD, 1, 2, 100, 7), change])
    assert queue_position(orders.state, 1) == ahead


@settings(max_examples=200)
@given(st.lists(st.tuples(st.booleans(), st.integers(-40, 40), st.integers(0, 9)), max_size=300))
def test_the_hash_table_equals_a_dict(changes: list[tuple[bool, int, int]]) -> None:
    table, naive = hash_table.empty_table(4), {}
    for add, key, value in changes:
        key *= 2**40 + 1
        if add:
            naive[key] = value
            table = hash_table.grown(table, len(naive))
            hash_table.put(table, key, value)
        else:
            if naive.pop(key, None) is not None:
                hash_table.remove_at(table, hash_table.place(table, key))
    assert {k: hash_table.get(table, k) for k in naive} == naive
    assert int((table.values != hash_table.ABSENT).sum()) == len(naive)
