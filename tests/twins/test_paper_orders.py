"""Each kind of order, time in force and request at the paper venue, worked by hand."""

from dataclasses import replace
from typing import Any

import pytest

from schemas.enums import OrderAction, OrdType, Side, StatusKind, TimeInForce
from schemas.records import Clock
from streams import canonical
from streams.operators.paper_venue.venue import PaperVenue
from tests.twins.paper_market import (
    BOOK,
    CONFIG,
    LATER,
    LIMIT,
    ORDER,
    Venue,
    brief,
    frame,
    quote,
    trade,
)

SELL = {"side": Side.SELL}
STOP = {"ord_type": OrdType.STOP, "time_in_force": TimeInForce.GTC}
REPLACE, CANCEL = {"action": OrderAction.REPLACE}, {"action": OrderAction.CANCEL}
DAY_NS = 86_400 * 10**9


# stops


def test_a_stop_wakes_at_a_trade_and_takes_the_book_that_follows() -> None:
    venue = Venue()
    venue.order(**STOP, **SELL, stop_price=98, size=4)
    assert venue.market(LATER, trade(201, 99, 5, -1)) == []
    assert venue.market(trade(202, 98, 1, -1)) == [("TRIGGERED", 0, 0, 4)]
    assert venue.diff(203, [(99, 0), (98, 3)]) == [("TRADE", 98, 3, 1), ("EXPIRED", 0, 0, 0)]


def test_a_stop_may_be_woken_by_the_best_price() -> None:
    venue = Venue(stop_trigger="quote")
    venue.order(**STOP, stop_price=102, size=2)
    assert venue.market(LATER) == []
    assert venue.diff(300, [], [(101, 0)]) == [("TRIGGERED", 0, 0, 2), ("TRADE", 102, 2, 0)]


def test_a_stop_limit_takes_up_to_its_limit_and_rests() -> None:
    venue = Venue()
    order = {**STOP, "ord_type": OrdType.STOP_LIMIT, "stop_price": 101, "price": 101, "size": 5}
    venue.order(**order)
    assert venue.market(trade(200, 100, 1, 1)) == []
    assert venue.market(trade(201, 101, 1, 1)) == [("TRIGGERED", 0, 0, 5)]
    assert venue.diff(202, [], [(101, 2)]) == [("TRADE", 101, 2, 3)]
    assert venue.diff(203, [], [(101, 0)]) == []
    assert venue.market(trade(204, 100, 1, -1)) == [("TRADE", 101, 3, 0)]


def test_a_trailing_stop_follows_the_best_price_and_never_goes_back() -> None:
    venue = Venue()
    kind = {"ord_type": OrdType.TRAILING_STOP, "time_in_force": TimeInForce.GTC}
    venue.order(**kind, **SELL, trail=3, size=1)
    prices = (100, 104, 102)  # the stop: 97, 101, 101
    assert [venue.market(trade(200 + n, p, 1, 0)) for n, p in enumerate(prices)] == [[], [], []]
    assert venue.market(trade(210, 101, 1, -1)) == [("TRIGGERED", 0, 0, 1)]
    assert venue.diff(211, [(98, 6)]) == [("TRADE", 99, 1, 0)]


# time in force


def test_a_day_order_ends_with_the_utc_day_and_a_gtd_order_when_it_says() -> None:
    for tif, ends in ((TimeInForce.DAY, DAY_NS), (TimeInForce.GTD, 500)):
        venue = Venue()
        venue.order(ord_type=OrdType.LIMIT, time_in_force=tif, price=99, ts_expire=500)
        assert venue.clock(ends - 1) == []
        assert venue.clock(ends) == [("EXPIRED", 0, 0, 0)]


def test_a_day_order_ends_when_the_venue_closes_and_a_gtc_order_outlives_it() -> None:
    venue = Venue()
    for name, tif in (("d", TimeInForce.DAY), ("g", TimeInForce.GTC)):
        venue.order(cl_ord_id=name, ord_type=OrdType.LIMIT, time_in_force=tif, price=99)
    assert venue.status(StatusKind.CLOSED) == [("EXPIRED", 0, 0, 0)]
    assert venue.market(trade(300, 98, 9, -1)) == []
    venue.status(StatusKind.TRADING, 400)
    assert venue.market(trade(500, 98, 9, -1)) == [("TRADE", 99, 5, 0)]


