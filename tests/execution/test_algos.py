"""What each algorithm sends, and when."""

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from schemas.enums import ExecType, OrdStatus, OrdType, Side, StatusKind, TimeInForce
from schemas.inbox import OrderCommand, Signal
from streams.operators.execution.algos import Algos
from streams.operators.execution.market_view import MarketView
from streams.operators.execution.parent import Parent
from streams.operators.execution.slicing import Action, Place
from tests.execution.desk import (
    CONFIG,
    NAME,
    T0,
    Desk,
    S,
    at_work,
    bar,
    book,
    cancel_of,
    parent,
    sold,
)


def run(desk, until: int, step: int = 1) -> dict[int, int]:  # type: ignore[no-untyped-def]
    """Ticks of a second, all that takes is filled; second → size sent."""
    sent: dict[int, int] = {}
    for second in range(0, until + 1, step):
        for message in desk.tick(second):
            if isinstance(message, Signal):
                sent[second] = sent.get(second, 0) + message.size
        desk.settle()
    return sent


def test_twap_sends_equal_slices_at_the_start_of_equal_intervals() -> None:
    desk = at_work(parent("twap", 100, slices=5))
    assert run(desk, 10) == {0: 20, 2: 20, 4: 20, 6: 20, 8: 20}
    first = desk.children[0]
    assert (first.signal_id, first.parent, first.instrument) == ("p/0", "p", NAME)
    assert (first.ord_type, first.time_in_force) == (OrdType.LIMIT, TimeInForce.IOC)
    assert (first.side, first.price, first.price_scale, first.size_scale) == (
        Side.BUY,
        10100,
        2,
        0,
    )
    assert desk.end_report
    assert (desk.end_report.exec_type, desk.end_report.cum_size) == (ExecType.DONE_FOR_DAY, 100)


def test_a_size_that_does_not_divide_is_spread_and_fills_up() -> None:
    assert run(at_work(parent("twap", 10, slices=4)), 10) == {0: 2, 3: 3, 5: 2, 8: 3}


def test_jitter_delays_slices_the_same_way_each_time() -> None:
    once, again = (run(at_work(parent("twap", 100, slices=2, jitter=0.7)), 10) for _ in range(2))
    assert once == again
    assert sum(once.values()) == 100
    assert set(once) != {0, 5}


def test_a_sell_takes_the_bids() -> None:
    desk = at_work(sold(parent("twap", 10, slices=1)))
    desk.tick(0)
    assert (desk.children[0].side, desk.children[0].price) == (Side.SELL, 9900)


def test_a_slice_that_is_not_filled_is_made_up_for() -> None:
    desk = at_work(parent("twap", 10, slices=2))
    desk.tick(0)
    desk.end("p/0", OrdStatus.EXPIRED)
    desk.tick(1)
    assert [c.size for c in desk.children] == [5, 5]


def test_vwap_follows_the_curve_and_spreads_what_it_is_behind() -> None:
    # 100 in five slices of an even curve; the first two are not filled, half of that is caught up
    desk = at_work(parent("vwap", 100, slices=5, catch_up=0.5))
    sent = {}
    for second in range(0, 10, 2):
        sent[second] = sum(m.size for m in desk.tick(second) if isinstance(m, Signal))
        for name in list(desk.open):
            if second < 4:
                desk.end(name, OrdStatus.EXPIRED)
            else:
                desk.fill(name)
    # before 4 s it lacks 40, of which it makes up 20 beside its 20, then 10, then all
    assert sent == {0: 20, 2: 30, 4: 40, 6: 30, 8: 30}


def test_pov_takes_its_part_of_what_trades() -> None:
    desk = at_work(parent("pov", 100, rate=0.1))
    desk.tick(0)
    assert desk.children == []
    desk.tell(bar(95, T0), bar(70, T0, revision=1))
    desk.tick(1)
    assert [c.size for c in desk.children] == [9]
    desk.settle()
    desk.tell(bar(10_000, T0 + S))
    desk.tick(2)
    assert [c.size for c in desk.children] == [9, 91]


def test_pov_counts_from_its_start() -> None:
    desk = at_work(parent("twap", 1))
    desk.tell(bar(500, T0))
    desk.tell(replace(parent("pov", 100, rate=0.5), signal_id="q", cl_ord_id="d"))
    desk.tick(1)
    desk.tell(bar(20, T0 + S))
    desk.tick(2)
    assert [c.size for c in desk.children if c.parent == "q"] == [10]


