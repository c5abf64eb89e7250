"""The loop of lines and requests, the only one: it drives the sessions of any venue.

It connects, hands what comes to the session, sends and fetches what the session asks for, tells it
the time, and connects again when the line breaks. Every raw message goes to the capture, whatever
the session makes of it. A venue that takes few symbols a line has several lines in one feed.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from connectors.access import NOBODY, Access, Denied, hush
from connectors.capture import CaptureWriter
from connectors.checked_books import CheckedBooks
from connectors.events import GiveUp, Reconnect, Slower
from connectors.publish import Publisher
from connectors.rate_limit import Budget
from connectors.reconnect import Backoff
from connectors.reference import retry_after
from connectors.session import Authenticate, Fetch, SendText, Session, Step
from connectors.wire import LINE_BROKE, Wire, opened, refused
from schemas.records import FeedQuality

_TICK_S = 0.005
_THROTTLED = (418, 429)
STOPPED = "the feed was stopped"


@dataclass(slots=True)
class Line:
    """A session, and what its wire needs; ``messages`` is what the venue lets us send on it,
    ``access`` who we are to it."""

    session: Session
    backoff: Backoff
    messages: Budget
    instruments: tuple[str, ...]
    capture: CaptureWriter | None = None
    access: Access = NOBODY
    connections: int = 0
    wait_s: float = 0.0  # the venue wants no new connection before
    wire: Wire | None = None
    to_send: asyncio.Queue[str] = field(default_factory=asyncio.Queue)


@dataclass(slots=True)
class Feed:
    """A venue's lines. ``requests`` is the budget of HTTP requests, ``openings`` of lines;
    ``checks`` folds books to verify their checksums; ``library`` answers requests in place of HTTP,
    in a thread; ``now_ns`` is the wall clock."""

    lines: tuple[Line, ...]
    publisher: Publisher
    requests: Budget
    openings: Budget
    quality_ns: int = 10 * 10**9
    checks: bool = False
    on_time: Callable[[int], None] = lambda _: None
    on_quality: Callable[[FeedQuality], None] = lambda _: None
    library: Callable[[str], bytes] | None = None
    now_ns: Callable[[], int] = time.time_ns
    _last_ns: int = 0
    _wrong: list[str] = field(default_factory=list)
    _asking: set[tuple[str, int]] = field(default_factory=set)

    @property
    def connections(self) -> int:
        return sum(line.connections for line in self.lines)

    async def run(self) -> None:
        """Until it is cancelled; then what waits is published. Raises Denied."""
        if self.checks:
            self.publisher.on_frame = CheckedBooks(self._wrong.append).take
        hush()
        try:
            async with httpx.AsyncClient(timeout=10) as http, asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep_time(http, tasks))
                for line in self.lines:
                    tasks.create_task(self._keep_open(line, http, tasks))
        except ExceptionGroup as group:
            raise _denied(group) or group from None
        finally:
            self.publisher.flush()
            self._measure(self._now())
            for line in self.lines:
                if line.capture:
                    line.capture.close()

    def _now(self) -> int:
        """The wall clock, but never back: positions in the log only grow."""
        self._last_ns = max(self._last_ns, self.now_ns())
        return self._last_ns

    async def _keep_open(
        self, line: Line, http: httpx.AsyncClient, tasks: asyncio.TaskGroup
    ) -> None:
        while True:  # noqa: ASYNC110  # waiting is what back-off is
            await asyncio.sleep(await self._connection(line, http, tasks))

    async def _connection(
        self, line: Line, http: httpx.AsyncClient, tasks: asyncio.TaskGroup
    ) -> float:
        """One connection until it breaks; returns how long to wait before the next."""
        session, url = line.session, line.session.url
        started, why = 0.0, "the venue closed the connection"
        await asyncio.sleep(self.openings.delay(1, time.monotonic()))
        try:
            async with opened(url, line.access, http) as wire:
                started = time.monotonic()
                line.connections += 1
                line.wire, line.to_send = wire, asyncio.Queue()
                at = self._now()
                if line.capture:
                    line.capture.opened(url, at)
                sender = tasks.create_task(self._send(line, wire))
                try:
                    self._act(line, session.connected(at), http, tasks)
                    async for data in wire:
                        self._act(line, self._received(line, data), http, tasks)
                finally:
                    line.wire = None
                    sender.cancel()
        except LINE_BROKE as error:
            why = str(error) or type(error).__name__
        except asyncio.CancelledError:
            if started:
                self._broke(line, url, STOPPED)
            raise
        except Denied as error:
            if started:
                self._broke(line, url, str(error))
            raise
        if started:
            self._broke(line, url, why)
        wait_s, line.wait_s = line.wait_s, 0.0
        return max(wait_s, line.backoff.delay(time.monotonic() - started if started else 0.0))

    def _broke(self, line: Line, url: str, why: str) -> None:
        at = self._now()
        if line.capture:
            line.capture.closed(url, why, at)
        self._publish(line.session.disconnected(at, why))

    def _received(self, line: Line, data: bytes) -> Step:
        at = self._now()
        if line.capture:
            line.capture.received(data, at)
        return line.session.receive(data, at)

    async def _send(self, line: Line, wire: Wire) -> None:
        """What the session has to say, no faster than the venue listens."""
        try:
            while True:
                text = await line.to_send.get()
                await asyncio.sleep(line.messages.delay(1, time.monotonic()))
                await wire.send(text)
        except LINE_BROKE:
            return  # who reads it finds the same

    def _act(
        self, line: Line, step: Step, http: httpx.AsyncClient, tasks: asyncio.TaskGroup
    ) -> None:
        self._publish(step)
        for request in step.requests:
            match request:
                case SendText():
                    line.to_send.put_nowait(request.text)
                case Fetch():
                    tasks.create_task(self._fetch(line, request, http, tasks))
                case Authenticate():
                    line.to_send.put_nowait(line.access.hello)
                case Slower():
                    self.requests.pause(request.wait_s, time.monotonic())
                case GiveUp():
                    raise Denied(request.why)
                case Reconnect() if line.wire:
                    line.wait_s = max(line.wait_s, request.wait_s)
                    tasks.create_task(line.wire.close(request.why))

    async def _fetch(
        self, line: Line, request: Fetch, http: httpx.AsyncClient, tasks: asyncio.TaskGroup
    ) -> None:
        """Asks until the venue no longer says that we are too fast. Another failure is left to the
        session's time-out, which asks again, or breaks a line that is only asked; what is being
        asked for is not asked for twice, and an answer that comes after its line broke is of no
        use."""
        asked = (request.url, line.connections)
        if asked in self._asking:
            return
        self._asking.add(asked)
        try:
            response = await self._answer(line, request, http)
        except (httpx.HTTPError, OSError) as error:
            await self._unanswered(line, str(error) or type(error).__name__)
            return
        finally:
            self._asking.discard(asked)
        if line.wire is None or line.connections != asked[1]:
            return
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            await self._unanswered(line, f"HTTP {response.status_code}")
        elif refused(response.status_code, line.access):
            said = f"the venue refuses the keys (HTTP {response.status_code})"
            raise Denied(f"{request.url}: {said}")
        else:
            at = self._now()
            if line.capture:
                line.capture.answered(request.url, response.content, at)
            step = line.session.answered(request.url, response.content, at)
            self._act(line, step, http, tasks)

    async def _unanswered(self, line: Line, why: str) -> None:
        if line.wire:
            await line.wire.unanswered(why)

    async def _answer(self, line: Line, request: Fetch, http: httpx.AsyncClient) -> httpx.Response:
        access = line.access
        while True:
            await asyncio.sleep(self.requests.delay(request.weight, time.monotonic()))
            if self.library:
                body = await asyncio.to_thread(self.library, request.url)
                return httpx.Response(httpx.codes.OK, content=body)
            response = await http.get(access.address(request.url), headers=dict(access.headers))
            if response.status_code not in _THROTTLED:
                return response
            self.requests.pause(retry_after(response), time.monotonic())

    def _publish(self, step: Step) -> None:
        at = self._now()
        for event in step.events:
            self.publisher.take(event, at, at)

    async def _keep_time(self, http: httpx.AsyncClient, tasks: asyncio.TaskGroup) -> None:
        measured = self._now()
        while True:
            await asyncio.sleep(_TICK_S)
            now = self._now()
            self.publisher.due(now)
            self.on_time(now)
            for line in self.lines:
                self._act(line, line.session.tick(now), http, tasks)
            for name in self._taken_wrong():
                line = next(line for line in self.lines if name in line.instruments)
                self._act(line, line.session.bad_checksum(name, now), http, tasks)
            if now - measured >= self.quality_ns:
                measured = now
                self._measure(now)

    def _taken_wrong(self) -> list[str]:
        wrong = list(self._wrong)
        self._wrong.clear()
        return wrong

    def _measure(self, now: int) -> None:
        for line in self.lines:
            round_trip_s = line.wire.latency if line.wire else 0.0
            measured = line.session.quality(now, int(round_trip_s * 1e9))
            self.publisher.quality(measured, now)
            self.on_quality(measured)


def _denied(group: BaseException) -> Denied | None:
    """The venue's refusal among what ended the tasks."""
    if isinstance(group, BaseExceptionGroup):
        return next(filter(None, map(_denied, group.exceptions)), None)
    return group if isinstance(group, Denied) else None