def test_an_order_for_the_opening_trades_at_the_first_price_up_to_its_size() -> None:
    venue = Venue()
    venue.status(StatusKind.AUCTION)
    venue.order(time_in_force=TimeInForce.OPG)
    assert venue.market(trade(300, 100, 4, 0)) == [("TRADE", 100, 4, 1), ("EXPIRED", 0, 0, 0)]
    venue.status(StatusKind.TRADING, 400)
    venue.order(time_in_force=TimeInForce.OPG, ts_event=401)
    assert venue.clock(500) == [("REJECTED", 0, 0, 0)]


def test_an_opening_that_was_not_printed_before_is_the_first_trade_after() -> None:
    venue = Venue()
    venue.status(StatusKind.HALTED)
    venue.order(**{**LIMIT, "time_in_force": TimeInForce.OPG}, price=100)
    assert venue.market(trade(300, 99, 4, 0)) == []
    venue.status(StatusKind.TRADING, 400)
    assert venue.market(trade(500, 101, 9, 0)) == [("EXPIRED", 0, 0, 0)]


def test_an_order_for_the_close_trades_at_the_last_price() -> None:
    venue = Venue()
    venue.order(time_in_force=TimeInForce.CLS)
    assert venue.market(trade(300, 100, 4, 0)) == []
    venue.status(StatusKind.AUCTION, 310)
    venue.market(trade(320, 97, 8, 0))
    assert venue.status(StatusKind.CLOSED, 330) == [("TRADE", 97, 5, 0)]


def test_an_order_that_rests_in_an_auction_gets_its_price_where_its_own_is_better() -> None:
    venue = Venue()
    for price in (99, 98):
        venue.order(cl_ord_id=str(price), **LIMIT, price=price)
    venue.market(LATER)
    venue.status(StatusKind.AUCTION, 210)
    assert venue.market(trade(300, 98, 2, 0)) == [("TRADE", 98, 2, 3)]


def test_a_halt_stops_all_matching_and_rejects_what_cannot_wait() -> None:
    venue = Venue()
    venue.order(cl_ord_id="g", **LIMIT, price=99)
    venue.status(StatusKind.HALTED)
    venue.order()
    assert venue.market(trade(300, 98, 9, -1)) == [("REJECTED", 0, 0, 0)]
    venue.status(StatusKind.TRADING, 400)
    assert venue.market(trade(500, 98, 9, -1)) == [("TRADE", 99, 5, 0)]


# instructions


def test_a_post_only_order_is_rejected_where_it_would_take() -> None:
    for price, expected in ((101, [("REJECTED", 0, 0, 0)]), (100, [])):
        venue = Venue()
        venue.order(**LIMIT, price=price, post_only=True)
        assert venue.market(LATER) == expected


def test_reduce_only_never_passes_zero() -> None:
    venue = Venue()
    venue.order(cl_ord_id="r", **SELL, reduce_only=True)
    assert venue.market(LATER) == [("REJECTED", 0, 0, 0)]
    venue.order(size=2, ts_event=200)
    venue.market(trade(210, 103, 1, 0))
    venue.order(cl_ord_id="s", **SELL, reduce_only=True, ts_event=220)
    assert venue.market(trade(300, 103, 1, 0)) == [("TRADE", 99, 2, 3), ("EXPIRED", 0, 0, 0)]


def test_an_iceberg_goes_to_the_end_of_the_queue_with_each_part_it_shows() -> None:
    venue = Venue()
    venue.order(**LIMIT, price=99, size=5, display_size=2)
    assert venue.market(LATER, trade(201, 99, 9, -1)) == [("TRADE", 99, 2, 3)]
    assert venue.market(trade(202, 99, 4, -1)) == []
    assert venue.market(trade(203, 99, 2, -1)) == [("TRADE", 99, 1, 2)]
    assert venue.market(trade(204, 99, 9, -1)) == [("TRADE", 99, 1, 1)]
    assert venue.market(trade(205, 98, 1, -1)) == [("TRADE", 99, 1, 0)]


def test_what_an_auction_leaves_of_an_iceberg_shows_no_more_than_before() -> None:
    venue = Venue()
    venue.order(**LIMIT, price=99, size=9, display_size=2)
    venue.market(LATER, trade(201, 99, 5, -1))
    venue.status(StatusKind.AUCTION, 210)
    assert venue.market(trade(220, 98, 3, 0)) == [("TRADE", 98, 3, 6)]
    venue.status(StatusKind.TRADING, 230)
    assert venue.market(trade(240, 99, 9, -1)) == [("TRADE", 99, 2, 4)]


# requests


