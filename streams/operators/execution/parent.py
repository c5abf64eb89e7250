"""A parent order at work: what was sent of it, what came back, what is left.

What always holds:

- ``done + working <= size`` as long as the venue never fills more of a child than was sent: a
  child's size is free again only once its end is reported.
- Filled sizes only grow, whatever order and how often reports come in.
"""

from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any

from schemas.enums import OrdStatus, OrdType, Side, TimeInForce
from schemas.execution import ApprovedOrder
from schemas.ledger import Decision, Fill, OrderUpdate
from streams.operators.execution.params import Terms

ENDED = (
    OrdStatus.FILLED,
    OrdStatus.CANCELED,
    OrdStatus.REJECTED,
    OrdStatus.EXPIRED,
    OrdStatus.DONE_FOR_DAY,
)


@dataclass(slots=True)
class Child:
    """A slice. ``size`` in the parent's scale; ``fills``, the sum of its fills, and ``cum``, what
    updates said, in its own, ``scale``, which has ``finer`` decimals more than the parent's (or
    less, where negative)."""

    instrument: str
    size: int
    price: int
    passive: bool
    scale: int
    finer: int = 0
    fills: int = 0
    cum: int = 0
    ended: bool = False
    cancelling: bool = False

    @property
    def filled(self) -> int:
        """In the parent's scale, rounded up: what was filled is never counted too low."""
        return _shifted(max(self.fills, self.cum), -self.finer)

    @property
    def leaves(self) -> int:
        return 0 if self.ended else max(self.size - self.filled, 0)

    def own(self, size: int, scale: int) -> int:
        """A size at another scale, at this child's."""
        return _shifted(size, self.scale - scale)


def _shifted(size: int, places: int) -> int:
    """So many decimals more, or fewer and rounded up."""
    factor: int = 10 ** abs(places)
    return size * factor if places >= 0 else -(-size // factor)


@dataclass(slots=True)
class Parent:
    """``order`` as it was approved; ``terms`` with start and end resolved. ``slices`` were made so
    far, ``done`` is the sum of what they filled; ``ended`` are those that may still hear of a late
    fill. ``volume_before``: the market's count when the parent began to look; ``goal`` and
    ``step``: how far its schedule is, for algorithms that remember; ``retry_at`` ns: nothing is
    sent before; ``stopping``: no more slices, and why; ``swept``: the last take was sent."""

    order: ApprovedOrder
    terms: Terms
    open: dict[str, Child] = field(default_factory=dict)
    ended: dict[str, Child] = field(default_factory=dict)
    slices: int = 0
    done: int = 0
    volume_before: int | None = None
    goal: int = 0
    step: int = 0
    retry_at: int = 0
    stopping: str = ""
    swept: bool = False

    @property
    def size(self) -> int:
        return self.order.size

    @property
    def side(self) -> int:
        """1 for a buy, -1 for a sell."""
        return 1 if self.order.side is Side.BUY else -1

    @property
    def limit(self) -> int | None:
        """The worst price, scaled."""
        return self.order.price if self.order.ord_type is OrdType.LIMIT else None

    @property
    def working(self) -> int:
        """Of children that may still trade."""
        return sum(child.leaves for child in self.open.values())

    @property
    def free(self) -> int:
        """What may still be sent."""
        return max(self.size - self.done - self.working, 0)

    def within_limit(self, price: int) -> bool:
        return self.limit is None or self.side * (price - self.limit) <= 0

    def units(self, value: Decimal) -> int:
        """Units of the instrument, scaled; what lies below the scale is cut off."""
        return int(value.scaleb(self.order.size_scale))

    def send(self, child: Child) -> str:
        """A new child, and its name."""
        name = f"{self.order.signal_id}/{self.slices}"
        self.open[name] = child
        self.slices += 1
        return name

    def hear(self, message: Fill | OrderUpdate | Decision) -> Child | None:
        """What the gate says of a child, which is returned if that ended it. One that was filled
        whole is forgotten, because nothing can come of it any more."""
        name = message.signal_id
        child = self.open.get(name) or self.ended.get(name)
        if child is None:
            return None
        before = child.filled
        self._note(child, message)
        self.done += child.filled - before
        whole = child.filled >= child.size
        if whole:
            self.ended.pop(name, None)
        if not (child.ended or whole) or name not in self.open:
            return None
        del self.open[name]
        if not whole:
            self.ended[name] = child
        return child

    def _note(self, child: Child, message: Fill | OrderUpdate | Decision) -> None:
        match message:
            case Fill():
                child.fills += child.own(message.size, message.size_scale)
            case OrderUpdate():
                self._update(child, message)
            case Decision() if not message.approved:
                self._refused(child, message.ts_event)

    def _update(self, child: Child, update: OrderUpdate) -> None:
        child.cum = max(child.cum, child.own(update.cum_size, update.size_scale))
        if update.after is OrdStatus.REJECTED:
            self._refused(child, update.ts_event)
        elif update.after in ENDED:
            child.ended = True
        elif update.before is OrdStatus.PENDING_CANCEL:
            child.cancelling = False  # the cancel came to nothing: it may be asked for again

    def _refused(self, child: Child, ts: int) -> None:
        """By the gate or by the venue: nothing more is sent for a while."""
        if not child.ended:
            child.ended = True
            self.retry_at = max(self.retry_at, ts + self.terms.retry_ns)


def resolved(terms: Terms, order: ApprovedOrder) -> Terms:
    """Terms with a start and an end in ns. Raises ValueError where it ends before."""
    start = terms.start or order.ts_event
    end = terms.end or order.ts_expire or start + terms.duration_ns
    if end <= start:
        raise ValueError(f"end {end} does not lie after start {start}")
    return replace(terms, start=start, end=end)


def pack(parent: Parent) -> dict[str, Any]:
    packed = {f.name: getattr(parent, f.name) for f in fields(parent)}
    return {
        **packed,
        "order": _values(parent.order),
        "terms": _values(parent.terms),
        "open": [[name, _values(child)] for name, child in parent.open.items()],
        "ended": [[name, _values(child)] for name, child in parent.ended.items()],
    }


def unpack(packed: dict[str, Any]) -> Parent:
    order = {
        **packed["order"],
        "side": Side(packed["order"]["side"]),
        "ord_type": OrdType(packed["order"]["ord_type"]),
        "time_in_force": TimeInForce(packed["order"]["time_in_force"]),
    }
    made = {
        **packed,
        "order": ApprovedOrder(**order),
        "terms": Terms(**packed["terms"]),
        "open": {name: Child(**child) for name, child in packed["open"]},
        "ended": {name: Child(**child) for name, child in packed["ended"]},
    }
    return Parent(**made)


def _values(value: Any) -> dict[str, Any]:
    return {f.name: getattr(value, f.name) for f in fields(value)}
