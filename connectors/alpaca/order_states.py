"""Alpaca's order object → reports, wherever it comes from: an answer, a list, the stream.

A change (PATCH) makes a new order with a name of its own that ``replaces`` the old one; here both
are one order. Its client id is ours with ``-r`` and the revision behind it. Should a fill meet
the change, the new order would trade that size again: then what is too much is cancelled.
"""

from dataclasses import dataclass, field
from typing import Any

from connectors.alpaca import holdings
from connectors.alpaca.order_form import TYPES
from connectors.decimals import decimals_of, scaled
from connectors.timestamps import rfc3339_ns
from connectors.trading import reports
from connectors.trading.session import Told
from connectors.trading.tracker import FOREIGN_SCALE, LiveOrder, Tracker
from schemas.enums import ExecType, OrdType, Side

# https://docs.alpaca.markets/docs/orders-at-alpaca, Order Lifecycle
_PENDING = ("pending_new", "accepted", "accepted_for_bidding", "held", "pending_review")
_WORKING = (
    "new",
    "partially_filled",
    "filled",
    "pending_cancel",
    "pending_replace",
    "stopped",
    "calculated",
)
_CLOSED = {"canceled": ExecType.CANCELED, "expired": ExecType.EXPIRED}
_TYPES = {word: kind for kind, word in TYPES.items()}


@dataclass(slots=True)
class Reading:
    """What an order object led to: reports, and which name to look up."""

    order: LiveOrder
    told: list[Told] = field(default_factory=list)
    look_up: str = ""


def client_id(cl_ord_id: str, revision: int) -> str:
    return f"{cl_ord_id}-r{revision}" if revision else cl_ord_id


def find(tracker: Tracker, data: dict[str, Any]) -> LiveOrder:
    """The order that an object is about; one that is not ours is taken up as it is."""
    ours = data["client_order_id"].rpartition("-r")[0]
    order = (
        tracker.of(data["id"])
        or tracker.orders.get(data["client_order_id"])
        or tracker.orders.get(ours)
        or tracker.of(data.get("replaces") or "")
    )
    if order is None:
        return tracker.adopt(_foreign(tracker, data), data["id"])
    if data["status"] != "rejected" or not order.names:
        tracker.named(order, data["id"])
    return order


def _foreign(tracker: Tracker, data: dict[str, Any]) -> LiveOrder:
    size = data.get("qty") or "0"
    return LiveOrder(
        account=tracker.account,
        instrument=holdings.instrument_of(data["symbol"], data["asset_class"]),
        cl_ord_id=data["client_order_id"],
        side=Side.BUY if data["side"] == "buy" else Side.SELL,
        size=scaled(size, FOREIGN_SCALE),
        price=scaled(data.get("limit_price") or "0", FOREIGN_SCALE),
        price_scale=FOREIGN_SCALE,
        size_scale=FOREIGN_SCALE,
        ord_type=str(_TYPES.get(data["type"], OrdType.MARKET)),
        ts_event=ts_of(data),
    )


def read(tracker: Tracker, data: dict[str, Any], ts: int = 0) -> Reading:
    """An order as it stands. Raises KeyError, ValueError and the like on what is no order."""
    order = find(tracker, data)
    reading = Reading(order)
    ts = ts or ts_of(data)
    name, status = data["id"], data["status"]
    if name == order.name and data.get("qty"):
        order.at_venue = scaled(data["qty"], order.size_scale)
    if status == "replaced":
        _replaced(tracker, order, data, ts, reading)
    elif status == "rejected" and _is_change(order, data):
        _change_rejected(tracker, order, data, ts, reading)
    elif status in _WORKING and _is_change(order, data):
        _changed(tracker, order, data, ts, reading)
    else:
        reading.told += _state(tracker, order, data, ts)
    return reading


def filled_of(order: LiveOrder, data: dict[str, Any]) -> int:
    return scaled(data.get("filled_qty") or "0", order.size_scale)


def fills_missing(order: LiveOrder, data: dict[str, Any]) -> bool:
    """Whether the venue traded more of it than was told."""
    return filled_of(order, data) > order.filled.get(data["id"], 0)


