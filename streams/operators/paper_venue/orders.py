"""Paper orders → rows of the live table, and what the venue refuses to take at all."""

from dataclasses import replace
from typing import Any

import numpy as np

from schemas.enums import OrderAction, OrdType, Side, TimeInForce
from schemas.records import PaperOrder
from streams.operators.market.bars_calendar import Calendar
from streams.operators.paper_venue import columns as c
from streams.operators.paper_venue.reports import Order
from streams.operators.paper_venue.terms import LIMITED
from streams.operators.risk.instruments import day_end

_TIFS = {
    TimeInForce.GTC: c.GTC,
    TimeInForce.IOC: c.IOC,
    TimeInForce.FOK: c.FOK,
    TimeInForce.DAY: c.DAY,
    TimeInForce.GTD: c.GTD,
    TimeInForce.OPG: c.OPG,
    TimeInForce.CLS: c.CLS,
}
_STOPS = (OrdType.STOP, OrdType.STOP_LIMIT, OrdType.TRAILING_STOP)
_AT_ONCE = (TimeInForce.IOC, TimeInForce.FOK)
_AUCTIONS = (TimeInForce.OPG, TimeInForce.CLS)


def contradiction(order: PaperOrder, arrives: int) -> str:
    """What in the order itself cannot be; empty when all can."""
    kind, tif = order.ord_type, order.time_in_force
    if order.size <= 0:
        return f"size {order.size} must be positive"
    if kind in (OrdType.STOP, OrdType.STOP_LIMIT) and not order.stop_price:
        return f"a {kind} order needs a stop price"
    if kind is OrdType.TRAILING_STOP and order.trail <= 0:
        return "a TRAILING_STOP order needs a positive trail"
    if tif in _AUCTIONS and kind in _STOPS:
        return f"a {kind} order cannot wait for an auction"
    if tif is TimeInForce.GTD and order.ts_expire <= arrives:
        return "a GTD order must end after it arrives"
    if order.post_only and (kind not in LIMITED or tif in (*_AT_ONCE, *_AUCTIONS)):
        return f"a post-only order must be able to rest: {kind} {tif} cannot"
    if order.display_size and (kind not in LIMITED or not 0 < order.display_size <= order.size):
        return f"display size {order.display_size}: of a limit order, and at most its size"
    return ""


def contradicts(sent: PaperOrder, change: PaperOrder) -> str:
    """What in a change does not go with the order; empty when all does."""
    if change.size < 0:
        return f"size {change.size} must be positive"
    if change.price and sent.ord_type not in LIMITED:
        return f"a {sent.ord_type} order has no limit price"
    if change.stop_price and sent.ord_type not in _STOPS:
        return f"a {sent.ord_type} order has no stop price"
    return ""


def with_change(sent: PaperOrder, change: PaperOrder) -> PaperOrder:
    """The order as it would be: what is 0 stays as it is."""
    return replace(
        sent,
        price=change.price or sent.price,
        size=change.size or sent.size,
        stop_price=change.stop_price or sent.stop_price,
    )


def live_row(order: PaperOrder, arrives: int, expires: int, account: int) -> Any:
    """The order as kernels take it."""
    stops = order.ord_type in _STOPS
    row = np.zeros(c.ORDER_COLUMNS, np.int64)
    row[c.SIDE] = 1 if order.side is Side.BUY else -1
    row[c.IS_LIMIT] = order.ord_type in LIMITED
    row[c.KIND], row[c.TIF] = c.STOPPING if stops else c.PLAIN, _TIFS[order.time_in_force]
    row[c.PRICE], row[c.TOTAL], row[c.LEAVES] = order.price, order.size, order.size
    row[c.ARRIVES], row[c.JOINED], row[c.EXPIRES] = arrives, arrives, expires
    row[c.MET] = c.NOT_MET
    row[c.DISPLAY], row[c.TRAIL] = order.display_size, order.trail
    row[c.STOP], row[c.HAS_STOP] = order.stop_price, order.stop_price != 0
    row[c.TRAIL] = order.trail if order.ord_type is OrdType.TRAILING_STOP else 0
    row[c.POST_ONLY], row[c.REDUCE_ONLY] = order.post_only, order.reduce_only
    row[c.ACCOUNT] = account
    return row


def expiry(order: PaperOrder, arrives: int, calendar: Calendar) -> int:
    """When the order ends by itself, ns UTC: GTD when it says; DAY with the session in which it
    arrives, or the next one, and with the UTC day where the instrument has no sessions."""
    if order.time_in_force is TimeInForce.GTD:
        return order.ts_expire
    if order.time_in_force is not TimeInForce.DAY:
        return c.NEVER
    return day_end(calendar, arrives)


def pack(order: Order) -> list[Any]:
    """For a snapshot."""
    fields = [getattr(order.sent, name) for name in PaperOrder.__slots__]
    return [fields, *(getattr(order, name) for name in Order.__slots__[1:])]


def unpack(packed: list[Any]) -> Order:
    fields, *told = packed
    values = dict(zip(PaperOrder.__slots__, fields, strict=True))
    values["action"] = OrderAction(values["action"])
    values["side"] = Side(values["side"])
    values["ord_type"] = OrdType(values["ord_type"])
    values["time_in_force"] = TimeInForce(values["time_in_force"])
    return Order(PaperOrder(**values), *told)
