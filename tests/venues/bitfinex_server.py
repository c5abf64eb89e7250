"""A local server that speaks Bitfinex's WebSocket v2: channels by number, every message numbered,
and a checksum of a book after every tenth change."""

import json
import zlib
from decimal import Decimal
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.venues.books import TextBook
from tests.venues.server import Handler, Troubles, VenueServer, recorded_texts

LIMIT = 25


def recorded_messages(recorded: Path) -> tuple[list[str], list[str]]:
    """The books' symbols, and their messages as ``[symbol, payload]``, with checksums."""
    channels: dict[int, str] = {}
    books: dict[str, TextBook] = {}
    made: list[str] = []
    for text in recorded_texts(recorded / "bitfinex" / "BITFINEX.ws.11.0.gz"):
        body = json.loads(text, parse_float=Decimal)
        if isinstance(body, dict):
            if body["event"] == "subscribed" and body["channel"] == "book":
                channels[body["chanId"]] = body["symbol"]
                books[body["symbol"]] = TextBook()
            continue
        symbol = channels.get(body[0])
        if symbol is None or body[1] == "hb" or not body[1]:
            continue
        made.append(_text([symbol, body[1]]))
        fold(books[symbol], body[1])
        if len(made) % 10 == 0:
            made.append(_text([symbol, "cs", checksum(books[symbol])]))
    return list(books), made


def _text(value: Any) -> str:
    """JSON with decimals as numbers, with all their digits."""
    if isinstance(value, list):
        return f"[{','.join(map(_text, value))}]"
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value)


def fold(book: TextBook, payload: list[Any]) -> None:
    rows = payload if isinstance(payload[0], list) else [payload]
    for price, count, amount in rows:
        level = [f"{price:f}", f"{abs(amount):f}" if count else "0"]
        book.change(*(([level], []) if amount > 0 else ([], [level])))


def checksum(book: TextBook) -> int:
    """As Bitfinex documents it: signed, over 25 levels, numbers as JavaScript writes them."""
    bids, asks = book.sorted_bids()[:25], book.sorted_asks()[:25]
    parts: list[str] = []
    for n in range(25):
        for sign, side in (("", bids), ("-", asks)):
            if n < len(side):
                parts += [script(side[n][0]), sign + script(side[n][1])]
    value = zlib.crc32(":".join(parts).encode())
    return value - (1 << 32) if value >= 1 << 31 else value


def script(text: str) -> str:
    """``0.00000012`` → ``1.2e-7``."""
    number = Decimal(text)
    if number < Decimal("1e-6"):
        mantissa, _, exponent = f"{number.normalize():e}".partition("e")
        return f"{mantissa}e{int(exponent)}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class BitfinexServer(VenueServer):
    def __init__(self, recorded: Path, troubles: Troubles) -> None:
        symbols, messages = recorded_messages(recorded)
        super().__init__(messages, troubles)
        self.books = {symbol: TextBook() for symbol in symbols}
        self.channels: dict[tuple[str, str], int] = {}
        self.next_channel = 100
        self.number = self.flags = 0

    def opened(self, request: web.Request) -> None:
        self.channels.clear()
        self.number = self.flags = 0

    def greeting(self) -> list[str]:
        return [json.dumps({"event": "info", "version": 2, "platform": {"status": 1}})]

    def ready(self) -> bool:
        return len(self.channels) == 3 * len(self.books)

    def hear(self, text: str) -> list[str]:
        message = json.loads(text)
        match message["event"]:
            case "conf":
                self.flags = message["flags"]
                return [json.dumps({"event": "conf", "status": "OK", "flags": self.flags})]
            case "ping":
                return [json.dumps({"event": "pong", "ts": 1618677600000})]
            case "unsubscribe":
                ended = message["chanId"]
                self.channels = {key: n for key, n in self.channels.items() if n != ended}
                return [json.dumps({"event": "unsubscribed", "status": "OK", "chanId": ended})]
        return self._subscribe(message["channel"], message["symbol"])

    def _subscribe(self, channel: str, symbol: str) -> list[str]:
        error = {"event": "error", "channel": channel, "symbol": symbol}
        if symbol not in self.books:
            return [json.dumps({**error, "code": 10300, "msg": "symbol: invalid"})]
        if len(self.channels) == LIMIT:
            return [json.dumps({**error, "code": 10305, "msg": "reached limit of open channels"})]
        number = self.next_channel = self.next_channel + 1
        self.channels[channel, symbol] = number
        told = {"event": "subscribed", "channel": channel, "chanId": number, "symbol": symbol}
        answers = [json.dumps({**told, "pair": symbol[1:], "prec": "P0"})]
        if channel == "book" and self.books[symbol].bids:
            book = self.books[symbol]
            rows = [[Decimal(p), 1, Decimal(s)] for p, s in book.sorted_bids()]
            rows += [[Decimal(p), 1, -Decimal(s)] for p, s in book.sorted_asks()]
            answers.append(_text([symbol, rows]))
        return answers

    def outgoing(self, text: str) -> str:
        if text.startswith("{"):
            return text
        symbol, *rest = json.loads(text, parse_float=Decimal)
        if ("book", symbol) not in self.channels:
            return ""
        self.number += 1
        return _text([self.channels["book", symbol], *rest, self.number])

    def apply(self, message: str) -> None:
        symbol, payload, *_ = json.loads(message, parse_float=Decimal)
        if payload != "cs":
            fold(self.books[symbol], payload)

    def rest(self) -> dict[str, Handler]:
        return {"/v2/conf/pub:list:pair:exchange": self._pairs}

    async def _pairs(self, _: web.Request) -> web.Response:
        return web.json_response([[symbol[1:] for symbol in self.books]])
