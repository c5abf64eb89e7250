"""The line on which a venue tells what happens to orders; it comes back by itself. A venue without
one is asked again and again instead."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import websockets

from connectors.reconnect import Backoff
from connectors.trading.follower import Follower
from connectors.trading.journal import Journal
from connectors.trading.sender import Sender, refuses
from connectors.trading.session import OrderSession, StreamStep, Verdict

_LINE_BROKE = (websockets.WebSocketException, OSError, TimeoutError)


class _Broken(Exception):
    """The session has no use for this line."""


@dataclass(slots=True)
class OrderStream:
    """``on_ready`` is called whenever the stream tells everything from now on: what came before
    must be asked for."""

    session: OrderSession
    sender: Sender
    journal: Journal
    follower: Follower
    on_ready: Callable[[], None]
    now_ns: Callable[[], int] = time.time_ns
    say: Callable[[str], None] = lambda _: None
    connections: int = 0
    listening: bool = False
    _backoff: Backoff = field(default_factory=lambda: Backoff(random.Random(), 0.2))

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            started = time.monotonic()
            try:
                await (self._connection() if self.session.stream_url else self._poll())
            except (*_LINE_BROKE, _Broken) as error:
                self.listening = False
                self.say(f"order stream: {error or type(error).__name__}; connecting again")
            await asyncio.sleep(self._backoff.delay(time.monotonic() - started))

    async def _poll(self) -> None:
        await self._act(self.session.opened(self.now_ns()))
        while True:
            await asyncio.sleep(self.session.tick_s)
            if self.follower.idle:
                await self._act(self.session.tick(self.now_ns()))

    async def _connection(self) -> None:
        call = self.session.stream_call()
        if call is not None:
            answer = await self.sender.ask(call)
            if answer.verdict is not Verdict.DONE:
                raise _Broken(answer.text)
        async with websockets.connect(self.session.stream_url, max_size=2**24) as socket:
            self.connections += 1
            await self._act(self.session.opened(self.now_ns()), socket)
            while True:
                try:
                    async with asyncio.timeout(self.session.tick_s):
                        message = await socket.recv()
                except TimeoutError:
                    await self._act(self.session.tick(self.now_ns()), socket)
                    continue
                data = message.encode() if isinstance(message, str) else message
                await self._act(self.session.received(data, self.now_ns()), socket)

    async def _act(
        self, step: StreamStep, socket: websockets.ClientConnection | None = None
    ) -> None:
        self.journal.told(step.told)
        self.follower.follow(step.then)
        if socket is not None:
            for text in step.send:
                await socket.send(text)
        if step.ready:
            self.listening = True
            self.say("order stream: listening")
            self.on_ready()
        if step.refused:
            raise refuses(self.session, "on the stream")
        if step.broken:
            raise _Broken(step.broken)
