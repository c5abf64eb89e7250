"""Local servers that speak Coinbase's two feeds. The messages of Advanced Trade are made of a
recording of the Exchange: the market is the same."""

import json
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.venues.books import TextBook
from tests.venues.server import Handler, Troubles, VenueServer, recorded_texts

_NOW = "2021-04-17T16:44:00.000000Z"


def _recorded(recorded: Path) -> list[str]:
    """Books, their changes and trades; the recording's tickers lack sizes and tell nothing."""
    texts = recorded_texts(recorded / "coinbase" / "COINBASE.ws.28.0.gz")
    return [t for t in texts if json.loads(t)["type"] in ("snapshot", "l2update", "match")]


class CoinbaseExchangeServer(VenueServer):
    """After each trade a heartbeat names it as the last, as if a second had passed."""

    def __init__(self, recorded: Path, troubles: Troubles, count: int = 3000) -> None:
        messages: list[str] = []
        for text in _recorded(recorded)[:count]:
            messages.append(text)
            body = json.loads(text)
            if body["type"] == "match":
                messages.append(_heartbeat(body["product_id"], body["trade_id"]))
        super().__init__(messages, troubles)
        self.books: dict[str, TextBook] = {}
        for message in messages:
            self.apply(message)
        self.decimals = {product: book.decimals for product, book in self.books.items()}
        self.books = {product: TextBook() for product in self.books}
        self.subscribed: set[tuple[str, str]] = set()

    def opened(self, request: web.Request) -> None:
        self.subscribed.clear()

    def ready(self) -> bool:
        return len(self.subscribed) == 4 * len(self.books)

    def hear(self, text: str) -> list[str]:
        message = json.loads(text)
        if message.get("type") not in ("subscribe", "unsubscribe"):
            return [json.dumps({"type": "error", "message": "Failed to subscribe"})]
        keys = [(c, p) for c in message["channels"] for p in message["product_ids"]]
        if message["type"] == "unsubscribe":
            self.subscribed.difference_update(keys)
            return [json.dumps({"type": "subscriptions", "channels": []})]
        self.subscribed.update(keys)
        books = [self.snapshot(p) for c, p in keys if c == "level2_batch" and self.books[p].bids]
        return [json.dumps({"type": "subscriptions", "channels": []}), *books]

    def snapshot(self, product: str) -> str:
        book = self.books[product]
        sides = {"bids": book.sorted_bids(), "asks": book.sorted_asks()}
        return json.dumps({"type": "snapshot", "product_id": product, **sides})

    def apply(self, message: str) -> None:
        body = json.loads(message)
        book = self.books.setdefault(body["product_id"], TextBook())
        if body["type"] == "snapshot":
            book.change(body["bids"], body["asks"])
        elif body["type"] == "l2update":
            changes = body["changes"]
            sides = ([c[1:] for c in changes if c[0] == side] for side in ("buy", "sell"))
            book.change(*sides)

    def rest(self) -> dict[str, Handler]:
        return {"/products": self._products}

    async def _products(self, _: web.Request) -> web.Response:
        return web.json_response([self.product(p) for p in self.decimals])

    def product(self, name: str) -> dict[str, Any]:
        base, _, quote = name.partition("-")
        price, size = self.decimals[name]
        return {
            "id": name,
            "base_currency": base,
            "quote_currency": quote,
            "quote_increment": f"{10**-price:.{price}f}",
            "base_increment": f"{10**-size:.{size}f}",
            "status": "online",
        }


def _heartbeat(product: str, trade_id: int) -> str:
    body = {"type": "heartbeat", "sequence": 1, "last_trade_id": trade_id, "product_id": product}
    return json.dumps({**body, "time": _NOW})


class AdvancedTradeServer(CoinbaseExchangeServer):
    """Numbers whatever goes out on a line."""

    def __init__(self, recorded: Path, troubles: Troubles, count: int = 3000) -> None:
        super().__init__(recorded, troubles, count)
        self.number = 0

    def opened(self, request: web.Request) -> None:
        super().opened(request)
        self.number = 0

    def outgoing(self, text: str) -> str:
        body = json.loads(text)
        if body["type"] == "error":
            return text
        channel, event = _advanced(body)
        number, self.number = self.number, self.number + 1
        head = {"channel": channel, "client_id": "", "timestamp": body.get("time", _NOW)}
        return json.dumps({**head, "sequence_num": number, "events": [event]})

    def hear(self, text: str) -> list[str]:
        message = json.loads(text)
        if message["channel"] == "heartbeats":
            return [json.dumps({"type": "subscriptions", "channels": []})]
        names = {"level2": ["level2_batch"], "market_trades": ["matches"], "ticker": ["t", "u"]}
        return super().hear(json.dumps({**message, "channels": names[message["channel"]]}))

    def rest(self) -> dict[str, Handler]:
        return {"/api/v3/brokerage/market/products": self._advanced_products}

    async def _advanced_products(self, _: web.Request) -> web.Response:
        products = [
            {
                **(p := self.product(name)),
                "product_id": p["id"],
                "base_currency_id": p["base_currency"],
                "quote_currency_id": p["quote_currency"],
                "price_increment": p["quote_increment"],
                "product_type": "SPOT",
                "alias": "",
            }
            for name in self.decimals
        ]
        return web.json_response({"products": products})


def _advanced(body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The channel and the event that an Exchange message is in Advanced Trade."""
    match body["type"]:
        case "snapshot":
            rows = [("bid", *level) for level in body["bids"]]
            rows += [("offer", *level) for level in body["asks"]]
            return "l2_data", _levels("snapshot", body["product_id"], rows)
        case "l2update":
            sides = {"buy": "bid", "sell": "offer"}
            rows = [(sides[side], price, size) for side, price, size in body["changes"]]
            return "l2_data", _levels("update", body["product_id"], rows)
        case "match":
            names = ("product_id", "price", "size", "time")
            trade = {name: body[name] for name in names} | {"side": body["side"].upper()}
            trades = [{**trade, "trade_id": str(body["trade_id"])}]
            return "market_trades", {"type": "update", "trades": trades}
        case "heartbeat":
            return "heartbeats", {"current_time": _NOW, "heartbeat_counter": 1}
    return "subscriptions", {"subscriptions": {}}


def _levels(kind: str, product: str, rows: list[tuple[str, ...]]) -> dict[str, Any]:
    updates = [
        {"side": side, "event_time": _NOW, "price_level": price, "new_quantity": size}
        for side, price, size in rows
    ]
    return {"type": kind, "product_id": product, "updates": updates}
