"""Asks a venue for all it holds, and tells it as one batch; what is new of orders and fills is told
as it is found, so that it stands in the log in the order in which it is known.

Fills are asked for before and after orders, positions and balances: if any was told meanwhile, the
rest may or may not contain it, so everything is asked again. An order that was open and is not
listed any more is looked up. What happened after ``ts_cutoff`` may be missing: messages and
requests are under way; so are approvals after ``ts_approved``. A position of an instrument that was
traded here and that the venue does not list is told as zero.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum, auto

from connectors.trading import reports
from connectors.trading.journal import Journal
from connectors.trading.sender import Sender
from connectors.trading.session import Call, OrderSession, Told, Verdict
from connectors.trading.tracker import LiveOrder
from schemas.enums import Holds
from schemas.inbox import Reconciliation, VenueBalance, VenuePosition

_TRIES = 3
_OVERLAP_NS = 300 * 10**9  # fills are asked for from so long before the last time on


class Incomplete(Exception):
    """The venue did not answer one of the questions."""


class Outcome(Enum):
    TOLD = auto()
    MOVING = auto()  # there was trading all the while: no moment at which all fits together
    FAILED = auto()


@dataclass(slots=True)
class _Found:
    open: dict[str, LiveOrder] = field(default_factory=dict)
    holdings: list[VenuePosition | VenueBalance] = field(default_factory=list)


@dataclass(slots=True)
class Reconciler:
    """``oldest_pending`` is the time (ns) of the oldest approval without an answer; ``approved_to``
    that of the newest which was read: a gate that lags behind may have approved more since."""

    session: OrderSession
    sender: Sender
    journal: Journal
    grace_ns: int
    since: int
    oldest_pending: Callable[[], int | None]
    approved_to: Callable[[], int]
    now_ns: Callable[[], int] = time.time_ns
    batches: int = 0

    async def once(self) -> Outcome:
        """Tells the venue's whole state if it can."""
        begun, approved = self.now_ns(), self.approved_to()
        cutoff = begun - self.grace_ns
        pending = self.oldest_pending()
        if pending is not None:
            cutoff = min(cutoff, pending - 1)
        found = _Found()
        waited = [o for o in self.session.tracker.orders.values() if o.closing]
        try:
            consistent = await self._gather(found, cutoff)
        except Incomplete:
            return Outcome.FAILED
        for order in waited:
            self.journal.told([*reports.close_anyway(self.session.tracker, order)])
        if consistent:
            self.journal.told(self._batch(found, begun, cutoff, approved))
        self.since = begun - _OVERLAP_NS
        self.batches += consistent
        return Outcome.TOLD if consistent else Outcome.MOVING

    async def _gather(self, found: _Found, cutoff: int) -> bool:
        tracker = self.session.tracker
        for _ in range(_TRIES):
            await self._ask(self.session.fills(self.since, self.now_ns()), found)
            trades = tracker.trades
            found.open, found.holdings = {}, []
            for call in self.session.reconcile():
                await self._ask([call], found)
            for order in tracker.open():
                if order.cl_ord_id not in found.open and order.ts_event <= cutoff:
                    await self._ask([self.session.look_at(order)], found)
            await self._ask(self.session.fills(self.since, self.now_ns()), found)
            if tracker.trades == trades:
                return True
        return False

    async def _ask(self, calls: list[Call], found: _Found) -> None:
        """Calls and all that follows from them. Raises Incomplete."""
        calls = list(calls)
        while calls:
            answer = await self.sender.ask(calls.pop(0))
            holdings = [r for r in answer.told if isinstance(r, VenuePosition | VenueBalance)]
            found.holdings += holdings
            self.journal.told([r for r in answer.told if r not in holdings])
            if answer.verdict is Verdict.UNKNOWN:
                raise Incomplete(answer.text)
            found.open |= {order.cl_ord_id: order for order in answer.open}
            calls += answer.then

    def _batch(self, found: _Found, begun: int, cutoff: int, approved: int) -> list[Told]:
        account, venue = self.session.tracker.account, self.session.venue
        name = f"{venue}/{account}/{begun}"
        holds = self.session.holds
        begin = Reconciliation(account, begun, venue, name, False, cutoff, holds, approved)
        status = [
            reports.listed(order, f"{name}/{order.name}", begun, "open at the venue")
            for order in found.open.values()
            if not order.done
        ]
        holdings = [replace(h, ts_event=begun, batch=name) for h in found.holdings]
        gone = self._gone(found, begun, name)
        return [begin, *status, *holdings, *gone, replace(begin, ended=True)]

    def _gone(self, found: _Found, begun: int, batch: str) -> list[VenuePosition]:
        if self.session.holds is Holds.ASSETS:
            return []
        held = {h.instrument for h in found.holdings if isinstance(h, VenuePosition)}
        tracker = self.session.tracker
        return [
            VenuePosition(
                tracker.account, name, begun, 0, tracker.scale_of(name), Decimal(0), batch
            )
            for name in tracker.instruments()
            if name not in held
        ]
