"""Lines that are no WebSockets: an HTTP answer without an end, and a vendor that is only asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from aiohttp import web

from connectors.access import NOBODY, Access, Denied
from connectors.session import polled
from connectors.wire import Wire, opened

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def server(status: int = 200) -> AsyncIterator[str]:
    """Sends two lines, an empty one between them, and then nothing."""

    async def stream(request: web.Request) -> web.StreamResponse:
        if status != 200:
            return web.Response(status=status, text="no, thank you")
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b'{"n":1}\n\n{"n"')
        await asyncio.sleep(0.01)
        await response.write(b":2}\n")
        await asyncio.sleep(60)
        return response

    app = web.Application()
    app.router.add_get("/{any:.*}", stream)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_a_line_of_an_http_stream_is_a_message_and_closing_it_says_why() -> None:
    heard: list[bytes] = []

    async def hear_two(wire: Wire) -> None:
        async for message in wire:
            heard.append(message)
            if len(heard) == 2:
                await wire.close("no heartbeat")

    access = Access({"A": "b"}, account="me")
    async with (
        server() as url,
        httpx.AsyncClient() as http,
        opened(f"{url}/{{account}}", access, http) as wire,
    ):
        with pytest.raises(ConnectionError, match="no heartbeat"):
            await hear_two(wire)
    assert heard == [b'{"n":1}', b'{"n":2}']


async def test_a_stream_that_is_refused_is_told_apart_from_one_that_is_broken() -> None:
    async with httpx.AsyncClient() as http:
        async with server(401) as url:
            with pytest.raises(Denied, match=r"HTTP 401\): no, thank you"):
                async with opened(url, Access({"Authorization": "x"}), http):
                    raise AssertionError("was opened")
            with pytest.raises(ConnectionError, match="HTTP 401"):  # we have no keys
                async with opened(url, NOBODY, http):
                    raise AssertionError("was opened")
        async with server(503) as url:
            with pytest.raises(ConnectionError, match="HTTP 503: no, thank you"):
                async with opened(url, Access({"Authorization": "x"}), http):
                    raise AssertionError("was opened")


async def test_a_line_that_is_only_asked_breaks_with_a_request_and_says_nothing_itself() -> None:
    async with httpx.AsyncClient() as http, opened(polled("http://x"), NOBODY, http) as wire:
        with pytest.raises(ConnectionError, match="only asked"):
            await wire.send("hello")
        await wire.unanswered("HTTP 502")
        await wire.unanswered("HTTP 503")
        with pytest.raises(ConnectionError, match="HTTP 502"):
            await anext(aiter(wire))


def words() -> Access:
    return Access({"Authorization": "secret"}, {"token": "secret"}, "secret", "secret")


async def test_an_access_shows_none_of_its_words() -> None:
    assert "secret" not in repr(words())
    assert words().address("wss://x/{account}?a=b") == "wss://x/secret?a=b&token=secret"
