"""A local server that speaks Bitstamp's WebSocket v2 and REST order books."""

import json
from pathlib import Path

from aiohttp import web

from tests.venues.books import TextBook
from tests.venues.server import Handler, Troubles, VenueServer, recorded_texts


def recorded_books(recorded: Path) -> dict[str, dict[str, list[list[str]]]]:
    """The REST answers of the recording, by pair."""
    import gzip

    found = {}
    with gzip.open(recorded / "bitstamp" / "BITSTAMP.http.0.0.gz", "rt") as file:
        for line in file:
            head, _, body = line.partition(": ")
            if "order_book/" in head:
                found[head.partition("order_book/")[2].partition(" ")[0]] = json.loads(body)
    return found


class BitstampServer(VenueServer):
    """Its books begin with the recorded snapshots; diffs that these hold already are left out."""

    def __init__(self, recorded: Path, troubles: Troubles) -> None:
        snapshots = recorded_books(recorded)
        self.stamp = {pair: int(body["microtimestamp"]) for pair, body in snapshots.items()}
        texts = recorded_texts(recorded / "bitstamp" / "BITSTAMP.ws.1.0.gz")
        super().__init__([t for t in texts if self._is_later(t)], troubles)
        self.books = {}
        for pair, body in snapshots.items():
            self.books[pair] = TextBook()
            self.books[pair].change(body["bids"], body["asks"])
        self.subscribed: set[str] = set()

    def _is_later(self, text: str) -> bool:
        body = json.loads(text)
        if not body.get("data") or body["event"].startswith("bts:"):
            return False
        pair = body["channel"].rpartition("_")[2]
        return int(body["data"]["microtimestamp"]) > self.stamp[pair]

    def opened(self, request: web.Request) -> None:
        self.subscribed.clear()

    def ready(self) -> bool:
        return len(self.subscribed) == 2 * len(self.books)

    def hear(self, text: str) -> list[str]:
        message = json.loads(text)
        if message["event"] == "bts:heartbeat":
            return [json.dumps({**message, "channel": "", "data": {"status": "success"}})]
        channel = message["data"]["channel"]
        if channel.rpartition("_")[2] not in self.books:
            data = {"code": 4009, "message": "Connection is unauthorized."}
            return [json.dumps({"event": "bts:error", "channel": channel, "data": data})]
        self.subscribed.add(channel)
        return [json.dumps({"event": "bts:subscription_succeeded", "channel": channel, "data": {}})]

    def apply(self, message: str) -> None:
        body = json.loads(message)
        kind, _, pair = body["channel"].rpartition("_")  # none where it asks for a new line
        if kind == "diff_order_book":
            self.books[pair].change(body["data"]["bids"], body["data"]["asks"])
            self.stamp[pair] = int(body["data"]["microtimestamp"])

    def rest(self) -> dict[str, Handler]:
        return {
            "/api/v2/order_book/{pair}/": self._book,
            "/api/v2/trading-pairs-info/": self._pairs,
        }

    async def _book(self, request: web.Request) -> web.Response:
        pair = request.match_info["pair"]
        book = self.books[pair]
        body = {
            "microtimestamp": str(self.stamp[pair]),
            "timestamp": str(self.stamp[pair] // 10**6),
        }
        sides = {"bids": book.sorted_bids(), "asks": book.sorted_asks()}
        return web.json_response({**body, **sides})

    async def _pairs(self, _: web.Request) -> web.Response:
        rows = [
            {
                "name": f"{pair[:-3].upper()}/{pair[-3:].upper()}",
                "url_symbol": pair,
                "base_decimals": 8,
                "counter_decimals": 8,
                "trading": "Enabled",
            }
            for pair in self.books
        ]
        return web.json_response(rows)
