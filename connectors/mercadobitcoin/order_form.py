"""An approval in Mercado Bitcoin's words: the body of a new order. Sizes are text, prices numbers.

A market order could name what to spend (``cost``); ours always name a size. Stop-limit orders only
sell, and their limit lies below their stop.
"""

from typing import Any

import orjson

from connectors.decimals import text_of
from connectors.trading.session import Unsupported
from connectors.trading.times import check_unasked
from schemas.enums import OrdType, Side, TimeInForce
from schemas.execution import ApprovedOrder

_TYPES = {
    OrdType.MARKET: "market",
    OrdType.LIMIT: "limit",
    OrdType.STOP_LIMIT: "stoplimit",
}


def symbol_of(instrument: str) -> str:
    """``MERCADOBITCOIN:BTC-BRL`` → ``BTC-BRL``."""
    return instrument.partition(":")[2]


def new_body(order: ApprovedOrder) -> bytes:
    """Raises Unsupported."""
    _check(order)
    body: dict[str, Any] = {
        "side": "buy" if order.side is Side.BUY else "sell",
        "type": "post-only" if order.post_only else _TYPES[order.ord_type],
        "qty": text_of(order.size, order.size_scale),
        "externalId": order.cl_ord_id,
        "async": False,
    }
    if order.ord_type is not OrdType.MARKET:
        body["limitPrice"] = _number(order.price, order.price_scale)
    if order.ord_type is OrdType.STOP_LIMIT:
        body["stopPrice"] = _number(order.stop_price, order.price_scale)
    return orjson.dumps(body)


def _number(value: int, scale: int) -> orjson.Fragment:
    """A JSON number without a float on the way."""
    return orjson.Fragment(text_of(value, scale))


def _check(order: ApprovedOrder) -> None:
    kind, time = order.ord_type, order.time_in_force
    if kind not in _TYPES:
        raise Unsupported(f"Mercado Bitcoin has no {kind}; use STOP_LIMIT, or let the gate hold it")
    check_unasked(order, "Mercado Bitcoin")
    if kind is not OrdType.MARKET and time is not TimeInForce.GTC:
        raise Unsupported(f"Mercado Bitcoin has no {time}; use GTC")
    if order.post_only and kind is not OrdType.LIMIT:
        raise Unsupported("Mercado Bitcoin has post-only for limit orders alone")
    if order.display_size:
        raise Unsupported("Mercado Bitcoin has no iceberg orders; use the iceberg algorithm")
    if kind is OrdType.STOP_LIMIT and order.side is Side.BUY:
        raise Unsupported("Mercado Bitcoin's stop-limit orders only sell; let the gate hold it")
    if kind is OrdType.STOP_LIMIT and order.price > order.stop_price:
        raise Unsupported("Mercado Bitcoin wants a stop-limit's limit at or below its stop")
    if order.reduce_only and order.side is Side.BUY:
        raise Unsupported("a spot exchange has no short position that a buy could reduce")
