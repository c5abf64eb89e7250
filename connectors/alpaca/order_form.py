"""An approval in Alpaca's words: the body of POST and PATCH /v2/orders.

What Alpaca has not (GTD, icebergs, post-only) is refused here with the reason; the rest is the
venue's to judge. ``params`` of an approval may ask for ``extended_hours`` (``true``; limit orders
of the day only) and ``trail_percent`` in place of a trailing distance.
"""

import orjson

from connectors.decimals import text_of
from connectors.trading.session import Unsupported
from connectors.trading.tracker import LiveOrder
from schemas.enums import OrdType, Side, TimeInForce
from schemas.execution import ApprovedOrder, ReplaceRequest

TYPES = {
    OrdType.MARKET: "market",
    OrdType.LIMIT: "limit",
    OrdType.STOP: "stop",
    OrdType.STOP_LIMIT: "stop_limit",
    OrdType.TRAILING_STOP: "trailing_stop",
}
TIMES = {
    TimeInForce.DAY: "day",
    TimeInForce.GTC: "gtc",
    TimeInForce.OPG: "opg",
    TimeInForce.CLS: "cls",
    TimeInForce.IOC: "ioc",
    TimeInForce.FOK: "fok",
}
_LIMITED = (OrdType.LIMIT, OrdType.STOP_LIMIT)
_STOPPED = (OrdType.STOP, OrdType.STOP_LIMIT)


def symbol_of(instrument: str) -> str:
    """``ALPACA:BTC-USD`` → ``BTC/USD``; a share's symbol has no hyphen."""
    return instrument.partition(":")[2].replace("-", "/")


def new_body(order: ApprovedOrder) -> bytes:
    """Raises Unsupported."""
    _check(order)
    body: dict[str, str | bool] = {
        "symbol": symbol_of(order.instrument),
        "qty": text_of(order.size, order.size_scale),
        "side": "buy" if order.side is Side.BUY else "sell",
        "type": TYPES[order.ord_type],
        "time_in_force": TIMES[_time(order)],
        "client_order_id": order.cl_ord_id,
    }
    if order.ord_type in _LIMITED:
        body["limit_price"] = text_of(order.price, order.price_scale)
    if order.ord_type in _STOPPED:
        body["stop_price"] = text_of(order.stop_price, order.price_scale)
    if order.ord_type is OrdType.TRAILING_STOP:
        body |= _trail(order)
    if order.params.get("extended_hours") == "true":
        body["extended_hours"] = True
    if order.reduce_only:
        body["position_intent"] = f"{body['side']}_to_close"
    return orjson.dumps(body)


def replace_body(request: ReplaceRequest, order: LiveOrder, client_id: str) -> bytes:
    """Alpaca carries nothing over from the old order: the new one trades its whole ``qty``
    (alpacahq/Alpaca-API issue 165), so what is filled is taken off. Raises Unsupported."""
    scale, left = request.price_scale, request.size - order.cum
    if left <= 0:
        raise Unsupported(f"{request.size} is not more than the {order.cum} that are filled")
    body: dict[str, str | bool] = {"client_order_id": client_id}
    if order.cum or request.size != order.size:
        body["qty"] = text_of(left, request.size_scale)
    if order.ord_type in _LIMITED and request.price:
        body["limit_price"] = text_of(request.price, scale)
    if order.ord_type in _STOPPED and request.stop_price:
        body["stop_price"] = text_of(request.stop_price, scale)
    if order.ord_type == OrdType.TRAILING_STOP and request.stop_price:
        body["trail"] = text_of(request.stop_price, scale)
    return orjson.dumps(body)


def _check(order: ApprovedOrder) -> None:
    if order.time_in_force not in TIMES:
        raise Unsupported(f"Alpaca has no {order.time_in_force}; use DAY or GTC")
    if order.display_size:
        raise Unsupported("Alpaca has no iceberg orders; use the iceberg algorithm")
    if order.post_only:
        raise Unsupported("Alpaca has no post-only orders")


def _time(order: ApprovedOrder) -> TimeInForce:
    """A fraction of a share trades in orders of the day alone (422 "fractional orders must be DAY
    orders"); a market order ends at once as well then, and else no fraction could be closed."""
    coin = "/" in symbol_of(order.instrument)
    whole = not order.size % 10**order.size_scale
    if coin or whole or order.ord_type is not OrdType.MARKET:
        return order.time_in_force
    return TimeInForce.DAY if order.time_in_force is TimeInForce.IOC else order.time_in_force


def _trail(order: ApprovedOrder) -> dict[str, str]:
    if percent := order.params.get("trail_percent"):
        return {"trail_percent": percent}
    return {"trail_price": text_of(order.trail, order.price_scale)}
