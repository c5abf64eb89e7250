"""Execution reports of tracked orders, each told once.

An order that closes with more filled than its fills told so far waits for the missing ones, so that
the log has them before the close; a reconciliation that does not find them closes it all the same.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.decimals import decimals_of, scaled
from connectors.trading.tracker import LiveOrder, Tracker
from schemas.enums import ExecType, Liquidity
from schemas.inbox import ExecutionReport

CLOSING = (ExecType.CANCELED, ExecType.REJECTED, ExecType.EXPIRED)


@dataclass(frozen=True, slots=True)
class Trade:
    """A fill as a venue tells it; ``name`` is the venue's name of the order."""

    name: str
    exec_id: str
    ts_event: int
    price: str
    size: str
    fee: Decimal = Decimal(0)
    fee_currency: str = ""
    liquidity: Liquidity = Liquidity.NONE
    text: str = ""


def state(
    tracker: Tracker, order: LiveOrder, kind: ExecType, exec_id: str, ts: int, text: str = ""
) -> list[ExecutionReport]:
    """A change of state, if it was not told before."""
    if not tracker.is_new(exec_id):
        return []
    if kind in CLOSING:
        order.done, order.closing = True, []
    return [_report(order, kind, exec_id, ts, text)]


def trade(tracker: Tracker, order: LiveOrder, fill: Trade) -> list[ExecutionReport]:
    """A fill, if it was not told before, and the close that waited for it. Raises ValueError when
    the size does not fit the order's scale."""
    size = scaled(fill.size, order.size_scale)
    scale = max(order.price_scale, decimals_of(fill.price))
    price = scaled(fill.price, scale)
    if not tracker.is_new(fill.exec_id):
        return []
    tracker.trades += 1
    order.filled[fill.name] = order.filled.get(fill.name, 0) + size
    order.done = order.done or order.cum >= order.size
    told = _report(
        order,
        ExecType.TRADE,
        fill.exec_id,
        fill.ts_event,
        fill.text,
        last_price=price,
        last_size=size,
        price_scale=scale,
        fee=fill.fee,
        fee_currency=fill.fee_currency,
        liquidity=fill.liquidity,
    )
    return [told, *_close_if_complete(tracker, order)]


def close(
    tracker: Tracker,
    order: LiveOrder,
    kind: ExecType,
    exec_id: str,
    ts: int,
    text: str,
    filled: int,
) -> list[ExecutionReport]:
    """The end of an order of which the venue says that ``filled`` (scaled, of its newest name) was
    traded. Nothing yet when fills are missing: ``order.closing`` says so."""
    if filled > order.filled.get(order.name, 0):
        order.closing = [str(kind), exec_id, ts, text, filled]
        return []
    return state(tracker, order, kind, exec_id, ts, text)


def close_anyway(tracker: Tracker, order: LiveOrder) -> list[ExecutionReport]:
    """The close of an order whose fills the venue does not tell."""
    if not order.closing:
        return []
    kind, exec_id, ts, text, _ = order.closing
    return state(tracker, order, ExecType(kind), exec_id, ts, text)


def replaced(
    tracker: Tracker, order: LiveOrder, exec_id: str, ts: int, size: int, price: int
) -> list[ExecutionReport]:
    """A change that the venue made; told before or not, it is not under way any more."""
    order.asked = []
    if not tracker.is_new(exec_id):
        return []
    order.size, order.price = size, price
    return [_report(order, ExecType.REPLACED, exec_id, ts, "", price=price)]


def listed(order: LiveOrder, exec_id: str, ts: int, text: str) -> ExecutionReport:
    """An open order in a reconciliation's list: told in each of them."""
    return _report(order, ExecType.STATUS, exec_id, ts, text, price=order.price)


def _close_if_complete(tracker: Tracker, order: LiveOrder) -> list[ExecutionReport]:
    if order.closing and order.filled.get(order.name, 0) >= order.closing[4]:
        return close_anyway(tracker, order)
    return []


def _report(
    order: LiveOrder, kind: ExecType, exec_id: str, ts: int, text: str, **more: Any
) -> ExecutionReport:
    leaves = 0 if order.done else max(order.size - order.cum, 0)
    values: dict[str, Any] = {
        "last_price": 0,
        "last_size": 0,
        "price_scale": order.price_scale,
        "fee": Decimal(0),
        "liquidity": Liquidity.NONE,
    }
    return ExecutionReport(
        account=order.account,
        instrument=order.instrument,
        cl_ord_id=order.cl_ord_id,
        exec_id=exec_id,
        ts_event=ts,
        exec_type=kind,
        side=order.side,
        cum_size=order.cum,
        leaves_size=leaves,
        size_scale=order.size_scale,
        order_id=order.name,
        text=text,
        **(values | more),
    )
