"""One approval until the venue has decided on it.

- An approval without the gate's signature goes nowhere.
- What may have been sent before (a lost answer, a restart) is looked up before it is sent.
- An approval older than ``max_age_ns``, of an order or a change, is rejected back, never sent late.
- A cancel may be repeated: the venue cancels an order once.
"""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from connectors.events import Rejected
from connectors.reconnect import Backoff
from connectors.trading import reports
from connectors.trading.follower import Follower
from connectors.trading.journal import Journal
from connectors.trading.sender import Sender
from connectors.trading.session import Answer, Call, OrderSession, Told, Unsupported, Verdict
from schemas.enums import ExecType
from schemas.execution import ApprovedOrder, CancelRequest, ReplaceRequest, Signed
from streams.log import LogRecord
from streams.operators.risk.signing import SigningKey, verifies


@dataclass(frozen=True, slots=True)
class Item:
    """An approval in the log; ``maybe_sent`` when an adapter before this one may have sent it."""

    record: LogRecord
    message: Signed
    maybe_sent: bool


@dataclass(slots=True)
class OrderFlow:
    session: OrderSession
    sender: Sender
    journal: Journal
    follower: Follower
    key: SigningKey
    max_age_ns: int
    now_ns: Callable[[], int] = time.time_ns
    started: float = field(default_factory=time.monotonic)
    _rng: random.Random = field(default_factory=random.Random)

    def remember(self, message: Signed) -> None:
        """An approval that may have been sent: its order is ours wherever it turns up."""
        if isinstance(message, ApprovedOrder) and _trusted(message, self.key):
            self.session.tracker.remember(message)

    async def take(self, item: Item) -> None:
        """Returns when the answer is written."""
        if not _trusted(item.message, self.key):
            self._write(self._distrust(item.message, item.record))
            return
        match item.message:
            case ApprovedOrder():
                await self._new(item, item.message)
            case CancelRequest():
                await self._cancel(item.message)
            case ReplaceRequest():
                await self._replace(item, item.message)

    async def _new(self, item: Item, order: ApprovedOrder) -> None:
        maybe_sent, sent_at, backoff = item.maybe_sent, self.started, Backoff(self._rng, 0.2)
        try:
            self._check_place(order)
            call = self.session.new(order)
        except Unsupported as error:
            self._write(self._refuse(order, str(error)))
            return
        while True:
            if maybe_sent and (found := await self._look_up(order.cl_ord_id, 0, sent_at)):
                self._write(found.told, found.then)
                return
            if self.now_ns() - order.ts_event > self.max_age_ns:
                self._write(self._refuse(order, self._stale(order)))
                return
            answer = await self.sender.ask(call)
            if answer.verdict is Verdict.DONE:
                self._write(answer.told, answer.then)
                return
            self.journal.told(answer.told)
            maybe_sent, sent_at = True, time.monotonic()
            await asyncio.sleep(backoff.delay(0.0))

    def _check_place(self, order: ApprovedOrder) -> None:
        """The same symbol may be another thing elsewhere. Raises Unsupported."""
        venue, _, symbol = order.instrument.partition(":")
        if venue != self.session.venue or not symbol:
            raise Unsupported(
                f"account {order.account} trades at {self.session.venue}, where there is no "
                f"{order.instrument}"
            )

    async def _replace(self, item: Item, request: ReplaceRequest) -> None:
        maybe_sent, sent_at, backoff = item.maybe_sent, self.started, Backoff(self._rng, 0.2)
        while True:
            call = await self._call_of(request, self.session.replace)  # now the change is known
            if call is not None and maybe_sent:
                found = await self._look_up(request.cl_ord_id, request.revision, sent_at)
                if found:
                    self._write(found.told, found.then)
                    return
                call = await self._call_of(request, self.session.replace)
            if call is None:
                return
            if self.now_ns() - request.ts_event > self.max_age_ns:
                self._write(self._refuse_change(request, self._stale(request)))
                return
            answer = await self.sender.ask(call)
            if answer.verdict is Verdict.DONE:
                self._write(answer.told, answer.then)
                return
            self.journal.told(answer.told)
            maybe_sent, sent_at = True, time.monotonic()
            await asyncio.sleep(backoff.delay(0.0))

    async def _cancel(self, request: CancelRequest) -> None:
        backoff = Backoff(self._rng, 0.2)
        while True:
            call = await self._call_of(request, self.session.cancel)
            if call is None:
                return
            answer = await self.sender.ask(call)
            if answer.verdict is Verdict.DONE:
                self._write(answer.told, answer.then)
                return
            self.journal.told(answer.told)
            await asyncio.sleep(backoff.delay(0.0))

    async def _call_of(self, request: Any, make: Callable[[Any], Call | None]) -> Call | None:
        """The call, once the order's name at the venue is known; None when there is nothing to
        cancel or change, which was then written."""
        try:
            call = make(request)
            if call is not None:
                return call
            found = await self._look_up(request.cl_ord_id, 0, self.started)
            if found:
                self.journal.told(found.told)
                self.follower.follow(found.then)
                call = make(request)
                if call is not None:
                    return call
            why = f"{self.session.venue} knows no order {request.cl_ord_id}"
        except Unsupported as error:
            why = str(error)
        self._write(self._refuse_change(request, why))
        return None

    async def _look_up(self, cl_ord_id: str, revision: int, sent_at: float) -> Answer | None:
        """What the venue knows of an order; None when it has none, and, as the request that was
        under way at ``sent_at`` (monotonic seconds) had time enough, will have none."""
        backoff = Backoff(self._rng, 0.2)
        while True:
            answer = await self._search(self.session.lookup(cl_ord_id, revision))
            waited = time.monotonic() - sent_at
            if answer.verdict is Verdict.DONE:
                return answer
            if answer.verdict is Verdict.ABSENT and waited >= self.session.settle_s:
                return None
            self.journal.told(answer.told)
            await asyncio.sleep(backoff.delay(0.0))

    async def _search(self, call: Call) -> Answer:
        """The answer of the place where the order is, or of the last where it is not."""
        places, found = [call], Answer(Verdict.ABSENT)
        while places and found.verdict is Verdict.ABSENT:
            found = await self.sender.ask(places.pop(0))
            if found.verdict is Verdict.ABSENT:
                places += found.then
        return found

    def _write(self, told: list[Told], then: list[Call] | None = None) -> None:
        self.journal.told(told)
        self.follower.follow(then or [])

    def _refuse(self, order: ApprovedOrder, why: str) -> list[Told]:
        tracker, kind = self.session.tracker, ExecType.REJECTED
        live = tracker.remember(order)
        exec_id = f"{order.cl_ord_id}:{kind}"
        return [*reports.state(tracker, live, kind, exec_id, self.now_ns(), why)]

    def _refuse_change(self, request: CancelRequest | ReplaceRequest, why: str) -> list[Told]:
        """Of an order that is not known either: then only the dead letters can say it."""
        live = self.session.tracker.orders.get(request.cl_ord_id)
        if live is None:
            return [Rejected(why, request.cl_ord_id.encode())]
        replaces = isinstance(request, ReplaceRequest)
        kind = ExecType.REPLACE_REJECTED if replaces else ExecType.CANCEL_REJECTED
        which = request.revision if isinstance(request, ReplaceRequest) else request.ts_event
        live.asked = [] if replaces else live.asked
        exec_id = f"{request.cl_ord_id}:{which}:{kind}"
        return [*reports.state(self.session.tracker, live, kind, exec_id, self.now_ns(), why)]

    def _distrust(self, message: Signed, record: LogRecord) -> list[Told]:
        """It is seen, and nothing waits for it; but whoever forges an approval under the id of an
        order that is real does not close that."""
        why = "the approval's signature does not verify"
        if isinstance(message, ApprovedOrder) and (
            message.cl_ord_id not in self.session.tracker.orders
        ):
            return self._refuse(message, why)
        return [Rejected(f"{type(message).__name__} of {message.cl_ord_id}: {why}", record.value)]

    def _stale(self, order: ApprovedOrder | ReplaceRequest) -> str:
        age, most = (self.now_ns() - order.ts_event) / 1e9, self.max_age_ns / 1e9
        return f"approved {age:.0f} s ago, which is more than {most:g} s: not sent"


def _trusted(message: Any, key: SigningKey) -> bool:
    return verifies(message, key)
