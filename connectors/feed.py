"""The WebSocket and REST loop, the only one: it drives any venue's session.

It connects, hands what comes to the session, sends and fetches what the session asks for, tells it
the time, and connects again when the line breaks. Every raw message goes to the capture, whatever
the session makes of it.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import websockets
from websockets.asyncio.client import ClientConnection

from connectors.capture import CaptureWriter
from connectors.publish import Publisher
from connectors.rate_limit import Budget
from connectors.reconnect import Backoff
from connectors.session import Fetch, SendText, Session, Step

_TICK_S = 0.005
_LINE_BROKE = (websockets.WebSocketException, OSError, TimeoutError)


@dataclass(slots=True)
class Feed:
    """One session on its line. ``now_ns`` is the wall clock, given for tests."""

    session: Session
    publisher: Publisher
    backoff: Backoff
    budget: Budget
    capture: CaptureWriter | None = None
    on_time: Callable[[int], None] = lambda _: None
    now_ns: Callable[[], int] = time.time_ns
    connections: int = 0

    async def run(self) -> None:
        """Until it is cancelled; then what waits is published."""
        try:
            async with httpx.AsyncClient(timeout=10) as http, asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep_time())
                while True:  # noqa: ASYNC110  # waiting is what back-off is
                    await asyncio.sleep(await self._connection(http, tasks))
        finally:
            self.publisher.flush()
            if self.capture:
                self.capture.close()

    async def _connection(self, http: httpx.AsyncClient, tasks: asyncio.TaskGroup) -> float:
        """One connection until it breaks; returns how long to wait before the next."""
        started = 0.0
        why = "the venue closed the connection"
        try:
            async with websockets.connect(self.session.url, max_size=2**24) as socket:
                started = time.monotonic()
                self.connections += 1
                await self._act(self.session.connected(self.now_ns()), http, socket, tasks)
                async for message in socket:
                    data = message.encode() if isinstance(message, str) else message
                    await self._act(self._received(data), http, socket, tasks)
        except _LINE_BROKE as error:
            why = str(error) or type(error).__name__
        if started:
            self._publish(self.session.disconnected(self.now_ns(), why))
        return self.backoff.delay(time.monotonic() - started if started else 0.0)

    def _received(self, data: bytes) -> Step:
        at = self.now_ns()
        if self.capture:
            self.capture.write(data, at)
        return self.session.receive(data, at)

    async def _act(
        self,
        step: Step,
        http: httpx.AsyncClient,
        socket: ClientConnection,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._publish(step)
        for request in step.requests:
            match request:
                case SendText():
                    await socket.send(request.text)
                case Fetch():
                    tasks.create_task(self._fetch(request, http))

    async def _fetch(self, request: Fetch, http: httpx.AsyncClient) -> None:
        """An answer that fails is left to the session's time-out, which asks again."""
        await asyncio.sleep(self.budget.delay(request.weight, time.monotonic()))
        try:
            response = await http.get(request.url)
        except httpx.HTTPError:
            return
        if response.status_code in (418, 429):
            await asyncio.sleep(float(response.headers.get("Retry-After", "5")))
        if response.status_code == 200:
            at = self.now_ns()
            if self.capture:
                self.capture.write(response.content, at)
            self._publish(self.session.receive_snapshot(request.symbol, response.content, at))

    def _publish(self, step: Step) -> None:
        at = self.now_ns()
        for event in step.events:
            self.publisher.take(event, at, at)

    async def _keep_time(self) -> None:
        async with httpx.AsyncClient(timeout=10) as http:
            while True:
                await asyncio.sleep(_TICK_S)
                now = self.now_ns()
                self.publisher.due(now)
                self.on_time(now)
                step = self.session.tick(now)
                self._publish(step)
                for request in step.requests:
                    if isinstance(request, Fetch):
                        await self._fetch(request, http)
