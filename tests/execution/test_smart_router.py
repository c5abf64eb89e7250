"""A parent order for a basket becomes orders on its venues."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.enums import ExecType, OrdStatus, Side, StatusKind, TimeInForce
from schemas.execution import ApprovedOrder
from schemas.inbox import Mark, Signal
from schemas.records import Clock, Status
from streams.operators.execution.params import Terms
from streams.operators.execution.smart_router import SmartRouter, SmartRouterConfig
from streams.operators.execution.venue_quotes import Costs, VenueCosts
from tests.execution.desk import T0, Desk, S, book, cancel_of, parent

A, B = "VA:BTCUSD", "VB:BTC/USD"
CONFIG = SmartRouterConfig(
    {"BTC": (A, B)},
    ("a",),
    30 * S,
    Costs({"VB": VenueCosts(Decimal("0.001"))}, miss=0.01),
    Terms(duration_ns=10 * S),
    weight=0.5,
)


def order(size: int = 100, price: int = 0, **params: Any) -> ApprovedOrder:
    """A buy of hundredths of a coin, at cents."""
    made = parent("sor", size, price, **params)
    return replace(made, instrument="BASKET:BTC", size_scale=2)


def desk() -> Desk:
    """VA shows 0.600 at 100.1 and 5.000 at 103.0; VB 0.5000 at 100.05, with a fee of 0.1 %."""
    made = Desk(SmartRouter(CONFIG))
    made.tell(book([(1000, 600)], [(1001, 600), (1030, 5000)], T0, A, (1, 3)))
    made.tell(book([(10000, 5000)], [(10005, 5000)], T0, B, (2, 4)))
    return made


def tick(of: Desk, seconds: float) -> list[Any]:
    return of.tick(seconds, "BTC")


def test_an_order_is_split_at_once_by_price_after_fees_in_each_venues_own_scales() -> None:
    of = desk()
    said = of.tell(order())
    first, second = (m for m in said if isinstance(m, Signal))
    assert (first.instrument, first.price, first.size) == (A, 1001, 600)
    assert (first.price_scale, first.size_scale) == (1, 3)
    assert (second.instrument, second.price, second.size) == (B, 10005, 4000)
    assert (second.price_scale, second.size_scale, second.parent) == (2, 4, "p")
    assert second.time_in_force is TimeInForce.IOC


def test_it_ends_when_all_is_filled() -> None:
    of = desk()
    of.tell(order())
    of.settle()
    tick(of, 1)
    assert of.end_report
    assert (of.end_report.exec_type, of.end_report.cum_size) == (ExecType.DONE_FOR_DAY, 100)


def test_what_was_not_filled_is_split_again_and_a_venue_that_misses_gets_less() -> None:
    of = desk()
    of.tell(order(60))
    assert [c.instrument for c in of.children] == [A]
    of.end("p/0", OrdStatus.EXPIRED)
    tick(of, 1)
    # VA fills half of what it is sent, as far as is known: 0.5 % for the rest is dearer than VB
    assert [(c.instrument, c.size) for c in of.children[1:]] == [(A, 100), (B, 5000)]


def test_an_ioc_is_split_once() -> None:
    of = desk()
    of.tell(replace(order(60), time_in_force=TimeInForce.IOC))
    of.fill("p/0", 100)
    tick(of, 1)
    assert of.end_report is None  # the rest of the slice may still be filled
    of.end("p/0", OrdStatus.EXPIRED)
    tick(of, 2)
    assert len(of.children) == 1
    assert of.end_report
    assert (of.end_report.exec_type, of.end_report.cum_size) == (ExecType.EXPIRED, 10)


def test_venues_that_are_dark_halted_or_silent_get_nothing() -> None:
    for trouble in (StatusKind.GAP, StatusKind.HALTED):
        of = desk()
        of.tell(Status(A, T0, T0, trouble, ""))
        of.tell(order(20))
        assert [c.instrument for c in of.children] == [B]
    of = desk()
    of.tell(Clock("BTC", T0 + 20 * S))
    of.tell(book([(1000, 600)], [(1001, 600)], T0 + 25 * S, A, (1, 3)), Clock("BTC", T0 + 40 * S))
    of.tell(replace(order(100), ts_event=T0 + 40 * S))
    assert [(c.instrument, c.size) for c in of.children] == [(A, 600)]


def test_the_limit_holds_on_every_venue() -> None:
    of = desk()
    of.tell(order(100, 10007))
    assert [(c.instrument, c.price) for c in of.children] == [(B, 10005)]


def test_a_sell_goes_to_the_bids() -> None:
    of = desk()
    of.tell(replace(order(70), side=Side.SELL))
    assert [(c.instrument, c.size, c.price) for c in of.children] == [
        (A, 600, 1000),
        (B, 1000, 10000),
    ]


def test_sizes_are_cut_to_what_a_venue_can_express() -> None:
    of = Desk(SmartRouter(CONFIG))
    of.tell(book([(100, 7)], [(101, 7)], T0, A, (0, 0)))
    of.tell(order(250))  # 2.50 coins, where VA trades whole ones
    assert [(c.size, c.size_scale) for c in of.children] == [(2, 0)]


def test_an_order_that_cannot_be_worked_is_rejected() -> None:
    for wrong in (
        replace(order(), algo="twap"),
        replace(order(), instrument="BASKET:ETH"),
        order(slices=3),
        order(duration="soon"),
    ):
        of = desk()
        of.tell(wrong)
        assert [r.exec_type for r in of.reports] == [ExecType.REJECTED]


def test_a_later_start_and_a_cancel() -> None:
    of = desk()
    late = order(60, start=T0 + 2 * S)
    of.tell(late)
    tick(of, 1)
    assert of.children == []
    tick(of, 2)
    assert len(of.children) == 1
    assert of.tell(cancel_of(late, T0 + 3 * S)) == []  # its slice ends by itself
    of.settle()
    tick(of, 3)
    assert of.end_report
    assert of.end_report.cum_size == 60


def test_accounts_are_told_a_mark_of_the_basket() -> None:
    of = desk()
    (mark,) = tick(of, 1)
    assert isinstance(mark, Mark)
    assert (mark.instrument, mark.bid, mark.ask, mark.price_scale) == (
        "BASKET:BTC",
        10000,
        10005,
        2,
    )
    of.tell(book([(1002, 600)], [(1003, 600)], T0, A, (1, 3)))
    assert tick(of, 1) == []  # each member's clock comes
    assert tick(of, 2) == []  # crossed


script = st.lists(
    st.tuples(
        st.sampled_from(["tick", "a", "b", "fill", "part", "end", "refuse", "cancel", "restart"]),
        st.integers(0, 9),
    ),
    max_size=40,
)


@settings(max_examples=150)
@given(script, st.booleans(), st.booleans())
def test_no_parent_is_exceeded_and_each_ends_once(
    steps: list[tuple[str, int]], ioc: bool, limit: bool
) -> None:
    tif = TimeInForce.IOC if ioc else TimeInForce.GTC
    asked = replace(order(77, 10015 if limit else 0, retry="1s"), time_in_force=tif)
    of, filled, seconds = desk(), 0, 0.0
    of.tell(asked)

    def held() -> None:
        """In ten-thousandths of a coin."""
        scale = {name: 10 ** (4 - c.signal.size_scale) for name, c in of.open.items()}
        leaves = sum((c.signal.size - c.cum) * scale[n] for n, c in of.open.items())
        assert filled + leaves <= 7700

    for what, n in [*steps, *[("end", 0)] * 60]:
        name = list(of.open)[n % len(of.open)] if of.open else ""
        factor = 10 ** (4 - of.open[name].signal.size_scale) if name else 0
        match what:
            case "tick":
                seconds += n / 4
                tick(of, seconds)
            case "a":
                of.tell(book([(1000, 500)], [(1001 + n % 3, 30 * n)], of.now, A, (1, 3)))
            case "b":
                of.tell(book([(9990, 500)], [(10001 + n, 700 * n)], of.now, B, (2, 4)))
            case "fill" if name:
                filled += (of.open[name].signal.size - of.open[name].cum) * factor
                of.fill(name)
            case "part" if name and of.open[name].signal.size - of.open[name].cum > 1:
                filled += factor
                of.fill(name, 1)
            case "end" if name:
                of.end(name)
            case "refuse" if name and not of.open[name].cum:
                of.refuse(name)
            case "cancel":
                of.tell(cancel_of(asked, of.now))
            case "restart":
                restarted = SmartRouter(CONFIG)
                restarted.restore(of.operator.snapshot())
                assert restarted.snapshot() == of.operator.snapshot()
                of.operator = restarted
        held()
    tick(of, 100)
    assert of.end_report
    # each slice counts in hundredths, rounded up
    assert filled <= of.end_report.cum_size * 100 < filled + 100 * max(len(of.children), 1)
