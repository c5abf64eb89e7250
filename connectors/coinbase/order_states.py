"""Coinbase's orders, of REST and of the user channel, and its fills → rows and trades.

An order is named by ``order_id``, a fill by the order and its ``trade_id``. The user channel tells
how much of an order is filled, not the fills. An edit leaves the configuration as it was and
stands in ``edit_history``.
"""

from decimal import Decimal
from typing import Any

from connectors.coinbase.endpoints import VENUE
from connectors.decimals import number_text
from connectors.timestamps import rfc3339_ns
from connectors.trading.order_row import OrderRow, State
from connectors.trading.reports import Trade
from schemas.enums import Liquidity, OrdType, Side
from schemas.inbox import VenueBalance

_STATES = {
    "PENDING": State.PENDING,
    "QUEUED": State.PENDING,
    "OPEN": State.WORKING,
    "FILLED": State.WORKING,  # its fills end it
    "CANCEL_QUEUED": State.WORKING,
    "EDIT_QUEUED": State.WORKING,
    "CANCELLED": State.CANCELED,
    "EXPIRED": State.EXPIRED,
    "FAILED": State.REJECTED,
}
_TYPES = {
    "MARKET": OrdType.MARKET,
    "LIMIT": OrdType.LIMIT,
    "STOP_LIMIT": OrdType.STOP_LIMIT,
    "STOP LIMIT": OrdType.STOP_LIMIT,
}
_LIQUIDITY = {"MAKER": Liquidity.MAKER, "TAKER": Liquidity.TAKER}
_DUST = Decimal("0.00000001")  # no product has finer sizes


def rest_row(row: dict[str, Any]) -> OrderRow:
    """Raises KeyError, ValueError on what is no order."""
    terms: dict[str, str] = next(iter((row.get("order_configuration") or {}).values()), {})
    edits: list[dict[str, str]] = row.get("edit_history") or [{}]
    words = (row.get("reject_message"), row.get("cancel_message"), row.get("reject_reason"))
    return OrderRow(
        name=row["order_id"],
        client_ids=(row["client_order_id"],),
        state=_STATES.get(row["status"], State.PENDING),
        ts=rfc3339_ns(row.get("last_update_time") or row["created_time"]),
        filled=row.get("filled_size") or "0",
        size=edits[-1].get("size") or terms.get("base_size") or "",
        price=edits[-1].get("price") or terms.get("limit_price") or "",
        instrument=f"{VENUE}:{row['product_id']}",
        side=Side(row["side"]),
        ord_type=_type(row["order_type"]),
        text=next((w for w in words if w and not w.endswith("_UNSPECIFIED")), ""),
    )


def stream_row(row: dict[str, Any], at: int) -> OrderRow:
    """Raises KeyError, ValueError on what is no order."""
    filled = row["cumulative_quantity"] or "0"
    total = Decimal(filled) + Decimal(row.get("leaves_quantity") or "0")
    return OrderRow(
        name=row["order_id"],
        client_ids=(row["client_order_id"],),
        state=_STATES.get(row["status"], State.PENDING),
        ts=at,
        filled=filled,
        size=number_text(total),
        price=row.get("limit_price") or "",
        instrument=f"{VENUE}:{row['product_id']}",
        side=Side(row["order_side"]),
        ord_type=_type(row["order_type"]),
        text=row.get("reject_reason") or row.get("cancel_reason") or "",
    )


def trade(row: dict[str, Any]) -> Trade:
    """A fill; its fee is in the quote currency. Raises ValueError for one that takes another back,
    which only a person can judge."""
    if row["trade_type"] != "FILL":
        raise ValueError(f"a {row['trade_type']} of fill {row['trade_id']} is not booked")
    size = row["size"]
    if row.get("size_in_quote"):
        base = Decimal(size) / Decimal(row["price"])
        size = number_text(base.quantize(_DUST))
    return Trade(
        name=row["order_id"],
        exec_id=f"{row['order_id']}:{row['trade_id']}",
        ts_event=rfc3339_ns(row["trade_time"]),
        price=row["price"],
        size=size,
        fee=Decimal(row["commission"] or "0"),
        fee_currency=row["product_id"].partition("-")[2],
        liquidity=_LIQUIDITY.get(row["liquidity_indicator"], Liquidity.NONE),
    )


def balance(row: dict[str, Any], account: str, at: int) -> VenueBalance:
    """A wallet."""
    free = Decimal(row["available_balance"]["value"])
    held = Decimal((row.get("hold") or {}).get("value") or "0")
    return VenueBalance(account, at, VENUE, row["currency"], free + held, free, "")


def _type(word: str) -> str:
    return str(_TYPES.get(word.upper(), OrdType.LIMIT))
