"""A local server that speaks Kraken's WebSocket v1 and plays a recording of 1,000 levels a side."""

import json
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.venues.books import TextBook
from tests.venues.server import Handler, Troubles, VenueServer, recorded_texts

CHANNEL = "book-1000"
PAIRS = {  # pair → decimals of price
    "WAVES/EUR": 6,
    "KSM/XBT": 8,
    "ETH/CHF": 5,
    "OCEAN/XBT": 9,
    "XBT/CHF": 5,
}


class KrakenV1Server(VenueServer):
    def __init__(self, messages: list[str], troubles: Troubles) -> None:
        super().__init__(messages, troubles)
        self.books = {pair: TextBook(1000) for pair in PAIRS}
        self.subscribed: dict[str, int] = {}
        self.books_sent = 0

    def opened(self, request: web.Request) -> None:
        self.subscribed.clear()

    def greeting(self) -> list[str]:
        status = {"connectionID": 1, "event": "systemStatus", "status": "online", "version": "1.9"}
        return [json.dumps(status)]

    def ready(self) -> bool:
        return len(self.subscribed) >= len(PAIRS)

    def hear(self, text: str) -> list[str]:
        message = json.loads(text)
        match message["event"]:
            case "ping":
                return [json.dumps({"event": "pong"})]
            case "subscribe" | "unsubscribe" as event:
                return [a for pair in message["pair"] for a in self._asked(event, message, pair)]
        return [json.dumps({"errorMessage": "Unsupported event", "event": "error"})]

    def _asked(self, event: str, message: dict[str, Any], pair: str) -> list[str]:
        subscription = message["subscription"]
        status = {"event": "subscriptionStatus", "pair": pair, "subscription": subscription}
        if pair not in PAIRS:
            error = {"status": "error", "errorMessage": f"Currency pair not supported {pair}"}
            return [json.dumps({**status, **error})]
        answers = [json.dumps({**status, "status": f"{event}d", "channelName": CHANNEL})]
        if subscription["name"] == "book" and event == "subscribe":
            self.subscribed[pair] = self.subscribed.get(pair, 0) + 1
            answers += self._snapshot(pair)
        return answers

    def _snapshot(self, pair: str) -> list[str]:
        book, ts = self.books[pair], "1618678133.0"
        if not book.bids:
            return []  # the recording has not come to it
        asks = [[price, size, ts] for price, size in book.sorted_asks()]
        bids = [[price, size, ts] for price, size in book.sorted_bids()]
        self.books_sent += 1
        return [json.dumps([1, {"as": asks, "bs": bids}, CHANNEL, pair])]

    def apply(self, message: str) -> None:
        self.books_sent += '"as":' in message
        *parts, _, pair = json.loads(message)[1:]
        for part in parts:
            self.books[pair].change(
                part.get("bs", part.get("b", [])), part.get("as", part.get("a", []))
            )

    def rest(self) -> dict[str, Handler]:
        return {"/0/public/AssetPairs": asset_pairs}


async def asset_pairs(_: web.Request) -> web.Response:
    result = {
        pair.replace("/", ""): {
            "wsname": pair,
            "pair_decimals": decimals,
            "lot_decimals": 8,
            "status": "online",
        }
        for pair, decimals in PAIRS.items()
    }
    return web.json_response({"error": [], "result": result})


def recorded_messages(path: Path) -> list[str]:
    """The book messages of the recording."""
    texts = recorded_texts(path / "kraken" / "kraken_book1000_2021-04-17.txt.gz")
    return [text for text in texts if text.startswith("[")]
