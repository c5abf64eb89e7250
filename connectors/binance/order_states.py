"""Binance's order → the row that every venue's becomes, in the form that REST has; the stream's is
brought into it.

An order is named by symbol and order id, a trade by symbol and trade id; both are the venue's own
and the same in every message.
"""

from decimal import Decimal
from typing import Any

from connectors.binance import markets
from connectors.trading.order_row import OrderRow, State
from connectors.trading.reports import Trade
from schemas.enums import Liquidity, Side

_MS = 10**6
_STATES = {
    "NEW": State.WORKING,
    "PARTIALLY_FILLED": State.WORKING,
    "FILLED": State.WORKING,
    "PENDING_CANCEL": State.WORKING,
    "CANCELED": State.CANCELED,
    "EXPIRED": State.EXPIRED,
    "EXPIRED_IN_MATCH": State.EXPIRED,
    "REJECTED": State.REJECTED,
}


def name_of(row: dict[str, Any]) -> str:
    return f"{row['symbol']}:{row['orderId']}"


def order_row(row: dict[str, Any], venue: str, reason: str = "") -> OrderRow:
    """Raises KeyError on what is no order."""
    return OrderRow(
        name=name_of(row),
        client_ids=(row.get("origClientOrderId") or "", row["clientOrderId"]),
        state=_STATES.get(row["status"], State.PENDING),
        ts=ts_of(row),
        filled=row["executedQty"],
        size=row["origQty"],
        price=row.get("price") or "0",
        instrument=markets.name_of(venue, row["symbol"]),
        side=Side(row["side"]),
        ord_type=row["type"],
        text=reason,
    )


def trade_of(row: dict[str, Any]) -> Trade:
    """A row of myTrades or userTrades."""
    maker = row["isMaker"] if "isMaker" in row else row["maker"]
    return Trade(
        name=name_of(row),
        exec_id=f"{row['symbol']}:{row['id']}",
        ts_event=int(row["time"]) * _MS,
        price=row["price"],
        size=row["qty"],
        fee=Decimal(row["commission"]),
        fee_currency=row["commissionAsset"],
        liquidity=Liquidity.MAKER if maker else Liquidity.TAKER,
    )


def trade_in_answer(row: dict[str, Any], fill: dict[str, Any]) -> Trade:
    """A fill within the answer to a new spot order: it took what rested."""
    return Trade(
        name=name_of(row),
        exec_id=f"{row['symbol']}:{fill['tradeId']}",
        ts_event=ts_of(row),
        price=fill["price"],
        size=fill["qty"],
        fee=Decimal(fill["commission"]),
        fee_currency=fill["commissionAsset"],
        liquidity=Liquidity.TAKER,
    )


def ts_of(row: dict[str, Any]) -> int:
    """When a row was true, ns."""
    ms = row.get("updateTime") or row.get("transactTime") or row.get("time") or 0
    return int(ms) * _MS
