"""What every local order server shares: it does what is asked, and misbehaves on demand.

``misbehave`` holds, for ``"METHOD kind"`` such as ``"POST orders"``, what to do with the next
requests, one after the other:

- ``lost``: does what is asked and lets the answer never come
- ``cut``: does what is asked and cuts the line
- ``503`` before doing anything, ``500-done`` after doing it
- ``429``: does nothing; the window opens again soon

``stream`` says the same of the next events: ``twice``, ``never``, ``cut`` (the line breaks before
it).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Act = Callable[[Any], Awaitable[tuple[int, Any]]]


@dataclass
class OrderServer:
    """A venue says what its ``routes`` do, whom it does not let in, and how it puts trouble."""

    misbehave: dict[str, list[str]] = field(default_factory=dict)
    stream: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    posted: list[str] = field(default_factory=list)  # client ids, as often as they were sent
    sockets: list[web.WebSocketResponse] = field(default_factory=list)

    def routes(self) -> list[tuple[str, str, str, Act]]:
        """(method, path, kind, what is done)."""
        raise NotImplementedError

    async def asked(self, request: web.Request) -> Any:
        """What an act is given; a response where the venue does not let the request in."""
        raise NotImplementedError

    def trouble(self, how: str) -> web.Response:
        """The venue's words for ``503``, ``429`` and ``500-done``."""
        raise NotImplementedError

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        raise NotImplementedError

    async def broadcast(self, payload: str | bytes) -> None:
        """An event to everyone who listens, unless the stream misbehaves."""
        how = self.stream.pop(0) if self.stream else ""
        dressed = {socket: self.dressed(payload, socket) for socket in self.sockets}
        if how == "cut":
            await self.hang_up()
        if how in ("never", "cut"):
            return
        for _ in range(2 if how == "twice" else 1):
            for socket, message in dressed.items():
                with suppress(ConnectionError):  # the line may just have broken
                    send = socket.send_str if isinstance(message, str) else socket.send_bytes
                    await send(message)

    def dressed(self, payload: str | bytes, _: web.WebSocketResponse) -> str | bytes:
        """As one connection gets it, numbered where the venue numbers."""
        return payload

    async def hang_up(self) -> None:
        for socket in list(self.sockets):
            self.sockets.remove(socket)
            await socket.close()

    def handler(self, kind: str, act: Act) -> Any:
        """The act with the misbehaviour that was asked for."""

        async def handle(request: web.Request) -> web.StreamResponse:
            name = f"{request.method} {kind}"
            self.requests.append(name)
            given = await self.asked(request)
            if isinstance(given, web.Response):
                return given
            waiting = self.misbehave.get(name) or [""]
            how = waiting.pop(0)
            if how in ("503", "429"):
                return self.trouble(how)
            status, body = await act(given)
            if how == "cut" and request.transport:
                request.transport.abort()
            if how in ("lost", "cut"):
                await asyncio.sleep(30)
            if how == "500-done":
                return self.trouble(how)
            return web.Response(status=status) if body is None else answer(body, status)

        return handle


def answer(body: Any, status: int = 200, **headers: str) -> web.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.json_response(body, status=status, headers=named)


@asynccontextmanager
async def serving(server: OrderServer, port: int = 0) -> AsyncIterator[int]:
    """The server on a port of the loopback (0: a free one); its stream lies at /stream."""
    app = web.Application()
    app.router.add_get("/stream", server.socket)
    app.router.add_get("/stream/{key}", server.socket)
    for method, path, kind, act in server.routes():
        app.router.add_route(method, path, server.handler(kind, act))
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
