"""An approval in Kraken's words: the form of AddOrder and AmendOrder.

Fees are asked for in the quote currency (``fciq``), as every history tells them. ``params`` of an
approval may ask for ``trigger`` (``last`` or ``index``) and ``trail_percent`` in place of a
trailing distance.
"""

import re

from connectors.decimals import text_of
from connectors.kraken.symbols import pair_of
from connectors.trading.session import Unsupported
from connectors.trading.times import check_unasked
from connectors.trading.tracker import LiveOrder
from schemas.enums import OrdType, Side, TimeInForce
from schemas.execution import ApprovedOrder, ReplaceRequest

Form = tuple[tuple[str, str], ...]

TYPES = {
    OrdType.MARKET: "market",
    OrdType.LIMIT: "limit",
    OrdType.STOP: "stop-loss",
    OrdType.STOP_LIMIT: "stop-loss-limit",
    OrdType.TRAILING_STOP: "trailing-stop",
}
_TIMES = (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.GTD)
_LIMITED = (OrdType.LIMIT, OrdType.STOP_LIMIT)
_FREE_TEXT = 18  # characters of a client id that is no UUID
_UUID = 32  # hex digits


def client_id(cl_ord_id: str) -> str:
    """As Kraken takes it: free text of 18 characters, or 32 hex digits; ours have 20. Raises
    Unsupported."""
    if len(cl_ord_id) <= _FREE_TEXT:
        return cl_ord_id
    if not re.fullmatch(f"[0-9a-f]{{1,{_UUID}}}", cl_ord_id):
        raise Unsupported(f"Kraken takes no client id {cl_ord_id!r}: 18 characters, or 32 hex")
    return cl_ord_id.rjust(_UUID, "0")


def our_ids(client: str | None) -> tuple[str, ...]:
    """What an order may be called here whose client id at Kraken this is."""
    if not client:
        return ()
    return (client, client.lstrip("0"), client[-20:]) if len(client) == _UUID else (client,)


def new_form(order: ApprovedOrder) -> Form:
    """Raises Unsupported."""
    _check(order)
    form = {
        "ordertype": "iceberg" if order.display_size else TYPES[order.ord_type],
        "type": "buy" if order.side is Side.BUY else "sell",
        "pair": pair_of(order.instrument),
        "volume": text_of(order.size, order.size_scale),
        "cl_ord_id": client_id(order.cl_ord_id),
        "oflags": "fciq,post" if order.post_only else "fciq",
    }
    if order.ord_type is OrdType.LIMIT:
        form["price"] = text_of(order.price, order.price_scale)
    if order.ord_type in (OrdType.STOP, OrdType.STOP_LIMIT):
        form["price"] = text_of(order.stop_price, order.price_scale)
    if order.ord_type is OrdType.STOP_LIMIT:
        form["price2"] = text_of(order.price, order.price_scale)
    if order.ord_type is OrdType.TRAILING_STOP:
        form["price"] = _trail(order)
    if order.display_size:
        form["displayvol"] = text_of(order.display_size, order.size_scale)
    if trigger := order.params.get("trigger"):
        form["trigger"] = trigger
    return tuple((form | _time(order)).items())


def amend_form(request: ReplaceRequest, order: LiveOrder) -> Form:
    """Size is the order's whole one, filled part included. Raises Unsupported."""
    scale = request.price_scale
    form = {"txid": order.name, "order_qty": text_of(request.size, request.size_scale)}
    if order.ord_type == OrdType.TRAILING_STOP:
        raise Unsupported("Kraken's trailing stops are not changed here: cancel and send anew")
    if order.ord_type in _LIMITED and request.price:
        form["limit_price"] = text_of(request.price, scale)
    if order.ord_type in (OrdType.STOP, OrdType.STOP_LIMIT) and request.stop_price:
        form["trigger_price"] = text_of(request.stop_price, scale)
    return tuple(form.items())


def _check(order: ApprovedOrder) -> None:
    check_unasked(order, "Kraken")
    if order.reduce_only and order.side is Side.BUY:
        raise Unsupported("a spot exchange has no short position that a buy could reduce")
    if order.post_only and order.ord_type is not OrdType.LIMIT:
        raise Unsupported("Kraken has post-only for limit orders alone")
    if order.display_size and order.ord_type is not OrdType.LIMIT:
        raise Unsupported("Kraken has icebergs of limit orders alone")
    if order.ord_type in _LIMITED and order.time_in_force not in _TIMES:
        raise Unsupported(f"Kraken has no {order.time_in_force}; use GTC, IOC or GTD")
    if order.time_in_force is TimeInForce.GTD and not order.ts_expire:
        raise Unsupported("GTD needs the time at which it ends (ts_expire)")


def _time(order: ApprovedOrder) -> dict[str, str]:
    if order.ord_type not in _LIMITED:
        return {}
    if order.time_in_force is TimeInForce.GTD:
        return {"timeinforce": "GTD", "expiretm": str(order.ts_expire // 10**9)}
    return {"timeinforce": str(order.time_in_force)}


def _trail(order: ApprovedOrder) -> str:
    if percent := order.params.get("trail_percent"):
        return f"+{percent}%"
    return "+" + text_of(order.trail, order.price_scale)
