"""The lines on which venues speak, behind one face: WebSockets, and HTTP answers without an end.

A line that breaks raises ``ConnectionError`` or what its library raises for that; one at which the
venue refuses our keys raises ``Denied``.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import httpx
import websockets
from websockets.asyncio.client import ClientConnection

from connectors.access import Access, Denied
from connectors.poll import PollWire
from connectors.session import POLL

_MOST_BYTES = 2**24  # of a message: the whole book of a venue
_REFUSED = (401, 403)
_SILENCE_S = 15.0  # of an HTTP stream; they all have heartbeats
LINE_BROKE = (websockets.WebSocketException, httpx.HTTPError, OSError, TimeoutError)


class Wire(Protocol):
    """``latency`` is a round trip in seconds, 0 where it is not known."""

    @property
    def latency(self) -> float: ...
    def __aiter__(self) -> AsyncIterator[bytes]: ...
    async def send(self, text: str) -> None: ...
    async def close(self, why: str) -> None: ...
    async def unanswered(self, why: str) -> None:
        """A request of this line brought no answer."""
        ...


@asynccontextmanager
async def opened(url: str, access: Access, http: httpx.AsyncClient) -> AsyncIterator[Wire]:
    """A line to ``url``, by its scheme."""
    scheme = url.partition(":")[0]
    if scheme == POLL:
        yield PollWire()
    elif scheme in ("http", "https"):
        async with _streamed(access.address(url), access, http) as stream:
            yield stream
    else:
        async with _websocket(access.address(url), access) as socket:
            yield socket


def refused(status: int, access: Access) -> bool:
    """Whether an HTTP status means that our keys are no good."""
    return bool(access) and status in _REFUSED


@asynccontextmanager
async def _websocket(address: str, access: Access) -> AsyncIterator["_Socket"]:
    headers = dict(access.headers)
    try:
        connection = websockets.connect(address, max_size=_MOST_BYTES, additional_headers=headers)
        async with connection as socket:
            yield _Socket(socket)
    except websockets.InvalidStatus as error:
        if refused(error.response.status_code, access):
            raise Denied(
                f"the venue refuses the keys (HTTP {error.response.status_code})"
            ) from None
        raise


class _Socket:
    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    @property
    def latency(self) -> float:
        return self._socket.latency

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for message in self._socket:
            yield message.encode() if isinstance(message, str) else message

    async def send(self, text: str) -> None:
        await self._socket.send(text)

    async def close(self, why: str) -> None:
        await self._socket.close(reason=why[:100])

    async def unanswered(self, why: str) -> None:
        """The session asks again after a while; the messages come meanwhile."""


@asynccontextmanager
async def _streamed(
    address: str, access: Access, http: httpx.AsyncClient
) -> AsyncIterator["_Stream"]:
    timeout = httpx.Timeout(10, read=_SILENCE_S)
    request = http.stream("GET", address, headers=dict(access.headers), timeout=timeout)
    async with request as response:
        if response.status_code != httpx.codes.OK:
            said = (await response.aread())[:200].decode(errors="replace")
            if refused(response.status_code, access):
                raise Denied(f"the venue refuses the keys (HTTP {response.status_code}): {said}")
            raise ConnectionError(f"HTTP {response.status_code}: {said}")
        yield _Stream(response)


class _Stream:
    """An answer that goes on for as long as the venue has something to say, a line a message."""

    latency = 0.0

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self._closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        lines = self._response.aiter_lines()
        while True:
            following: asyncio.Future[str | None] = asyncio.ensure_future(anext(lines, None))
            both: set[asyncio.Future[Any]] = {following, self._closed}
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not following.done():
                    following.cancel()
            if self._closed.done():
                raise ConnectionError(self._closed.result())
            line = following.result()
            if line is None:
                return
            if line.strip():
                yield line.encode()

    async def send(self, text: str) -> None:
        raise ConnectionError("nothing can be said on an HTTP stream")

    async def close(self, why: str) -> None:
        if not self._closed.done():
            self._closed.set_result(why)

    async def unanswered(self, why: str) -> None:
        """The stream goes on."""
