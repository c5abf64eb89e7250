"""Alpaca's account activities: trades, and cash that moves without one.

A trade's exec id is the venue's order id and the quantity filled up to it, which the trade-updates
stream and the activities both tell. (That an activity's id ends in the stream's ``execution_id`` is
nowhere documented, so nothing rests on it.)
"""

from decimal import Decimal
from typing import Any

from connectors.timestamps import rfc3339_ns
from connectors.trading.reports import Trade
from schemas.enums import CashKind
from schemas.inbox import CashFlow
from streams.operators.risk.money import plain

_KINDS = {
    "FEE": CashKind.FEE,
    "CFEE": CashKind.FEE,
    "PTC": CashKind.FEE,
    "PTR": CashKind.FEE,
    "INT": CashKind.BORROW,
    "INTNRA": CashKind.BORROW,
    "INTTW": CashKind.BORROW,
    "CSD": CashKind.DEPOSIT,
    "CSW": CashKind.WITHDRAWAL,
    "JNLC": CashKind.DEPOSIT,
    "ACATC": CashKind.DEPOSIT,
}


def exec_id(order_id: str, cumulative: str) -> str:
    """The same for ``"2"`` and ``"2.00"``."""
    return f"{order_id}:{plain(Decimal(cumulative))}"


def fill(row: dict[str, Any]) -> Trade:
    """A FILL activity."""
    return Trade(
        name=row["order_id"],
        exec_id=exec_id(row["order_id"], row["cum_qty"]),
        ts_event=rfc3339_ns(row["transaction_time"]),
        price=row["price"],
        size=row["qty"],
        text=f"activity {row['id']}",
    )


def cash_flow(row: dict[str, Any], account: str, instrument: str) -> CashFlow | None:
    """Fees, interest, dividends and transfers; None for what moves no cash. A crypto fee is taken
    in the coin: then ``qty`` is the amount and the coin the currency."""
    kind = _KINDS.get(row["activity_type"])
    if row["activity_type"].startswith("DIV"):
        kind = CashKind.DIVIDEND
    amount, currency = Decimal(row.get("net_amount") or "0"), ""
    if not amount and row["activity_type"] == "CFEE" and row.get("qty"):
        amount, currency = Decimal(row["qty"]), row["symbol"].partition("/")[0].removesuffix("USD")
    if kind is None or not amount:
        return None
    return CashFlow(
        account=account,
        instrument=instrument,
        ts_event=_ts(row),
        kind=kind,
        amount=amount,
        currency=currency,
        flow_id=row["id"],
        text=row.get("description") or row["activity_type"],
    )


def _ts(row: dict[str, Any]) -> int:
    """Such an activity may have a date alone: midnight UTC then."""
    text = row.get("transaction_time") or row.get("created_at") or f"{row['date']}T00:00:00Z"
    return rfc3339_ns(text)