def test_a_smaller_size_keeps_the_place_in_the_queue_a_larger_one_does_not() -> None:
    for size, filled in ((3, 3), (6, 1)):
        venue = Venue()
        venue.order(**LIMIT, price=99, size=5)
        venue.market(LATER, trade(201, 99, 4, -1))
        venue.order(**REPLACE, ts_event=210, size=size)
        told = venue.market(trade(220, 99, 6, -1))
        assert told == [("REPLACED", 0, 0, size), ("TRADE", 99, filled, size - filled)]


def test_a_new_price_may_take_at_once_and_tells_the_new_price() -> None:
    venue = Venue()
    venue.order(**LIMIT, price=99, size=5)
    venue.order(**REPLACE, ts_event=210, price=101)
    replaced, taken = (o.message for o in venue.operator.apply(Clock("X:Y", 300)))
    assert (replaced.price, replaced.leaves_size, taken.last_price, taken.last_size) == (
        *(101, 5),
        *(101, 3),
    )


def test_a_change_that_comes_too_late_or_cannot_be_is_refused() -> None:
    venue = Venue()
    venue.order(**LIMIT, price=101, size=5)
    venue.market(LATER)  # 3 are filled
    venue.order(**REPLACE, ts_event=210, size=3)
    assert venue.clock(300) == [("REPLACE_REJECTED", 0, 0, 2)]
    assert venue.order(**REPLACE, ts_event=310, stop_price=9) == [("REPLACE_REJECTED", 0, 0, 2)]
    venue.order(**REPLACE, ts_event=320, size=9)
    assert venue.market(trade(325, 100, 1, -1)) == [("TRADE", 101, 2, 0)]
    assert venue.clock(400) == [("REPLACE_REJECTED", 0, 0, 0)]


def test_a_cancel_of_what_is_not_there_is_refused() -> None:
    venue = Venue()
    assert venue.order(**CANCEL) == [("CANCEL_REJECTED", 0, 0, 0)]
    assert venue.order(**CANCEL, instrument="X:Z") == [("CANCEL_REJECTED", 0, 0, 0)]
    assert venue.order(**REPLACE) == [("REPLACE_REJECTED", 0, 0, 0)]


def test_a_fill_on_the_way_beats_the_cancel() -> None:
    venue = Venue()
    venue.order(**LIMIT, price=99)
    venue.market(LATER)
    venue.order(**CANCEL, ts_event=300)
    assert venue.market(trade(305, 98, 1, -1)) == [("TRADE", 99, 5, 0)]
    assert venue.clock(310) == [("CANCEL_REJECTED", 0, 0, 0)]
    kept = canonical.unpack(venue.operator.snapshot())["X:Y"]
    assert [len(kept[name]) for name in ("orders", "live", "requests")] == [0, 0, 0]


# the book as best quotes, and as snapshots


def test_a_snapshot_fills_what_it_passes_through() -> None:
    venue = Venue()
    venue.order(**LIMIT, price=100)
    venue.market(LATER)
    snapshot = BOOK._replace(ts_event=300, seq=50, asks=[(100, 1)])
    assert venue.market(snapshot) == [("TRADE", 100, 5, 0)]


def test_best_quotes_are_a_book_where_there_is_no_other() -> None:
    venue = Venue()
    venue.operator = PaperVenue(CONFIG)
    venue.market(quote(1, 99, 101))
    venue.order(**LIMIT, price=100)
    assert brief(venue.operator.apply(frame(quote(200, 99, 101)))) == []
    assert venue.market(quote(300, 99, 100)) == [("TRADE", 100, 5, 0)]


CONTRADICTIONS: dict[str, dict[str, Any]] = {
    "needs a stop price": STOP,
    "needs a positive trail": {"ord_type": OrdType.TRAILING_STOP},
    "cannot wait for an auction": {**STOP, "stop_price": 9, "time_in_force": TimeInForce.OPG},
    "must end after it arrives": {**LIMIT, "time_in_force": TimeInForce.GTD, "ts_expire": 110},
    "must be able to rest": {"post_only": True},
    "display size": {**LIMIT, "price": 99, "display_size": 6},
}


@pytest.mark.parametrize("words", CONTRADICTIONS)
def test_an_order_that_contradicts_itself_is_rejected_at_once(words: str) -> None:
    (output,) = Venue().operator.apply(replace(ORDER, **CONTRADICTIONS[words]))
    assert str(output.message.exec_type) == "REJECTED"
    assert words in output.message.text
