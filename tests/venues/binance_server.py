"""A local server that speaks Binance's USD-M form: the combined stream, exchange information and
book snapshots."""

import gzip
import json
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.venues.server import Handler, Troubles, VenueServer

INFO = {
    "symbols": [
        {
            "symbol": "BTCUSDT",
            "status": "TRADING",
            "contractType": "PERPETUAL",
            "baseAsset": "BTC",
            "quoteAsset": "USDT",
            "marginAsset": "USDT",
            "filters": [
                {"filterType": "PRICE_FILTER", "tickSize": "0.10"},
                {"filterType": "LOT_SIZE", "stepSize": "0.001"},
            ],
        }
    ]
}


class BinanceServer(VenueServer):
    path = "/stream"

    def __init__(self, snapshot: dict[str, Any], messages: list[str], troubles: Troubles) -> None:
        super().__init__(messages, troubles)
        self.bids, self.asks = dict(snapshot["bids"]), dict(snapshot["asks"])
        self.last = snapshot["lastUpdateId"]
        self.streams = ""

    def opened(self, request: web.Request) -> None:
        self.streams = request.query["streams"]

    def ready(self) -> bool:
        return "btcusdt@depth" in self.streams

    def hear(self, text: str) -> list[str]:
        return [json.dumps({"error": {"code": 3, "msg": f"Invalid JSON: {text}"}})]

    def best(self) -> tuple[str, str]:
        return max(self.bids, key=float), min(self.asks, key=float)

    def apply(self, message: str) -> None:
        data = json.loads(message)["data"]
        if data.get("e") != "depthUpdate":
            return
        for side, levels in ((self.bids, data["b"]), (self.asks, data["a"])):
            for price, size in levels:
                if float(size):
                    side[price] = size
                else:
                    side.pop(price, None)
        self.last = data["u"]

    def rest(self) -> dict[str, Handler]:
        return {"/fapi/v1/depth": self._depth, "/fapi/v1/exchangeInfo": self._info}

    async def _depth(self, request: web.Request) -> web.Response:
        if request.query["symbol"] != "BTCUSDT":
            return web.json_response({"code": -1121, "msg": "Invalid symbol."}, status=400)
        body = {
            "lastUpdateId": self.last,
            "E": 1723161256501,
            "T": 1723161256493,
            "bids": [[p, s] for p, s in self.bids.items()],
            "asks": [[p, s] for p, s in self.asks.items()],
        }
        return web.json_response(body)

    async def _info(self, _: web.Request) -> web.Response:
        return web.json_response(INFO)


def recorded_messages(path: Path, count: int) -> tuple[dict[str, Any], list[str]]:
    """The recorded snapshot, and so many stream messages after it."""
    snapshot: dict[str, Any] = {}
    messages: list[str] = []
    with gzip.open(path, "rt") as file:
        for line in file:
            text = line.partition(" ")[2]
            message = json.loads(text)
            if "lastUpdateId" in message:
                snapshot = message
            elif snapshot:
                data = message["data"]
                if data.get("e") != "depthUpdate" or data["u"] > snapshot["lastUpdateId"]:
                    messages.append(text)
            if len(messages) == count:
                break
    return snapshot, messages
