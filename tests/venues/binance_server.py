"""A local server that speaks the form of one of Binance's markets: the combined stream, exchange
information and book snapshots."""

import gzip
import json
from pathlib import Path
from typing import Any

from aiohttp import web

from connectors.binance.markets import COINM, SPOT, USDM, Market
from tests.venues.books import TextBook
from tests.venues.server import Handler, Troubles, VenueServer

_FILES = {
    SPOT: ("spot_btcusdt_20240808.gz", "BTCUSDT"),
    USDM: ("usdm_btcusdt_20240808.gz", "BTCUSDT"),
    COINM: ("cm_btcusd_perp_20240808.gz", "BTCUSD_PERP"),
}
_INFO: dict[Market, dict[str, Any]] = {
    SPOT: {"status": "TRADING", "quoteAsset": "USDT"},
    USDM: {
        "status": "TRADING",
        "quoteAsset": "USDT",
        "contractType": "PERPETUAL",
        "marginAsset": "USDT",
    },
    COINM: {
        "contractStatus": "TRADING",
        "quoteAsset": "USD",
        "contractType": "PERPETUAL",
        "marginAsset": "BTC",
        "contractSize": 100,
    },
}
_STEPS = {SPOT: ("0.01000000", "0.00001000"), USDM: ("0.10", "0.001"), COINM: ("0.1", "1")}


class BinanceServer(VenueServer):
    path = "/stream"

    def __init__(self, recorded: Path, troubles: Troubles, market: Market = USDM) -> None:
        self.market = market
        file, self.symbol = _FILES[market]
        snapshot, messages = recorded_messages(recorded / "binance" / file, 6000)
        super().__init__(messages, troubles)
        self.books = {self.symbol: TextBook()}
        self.books[self.symbol].change(snapshot["bids"], snapshot["asks"])
        self.last = snapshot["lastUpdateId"]
        self.streams = ""

    def opened(self, request: web.Request) -> None:
        self.streams = request.query["streams"]

    def ready(self) -> bool:
        return f"{self.symbol.lower()}@{self.market.depth_stream}" in self.streams

    def hear(self, text: str) -> list[str]:
        return [json.dumps({"error": {"code": 3, "msg": f"Invalid JSON: {text}"}})]

    def apply(self, message: str) -> None:
        data = json.loads(message)["data"]
        if data.get("e") == "depthUpdate":
            self.books[self.symbol].change(data["b"], data["a"])
            self.last = data["u"]

    def rest(self) -> dict[str, Handler]:
        return {self.market.depth_path: self._depth, self.market.info_path: self._info}

    async def _depth(self, request: web.Request) -> web.Response:
        if request.query["symbol"] != self.symbol:
            return web.json_response({"code": -1121, "msg": "Invalid symbol."}, status=400)
        book = self.books[self.symbol]
        body = {"lastUpdateId": self.last, "bids": book.sorted_bids(), "asks": book.sorted_asks()}
        times = {} if self.market is SPOT else {"E": 1723161256501, "T": 1723161256493}
        return web.json_response({**body, **times})

    async def _info(self, _: web.Request) -> web.Response:
        tick, lot = _STEPS[self.market]
        filters = [
            {"filterType": "PRICE_FILTER", "tickSize": tick},
            {"filterType": "LOT_SIZE", "stepSize": lot},
        ]
        entry = {"symbol": self.symbol, "baseAsset": "BTC", **_INFO[self.market]}
        return web.json_response({"symbols": [{**entry, "filters": filters}]})


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
