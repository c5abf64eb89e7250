"""The WebSocket and REST loop, the only one: it drives the sessions of any venue.

It connects, hands what comes to the session, sends and fetches what the session asks for, tells it
the time, and connects again when the line breaks. Every raw message goes to the capture, whatever
the session makes of it. A venue that takes few symbols a line has several lines in one feed.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import websockets
from websockets.asyncio.client import ClientConnection

from connectors.capture import CaptureWriter
from connectors.checked_books import CheckedBooks
from connectors.events import Reconnect
from connectors.publish import Publisher
from connectors.rate_limit import Budget
from connectors.reconnect import Backoff
from connectors.session import Fetch, SendText, Session, Step
from schemas.records import FeedQuality

_TICK_S = 0.005
_LINE_BROKE = (websockets.WebSocketException, OSError, TimeoutError)
_THROTTLED = (418, 429)
STOPPED = "the feed was stopped"
_MOST_BYTES = 2**24  # of a message: the whole book of a venue


@dataclass(slots=True)
class Line:
    """A session, and what its socket needs; ``messages`` is what the venue lets us send on it."""

    session: Session
    backoff: Backoff
    messages: Budget
    instruments: tuple[str, ...]
    capture: CaptureWriter | None = None
    connections: int = 0
    socket: ClientConnection | None = None
    to_send: asyncio.Queue[str] = field(default_factory=asyncio.Queue)


@dataclass(slots=True)
class Feed:
    """A venue's lines. ``requests`` is the budget of HTTP requests, ``openings`` of lines;
    ``checks`` folds books to verify their checksums; ``now_ns`` is the wall clock."""

    lines: tuple[Line, ...]
    publisher: Publisher
    requests: Budget
    openings: Budget
    quality_ns: int = 10 * 10**9
    checks: bool = False
    on_time: Callable[[int], None] = lambda _: None
    on_quality: Callable[[FeedQuality], None] = lambda _: None
    now_ns: Callable[[], int] = time.time_ns
    _last_ns: int = 0
    _wrong: list[str] = field(default_factory=list)
    _asking: set[tuple[str, int]] = field(default_factory=set)

    @property
    def connections(self) -> int:
        return sum(line.connections for line in self.lines)

    async def run(self) -> None:
        """Until it is cancelled; then what waits is published."""
        if self.checks:
            self.publisher.on_frame = CheckedBooks(self._wrong.append).take
        try:
            async with httpx.AsyncClient(timeout=10) as http, asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep_time(http, tasks))
                for line in self.lines:
                    tasks.create_task(self._keep_open(line, http, tasks))
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
            async with websockets.connect(url, max_size=_MOST_BYTES) as socket:
                started = time.monotonic()
                line.connections += 1
                line.socket, line.to_send = socket, asyncio.Queue()
                at = self._now()
                if line.capture:
                    line.capture.opened(url, at)
                sender = tasks.create_task(self._send(line, socket))
                try:
                    self._act(line, session.connected(at), http, tasks)
                    async for message in socket:
                        data = message.encode() if isinstance(message, str) else message
                        self._act(line, self._received(line, data), http, tasks)
                finally:
                    line.socket = None
                    sender.cancel()
        except _LINE_BROKE as error:
            why = str(error) or type(error).__name__
        except asyncio.CancelledError:
            if started:
                self._broke(line, url, STOPPED)
            raise
        if started:
            self._broke(line, url, why)
        return line.backoff.delay(time.monotonic() - started if started else 0.0)

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

    async def _send(self, line: Line, socket: ClientConnection) -> None:
        """What the session has to say, no faster than the venue listens."""
        try:
            while True:
                text = await line.to_send.get()
                await asyncio.sleep(line.messages.delay(1, time.monotonic()))
                await socket.send(text)
        except _LINE_BROKE:
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
                case Reconnect() if line.socket:
                    tasks.create_task(line.socket.close(reason=request.why[:100]))

    async def _fetch(
        self, line: Line, request: Fetch, http: httpx.AsyncClient, tasks: asyncio.TaskGroup
    ) -> None:
        """Asks until the venue no longer says that we are too fast. Another failure is left to the
        session's time-out, which asks again; what is being asked for is not asked for twice, and an
        answer that comes after its line broke is of no use."""
        asked = (request.url, line.connections)
        if asked in self._asking:
            return
        self._asking.add(asked)
        try:
            response = await self._answer(request, http)
        except httpx.HTTPError:
            return
        finally:
            self._asking.discard(asked)
        in_time = line.socket is not None and line.connections == asked[1]
        if response.status_code == httpx.codes.OK and in_time:
            at = self._now()
            if line.capture:
                line.capture.answered(request.url, response.content, at)
            step = line.session.answered(request.url, response.content, at)
            self._act(line, step, http, tasks)

    async def _answer(self, request: Fetch, http: httpx.AsyncClient) -> httpx.Response:
        while True:
            await asyncio.sleep(self.requests.delay(request.weight, time.monotonic()))
            response = await http.get(request.url)
            if response.status_code not in _THROTTLED:
                return response
            self.requests.pause(_retry_after(response), time.monotonic())

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
            round_trip_s = line.socket.latency if line.socket else 0.0
            measured = line.session.quality(now, int(round_trip_s * 1e9))
            self.publisher.quality(measured, now)
            self.on_quality(measured)


def _retry_after(response: httpx.Response) -> float:
    said = response.headers.get("Retry-After", "")
    return float(said) if said.isdecimal() else 5.0
