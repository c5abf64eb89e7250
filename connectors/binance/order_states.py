"""Binance's order → reports, in the form that REST has; the stream's is brought into it.

An order is named by symbol and order id, a trade by symbol and trade id; both are the venue's own
and the same in every message.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.binance import markets
from connectors.decimals import scaled
from connectors.trading import reports
from connectors.trading.reports import Trade
from connectors.trading.session import Told
from connectors.trading.tracker import FOREIGN_SCALE, LiveOrder, Tracker
from schemas.enums import ExecType, Liquidity, Side

_MS = 10**6
_WORKING = ("NEW", "PARTIALLY_FILLED", "FILLED", "PENDING_CANCEL")
_CLOSED = {
    "CANCELED": ExecType.CANCELED,
    "EXPIRED": ExecType.EXPIRED,
    "EXPIRED_IN_MATCH": ExecType.EXPIRED,
}


@dataclass(slots=True)
class Reading:
    """``fills_missing``: the venue traded more of it than was told."""

    order: LiveOrder
    told: list[Told] = field(default_factory=list)
    fills_missing: bool = False


def name_of(row: dict[str, Any]) -> str:
    return f"{row['symbol']}:{row['orderId']}"


def find(tracker: Tracker, venue: str, row: dict[str, Any]) -> LiveOrder:
    """The order that a row is about; one that is not ours is taken up as it is."""
    order = tracker.of(name_of(row))
    for client in (row.get("origClientOrderId"), row["clientOrderId"]):
        order = order or tracker.orders.get(client or "")
    if order is None:
        return tracker.adopt(_foreign(tracker, venue, row), name_of(row))
    tracker.named(order, name_of(row))
    return order


def _foreign(tracker: Tracker, venue: str, row: dict[str, Any]) -> LiveOrder:
    return LiveOrder(
        account=tracker.account,
        instrument=markets.name_of(venue, row["symbol"]),
        cl_ord_id=row["clientOrderId"],
        side=Side(row["side"]),
        size=scaled(row["origQty"], FOREIGN_SCALE),
        price=scaled(row.get("price") or "0", FOREIGN_SCALE),
        price_scale=FOREIGN_SCALE,
        size_scale=FOREIGN_SCALE,
        ord_type=row["type"],
        ts_event=ts_of(row),
    )


def read(
    tracker: Tracker, venue: str, row: dict[str, Any], trades: list[Trade], reason: str = ""
) -> Reading:
    """An order as it stands, and the trades told with it. Raises KeyError, ValueError and the like
    on what is no order."""
    order = find(tracker, venue, row)
    reading, name, status, ts = Reading(order), name_of(row), row["status"], ts_of(row)
    acknowledged = status in _WORKING or status in _CLOSED
    if acknowledged and not order.done:
        reading.told += reports.state(tracker, order, ExecType.NEW, f"{name}:NEW", ts)
    reading.told += _changed(tracker, order, row, ts)
    for trade in trades:
        reading.told += reports.trade(tracker, order, trade)
    filled = scaled(row["executedQty"], order.size_scale)
    reading.fills_missing = filled > order.filled.get(name, 0)
    if kind := _CLOSED.get(status):
        text = reason or status.lower()
        reading.told += reports.close(tracker, order, kind, f"{name}:{kind}", ts, text, filled)
    elif status == "REJECTED":
        text = reason or "rejected by the venue"
        kind, exec_id = ExecType.REJECTED, f"{order.cl_ord_id}:REJECTED"
        reading.told += reports.state(tracker, order, kind, exec_id, ts, text)
    return reading


def _changed(tracker: Tracker, order: LiveOrder, row: dict[str, Any], ts: int) -> list[Told]:
    """A change that was asked for and that the row shows."""
    if not order.asked:
        return []
    revision, price, size, _ = order.asked
    made = (scaled(row["price"], order.price_scale), scaled(row["origQty"], order.size_scale))
    if made != (price, size):
        return []
    exec_id = f"{name_of(row)}:{ExecType.REPLACED}:{revision}"
    return [*reports.replaced(tracker, order, exec_id, ts, size, price)]


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
