"""What the paper venue assumes of latency, queues, hidden size, costs and the venue's own rules."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from schemas.enums import CashKind, OrderAction, OrdType, Side, TimeInForce
from schemas.inbox import CashFlow
from schemas.records import Clock
from streams import canonical
from streams.operators.market.bars_calendar import Calendar
from streams.operators.paper_venue.latency import Latency
from streams.operators.paper_venue.terms import Terms
from streams.operators.paper_venue.venue import PaperVenue
from tests.twins.paper_market import (
    BOOK,
    CONFIG,
    LATER,
    LIMIT,
    ORDER,
    TERMS,
    Venue,
    frame,
    trade,
)

HOUR = 3600 * 10**9
SELL = {"side": Side.SELL}


# latency


def draws(latency: Latency, n: int = 2000) -> Any:
    return np.array([latency.draw(f"order {i}") for i in range(n)])


def test_a_draw_depends_on_what_it_is_for_and_on_nothing_else() -> None:
    uniform = Latency(100, "uniform", jitter_ns=50)
    lognormal = Latency(10_000_000, "lognormal", sigma=Decimal("0.5"))
    assert [uniform.draw(name) for name in "abc"] == [122, 148, 119]
    assert [lognormal.draw(name) for name in "abc"] == [7671932, 13550766, 9009194]
    assert Latency(7).draw("a") == 7


def test_draws_have_the_distribution_that_is_asked_for() -> None:
    uniform = draws(Latency(100, "uniform", jitter_ns=50))
    assert (uniform.min(), uniform.max()) == (100, 150)
    assert abs(uniform.mean() - 125) < 1
    logs = np.log(draws(Latency(10**9, "lognormal", sigma=Decimal("0.5"))) / 1e9)
    assert abs(logs.mean()) < 0.03
    assert abs(logs.std() - 0.5) < 0.03


def test_reports_are_late_by_their_own_latency_and_keep_their_order() -> None:
    reports = Latency(1_000_000, "uniform", jitter_ns=1_000_000)
    operator = PaperVenue(replace(CONFIG, reports=reports))
    operator.apply(frame(BOOK))
    made = [*operator.apply(ORDER), *operator.apply(frame(LATER))]
    times = [o.message.ts_event for o in made]
    assert times == sorted(times)
    assert times[0] - ORDER.ts_event == reports.draw("o-1")
    assert all(1_000_000 <= ts - 200 <= 2_000_000 for ts in times[1:])


def test_a_cancel_never_overtakes_its_order() -> None:
    venue = Venue(entry=Latency(10, "uniform", jitter_ns=1000))
    for n in range(40):
        venue.order(cl_ord_id=str(n), **LIMIT, price=90)
        venue.order(cl_ord_id=str(n), ts_event=101, action=OrderAction.CANCEL)
    assert venue.clock(5000) == [("CANCELED", 0, 0, 0)] * 40


# queue


@pytest.mark.parametrize(
    ("model", "power", "left"),
    [
        ("conservative", 3, 60),  # 20 behind, 60 ahead, 20 go: they may all have stood behind
        ("power", 1, 45),  # 20 / 80 of them did
        ("power", 3, 41),  # 20**3 / (20**3 + 60**3) of them, and the rest rounded up
        ("log", 3, 49),  # ln 21 / (ln 21 + ln 61) of them
    ],
)
def test_a_cancellation_moves_the_order_up_by_its_share(model: str, power: int, left: int) -> None:
    venue = Venue(queue_model=model, power=power)
    venue.diff(50, [(99, 60)])
    venue.order(**LIMIT, price=99, size=3)
    venue.market(LATER)
    venue.diff(201, [(99, 80)])
    venue.diff(202, [(99, 60)])
    assert venue.market(trade(203, 99, left, -1)) == []
    assert venue.market(trade(204, 99, 1, -1)) == [("TRADE", 99, 1, 2)]


def test_what_was_traded_is_not_counted_again_as_cancelled() -> None:
    venue = Venue(queue_model="power")
    venue.order(**LIMIT, price=99, size=3)
    venue.market(LATER, trade(201, 99, 2, -1))
    venue.diff(202, [(99, 3)])
    assert venue.market(trade(203, 99, 3, -1)) == []


def test_hidden_size_is_taken_only_where_it_is_assumed() -> None:
    for hidden, expected in (("0", (101, 3)), ("0.5", (101, 4))):
        venue = Venue(hidden=Decimal(hidden))
        venue.order()
        assert venue.market(LATER)[0][1:3] == expected


# self-trade


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("allow", [("TRADE", 98, 5, 3)]),
        ("cancel_newest", [("CANCELED", 0, 0, 0)]),
        ("cancel_oldest", [("CANCELED", 0, 0, 0), ("TRADE", 98, 5, 3)]),
        ("decrement", [("REPLACED", 0, 0, 5), ("CANCELED", 0, 0, 0), ("TRADE", 98, 5, 0)]),
    ],
)
def test_an_order_does_not_meet_one_of_its_own_account(mode: str, expected: Any) -> None:
    venue = Venue(self_trade=mode)
    venue.diff(50, [(99, 0)])
    venue.order(cl_ord_id="b", **LIMIT, price=99, size=3)
    venue.market(LATER)
    venue.order(cl_ord_id="s", **{**LIMIT, **SELL}, price=98, size=8, ts_event=210)
    assert venue.clock(300) == expected


def test_orders_of_two_accounts_do_not_see_each_other() -> None:
    venue = Venue(self_trade="cancel_newest")
    venue.order(cl_ord_id="b", **LIMIT, price=100, size=3, account="other")
    venue.market(LATER)
    venue.order(cl_ord_id="s", **{**LIMIT, **SELL}, price=99, size=2, ts_event=210)
    assert venue.clock(300) == [("TRADE", 99, 2, 0)]


# terms


STRICT = replace(
    TERMS,
    tick_size=Decimal(2),
    lot_size=Decimal(5),
    min_notional=Decimal(450),
    price_band=Decimal("0.1"),
)
MISFITS: dict[str, dict[str, Any]] = {
    "tick size 2": {**LIMIT, "price": 99},
    "stop price 99 is no multiple": {"ord_type": OrdType.STOP, "stop_price": 99},
    "lot size 5": {"size": 4},
    "notional 400 is under the least, 450": {**LIMIT, "price": 80},
    "outside the band of 0.1 around 100": {**LIMIT, "price": 112},
}


@pytest.mark.parametrize("words", MISFITS)
def test_what_breaks_the_venues_terms_is_rejected_with_the_reason(words: str) -> None:
    operator = Venue(terms=STRICT).operator
    (output,) = operator.apply(replace(ORDER, **MISFITS[words]))
    assert str(output.message.exec_type) == "REJECTED"
    assert words in output.message.text


def test_what_keeps_them_is_taken_and_a_change_must_keep_them_too() -> None:
    venue = Venue(terms=STRICT)
    assert venue.order(**LIMIT, price=90) == [("NEW", 0, 0, 5)]
    change = {"action": OrderAction.REPLACE, "ts_event": 120}
    assert venue.order(**change, price=91) == [("REPLACE_REJECTED", 0, 0, 5)]
    assert venue.order(**change, price=92) == []


def test_the_first_pattern_that_matches_gives_the_terms() -> None:
    patterns = (("Z:*", Terms(Decimal(9), Decimal(9))), ("X:*", Terms(Decimal(0), Decimal(1))))
    operator = Venue(instruments=patterns).operator
    operator.apply(replace(ORDER, size=3))
    (output,) = operator.apply(frame(LATER))
    assert output.message.fee == Decimal(303)


# carry


def flows(venue: Venue, ts: int) -> list[CashFlow]:
    return [o.message for o in venue.operator.apply(Clock("X:Y", ts))]


def held(side: Side, **rates: Any) -> Venue:
    """5 units bought or sold, and the first clock record of an hour."""
    terms = replace(TERMS, **{name: Decimal(rate) for name, rate in rates.items()})
    venue = Venue(terms=terms, carry_ns=HOUR)
    venue.order(side=side, **LIMIT, price=105 if side is Side.BUY else 98)
    venue.market(LATER)
    assert flows(venue, HOUR // 2) == []
    return venue


def test_longs_pay_funding_to_shorts_at_the_interval_and_once() -> None:
    for side, amount in ((Side.BUY, "-0.5"), (Side.SELL, "0.5")):
        venue = held(side, funding_rate="0.001")
        assert flows(venue, HOUR - 1) == []
        (flow,) = flows(venue, HOUR + 5)
        assert (flow.kind, flow.ts_event) == (CashKind.FUNDING, HOUR)
        assert flow.amount == Decimal(amount)  # 5 at 100
        assert flow.flow_id == f"X:Y-a-funding-{HOUR}"
        assert flows(venue, HOUR + 6) == []


def test_a_short_position_pays_to_borrow_also_for_intervals_that_no_clock_told() -> None:
    venue = held(Side.SELL, borrow_rate="0.876")
    (flow,) = flows(venue, 3 * HOUR)
    assert (flow.kind, flow.amount) == (CashKind.BORROW, Decimal("-0.15"))  # 3 x 5 x 100 x 0.0001
    assert flows(held(Side.BUY, borrow_rate="0.876"), 3 * HOUR) == []


# sessions


def test_a_day_order_ends_with_the_session_where_there_are_sessions() -> None:
    calendar = Calendar(np.array([50, 5000]), np.array([400, 9000]), 0, 2**62)
    venue = Venue(calendars=(("X:*", calendar),))
    day = {"ord_type": OrdType.LIMIT, "time_in_force": TimeInForce.DAY, "price": 99}
    venue.order(cl_ord_id="today", **day)
    assert (venue.clock(399), venue.clock(400)) == ([], [("EXPIRED", 0, 0, 0)])
    venue.order(cl_ord_id="tomorrow", **day, ts_event=410)
    assert (venue.clock(8999), venue.clock(9000)) == ([], [("EXPIRED", 0, 0, 0)])


# a size that is told twice


def queued(**change: Any) -> Venue:
    """Behind 10 of 10, since 100."""
    venue = Venue(**change)
    venue.diff(50, [(99, 10)])
    venue.order(**LIMIT, price=99, size=3)
    venue.clock(110)
    return venue


def size_before(venue: Venue) -> int:
    """What still has to trade before the order does."""
    for ahead in range(30):
        again = Venue()
        again.operator = PaperVenue(venue.operator._config)
        again.operator.restore(venue.operator.snapshot())
        if again.market(trade(900, 99, ahead + 1, -1)):
            return ahead
    raise AssertionError("nothing fills it")


MODELS = ("conservative", "power", "log")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("traded", "gone"), [(4, 4), (3, 7), (9, 9), (10, 10), (6, 2)])
def test_trade_and_book_of_an_execution_move_an_order_up_once_in_either_order(
    model: str, traded: int, gone: int
) -> None:
    first, second = queued(queue_model=model), queued(queue_model=model)
    assert first.market(trade(200, 99, traded, -1)) == []
    assert first.diff(200, [(99, 10 - gone)]) == []
    assert second.diff(200, [(99, 10 - gone)]) == []
    assert second.market(trade(200, 99, traded, -1)) == []
    assert size_before(first) == size_before(second) <= 10 - traded
    assert size_before(first) == 10 - traded or model != "conservative" or gone > traded


@pytest.mark.parametrize("model", MODELS)
def test_one_change_of_the_book_may_come_before_all_its_trades(model: str) -> None:
    venue = queued(queue_model=model)
    venue.diff(200, [(99, 3)])
    for size in (2, 4, 1):
        assert venue.market(trade(199, 99, size, -1)) == []
    assert size_before(venue) == 3


def test_a_trade_that_took_the_whole_level_fills_what_it_had_left_for_the_order() -> None:
    venue = queued()
    assert venue.diff(200, [(99, 0)]) == []
    assert venue.market(trade(200, 99, 10, -1)) == []
    assert venue.market(trade(200, 99, 2, -1)) == [("TRADE", 99, 2, 1)]


def test_a_trade_after_the_change_is_another_one() -> None:
    venue = queued()
    venue.diff(200, [(99, 6)])
    assert venue.market(trade(201, 99, 4, -1)) == []
    assert size_before(venue) == 2


def test_a_change_from_before_a_trade_does_not_settle_it() -> None:
    """Trades may be told faster than the book: two, then the change that the first made."""
    venue = queued(queue_model="power")
    venue.market(trade(200, 99, 2, -1), trade(205, 99, 3, -1))
    venue.diff(201, [(99, 8)])
    venue.diff(206, [(99, 5)])
    assert size_before(venue) == 5


def test_a_trade_from_before_the_order_arrived_does_not_concern_it() -> None:
    venue = queued()
    assert venue.market(trade(109, 99, 30, -1), trade(109, 98, 30, -1)) == []
    assert venue.market(trade(110, 99, 12, -1)) == [("TRADE", 99, 2, 1)]


# what an order took


def left_over(**change: Any) -> Venue:
    """An order for 8 that took the 3 shown at its price."""
    venue = Venue(**change)
    venue.order(**LIMIT, price=101, size=8)
    assert venue.clock(110) == [("TRADE", 101, 3, 5)]
    return venue


def test_what_an_order_took_does_not_fill_the_rest_of_it() -> None:
    venue = left_over()
    assert venue.diff(200, [(98, 7)]) == []
    assert venue.diff(201, [], [(102, 1)]) == []


def test_only_size_that_is_added_after_that_trades_with_the_rest() -> None:
    venue = left_over()
    assert venue.diff(200, [], [(101, 5)]) == [("TRADE", 101, 2, 3)]
    assert venue.diff(201, [], [(101, 1)]) == []
    assert venue.diff(202, [], [(101, 2)]) == [("TRADE", 101, 1, 2)]
    assert venue.diff(203, [], [(101, 0)]) == []
    assert venue.diff(204, [], [(100, 1)]) == [("TRADE", 101, 1, 1)]


def test_a_change_of_the_order_does_not_take_the_same_size_again() -> None:
    venue = left_over()
    change = {"action": OrderAction.REPLACE, "ts_event": 200}
    venue.order(**change, price=101, size=9)
    assert venue.clock(210) == [("REPLACED", 0, 0, 6)]
    venue.order(**change, price=102, size=0)
    assert venue.clock(220) == [("REPLACED", 0, 0, 6), ("TRADE", 102, 4, 2)]


def test_hidden_size_is_gone_too_when_it_was_taken() -> None:
    venue = Venue(hidden=Decimal("1"))
    venue.order(**LIMIT, price=101, size=8)
    assert venue.clock(110) == [("TRADE", 101, 6, 2)]
    assert venue.diff(200, [(98, 7)]) == []
    assert venue.diff(201, [], [(101, 4)]) == [("TRADE", 101, 2, 0)]


# snapshots of another version


def older(venue: Venue) -> bytes:
    """As a version wrote it that kept less of an order."""
    state = canonical.unpack(venue.operator.snapshot())
    state["X:Y"]["live"] = np.ascontiguousarray(state["X:Y"]["live"][:, :-1])
    return canonical.pack(state)


def test_a_snapshot_of_an_older_version_will_do_where_no_order_is_open() -> None:
    venue = Venue()
    venue.operator.restore(older(venue))
    assert venue.order() == [("NEW", 0, 0, 5)]
    with pytest.raises(ValueError, match="open orders of an older version"):
        venue.operator.restore(older(venue))
