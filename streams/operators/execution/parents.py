"""All parents that a stage works, and what happens to each in the same way whatever slices it.

A parent lives from its approval to its one final report. It ends when all of it is filled, when it
is cancelled, or when its time is up; and only after the end of every child was reported, because
until then a child may still trade.
"""

from collections.abc import Iterator
from typing import Any

from schemas.enums import ExecType
from schemas.execution import ApprovedOrder, CancelRequest
from schemas.ledger import Decision, Fill, OrderUpdate
from streams.operator import Output
from streams.operators.execution import orders, parent
from streams.operators.execution.params import Terms
from streams.operators.execution.parent import Child, Parent


class Parents:
    """By account and signal, and by instrument beside."""

    def __init__(self) -> None:
        self._of: dict[str, dict[str, Parent]] = {}  # of each instrument
        self._all: dict[str, Parent] = {}

    def add(self, order: ApprovedOrder, terms: Terms) -> list[Output]:
        """Accepts a parent."""
        self._put(Parent(order, terms))
        return [orders.report(order, ExecType.NEW, order.ts_event, 0, f"{order.algo} accepts it")]

    def _put(self, one: Parent) -> None:
        self._all[_key(one.order)] = one
        self._of.setdefault(one.order.instrument, {})[_key(one.order)] = one

    def knows(self, order: ApprovedOrder) -> bool:
        return _key(order) in self._all

    def of(self, order: ApprovedOrder) -> Parent:
        """The parent that an order was made."""
        return self._all[_key(order)]

    def on(self, instrument: str) -> list[Parent]:
        """Those of an instrument, always in the same order."""
        of = self._of.get(instrument, {})
        return [of[key] for key in sorted(of)]

    def hear(self, message: Fill | OrderUpdate | Decision) -> Child | None:
        """What the gate says of a child, which is returned if that ended it."""
        one = self._all.get(f"{message.account}|{message.signal_id.rpartition('/')[0]}")
        return one.hear(message) if one else None

    def cancelled(self, request: CancelRequest) -> Parent | None:
        """The parent that a request names, told to stop."""
        for one in self:
            if one.order.cl_ord_id == request.cl_ord_id and one.order.account == request.account:
                one.stopping = one.stopping or "cancelled as asked"
                return one
        return None

    def wind_down(self, one: Parent, now: int) -> list[Output]:
        """Takes back what rests; once nothing is open, the parent is over. A child that does not
        rest ends by itself, and may be on its way to a fill."""
        waiting = []
        for name, child in one.open.items():
            if child.passive and not child.cancelling:
                child.cancelling = True
                waiting.append(orders.cancel(one, name, one.stopping or "time is up", now))
        return waiting if one.open else self.finish(one, now)

    def finish(self, one: Parent, now: int) -> list[Output]:
        """The final report."""
        del self._of[one.order.instrument][_key(one.order)], self._all[_key(one.order)]
        kind = ExecType.CANCELED if one.stopping else ExecType.EXPIRED
        if one.done >= one.size:
            kind = ExecType.DONE_FOR_DAY
        why = f"; {one.stopping}" if one.stopping else ""
        text = f"{one.order.algo}: {one.done} of {one.size} in {one.slices} slices{why}"
        return [orders.report(one.order, kind, now, one.done, text)]

    def __iter__(self) -> Iterator[Parent]:
        return (self._all[key] for key in sorted(self._all))

    def pack(self) -> list[Any]:
        return [parent.pack(one) for one in self]

    def unpack(self, packed: list[Any]) -> None:
        self._of, self._all = {}, {}
        for one in map(parent.unpack, packed):
            self._put(one)


def _key(order: ApprovedOrder) -> str:
    return f"{order.account}|{order.signal_id}"
