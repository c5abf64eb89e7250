"""The levels of a book against a dictionary a side."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.batch import Batch
from connectors.events import DepthEvent, Instrument, OrderEvent, QuoteEvent
from schemas.frames import ADD
from streams import canonical
from streams.operators.market import levels as lv
from streams.operators.market.book import read_only
from streams.operators.market.follow import Book
from streams.operators.market.levels import ASK, BID, Levels

XY = Instrument("X:Y", 2, 3)
Change = tuple[int, int, int]  # side, price, size
FAR = 4 * 10**18  # as validate.HIGHEST

steps = st.sampled_from([1, 5, 25, 100, 250, 10**9])
counts = st.one_of(st.integers(-3, 3), st.integers(-500, 500), st.integers(-(10**9), 10**9))
extremes = st.sampled_from([-FAR, FAR, 0])
prices = st.one_of(st.builds(int.__mul__, steps, counts), extremes)
changes = st.lists(st.tuples(st.sampled_from([BID, ASK]), prices, st.integers(0, 3)), max_size=60)


def folded(parts: list[list[Change]], levels: Levels) -> Levels:
    """Each part as a frame: room for its prices, then its changes one by one."""
    for part in parts:
        levels = lv.with_room(levels, column([price for _, price, _ in part]))
        for side, price, size in part:
            lv.set_levels(levels, side, column([price]), column([size]), 0, 1)
        assert levels.used.sum() <= len(levels.filled)
    return levels


def column(values: list[int]) -> Any:
    return read_only(np.array(values, np.int64))


def naive(parts: list[list[Change]]) -> list[dict[int, int]]:
    sides: list[dict[int, int]] = [{}, {}]
    for part in parts:
        for side, price, size in part:
            sides[side][price] = size
    return [{p: s for p, s in side.items() if s} for side in sides]


def shown(levels: Levels, side: int) -> list[tuple[int, int]]:
    prices_, sizes = lv.table(levels, side)
    return list(zip(prices_.tolist(), sizes.tolist(), strict=True))


@settings(max_examples=300, deadline=None)
@given(st.lists(changes, max_size=5))
def test_any_changes_give_what_a_dictionary_gives(parts: list[list[Change]]) -> None:
    levels = folded(parts, lv.empty_levels(4))
    for side, expected in enumerate(naive(parts)):
        best_first = sorted(expected.items(), reverse=side == BID)
        assert shown(levels, side) == best_first
        assert lv.count(levels, side) == len(best_first)
        assert lv.best(levels, side) == (best_first[0] if best_first else (0, 0))


@settings(max_examples=200, deadline=None)
@given(st.lists(changes, max_size=4), prices)
def test_a_price_shows_its_own_size_alone(parts: list[list[Change]], other: int) -> None:
    levels = folded(parts, lv.empty_levels())
    for side, expected in enumerate(naive(parts)):
        asked = {other, other + 1, *expected, *(price for part in parts for _, price, _ in part)}
        for price in asked:
            assert lv.size_of(levels, side, price) == expected.get(price, 0)


@settings(max_examples=100, deadline=None)
@given(changes, changes)
def test_cleared_levels_are_as_good_as_new(before: list[Change], after: list[Change]) -> None:
    used = folded([before], lv.empty_levels())
    lv.clear(used)
    assert (shown(used, BID), shown(used, ASK)) == ([], [])
    used, fresh = folded([after], used), folded([after], lv.empty_levels())
    assert [shown(used, side) for side in (BID, ASK)] == [shown(fresh, s) for s in (BID, ASK)]


def test_the_tick_is_the_greatest_that_all_prices_are_multiples_of() -> None:
    levels, ticks = lv.empty_levels(), []
    for price in (7_500, -5_000, 0, 2_525, 4_001):
        levels = folded([[(BID, price, 1)]], levels)
        ticks.append(levels.tick)
    assert ticks == [7_500, 2_500, 2_500, 25, 1]
    assert [price for price, _ in shown(levels, BID)] == [7_500, 4_001, 2_525, 0, -5_000]


def test_room_is_for_all_columns_together() -> None:
    columns = [column(list(range(first, 64_000, 6_400))) for first in (0, 64, 128)]
    levels = lv.with_room(lv.empty_levels(1), *columns)
    assert len(levels.filled) >= 30
    for prices_ in columns:
        lv.set_levels(levels, ASK, prices_, prices_ + 1, 0, len(prices_))
    assert lv.count(levels, ASK) == 30


def test_room_is_found_by_dropping_blocks_without_levels() -> None:
    levels = lv.empty_levels(64)
    for price in range(0, 64 * 1_000, 64):
        levels = folded([[(ASK, price - 64, 0), (ASK, price, 1)]], levels)
    assert shown(levels, ASK) == [(64 * 999, 1)]
    assert len(levels.filled) == 64


def test_a_book_has_room_for_quotes_and_depth_and_orders_of_one_frame() -> None:
    batch, sparse = Batch(XY), range(64, 64 * 200, 64)
    for n in sparse:
        batch.add(QuoteEvent(XY, n, n, n, 10**9 - n, 1, 10**9 + n, 1))
    bids, asks = [(10**8 - n, 1) for n in sparse], [(10**8 + n, 1) for n in sparse]
    batch.add(DepthEvent(XY, 1, 1, 1, 0, True, bids, asks[:2]))
    for n in sparse:
        batch.add(OrderEvent(XY, 2, 2, 2, ADD, 1, n, 10**7 - n, 1))
    book = Book()
    book.fold(batch.frame())
    for one in (book, Book.unpack(canonical.unpack(canonical.pack(book.pack())))):
        held = one.state.levels
        assert held.used.sum() <= len(held.filled)
        assert (lv.count(held, BID), lv.count(held, ASK)) == (2 * len(sparse), 2)