def too_much(order: LiveOrder) -> str:
    """The name of an order whose rest, with all that is filled, exceeds what was consented to."""
    if len(order.names) < 2 or order.done or order.closing:
        return ""
    rest = order.at_venue - order.filled.get(order.name, 0)
    consented = max(order.size, order.asked[2] if order.asked else 0)
    return order.name if order.cum + rest > consented else ""


def _is_change(order: LiveOrder, data: dict[str, Any]) -> bool:
    return bool(data.get("replaces")) and data["id"] != order.names[0]


def _state(tracker: Tracker, order: LiveOrder, data: dict[str, Any], ts: int) -> list[Told]:
    name, status = data["id"], data["status"]
    if status in _PENDING:
        kind = None if _is_change(order, data) else ExecType.PENDING_NEW
    elif status in _WORKING:
        kind = ExecType.NEW
    elif status == "rejected":
        kind = ExecType.REJECTED
    else:
        kind = _CLOSED.get(status)
    if kind in (ExecType.CANCELED, ExecType.EXPIRED):
        if name != order.name:
            return []
        text = data.get("reason") or status
        filled = filled_of(order, data)
        return [*reports.close(tracker, order, kind, f"{name}:{kind}", ts, text, filled)]
    early = kind in (ExecType.PENDING_NEW, ExecType.NEW)
    if early and (order.done or tracker.was_told(f"{name}:{ExecType.NEW}")):
        return []
    if kind:
        text = (data.get("reject_reason") or status) if kind is ExecType.REJECTED else ""
        return [*reports.state(tracker, order, kind, f"{name}:{kind}", ts, text)]
    if status in ("done_for_day", "suspended"):
        kind = ExecType.DONE_FOR_DAY if status == "done_for_day" else ExecType.SUSPENDED
        return [*reports.state(tracker, order, kind, f"{name}:{kind}:{ts}", ts, status)]
    return []


def _replaced(
    tracker: Tracker, order: LiveOrder, data: dict[str, Any], ts: int, reading: Reading
) -> None:
    """The old order is gone; the new one may not be known yet."""
    after = data.get("replaced_by") or ""
    if not after:
        return
    if after not in order.names:
        tracker.named(order, after)
        order.at_venue, reading.look_up = 0, after
    if order.asked:
        _, price, size, _ = order.asked
        price = price or order.price
        reading.told += reports.replaced(tracker, order, f"{after}:REPLACED", ts, size, price)


def _changed(
    tracker: Tracker, order: LiveOrder, data: dict[str, Any], ts: int, reading: Reading
) -> None:
    """The new order works: that is the venue's word that the change was made."""
    price, size = order.price, order.cum - order.filled.get(data["id"], 0) + order.at_venue
    if order.asked:
        _, price, size, _ = order.asked
        price = price or order.price
    elif data.get("limit_price"):
        digits = decimals_of(data["limit_price"])
        price = scaled(data["limit_price"], max(digits, order.price_scale))
        price //= 10 ** max(digits - order.price_scale, 0)
    reading.told += reports.replaced(tracker, order, f"{data['id']}:REPLACED", ts, size, price)


def _change_rejected(
    tracker: Tracker, order: LiveOrder, data: dict[str, Any], ts: int, reading: Reading
) -> None:
    """The old order stays what it was."""
    tracker.unnamed(order, data["id"])
    revision, order.asked = (order.asked or [0])[0], []
    kind = ExecType.REPLACE_REJECTED
    exec_id = f"{order.cl_ord_id}:{revision}:{kind}"
    text = data.get("reject_reason") or "rejected by the venue"
    reading.told += reports.state(tracker, order, kind, exec_id, ts, text)


def ts_of(data: dict[str, Any]) -> int:
    """When an order object last changed."""
    return rfc3339_ns(data.get("updated_at") or data.get("submitted_at") or data["created_at"])


def submitted(data: dict[str, Any]) -> int:
    """Before anything of an order was traded."""
    return rfc3339_ns(data.get("submitted_at") or data["created_at"]) - 10**9
