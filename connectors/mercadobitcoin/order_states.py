"""Mercado Bitcoin's orders, executions and balances → rows, trades and what we hold.

An execution's fee is a rate, in per cent: of what was bought, in the coin; of what a sale brought,
in the currency. A stop-limit order that was triggered goes on as another order
(``triggerOrderId``): both are one here.
"""

from decimal import Decimal
from typing import Any

from connectors.decimals import number_text
from connectors.mercadobitcoin.endpoints import VENUE
from connectors.trading.order_row import OrderRow, State
from connectors.trading.reports import Trade
from schemas.enums import Liquidity, OrdType, Side
from schemas.inbox import VenueBalance

_STATES = {
    "created": State.PENDING,
    "working": State.WORKING,
    "filled": State.WORKING,  # its fills end it
    "cancelled": State.CANCELED,
}
_TYPES = {
    "market": OrdType.MARKET,
    "limit": OrdType.LIMIT,
    "post-only": OrdType.LIMIT,
    "stoplimit": OrdType.STOP_LIMIT,
}
_LIQUIDITY = {"maker": Liquidity.MAKER, "taker": Liquidity.TAKER}
_DUST = Decimal("0.00000001")  # the venue keeps eight decimals
_S = 10**9


def order_row(row: dict[str, Any]) -> OrderRow:
    """Of an order, or of a row of any list. Raises KeyError, ValueError on what is none."""
    name, triggered = row["id"], row.get("triggerOrderId") or ""
    state = _STATES.get(row["status"], State.PENDING)
    return OrderRow(
        name=triggered or name,
        client_ids=tuple(c for c in (row.get("externalId"), row.get("external_id")) if c),
        state=State.WORKING if triggered and triggered != name else state,
        ts=int(row.get("updated_at") or row["created_at"]) * _S,
        filled=number_text(row.get("filledQty") or 0),
        size=number_text(row["qty"]),
        price=number_text(row.get("limitPrice") or 0),
        instrument=f"{VENUE}:{row['instrument']}",
        side=Side(row["side"].upper()),
        ord_type=str(_TYPES.get(row["type"], OrdType.LIMIT)),
    )


def trades(row: dict[str, Any], name: str) -> list[Trade]:
    """The executions of an order that has this name here. Raises KeyError, ValueError."""
    return [_trade(execution, name) for execution in row.get("executions") or ()]


def _trade(row: dict[str, Any], name: str) -> Trade:
    base, _, quote = row["instrument"].partition("-")
    size, price = Decimal(number_text(row["qty"])), Decimal(number_text(row["price"]))
    bought = row["side"] == "buy"
    share = Decimal(number_text(row.get("fee_rate") or 0)) / 100
    fee = (size if bought else size * price) * share
    return Trade(
        name=name,
        exec_id=f"{row['instrument']}:{row['id']}",
        ts_event=int(row["executed_at"]) * _S,
        price=f"{price:f}",
        size=f"{size:f}",
        fee=fee.quantize(_DUST),
        fee_currency=base if bought else quote,
        liquidity=_LIQUIDITY.get(row.get("liquidity", ""), Liquidity.NONE),
    )


def balance(row: dict[str, Any], account: str, at: int) -> VenueBalance:
    total, free = Decimal(number_text(row["total"])), Decimal(number_text(row["available"]))
    return VenueBalance(account, at, VENUE, row["symbol"], total, free, "")