def test_an_iceberg_shows_one_piece_after_the_other_at_its_limit() -> None:
    desk = at_work(parent("iceberg", 25, price=9850))
    desk.tick(0)
    desk.tick(1)
    assert list(desk.open) == ["p/0"]
    assert (desk.children[0].price, desk.children[0].time_in_force) == (9850, TimeInForce.GTC)
    for n in range(3):
        desk.fill(f"p/{n}")
        desk.tick(2 + n)
    assert [c.size for c in desk.children] == [10, 10, 5]
    assert desk.end_report
    assert desk.end_report.exec_type is ExecType.DONE_FOR_DAY


def test_an_iceberg_shows_the_display_size_of_the_order_and_jitter_hides_it() -> None:
    desk = at_work(replace(parent("iceberg", 100, 9850, jitter=0.5), display_size=20))
    for n in range(6):
        desk.tick(n)
        if f"p/{n}" in desk.open:
            desk.fill(f"p/{n}")
    sizes = [c.size for c in desk.children]
    assert all(10 <= size <= 20 for size in sizes[:-1])
    assert len(set(sizes)) > 1


def test_an_iceberg_without_a_limit_follows_the_touch() -> None:
    desk = at_work(parent("iceberg", 25))
    desk.tick(0)
    desk.tell(book([(9950, 5)], [(10100, 5)]))
    (command,) = desk.tick(1)
    assert isinstance(command, OrderCommand)
    assert desk.tick(2) == []  # asked once
    desk.settle()
    desk.tick(3)
    assert [c.price for c in desk.children] == [9900, 9950]


def test_the_shortfall_trades_more_in_the_beginning_the_more_it_fears_risk() -> None:
    # 10 s of 86,400: the volatility of a day is made large enough to matter in them
    given = {"slices": 5, "volatility": 4e4, "temporary": 1e-4, "permanent": 0.0}
    calm = run(at_work(parent("is", 1000, **given, risk_aversion=0.0), 5000), 10)
    brave = run(at_work(parent("is", 1000, **given, risk_aversion=1e-5), 5000), 10)
    assert list(calm.values()) == [200] * 5
    assert sum(brave.values()) == 1000
    assert list(brave.values()) == sorted(brave.values(), reverse=True)
    assert brave[0] > 250


def test_adaptive_rests_at_the_touch_and_crosses_when_it_falls_behind() -> None:
    desk = at_work(parent("adaptive", 100, slices=10, patience=1))
    desk.tick(0)
    first = desk.children[0]
    assert (first.size, first.price, first.post_only) == (10, 9900, True)
    desk.tick(1)
    assert [c.price for c in desk.children] == [9900] * 2
    desk.tick(2)  # 20 should be done, none is; one slice of 10 may lag
    crossing = desk.children[2]
    assert (crossing.size, crossing.price) == (10, 10100)
    assert crossing.time_in_force is TimeInForce.IOC


def test_adaptive_moves_with_the_touch_and_earns_the_spread_when_it_is_filled() -> None:
    desk = at_work(parent("adaptive", 20, slices=2))
    desk.tick(0)
    desk.tell(book([(9950, 5)], [(10100, 5)]))
    desk.tick(1)
    assert desk.cancels == ["p/0"]
    desk.settle()
    desk.tick(2)
    desk.fill("p/1")
    desk.tick(5)
    desk.fill("p/2")
    desk.tick(6)
    assert [c.price for c in desk.children] == [9900, 9950, 9950]
    assert desk.end_report
    assert desk.end_report.exec_type is ExecType.DONE_FOR_DAY


def test_no_slice_is_worse_than_the_limit() -> None:
    desk = at_work(parent("twap", 100, price=10105, slices=1), depth=30)
    desk.tick(0)
    assert [(c.size, c.price) for c in desk.children] == [(30, 10100)]
    desk.settle()
    desk.tell(book([(9900, 5)], [(10106, 500)]))
    desk.tick(1)
    assert len(desk.children) == 1


@dataclass(frozen=True)
class Greedy:
    """An algorithm that wants everything at any price."""

    def check(self) -> None:
        """Anything goes."""

    def refuses(self, parent: Parent) -> str:
        return ""

    def step(self, parent: Parent, view: MarketView, now: int) -> list[Action]:
        return [Place(10**9, 10**6), Place(10**9, 10100), Place(1, 1)]


def test_an_algorithm_that_asks_for_too_much_gets_what_its_parent_has() -> None:
    desk = Desk(Algos(replace(CONFIG, algorithms={"greedy": Greedy()})))
    desk.tell(book([(9900, 50)], [(10100, 50)]), parent("greedy", 70, price=10105))
    desk.tick(0)
    assert [(c.size, c.price) for c in desk.children] == [(70, 10100)]


