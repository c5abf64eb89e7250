"""A market maker that looks between bars: when the book changes, and at trades to learn from."""

import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from schemas.enums import OrdStatus, Side, StatusKind
from schemas.frames import BOOK, PRINT, Bars, Books, Prints, TapeFrame
from schemas.inbox import Signal
from schemas.records import Clock, Status
from streams.operator import Refused
from streams.operators.strategies.strategies import Strategies
from tests.strategies.maker import NAME, SECOND, approved, ended, filled, frame, said, stage


def tops(*mids: int, ts: int, half: int = 5) -> TapeFrame:
    """Changes of the best prices, a millisecond apart from ``ts``."""
    return rows([(BOOK, mid, half) for mid in mids], ts)


def rows(made: list[tuple[int, int, int]], ts: int) -> TapeFrame:
    """Books of a mid and half a spread, and trades of a price by a side."""
    times = np.arange(len(made)) * 10**6 + ts
    books = [
        (at, mid, half) for at, (kind, mid, half) in zip(times, made, strict=True) if kind == BOOK
    ]
    prints = [
        (at, price, side)
        for at, (kind, price, side) in zip(times, made, strict=True)
        if kind == PRINT
    ]
    at, mid, half = np.array(books, np.int64).reshape(-1, 3).T
    when, price, side = np.array(prints, np.int64).reshape(-1, 3).T
    one = np.ones(len(at), np.int64)
    return TapeFrame(
        *(NAME, 2, 3, 1, (), np.array([kind for kind, _, _ in made], np.uint8)),
        Books(at, at, one, mid - half, one, mid + half, one),
        Bars(*(np.empty(0, np.int64) for _ in Bars._fields)),
        prints=Prints(when, price, np.ones(len(when), np.int64), side.astype(np.int8)),
    )


def quoting(**keys: Any) -> tuple[Strategies, list[Signal]]:
    """One whose two quotes stand, known to the gate, around 1000.00."""
    operator = stage(**keys)
    said(operator, tops(100_000, ts=SECOND // 2))
    both = said(operator, frame(100_000, 100_000))
    said(operator, *map(approved, both), Clock(NAME, 3 * SECOND))
    return operator, both


def test_between_bars_it_quotes_anew_only_when_the_mid_has_moved_enough() -> None:
    operator, both = quoting(requote=8)
    assert said(operator, tops(100_003, 100_007, ts=4 * SECOND)) == []
    gone, also, bid, ask = said(operator, tops(100_008, ts=5 * SECOND))
    assert {gone.signal_id, also.signal_id} == {one.signal_id for one in both}
    assert (bid.price, ask.price) == (both[0].price + 8, both[1].price + 8)
    assert (bid.ts_event, bid.features["realised_60"]) == (5 * SECOND, 1e-4)
    assert said(operator, tops(100_015, ts=6 * SECOND)) == []


def test_without_requote_it_looks_at_bars_only() -> None:
    operator, _ = quoting()
    assert said(operator, tops(101_000, ts=4 * SECOND)) == []
    assert said(operator, frame(101_000, first=5))


def test_one_that_watches_prices_alone_knows_nothing_of_trades_that_another_asked_for() -> None:
    operator, _ = quoting(requote=8)
    before = operator.snapshot()
    assert said(operator, rows([(PRINT, 100_005, 1)], 4 * SECOND)) == []
    assert operator.snapshot() == before


def test_a_fill_leans_the_quotes_at_the_clock_that_tells_of_it() -> None:
    operator, (bid, ask) = quoting(requote=8, refresh=1)
    assert said(operator, filled(bid, 1000), ended(bid, OrdStatus.FILLED)) == []
    cancel, lower, offer = said(operator, Clock(NAME, 4 * SECOND))
    assert (cancel.signal_id, lower.ts_event) == (ask.signal_id, 4 * SECOND)
    assert lower.features["inventory"] == 1
    assert lower.price < bid.price
    assert offer.price < ask.price
    assert said(operator, Clock(NAME, 5 * SECOND)) == []


def test_between_bars_its_quotes_go_when_the_spread_is_too_wide() -> None:
    operator, _ = quoting(requote=1000)
    gone, *_ = said(operator, tops(100_000, ts=4 * SECOND, half=260))
    assert "spread is 52.0 bp" in gone.reason


def test_after_an_outage_it_waits_for_the_book_and_then_looks_at_once() -> None:
    operator, _ = quoting(requote=1000)
    said(operator, Status(NAME, 4 * SECOND, 4 * SECOND, StatusKind.DISCONNECTED, ""))
    said(operator, Clock(NAME, 5 * SECOND))
    copy = stage(requote=1000)
    copy.restore(operator.snapshot())
    for one in (operator, copy):
        made = said(one, tops(100_000, ts=6 * SECOND))
        assert [m.side for m in made if isinstance(m, Signal)] == [Side.BUY, Side.SELL]


def test_names_of_signals_differ_where_a_bar_closes_later_than_the_book_it_closes_on() -> None:
    operator, both = quoting(requote=1, max_inventory=Decimal(9))
    moves = said(operator, tops(100_100, ts=4 * SECOND + 7), frame(100_200, first=4))
    moves += said(operator, tops(100_300, ts=4 * SECOND + 7))
    names = [m.signal_id for m in [*both, *moves] if isinstance(m, Signal)]
    assert len(names) == len(set(names)) == 8


def test_what_trades_reach_makes_its_quotes_wider_or_narrower() -> None:
    """Sixty orders that go 9 ticks beyond the best price, then sixty that stop there."""
    operator, (bid, _) = quoting(learn=True, requote=0, enough=20, refresh=1)
    assert bid.features["k"] == pytest.approx(0.5)
    silent = 1 * math.exp(-0.5 * 0.5)  # a second without an order, half a basis point from the mid
    assert bid.features["arrivals"] == pytest.approx(20 / (20 / 0.5 + 2 * silent), rel=1e-3)
    book = (BOOK, 100_000, 5)
    far = [(PRINT, 100_005 + 9, 1), (BOOK, 100_000, 5)] * 60
    said(operator, rows([book, *far], 4 * SECOND), Clock(NAME, 5 * SECOND))
    wide = said(operator, frame(100_000, first=6))[-1].features
    assert wide["k"] == pytest.approx(math.log1p(1 / 9) / 0.1, rel=1e-3)  # a tick is 0.1 bp
    near = [(PRINT, 99_995, -1), (BOOK, 100_000, 5)] * 600
    said(operator, rows([book, *near], 7 * SECOND), Clock(NAME, 9 * SECOND))
    narrow = said(operator, frame(100_001, first=10))[-1].features
    assert narrow["k"] > 2 * wide["k"]
    assert narrow["half_spread"] < wide["half_spread"]


def test_rows_that_are_no_books_or_trades_are_refused() -> None:
    operator, before = stage(requote=1), stage(requote=1).snapshot()
    good = tops(100_000, 100_001, ts=SECOND)
    for kinds in ([BOOK], [BOOK, PRINT], [BOOK, 77]):
        with pytest.raises(Refused, match="TEST:A-B"):
            operator.apply(replace(good, kinds=np.array(kinds, np.uint8)))
    assert operator.snapshot() == before
