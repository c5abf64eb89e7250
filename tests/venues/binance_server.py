"""A local server that speaks Binance's USD-M form and plays a recorded session to who connects.

A WebSocket for the combined stream, REST for exchange information and book snapshots. It keeps a
naive book of what it has played, so that a snapshot asked for at any moment fits the stream. On
demand it drops the line after some messages, and leaves a diff out.
"""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

INFO = {
    "symbols": [
        {
            "symbol": "BTCUSDT",
            "filters": [
                {"filterType": "PRICE_FILTER", "tickSize": "0.10"},
                {"filterType": "LOT_SIZE", "stepSize": "0.001"},
            ],
        }
    ]
}


@dataclass
class BinanceServer:
    """``disconnect_after`` messages the line breaks, once; diff number ``leave_out`` is applied
    but not sent."""

    messages: list[dict[str, Any]]
    disconnect_after: int
    leave_out: int
    bids: dict[str, str] = field(default_factory=dict)
    asks: dict[str, str] = field(default_factory=dict)
    last: int = 0
    played: int = 0
    diffs: int = 0
    snapshots: int = 0
    sent_trades: list[int] = field(default_factory=list)
    played_out: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def done(self) -> bool:
        return self.played >= len(self.messages)

    def best(self) -> tuple[str, str]:
        return max(self.bids, key=float), min(self.asks, key=float)

    async def stream(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        assert "btcusdt@depth" in request.query["streams"]
        while not self.done and not socket.closed:
            message = self.messages[self.played]
            self.played += 1
            if self._apply(message["data"]):
                await socket.send_str(json.dumps(message))
            if self.played == self.disconnect_after:
                break
            await asyncio.sleep(0.002 if self.played % 20 == 0 else 0)
        if self.done:
            self.played_out.set()
            async for received in socket:
                assert received.type != WSMsgType.ERROR
        await socket.close()
        return socket

    def _apply(self, data: dict[str, Any]) -> bool:
        """Updates the book; says whether the message is to be sent."""
        if data.get("e") == "trade":
            self.sent_trades.append(data["t"])
        if data.get("e") != "depthUpdate":
            return True
        for side, levels in ((self.bids, data["b"]), (self.asks, data["a"])):
            for price, size in levels:
                if float(size):
                    side[price] = size
                else:
                    side.pop(price, None)
        self.last = data["u"]
        self.diffs += 1
        return self.diffs != self.leave_out

    async def depth(self, request: web.Request) -> web.Response:
        assert request.query["symbol"] == "BTCUSDT"
        self.snapshots += 1
        body = {
            "lastUpdateId": self.last,
            "E": 1723161256501,
            "T": 1723161256493,
            "bids": [[p, s] for p, s in self.bids.items()],
            "asks": [[p, s] for p, s in self.asks.items()],
        }
        return web.json_response(body)

    async def info(self, _: web.Request) -> web.Response:
        return web.json_response(INFO)


def recorded_messages(path: Path, count: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The recorded snapshot, and so many stream messages after it."""
    snapshot: dict[str, Any] = {}
    messages: list[dict[str, Any]] = []
    with gzip.open(path) as file:
        for line in file:
            message = json.loads(line.partition(b" ")[2])
            if "lastUpdateId" in message:
                snapshot = message
            elif snapshot and len(messages) < count:
                data = message["data"]
                if data.get("e") != "depthUpdate" or data["u"] > snapshot["lastUpdateId"]:
                    messages.append(message)
            if len(messages) == count:
                break
    return snapshot, messages


@asynccontextmanager
async def serving(server: BinanceServer) -> AsyncIterator[int]:
    """The server on a free port of the loopback."""
    app = web.Application()
    app.router.add_get("/stream", server.stream)
    app.router.add_get("/fapi/v1/depth", server.depth)
    app.router.add_get("/fapi/v1/exchangeInfo", server.info)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
