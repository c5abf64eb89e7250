"""Fills against a market that is written down: queue, partial fills, latency, fees."""

from dataclasses import replace
from decimal import Decimal

from connectors.events import DepthEvent
from schemas.enums import OrderAction, OrdType, Side, TimeInForce
from schemas.records import Clock
from streams.operators.paper_venue.venue import PaperVenue
from tests.twins.paper_market import CONFIG, LATER, LIMIT, ORDER, XY, Venue, brief, frame, trade


def test_a_market_order_takes_what_is_displayed_best_price_first() -> None:
    venue = Venue()
    assert venue.order() == [("NEW", 0, 0, 5)]
    assert venue.market(LATER) == [("TRADE", 101, 3, 2), ("TRADE", 102, 2, 0)]


def test_what_the_book_cannot_fill_expires() -> None:
    venue = Venue()
    venue.order(size=20)
    assert venue.market(LATER)[-1] == ("EXPIRED", 0, 0, 0)


def test_an_order_waits_for_its_latency() -> None:
    venue = Venue()
    venue.order()
    assert venue.market(trade(109, 100, 1, 0)) == []
    assert len(venue.market(trade(110, 100, 1, 0))) == 2


def test_a_limit_order_takes_up_to_its_price_and_rests() -> None:
    venue = Venue()
    venue.order(price=101, **LIMIT)
    assert venue.market(LATER) == [("TRADE", 101, 3, 2)]
    assert venue.market(trade(300, 101, 1, -1)) == [("TRADE", 101, 1, 1)]


def test_fill_or_kill_is_all_or_nothing() -> None:
    for size, expected in ((8, "EXPIRED"), (7, "TRADE")):
        venue = Venue()
        venue.order(size=size, price=102, ord_type=OrdType.LIMIT, time_in_force=TimeInForce.FOK)
        assert venue.market(LATER)[0][0] == expected


def test_a_resting_order_waits_behind_what_was_displayed() -> None:
    venue = Venue()
    venue.order(price=99, size=4, **LIMIT)
    assert venue.market(LATER, trade(201, 99, 4, -1)) == []
    assert venue.market(trade(202, 99, 3, -1)) == [("TRADE", 99, 2, 2)]
    assert venue.market(trade(203, 99, 9, 1)) == []
    assert venue.market(trade(204, 99, 9, -1)) == [("TRADE", 99, 2, 0)]


def test_cancellations_help_only_when_less_is_displayed_than_stands_before() -> None:
    venue = Venue()
    venue.order(price=99, size=4, **LIMIT)
    shrunk = DepthEvent(XY, 201, 201, 2, 1, False, [(99, 2)], [])
    assert venue.market(LATER, shrunk, trade(202, 99, 3, -1)) == [("TRADE", 99, 1, 3)]


def test_a_trade_through_the_price_fills_the_rest() -> None:
    venue = Venue()
    venue.order(price=99, size=4, **LIMIT)
    assert venue.market(LATER, trade(201, 98, 1, -1)) == [("TRADE", 99, 4, 0)]


def test_a_sell_order_is_the_mirror_image() -> None:
    venue = Venue()
    venue.order(side=Side.SELL)
    assert venue.market(LATER) == [("TRADE", 99, 5, 0)]


def test_an_order_is_cancelled_after_the_latency_and_a_second_time_refused() -> None:
    venue = Venue()
    venue.order(price=99, **LIMIT)
    venue.market(LATER)
    venue.order(action=OrderAction.CANCEL, ts_event=300)
    assert brief(venue.operator.apply(Clock("X:Y", 309))) == []
    assert brief(venue.operator.apply(Clock("X:Y", 310))) == [("CANCELED", 0, 0, 0)]


def test_takers_pay_and_makers_are_paid_as_configured() -> None:
    venue = Venue()
    venue.order(price=101, size=4, **LIMIT)
    taken = venue.operator.apply(frame(LATER))[0].message
    made = venue.operator.apply(frame(trade(300, 101, 9, -1)))[0].message
    assert (taken.fee, str(taken.liquidity)) == (Decimal("30.3"), "TAKER")
    assert (made.fee, str(made.liquidity)) == (Decimal("-1.01"), "MAKER")


def test_what_the_venue_cannot_trade_is_rejected_with_the_reason() -> None:
    venue = Venue()
    cases = {
        "no instrument": {"instrument": "X:Z"},
        "scales": {"price_scale": 2},
        "must be positive": {"size": 0},
    }
    order = replace(ORDER, ts_event=1)
    for words, change in cases.items():
        (output,) = venue.operator.apply(replace(order, **change))
        assert str(output.message.exec_type) == "REJECTED"
        assert words in output.message.text


def test_an_order_without_a_book_is_rejected_when_it_arrives() -> None:
    venue = PaperVenue(CONFIG)
    venue.apply(frame(trade(1, 100, 1, 1)))
    order = replace(ORDER, ts_event=1)
    venue.apply(order)
    (output,) = venue.apply(frame(trade(50, 100, 1, 1)))
    assert "no book" in output.message.text
