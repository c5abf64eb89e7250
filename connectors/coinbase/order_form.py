"""An approval in Coinbase's words: the body of create and edit order.

A kind of order and its time in force are one word, ``order_configuration``. Sizes are always in
the base currency.
"""

from typing import Any

import orjson

from connectors.decimals import text_of
from connectors.timestamps import ns_rfc3339
from connectors.trading.session import Unsupported
from connectors.trading.times import check_unasked
from connectors.trading.tracker import LiveOrder
from schemas.enums import OrdType, Side, TimeInForce
from schemas.execution import ApprovedOrder, ReplaceRequest

_LIMITS = {
    TimeInForce.GTC: "limit_limit_gtc",
    TimeInForce.GTD: "limit_limit_gtd",
    TimeInForce.IOC: "sor_limit_ioc",
    TimeInForce.FOK: "limit_limit_fok",
}
_STOP_LIMITS = {
    TimeInForce.GTC: "stop_limit_stop_limit_gtc",
    TimeInForce.GTD: "stop_limit_stop_limit_gtd",
}
_RESTING = (TimeInForce.GTC, TimeInForce.GTD)


def product_of(instrument: str) -> str:
    """``COINBASE:BTC-USD`` → ``BTC-USD``."""
    return instrument.partition(":")[2]


def new_body(order: ApprovedOrder) -> bytes:
    """Raises Unsupported."""
    _check(order)
    name, terms = _configuration(order)
    body = {
        "client_order_id": order.cl_ord_id,
        "product_id": product_of(order.instrument),
        "side": str(order.side),
        "order_configuration": {name: terms},
    }
    return orjson.dumps(body)


def edit_body(request: ReplaceRequest, order: LiveOrder) -> bytes:
    """Coinbase edits limit orders that are good till cancelled. Raises Unsupported."""
    if order.ord_type not in (OrdType.LIMIT, OrdType.STOP_LIMIT):
        raise Unsupported("Coinbase changes limit orders alone: cancel this one and send anew")
    body = {"order_id": order.name, "size": text_of(request.size, request.size_scale)}
    body["price"] = text_of(request.price or order.price, request.price_scale)
    if order.ord_type == OrdType.STOP_LIMIT and request.stop_price:
        body["stop_price"] = text_of(request.stop_price, request.price_scale)
    return orjson.dumps(body)


def _configuration(order: ApprovedOrder) -> tuple[str, dict[str, Any]]:
    terms: dict[str, Any] = {"base_size": text_of(order.size, order.size_scale)}
    time = order.time_in_force
    if order.ord_type is OrdType.MARKET:
        word = "fok" if time is TimeInForce.FOK else "ioc"
        return f"market_market_{word}", terms
    terms["limit_price"] = text_of(order.price, order.price_scale)
    if time is TimeInForce.GTD:
        terms["end_time"] = ns_rfc3339(order.ts_expire)
    if order.ord_type is OrdType.STOP_LIMIT:
        up = order.side is Side.BUY
        terms["stop_price"] = text_of(order.stop_price, order.price_scale)
        terms["stop_direction"] = f"STOP_DIRECTION_STOP_{'UP' if up else 'DOWN'}"
        return _STOP_LIMITS[time], terms
    if time in _RESTING:
        terms["post_only"] = order.post_only
    return _LIMITS[time], terms


def _check(order: ApprovedOrder) -> None:
    kind, time = order.ord_type, order.time_in_force
    if kind is OrdType.MARKET:
        check_unasked(order, "Coinbase", (TimeInForce.FOK,))
    if kind in (OrdType.STOP, OrdType.TRAILING_STOP):
        raise Unsupported(f"Coinbase has no {kind}; use STOP_LIMIT, or let the gate hold it")
    if kind is OrdType.LIMIT and time not in _LIMITS:
        raise Unsupported(f"Coinbase has no {time}; use GTC, GTD, IOC or FOK")
    if kind is OrdType.STOP_LIMIT and time not in _STOP_LIMITS:
        raise Unsupported(f"Coinbase has no {time} for stop-limit orders; use GTC or GTD")
    if order.post_only and (kind is not OrdType.LIMIT or time not in _RESTING):
        raise Unsupported("Coinbase has post-only for limit orders with GTC or GTD alone")
    if order.display_size:
        raise Unsupported("Coinbase has no iceberg orders; use the iceberg algorithm")
    if order.reduce_only and order.side is Side.BUY:
        raise Unsupported("a spot exchange has no short position that a buy could reduce")
    if time is TimeInForce.GTD and kind is not OrdType.MARKET and not order.ts_expire:
        raise Unsupported("GTD needs the time at which it ends (ts_expire)")
