"""A local server that speaks Gemini's market data v2."""

import json
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.venues.books import TextBook
from tests.venues.server import Handler, Troubles, VenueServer, recorded_texts

SCALES = (10, 8)


class GeminiServer(VenueServer):
    def __init__(self, recorded: Path, troubles: Troubles) -> None:
        texts = recorded_texts(recorded / "gemini" / "GEMINI.ws.1.0.gz")
        super().__init__(texts, troubles)
        self.books = {json.loads(t)["symbol"]: TextBook() for t in texts if '"l2_updates"' in t}
        self.subscribed: set[str] = set()

    def opened(self, request: web.Request) -> None:
        self.subscribed.clear()

    def ready(self) -> bool:
        return len(self.subscribed) == len(self.books)

    def hear(self, text: str) -> list[str]:
        message = json.loads(text)
        answers: list[str] = []
        for subscription in message["subscriptions"]:
            unknown = [s for s in subscription["symbols"] if s not in self.books]
            if unknown:
                reason = {"result": "error", "reason": "InvalidJson"}
                return [json.dumps({**reason, "message": f"Unknown symbol {unknown[0]}"})]
            answers += self._asked(message["type"], subscription["symbols"])
        return answers

    def _asked(self, kind: str, symbols: list[str]) -> list[str]:
        if kind == "unsubscribe":
            self.subscribed.difference_update(symbols)
            return []
        self.subscribed.update(symbols)
        return [self._snapshot(s) for s in symbols if self.books[s].bids]

    def _snapshot(self, symbol: str) -> str:
        book = self.books[symbol]
        changes = [["buy", *level] for level in book.sorted_bids()]
        changes += [["sell", *level] for level in book.sorted_asks()]
        body = {"type": "l2_updates", "symbol": symbol, "changes": changes}
        return json.dumps({**body, "trades": [], "auction_events": []})

    def apply(self, message: str) -> None:
        body = json.loads(message)
        if body["type"] == "l2_updates":
            changes = body["changes"]
            sides = ([c[1:] for c in changes if c[0] == side] for side in ("buy", "sell"))
            self.books[body["symbol"]].change(*sides)

    def rest(self) -> dict[str, Handler]:
        return {"/v1/symbols/details/all": self._details}

    async def _details(self, _: web.Request) -> web.Response:
        return web.json_response([self._row(symbol) for symbol in self.books])

    def _row(self, symbol: str) -> dict[str, Any]:
        return {
            "symbol": symbol,
            "base_currency": symbol[:-3],
            "quote_currency": symbol[-3:],
            "tick_size": 10 ** -SCALES[1],
            "quote_increment": 10 ** -SCALES[0],
            "status": "open",
            "product_type": "spot",
        }
