"""Kraken's orders and trades, of REST and of the executions channel → rows and trades.

An order is named by its transaction id, a trade by its own; both are the same wherever they are
told. REST writes numbers as text, the channel as JSON numbers (docs.kraken.com, "Query orders
info", "Executions").
"""

from decimal import Decimal
from typing import Any

from connectors.decimals import number_text
from connectors.kraken.order_form import our_ids
from connectors.kraken.symbols import asset_of, instrument_of, quote_of
from connectors.timestamps import rfc3339_ns
from connectors.trading.order_row import OrderRow, State
from connectors.trading.reports import Trade
from schemas.enums import Liquidity, OrdType, Side

_REST_STATES = {
    "pending": State.PENDING,
    "open": State.WORKING,
    "closed": State.WORKING,  # whole: its fills end it
    "canceled": State.CANCELED,
    "expired": State.EXPIRED,
}
_STREAM_STATES = {
    "pending_new": State.PENDING,
    "new": State.WORKING,
    "partially_filled": State.WORKING,
    "filled": State.WORKING,
    "canceled": State.CANCELED,
    "expired": State.EXPIRED,
}
_TYPES = {
    "market": OrdType.MARKET,
    "limit": OrdType.LIMIT,
    "iceberg": OrdType.LIMIT,
    "stop-loss": OrdType.STOP,
    "take-profit": OrdType.STOP,
    "stop-loss-limit": OrdType.STOP_LIMIT,
    "take-profit-limit": OrdType.STOP_LIMIT,
    "trailing-stop": OrdType.TRAILING_STOP,
    "trailing-stop-limit": OrdType.TRAILING_STOP,
}


def accepted(txid: str, at: int) -> OrderRow:
    """The answer to AddOrder: the order is at work."""
    return OrderRow(txid, (), State.WORKING, at, "")


def rest_row(txid: str, row: dict[str, Any]) -> OrderRow:
    """Of OpenOrders, ClosedOrders, QueryOrders. Raises KeyError, ValueError."""
    descr = row["descr"]
    kind = _TYPES.get(descr["ordertype"], OrdType.LIMIT)
    price = descr["price2"] if kind is OrdType.STOP_LIMIT else descr["price"]
    return OrderRow(
        name=txid,
        client_ids=our_ids(row.get("cl_ord_id")),
        state=_REST_STATES.get(row["status"], State.PENDING),
        ts=seconds_ns(row.get("closetm") or row["opentm"]),
        filled=row["vol_exec"],
        size=row["vol"],
        price=price.lstrip("+").rstrip("%"),
        instrument=instrument_of(descr["pair"]),
        side=_side(descr["type"]),
        ord_type=str(kind),
        text=row.get("reason") or "",
    )


def stream_row(row: dict[str, Any]) -> OrderRow:
    """Of the executions channel; only an order's first event tells all of it."""
    whole = "order_qty" in row and "symbol" in row
    kind = _TYPES.get(row.get("order_type", "limit"), OrdType.LIMIT)
    stop = (row.get("triggers") or {}).get("price") or row.get("stop_price") or 0
    return OrderRow(
        name=row["order_id"],
        client_ids=our_ids(row.get("cl_ord_id")),
        state=_STREAM_STATES.get(row.get("order_status", ""), State.PENDING),
        ts=rfc3339_ns(row["timestamp"]),
        filled=number_text(row["cum_qty"]) if "cum_qty" in row else "",
        size=number_text(row["order_qty"]) if "order_qty" in row else "",
        price=number_text(row.get("limit_price") or stop),
        instrument=instrument_of(row["symbol"]) if whole else "",
        side=_side(row.get("side", "buy")),
        ord_type=str(kind),
        text=row.get("reason") or "",
    )


def rest_trade(trade_id: str, row: dict[str, Any]) -> Trade:
    """Of TradesHistory: its fee is in the quote currency."""
    liquidity = Liquidity.NONE
    if "maker" in row:
        liquidity = Liquidity.MAKER if row["maker"] else Liquidity.TAKER
    return Trade(
        name=row["ordertxid"],
        exec_id=trade_id,
        ts_event=seconds_ns(row["time"]),
        price=number_text(row["price"]),
        size=number_text(row["vol"]),
        fee=Decimal(row["fee"]),
        fee_currency=quote_of(row["pair"]),
        liquidity=liquidity,
    )


def stream_trade(row: dict[str, Any]) -> list[Trade]:
    """The trade that an event tells, if it does. Raises ValueError where its fee is in more than
    one currency: REST tells it in the quote."""
    if row["exec_type"] != "trade":
        return []
    fees = [fee for fee in row.get("fees") or () if fee["qty"]]
    if len(fees) > 1:
        raise ValueError(f"trade {row['exec_id']} has fees in several currencies")
    liquidity = {"m": Liquidity.MAKER, "t": Liquidity.TAKER}
    return [
        Trade(
            name=row["order_id"],
            exec_id=row["exec_id"],
            ts_event=rfc3339_ns(row["timestamp"]),
            price=number_text(row["last_price"]),
            size=number_text(row["last_qty"]),
            fee=Decimal(fees[0]["qty"]) if fees else Decimal(0),
            fee_currency=asset_of(fees[0]["asset"]) if fees else "",
            liquidity=liquidity.get(row.get("liquidity_ind", ""), Liquidity.NONE),
        )
    ]


def seconds_ns(seconds: Decimal | int) -> int:
    """``1688585840.8921`` → ns."""
    return int(Decimal(number_text(seconds)) * 10**9)


def _side(word: str) -> Side:
    return Side(word.upper())
