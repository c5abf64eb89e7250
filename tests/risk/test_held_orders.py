"""Stops that the gate holds keep their time in force, as they would at a venue."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from schemas.enums import ExecType, OrdStatus, OrdType, Side, TimeInForce
from schemas.execution import ApprovedOrder
from schemas.ledger import Decision, OrderUpdate
from streams.operators.market.bars_calendar import Calendar
from streams.operators.risk.instruments import Instrument
from tests.risk.desk import SECOND, Desk, of, one, sent

DAY_S = 86_400
STOP = {"ord_type": OrdType.STOP, "stop_price": 11000}


def holding(**more: Any) -> Desk:
    desk = Desk(native=(OrdType.MARKET, OrdType.LIMIT), **more)
    desk.mark()
    return desk


@pytest.mark.parametrize(
    ("terms", "seconds"),
    [
        ({"time_in_force": TimeInForce.GTD, "ts_expire": 60 * SECOND}, 60),
        ({"time_in_force": TimeInForce.DAY}, DAY_S),
    ],
)
def test_one_that_ends_is_not_sent_afterwards(terms: dict[str, Any], seconds: int) -> None:
    desk = holding()
    desk.send(desk.signal(1, **STOP, **terms))
    assert not desk.clock(seconds - 2)
    made = desk.clock(2)
    assert one(made, Decision).rule == "time_in_force"
    assert one(made, OrderUpdate).after is OrdStatus.EXPIRED
    assert not sent(desk.mark(bid=119, ask=121))


def test_the_mark_that_reaches_it_too_late_does_not_wake_it() -> None:
    desk = holding()
    desk.send(desk.signal(1, **STOP, time_in_force=TimeInForce.GTD, ts_expire=60 * SECOND))
    desk.now = 61
    made = desk.mark(bid=119, ask=121)
    assert not sent(made)
    assert one(made, OrderUpdate).after is OrdStatus.EXPIRED


def test_a_day_is_the_session_where_there_is_one() -> None:
    opens, closes = (np.array([t * SECOND], np.int64) for t in (0, 600))
    hours = Calendar(opens, closes, 0, 2**62)
    desk = holding(reference={"X:*": Instrument(hours=hours)})
    desk.send(desk.signal(1, **STOP, time_in_force=TimeInForce.DAY))
    assert not desk.clock(590)
    assert one(desk.clock(10), OrderUpdate).after is OrdStatus.EXPIRED


def test_one_until_cancelled_stays_and_is_a_market_order_that_ends_at_once() -> None:
    desk = holding()
    desk.send(desk.signal(1, **STOP, time_in_force=TimeInForce.GTC))
    desk.clock(40 * DAY_S)
    order = one(desk.mark(bid=119, ask=121), ApprovedOrder)
    assert (order.ord_type, order.time_in_force) == (OrdType.MARKET, TimeInForce.IOC)


def test_the_limit_of_a_stop_limit_keeps_its_time() -> None:
    desk = holding()
    terms = {"ord_type": OrdType.STOP_LIMIT, "stop_price": 11000, "price": 12200}
    expiry = {"time_in_force": TimeInForce.GTD, "ts_expire": 60 * SECOND}
    desk.send(desk.signal(1, **terms, **expiry))
    order = one(desk.mark(bid=119, ask=121), ApprovedOrder)
    assert (order.ord_type, order.ts_expire) == (OrdType.LIMIT, 60 * SECOND)


def test_the_day_of_an_exit_begins_with_its_entrys_end() -> None:
    desk = holding()
    entry = desk.signal(10, price=9900)
    order = one(desk.send(entry), ApprovedOrder)
    exits = {"after": entry.signal_id, "time_in_force": TimeInForce.DAY}
    desk.send(desk.signal(10, Side.SELL, ord_type=OrdType.STOP, stop_price=9000, **exits))
    assert not list(of(desk.clock(3 * DAY_S), Decision))
    desk.report(order, ExecType.TRADE, 10, 99.0, fee=Decimal(0))
    assert not list(of(desk.clock(10), Decision))
    assert one(desk.clock(DAY_S), OrderUpdate).after is OrdStatus.EXPIRED
