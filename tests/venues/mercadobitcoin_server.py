"""A local server that speaks Mercado Bitcoin's WebSocket and REST, with their habits."""

import json
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from tests.venues.books import TextBook
from tests.venues.server import Handler, Troubles, VenueServer

START = 1_703_894_400 * 10**9
STREAMS = {"BRLBTC": "BTC-BRL", "BRLUSDC": "USDC-BRL"}
_SYMBOLS = {
    "symbol": ["BTC-BRL", "USDC-BRL", "OLD-BRL"],
    "base-currency": ["BTC", "USDC", "OLD"],
    "currency": ["BRL", "BRL", "BRL"],
    "minmovement": ["1", "1", "1"],
    "pricescale": ["100", "100000", "100"],
    "exchange-listed": [True, True, False],
    "exchange-traded": [True, True, False],
    "type": ["CRYPTO", "CRYPTO", "CRYPTO"],
}


def documented(count: int) -> Iterator[str]:
    """Books of three levels, and a trade after each third."""
    for n in range(count):
        price, ts = 345_000 + n % 7, START + n * 10**8
        asks = [[price + 1 + k + 0.5, 0.25 * (k + 1)] for k in range(3)]
        bids = [[price - k, round(1e-05 * (k + 1), 8)] for k in range(3)]
        data = {"asks": asks, "bids": bids, "timestamp": ts}
        book = {"type": "orderbook", "id": "BRLBTC", "ts": ts, "limit": 200, "data": data}
        yield json.dumps(book)
        if n % 3 == 0:
            trade = {"tid": 9000 + n, "price": price, "amount": 0.001, "type": "sell"}
            said = {
                "type": "trade",
                "id": "BRLBTC",
                "ts": ts,
                "data": {**trade, "date": ts // 10**9},
            }
            yield json.dumps(said)


class MercadoBitcoinServer(VenueServer):
    path = "/ws"

    def __init__(self, troubles: Troubles) -> None:
        super().__init__(list(documented(60)), troubles)
        self.books = {id_: TextBook() for id_ in STREAMS}
        self.books["BRLUSDC"].change([["5.12345", "7"]], [["5.2", "0.00000001"]])  # and is quiet
        self.books["BRLBTC"].change([["344999", "1"]], [["345001", "1"]])
        self.ts = START - 1
        self.subscribed: list[tuple[str, str]] = []

    def opened(self, request: web.Request) -> None:
        self.subscribed.clear()

    def ready(self) -> bool:
        return len(self.subscribed) == 2 * len(STREAMS)

    def hear(self, text: str) -> list[str]:
        message = json.loads(text)
        match message["type"]:
            case "ping":
                return ['{"type":"pong"}']
            case "subscribe":
                return [json.dumps(self._asked(message["subscription"]))]
        return ['{"type":"error","message":"unknown message type"}']

    def _asked(self, asked: dict[str, Any]) -> dict[str, Any]:
        stream = (asked["name"], asked["id"])
        if asked["name"] not in ("orderbook", "trade", "ticker"):
            return {"type": "error", "message": "unknown subscription name"}
        if asked["id"] not in STREAMS:
            return {"type": "error", "message": "invalid pair to subscribe"}
        if stream in self.subscribed:
            return {"type": "error", "message": "already subscribed"}
        self.subscribed.append(stream)
        return asked

    def apply(self, message: str) -> None:
        body = json.loads(message)
        if body["type"] == "orderbook":
            book, data = TextBook(), body["data"]
            book.change(*(_texts(data[side]) for side in ("bids", "asks")))
            self.books[body["id"]], self.ts = book, body["ts"]

    def rest(self) -> dict[str, Handler]:
        return {"/api/v4/symbols": self._symbols, "/api/v4/{pair}/orderbook": self._orderbook}

    async def _symbols(self, _: web.Request) -> web.Response:
        return web.json_response(_SYMBOLS)

    async def _orderbook(self, request: web.Request) -> web.Response:
        found = [id_ for id_, pair in STREAMS.items() if pair == request.match_info["pair"]]
        if not found:
            error = {"code": "PUBLIC_DATA|GET_ORDERBOOK|INVALID_BASE_QUOTE", "message": "Invalid"}
            return web.json_response(error, status=400)
        book = self.books[found[0]]
        sides = {"asks": [*map(list, book.sorted_asks())], "bids": [*map(list, book.sorted_bids())]}
        return web.json_response({**sides, "timestamp": self.ts})


def _texts(levels: list[list[float]]) -> list[list[str]]:
    return [[f"{price:f}".rstrip("0").rstrip("."), f"{size:.8f}"] for price, size in levels]
