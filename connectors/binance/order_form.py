"""An approval in Binance's words: the parameters of a new order.

Spot has no orders of the day, for the open, the close or until a date. A sale there can only
reduce, a buy never; a trailing stop is given in basis points (``params``: ``trailing_delta``).
USD-M takes conditional orders at another endpoint since December 2025 (error -4120), which is not
used here: the gate holds stops by itself.
"""

from connectors.binance.markets import symbol_of
from connectors.binance.trading_markets import TradingMarket
from connectors.decimals import text_of
from connectors.trading.session import Unsupported
from connectors.trading.times import check_unasked
from schemas.enums import OrdType, Side, TimeInForce
from schemas.execution import ApprovedOrder

_SPOT_TYPES = {
    OrdType.MARKET: "MARKET",
    OrdType.LIMIT: "LIMIT",
    OrdType.STOP: "STOP_LOSS",
    OrdType.STOP_LIMIT: "STOP_LOSS_LIMIT",
    OrdType.TRAILING_STOP: "STOP_LOSS",
}
_TIMES = (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK)
_LIMITED = (OrdType.LIMIT, OrdType.STOP_LIMIT)
_MAKES = (OrdType.LIMIT, TimeInForce.GTC)


def new_query(order: ApprovedOrder, market: TradingMarket) -> tuple[tuple[str, str], ...]:
    """Raises Unsupported."""
    check_unasked(order, market.venue)
    if order.post_only and (order.ord_type, order.time_in_force) != _MAKES:
        raise Unsupported(f"{market.venue} has post-only for limit orders with GTC alone")
    query = {
        "symbol": symbol_of(order.instrument),
        "side": str(order.side),
        "quantity": text_of(order.size, order.size_scale),
        "newClientOrderId": order.cl_ord_id,
    }
    if order.ord_type in _LIMITED:
        query |= {"price": text_of(order.price, order.price_scale)} | _time(order, market)
    query |= _futures(order) if market.futures else _spot(order, query)
    return tuple(query.items())


def _time(order: ApprovedOrder, market: TradingMarket) -> dict[str, str]:
    if order.time_in_force is TimeInForce.GTD and market.futures and order.ts_expire:
        return {"timeInForce": "GTD", "goodTillDate": str(order.ts_expire // 10**6)}
    if order.time_in_force not in _TIMES:
        raise Unsupported(f"{market.venue} has no {order.time_in_force}; use GTC, IOC or FOK")
    return {"timeInForce": str(order.time_in_force)}


def _spot(order: ApprovedOrder, query: dict[str, str]) -> dict[str, str]:
    if order.reduce_only and order.side is Side.BUY:
        raise Unsupported("a spot exchange has no short position that a buy could reduce")
    more = {"type": _SPOT_TYPES[order.ord_type], "newOrderRespType": "FULL"}
    if order.stop_price and order.ord_type in (OrdType.STOP, OrdType.STOP_LIMIT):
        more["stopPrice"] = text_of(order.stop_price, order.price_scale)
    if order.ord_type is OrdType.TRAILING_STOP:
        if "trailing_delta" not in order.params:
            raise Unsupported("Binance trails by basis points: give params trailing_delta")
        more["trailingDelta"] = order.params["trailing_delta"]
    if order.display_size:
        more["icebergQty"] = text_of(order.display_size, order.size_scale)
    if order.post_only:
        query.pop("timeInForce", None)
        more["type"] = "LIMIT_MAKER"
    return more


def _futures(order: ApprovedOrder) -> dict[str, str]:
    if order.ord_type not in (OrdType.MARKET, OrdType.LIMIT):
        raise Unsupported("Binance USD-M takes conditional orders elsewhere; let the gate hold it")
    if order.display_size:
        raise Unsupported("Binance USD-M has no iceberg orders; use the iceberg algorithm")
    more = {"type": str(order.ord_type), "newOrderRespType": "RESULT"}
    if order.post_only:
        more["timeInForce"] = "GTX"
    if order.reduce_only:
        more["reduceOnly"] = "true"
    return more
