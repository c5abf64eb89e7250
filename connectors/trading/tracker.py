"""What an order session knows of its account's orders, whatever the venue: pure, and snapshotted.

An order keeps one client id through all its changes; the venue may give each change a name of its
own (``names``, newest last), and what was filled is counted for each of them. ``told`` holds the
exec ids that were written to the log, so that the stream, a lookup and a reconciliation may all
say the same.
"""

from dataclasses import dataclass, field
from typing import Any

from schemas.enums import Side
from schemas.execution import ApprovedOrder, ReplaceRequest

_KEPT_TOLD = 5_000  # exec ids; more than any venue lists again
_KEPT_DONE = 500  # closed orders, for what comes late
FOREIGN_SCALE = 9  # of orders that were not ours: no venue here has more decimals


@dataclass(slots=True)
class LiveOrder:
    """Sizes and prices scaled. ``asked`` is a change under way: revision, price, size, stop."""

    account: str
    instrument: str
    cl_ord_id: str
    side: Side
    size: int
    price: int
    price_scale: int
    size_scale: int
    ord_type: str
    ts_event: int
    ours: bool = True
    revision: int = 0
    asked: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    at_venue: int = 0  # size of the newest name, as the venue has it
    filled: dict[str, int] = field(default_factory=dict)
    closing: list[Any] = field(default_factory=list)  # see reports.py: a close that waits for fills
    done: bool = False

    @property
    def cum(self) -> int:
        return sum(self.filled.values())

    @property
    def name(self) -> str:
        """The venue's newest name of it; empty while it is not known."""
        return self.names[-1] if self.names else ""


class Tracker:
    """The orders of one account."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.orders: dict[str, LiveOrder] = {}
        self.trades = 0  # counts trades told, to see whether any came meanwhile
        self.changes = 0  # counts all that a snapshot holds
        self._by_name: dict[str, str] = {}
        self._told: dict[str, None] = {}

    def remember(self, order: ApprovedOrder) -> LiveOrder:
        """An approval, before it is sent; the one that is known stays as it is."""
        known = self.orders.get(order.cl_ord_id)
        self.changes += 1
        if known is None:
            known = self.orders[order.cl_ord_id] = LiveOrder(
                order.account,
                order.instrument,
                order.cl_ord_id,
                order.side,
                order.size,
                order.price,
                order.price_scale,
                order.size_scale,
                str(order.ord_type),
                order.ts_event,
            )
            self._prune()
        return known

    def ask(self, request: ReplaceRequest) -> LiveOrder | None:
        """A change, before it is sent."""
        order = self.orders.get(request.cl_ord_id)
        self.changes += 1
        if order:
            order.asked = [request.revision, request.price, request.size, request.stop_price]
        return order

    def adopt(self, order: LiveOrder, name: str) -> LiveOrder:
        """An order of the venue's that was not sent from here; it is told, never ignored."""
        order.ours = False
        self.orders[order.cl_ord_id] = order
        self.named(order, name)
        self._prune()
        return order

    def named(self, order: LiveOrder, name: str) -> None:
        """The venue's name of an order, or of what it became."""
        if name and name not in order.names:
            self.changes += 1
            order.names.append(name)
            self._by_name[name] = order.cl_ord_id

    def unnamed(self, order: LiveOrder, name: str) -> None:
        """A name that came to nothing."""
        if name in order.names and len(order.names) > 1:
            self.changes += 1
            order.names.remove(name)

    def of(self, name: str) -> LiveOrder | None:
        """The order that the venue calls so."""
        return self.orders.get(self._by_name.get(name, ""))

    def open(self) -> list[LiveOrder]:
        """Orders that the venue has and that are not done."""
        return [o for o in self.orders.values() if o.names and not o.done]

    def is_new(self, exec_id: str) -> bool:
        """True once for each exec id."""
        if exec_id in self._told:
            return False
        self._told[exec_id] = None
        self.changes += 1
        if len(self._told) > _KEPT_TOLD:
            del self._told[next(iter(self._told))]
        return True

    def was_told(self, exec_id: str) -> bool:
        return exec_id in self._told

    def scale_of(self, instrument: str) -> int:
        """The size scale that orders of an instrument have."""
        sizes = [
            o.size_scale for o in self.orders.values() if o.instrument == instrument and o.ours
        ]
        return sizes[-1] if sizes else FOREIGN_SCALE

    def instruments(self) -> list[str]:
        """All that was traded here."""
        return sorted({o.instrument for o in self.orders.values()})

    def _prune(self) -> None:
        """Forgets the oldest closed orders."""
        done = [key for key, order in self.orders.items() if order.done]
        for key in done[: len(done) - _KEPT_DONE] if len(done) > 2 * _KEPT_DONE else ():
            for name in self.orders.pop(key).names:
                self._by_name.pop(name, None)

    def pack(self) -> dict[str, Any]:
        """As canonical.pack takes it."""
        return {
            "orders": [{n: getattr(o, n) for n in o.__slots__} for o in self.orders.values()],
            "told": list(self._told),
        }

    def unpack(self, packed: dict[str, Any]) -> None:
        """Takes up what ``pack`` gave."""
        orders = [LiveOrder(**{**o, "side": Side(o["side"])}) for o in packed["orders"]]
        self.orders = {o.cl_ord_id: o for o in orders}
        self._by_name = {name: o.cl_ord_id for o in orders for name in o.names}
        self._told = dict.fromkeys(packed["told"])
