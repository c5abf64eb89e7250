"""Kernels against what anybody would write: a dictionary for a book, Python's integers."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.batch import Batch
from connectors.events import DepthEvent, Instrument
from schemas.frames import TapeFrame
from schemas.records import Status
from streams.operators.market import int128, queries
from streams.operators.market.bars import parse
from streams.operators.market.book import ASK, BID, with_room
from streams.operators.market.builder import Builder, BuilderConfig
from streams.operators.market.follow import Book

XY = Instrument("X:Y", 2, 3)
LEVELS = 3
prices = st.integers(90, 110)
sizes = st.integers(0, 5)
sides = st.lists(st.tuples(prices, sizes), max_size=4)


def builder(*bars: str) -> Builder:
    return Builder(BuilderConfig(tuple(map(parse, bars)), LEVELS, (), 10**9, 0))


def fold(operator: Builder, events: list[Any]) -> list[Any]:
    batch = Batch(XY)
    for event in events:
        batch.add(event)
    return [output.message for output in operator.apply(batch.frame())]


def tops(messages: list[Any]) -> list[tuple[Any, ...]]:
    rows = []
    for tape in messages:
        if isinstance(tape, TapeFrame):
            columns = [c.reshape(-1, tape.levels).tolist() for c in tape.books[3:]]
            rows += list(zip(tape.books.seq.tolist(), *columns, strict=True))
    return rows


@st.composite
def depth_messages(draw: st.DrawFn) -> list[DepthEvent]:
    """A snapshot and diffs that never cross: bids below 100, asks from 100 on."""
    messages = []
    for seq in range(1, draw(st.integers(2, 30))):
        bids = [(p, s) for p, s in draw(sides) if p < 100]
        asks = [(p, s) for p, s in draw(sides) if p >= 100]
        messages.append(DepthEvent(XY, seq, seq, seq, seq - 1, seq == 1, bids, asks))
    return messages


def naive_tops(messages: list[DepthEvent]) -> Iterator[tuple[Any, ...]]:
    """What a dictionary book shows each time its best prices or sizes change."""
    bids: dict[int, int] = {}
    asks: dict[int, int] = {}
    before = None
    for message in messages:
        if message.snapshot:
            bids, asks = {}, {}
        for side, levels in ((bids, message.bids), (asks, message.asks)):
            for price, size in levels:
                side[price] = size
                if not size:
                    del side[price]
        bid, ask = sorted(bids.items(), reverse=True), sorted(asks.items())
        top = (bid[:1], ask[:1])
        if top != before:
            before = top
            yield message.seq, *padded(bid), *padded(ask)


def padded(levels: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    filled = (levels + [(0, 0)] * LEVELS)[:LEVELS]
    return [price for price, _ in filled], [size for _, size in filled]


@settings(max_examples=60)
@given(depth_messages())
def test_the_book_is_what_a_dictionary_book_is(messages: list[DepthEvent]) -> None:
    assert tops(fold(builder("time:1s"), messages)) == list(naive_tops(messages))


@settings(max_examples=40)
@given(depth_messages(), st.data())
def test_diffs_wait_for_the_snapshot_that_they_straddle(
    messages: list[DepthEvent], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(messages) - 1))
    late = [*messages[1 : at + 1], messages[0], *messages[at + 1 :]]
    shown, expected = tops(fold(builder("time:1s"), late)), list(naive_tops(messages))
    assert best(shown[-1]) == best(expected[-1])
    assert len(shown) <= len(expected)


def best(row: tuple[Any, ...]) -> list[int]:
    """Levels behind the best may have changed since the top did."""
    return [side[0] for side in row[1:]]


def diff(seq: int, prev: int, bid: int, size: int = 1) -> DepthEvent:
    return DepthEvent(XY, seq, seq, seq, prev, False, [(bid, size)], [])


def snapshot(seq: int, bid: int, ask: int) -> DepthEvent:
    return DepthEvent(XY, seq, seq, seq, 0, True, [(bid, 1)], [(ask, 1)])


def test_a_skipped_diff_is_one_gap_and_silence_until_the_next_snapshot() -> None:
    events = [
        snapshot(1, 10, 20),
        diff(2, 1, 11),
        diff(5, 4, 12),
        diff(6, 5, 13),
        snapshot(9, 10, 20),
    ]
    messages = fold(builder("time:1s"), events)
    assert [m.kind for m in messages if isinstance(m, Status)] == ["GAP"]
    assert [row[0] for row in tops(messages)] == [1, 2, 9]


def test_old_diffs_are_dropped() -> None:
    events = [snapshot(5, 10, 20), diff(3, 2, 15), diff(5, 4, 16), diff(6, 5, 11)]
    assert [row[0] for row in tops(fold(builder("time:1s"), events))] == [5, 6]


def test_a_crossed_book_is_told_and_not_shown() -> None:
    messages = fold(builder("time:1s"), [snapshot(1, 10, 20), diff(2, 1, 25), diff(3, 2, 12)])
    assert [m.kind for m in messages if isinstance(m, Status)] == ["CROSSED"]
    assert [row[0] for row in tops(messages)] == [1]


@given(st.integers(-(2**63) + 1, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_products_have_all_their_128_bits(price: int, size: int) -> None:
    hi, lo = int128.multiply(np.int64(price), np.int64(size))
    assert int128.join(int(np.int64(np.uint64(hi))), int(lo)) == price * size


def test_with_an_interval_a_book_row_comes_at_the_first_change_of_each() -> None:
    config = BuilderConfig((), LEVELS, (), 10**9, 0, book_interval_ns=10)
    events = [
        DepthEvent(XY, ts, ts, ts, before, ts == 3, [(90, ts)], [(100, 1)])
        for ts, before in ((3, 0), (5, 3), (9, 5), (12, 9), (13, 12), (31, 13), (39, 31), (40, 39))
    ]
    rows = tops(fold(Builder(config), events))
    assert [row[0] for row in rows] == [3, 12, 31, 40]
    assert [row[2][0] for row in rows] == [3, 12, 31, 40]


def test_a_book_that_grows_keeps_its_levels_and_no_others() -> None:
    """The side that grows is the shorter one, and half of its slots are empty."""
    book, prices = Book(), list(range(1_000, 1_400))
    rows = [
        ([(p, 1) for p in prices[:200]], [(p + 1_000, 1) for p in prices]),
        ([(p, 0) for p in prices[:200:2]], []),
    ]
    batch = Batch(XY)
    for seq, (bids, asks) in enumerate(rows, 1):
        batch.add(DepthEvent(XY, seq, seq, seq, seq - 1, seq == 1, bids, asks))
    book.fold(batch.frame())
    for room in (0, 900, 5_000):
        book.state = with_room(book.state, np.arange(-room, 0))
        assert [p for p, _ in queries.levels(book.state, BID)] == prices[1:200:2][::-1]
        assert [p for p, _ in queries.levels(book.state, ASK)] == [p + 1_000 for p in prices]