def test_slices_keep_to_their_sizes_and_to_their_part_of_the_volume() -> None:
    desk = at_work(parent("twap", 100, slices=1, max_slice=40, min_slice=15))
    desk.tick(0)
    desk.settle()
    desk.tick(1)
    desk.settle()
    desk.tick(2)
    assert [c.size for c in desk.children] == [40, 40, 20]
    desk = at_work(parent("twap", 100, slices=1, max_participation=0.5, min_slice=10))
    desk.tick(0)
    desk.tell(bar(18, T0))
    desk.tick(1)
    assert desk.children == []  # 9 would be allowed, and are too few
    desk.tell(bar(20, T0 + S))
    desk.tick(2)
    assert [c.size for c in desk.children] == [19]


def test_the_rest_is_cancelled_or_taken_at_the_end() -> None:
    for remainder, sent in (("cancel", 1), ("take", 2)):
        desk = at_work(parent("iceberg", 30, price=10100, remainder=remainder))
        desk.tick(0)
        desk.fill("p/0", 4)
        desk.tick(10)
        assert desk.cancels == ["p/0"]
        assert desk.end_report is None  # the child may still be filled
        desk.settle()
        desk.tick(11)
        desk.settle()
        desk.tick(12)
        assert len(desk.children) == sent
        assert desk.end_report
        done = {1: (ExecType.EXPIRED, 4), 2: (ExecType.DONE_FOR_DAY, 30)}[sent]
        assert (desk.end_report.exec_type, desk.end_report.cum_size) == done


def test_nothing_is_sent_before_the_start_or_while_the_market_is_dark() -> None:
    desk = at_work(parent("twap", 10, slices=1, start=T0 + 3 * S))
    desk.tick(0)
    desk.halt(StatusKind.HALTED)
    desk.tick(4)
    desk.halt(StatusKind.TRADING)
    desk.halt(StatusKind.GAP)
    desk.tick(5)
    assert desk.children == []
    desk.tell(book([(9900, 50)], [(10100, 50)]))
    desk.tick(6)
    assert [c.size for c in desk.children] == [10]


def test_a_cancel_takes_the_slices_back_at_once_and_ends_with_one_report() -> None:
    order = parent("iceberg", 30, price=9850)
    desk = at_work(order)
    desk.tick(0)
    (command,) = desk.tell(cancel_of(order, T0 + S))
    assert (command.signal_id, command.who) == ("p/0", "iceberg")
    desk.fill("p/0", 3)  # while the cancel is on its way
    desk.settle()
    desk.tick(2)
    assert desk.end_report
    assert (desk.end_report.exec_type, desk.end_report.cum_size) == (ExecType.CANCELED, 3)
    assert desk.tell(cancel_of(order, T0 + S)) == []
    assert desk.tick(3) == []


def test_after_a_refusal_it_waits_before_it_tries_again() -> None:
    desk = at_work(parent("twap", 10, slices=1, retry="3s"))
    desk.tick(0)
    desk.refuse("p/0")
    desk.tick(1)
    desk.tick(2)
    assert len(desk.children) == 1
    desk.tick(3)
    assert [c.signal_id for c in desk.children] == ["p/0", "p/1"]


def test_a_cancel_that_came_to_nothing_is_asked_for_again() -> None:
    desk = at_work(parent("iceberg", 25))
    desk.tick(0)
    desk.tell(book([(9950, 5)], [(10100, 5)]))
    desk.tick(1)
    sent = desk.open["p/0"]
    desk.tell(desk._update(sent, OrdStatus.PENDING_CANCEL, OrdStatus.NEW))
    desk.tick(2)
    assert desk.cancels == ["p/0", "p/0"]


@pytest.mark.parametrize(
    ("order", "word"),
    [
        (parent("zigzag"), "zigzag"),
        (parent("twap", silces=3), "silces"),
        (parent("twap", slices="many"), "many"),
        (parent("twap", slices=0), "slices"),
        (parent("twap", end=T0 - 1), "after"),
        (parent("twap", duration="soon"), "soon"),
        (parent("pov", rate="inf"), "finite"),
        (parent("twap", remainder="keep"), "keep"),
        (parent("iceberg", display=Decimal(0)), "display"),
        (parent("is", temporary=1e-9, permanent=1e3), "temporary"),
    ],
)
def test_an_order_that_cannot_be_worked_is_rejected_with_the_reason(order, word) -> None:  # type: ignore[no-untyped-def]
    desk = at_work(order)
    assert [r.exec_type for r in desk.reports] == [ExecType.REJECTED]
    assert word in desk.reports[0].text
    assert desk.tick(1) == []


def test_an_order_in_other_scales_than_the_market_is_ended_with_the_reason() -> None:
    desk = at_work(replace(parent("twap"), size_scale=3))
    desk.tick(0)
    assert desk.end_report
    assert desk.end_report.exec_type is ExecType.CANCELED
    assert "scales" in desk.end_report.text


def test_an_order_that_comes_twice_is_one() -> None:
    desk = at_work(parent("twap"))
    assert desk.tell(parent("twap")) == []
