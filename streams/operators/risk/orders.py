"""The orders of an account: what was approved, what became of it, what waits."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from schemas.enums import OrdStatus, OrdType, Side, TimeInForce
from schemas.inbox import Signal
from streams.operators.risk import lifecycle
from streams.operators.risk.money import ZERO, scaled

KEPT = 1000  # ended orders that are remembered, for what comes late or twice


@dataclass(slots=True)
class Order:
    """``asked``: the signal, sized and as it was changed since; sizes are scaled by its scale.
    ``execs``: each fill by its venue's id: (signed size, price, fee)."""

    asked: Signal
    cl_ord_id: str
    status: OrdStatus
    sent_ns: int
    arrival: Decimal = ZERO
    cum: int = 0
    full: int = 0  # its size when it was sent
    given: int = 0  # of a parent: what its working slices may still trade
    order_id: str = ""
    revision: int = 0
    change: Signal | None = None  # what a change under way would make of it
    stop: int = 0  # where a held trailing stop stands
    shares: bool = True  # with its group what the strategy holds: only one of them will fill
    execs: dict[str, tuple[int, Decimal, Decimal]] = field(default_factory=dict)

    @property
    def leaves(self) -> int:
        """Scaled size that may still trade, and of a parent has not been handed to slices; while a
        change is under way, of the larger of both."""
        if self.status in lifecycle.ENDED:
            return 0
        size = max(self.asked.size, self.change.size if self.change else 0)
        return max(size - self.cum - self.given, 0)

    @property
    def ended(self) -> bool:
        return self.status in lifecycle.ENDED

    @property
    def works(self) -> bool:
        """It is at the venue, or on its way there."""
        return self.status is not OrdStatus.HELD and self.status not in lifecycle.ENDED

    @property
    def sign(self) -> int:
        return 1 if self.asked.side is Side.BUY else -1

    def shares_in(self, parent: "Order") -> tuple[int, int]:
        """Its size, and what was filled of it, as its parent counts: rounded up."""
        places = parent.asked.size_scale - self.asked.size_scale
        return at_scale(self.asked.size, places), at_scale(self.cum, places)

    @property
    def price(self) -> Decimal:
        """Its limit; 0 for none."""
        return scaled(self.asked.price, self.asked.price_scale)


class Orders:
    """By client order id; by signal; open ones by instrument too, ended ones forgotten after a
    while."""

    def __init__(self) -> None:
        self.open: dict[str, Order] = {}
        self.ended: dict[str, Order] = {}
        self._by_signal: dict[str, str] = {}
        self._at: dict[str, dict[str, Order]] = {}

    def get(self, cl_ord_id: str) -> Order | None:
        return self.open.get(cl_ord_id) or self.ended.get(cl_ord_id)

    def of_signal(self, signal_id: str) -> Order | None:
        return self.get(self._by_signal.get(signal_id, ""))

    def group(self, of: Signal) -> list[Order]:
        """All that is known of a signal's group, ended ones too."""
        known = (*self.open.values(), *self.ended.values())
        return [order for order in known if same_group(order.asked, of)]

    def at(self, instrument: str) -> Iterable[Order]:
        """The open ones of an instrument."""
        return self._at.get(instrument, {}).values()

    def add(self, order: Order) -> None:
        self._open(order)
        self._by_signal[order.asked.signal_id] = order.cl_ord_id

    def _open(self, order: Order) -> None:
        self.open[order.cl_ord_id] = order
        self._at.setdefault(order.asked.instrument, {})[order.cl_ord_id] = order

    def take_out(self, cl_ord_id: str) -> Order | None:
        """Of the open ones."""
        order = self.open.pop(cl_ord_id, None)
        if order:
            del self._at[order.asked.instrument][cl_ord_id]
        return order

    def settle(self, order: Order) -> None:
        """Moves an order between the open and the ended ones, as its state says."""
        if not order.ended:
            if self.ended.pop(order.cl_ord_id, None):
                self._open(order)
            return
        if self.take_out(order.cl_ord_id):
            self.ended[order.cl_ord_id] = order
        while len(self.ended) > KEPT:
            forgotten = self.ended.pop(next(iter(self.ended)))
            self._by_signal.pop(forgotten.asked.signal_id, None)

    def pack(self) -> dict[str, Any]:
        """As canonical.pack takes it; the order of both tables matters, so they are lists."""
        return {
            "open": [_pack(order) for order in self.open.values()],
            "ended": [_pack(order) for order in self.ended.values()],
        }

    @classmethod
    def unpack(cls, packed: dict[str, Any]) -> "Orders":
        made = cls()
        for order in map(_unpack, packed["open"]):
            made.add(order)
        for order in map(_unpack, packed["ended"]):
            made.ended[order.cl_ord_id] = order
            made._by_signal[order.asked.signal_id] = order.cl_ord_id
        return made


def same_group(one: Signal, other: Signal) -> bool:
    """A group is its strategy's own: another may use the same name."""
    return one.group == other.group and one.strategy == other.strategy


def at_scale(size: int, places: int) -> int:
    """A scaled size with so many decimals more, or fewer and rounded up."""
    factor: int = 10 ** abs(places)
    return size * factor if places >= 0 else -(-size // factor)


def changed(signal: Signal, price: int, size: int, stop_price: int) -> Signal:
    """The signal with what is not 0 changed."""
    return replace(
        signal,
        price=price or signal.price,
        size=size or signal.size,
        stop_price=stop_price or signal.stop_price,
    )


def pack_signal(signal: Signal | None) -> list[Any] | None:
    return [getattr(signal, name) for name in Signal.__slots__] if signal else None


def unpack_signal(packed: list[Any] | None) -> Signal | None:
    if packed is None:
        return None
    values = dict(zip(Signal.__slots__, packed, strict=False))  # older states lack what is new
    values["side"], values["ord_type"] = Side(values["side"]), OrdType(values["ord_type"])
    values["time_in_force"] = TimeInForce(values["time_in_force"])
    return Signal(**values)


def _pack(order: Order) -> dict[str, Any]:
    packed = {name: getattr(order, name) for name in Order.__slots__}
    packed["asked"], packed["change"] = pack_signal(order.asked), pack_signal(order.change)
    packed["execs"] = [[key, *values] for key, values in order.execs.items()]
    return packed


def _unpack(packed: dict[str, Any]) -> Order:
    values = dict(packed)
    values["asked"] = unpack_signal(values["asked"])
    values["change"] = unpack_signal(values["change"])
    values["status"] = OrdStatus(values["status"])
    values["execs"] = {key: (size, price, fee) for key, size, price, fee in values["execs"]}
    return Order(**values)
