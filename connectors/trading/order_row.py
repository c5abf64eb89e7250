"""An order as a venue tells it, whatever the message → reports.

A venue's own part (``order_states.py``) brings its answers, lists and stream events into an
``OrderRow``; here it meets the order that is known, or is taken up as one that is not ours.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, auto

from connectors.decimals import scaled
from connectors.trading import reports
from connectors.trading.reports import Trade
from connectors.trading.session import Told
from connectors.trading.tracker import FOREIGN_SCALE, LiveOrder, Tracker
from schemas.enums import ExecType, OrdType, Side


class State(Enum):
    """``PENDING``: the venue has it and has not decided."""

    PENDING = auto()
    WORKING = auto()
    CANCELED = auto()
    EXPIRED = auto()
    REJECTED = auto()


_CLOSED = {State.CANCELED: ExecType.CANCELED, State.EXPIRED: ExecType.EXPIRED}


@dataclass(frozen=True, slots=True)
class OrderRow:
    """``name`` is the venue's own of it, ``client_ids`` those it may have from us. ``price`` is the
    limit, or the stop of an order without one. What a message does not tell is empty: an order of
    which the instrument is not told cannot be taken up, and without ``filled`` no fill is missed.
    """

    name: str
    client_ids: tuple[str, ...]
    state: State
    ts: int
    filled: str
    size: str = ""
    price: str = ""
    instrument: str = ""
    side: Side = Side.BUY
    ord_type: str = str(OrdType.LIMIT)
    text: str = ""


@dataclass(slots=True)
class Reading:
    """``order`` is None for one that is not known and not told whole: look it up.
    ``fills_missing``: the venue traded more of it than was told."""

    order: LiveOrder | None
    told: list[Told] = field(default_factory=list)
    fills_missing: bool = False


def find(tracker: Tracker, row: OrderRow) -> LiveOrder | None:
    """The order that a row is about; one that is not ours is taken up as it is."""
    order = tracker.of(row.name)
    for client in row.client_ids:
        order = order or tracker.orders.get(client)
    if order is not None:
        tracker.named(order, row.name)
        return order
    if not row.instrument:
        return None
    return tracker.adopt(_foreign(tracker, row), row.name)


def _foreign(tracker: Tracker, row: OrderRow) -> LiveOrder:
    client = next((c for c in row.client_ids if c), row.name)
    return LiveOrder(
        account=tracker.account,
        instrument=row.instrument,
        cl_ord_id=client,
        side=row.side,
        size=scaled(row.size or row.filled, FOREIGN_SCALE),
        price=scaled(row.price or "0", FOREIGN_SCALE),
        price_scale=FOREIGN_SCALE,
        size_scale=FOREIGN_SCALE,
        ord_type=row.ord_type,
        ts_event=row.ts,
    )


def read(tracker: Tracker, row: OrderRow, trades: list[Trade]) -> Reading:
    """An order as it stands, and the trades told with it. Raises ValueError on what is none."""
    order = find(tracker, row)
    if order is None:
        return Reading(None)
    reading, name, ts = Reading(order), row.name, row.ts
    if row.state in (State.WORKING, *_CLOSED) and not order.done:
        reading.told += reports.state(tracker, order, ExecType.NEW, f"{name}:NEW", ts)
    reading.told += changed(tracker, order, row)
    for trade in trades:
        reading.told += reports.trade(tracker, order, trade)
    known = order.filled.get(name, 0)
    filled = scaled(row.filled, order.size_scale) if row.filled else known
    reading.fills_missing = filled > known
    if kind := _CLOSED.get(row.state):
        text = row.text or str(kind).lower()
        reading.told += reports.close(tracker, order, kind, f"{name}:{kind}", ts, text, filled)
    elif row.state is State.REJECTED:
        text, kind = row.text or "rejected by the venue", ExecType.REJECTED
        exec_id = f"{order.cl_ord_id}:REJECTED"
        reading.told += reports.state(tracker, order, kind, exec_id, ts, text)
    return reading


def changed(tracker: Tracker, order: LiveOrder, row: OrderRow) -> list[Told]:
    """A change that was asked for and that the row shows."""
    if not (order.asked and row.price and row.size):
        return []
    revision, price, size, stop = order.asked
    wanted = Decimal(price or stop).scaleb(-order.price_scale)
    if (Decimal(row.price), scaled(row.size, order.size_scale)) != (wanted, size):
        return []
    exec_id = f"{row.name}:{ExecType.REPLACED}:{revision}"
    return [*reports.replaced(tracker, order, exec_id, row.ts, size, price)]
