"""A local server that speaks OKX's v5: books that follow by ``seqId``, with checksums."""

import json
import zlib
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.venues.books import TextBook
from tests.venues.server import Handler, Troubles, VenueServer, recorded_texts

_KINDS = {"BTC-USDT": "SPOT", "BTC-USD-220527": "FUTURES", "UNI-USD-SWAP": "SWAP"}


class OkxServer(VenueServer):
    path = "/ws/v5/public"

    def __init__(self, recorded: Path, troubles: Troubles) -> None:
        texts = recorded_texts(recorded / "okx" / "OKX.ws.1.0.gz")
        super().__init__([t for t in texts if '"data"' in t], troubles)
        self.books = {symbol: TextBook() for symbol in _KINDS}
        for message in self.messages:
            self.apply(message)
        self.decimals = {symbol: book.decimals for symbol, book in self.books.items()}
        self.books = {symbol: TextBook() for symbol in _KINDS}
        self.seq = dict.fromkeys(_KINDS, 0)
        self.subscribed: set[tuple[str, str]] = set()

    def opened(self, request: web.Request) -> None:
        self.subscribed.clear()

    def ready(self) -> bool:
        return len(self.subscribed) == 3 * len(_KINDS)

    def hear(self, text: str) -> list[str]:
        if text == "ping":
            return ["pong"]
        message = json.loads(text)
        return [a for arg in message["args"] for a in self._asked(message["op"], arg)]

    def _asked(self, op: str, arg: dict[str, str]) -> list[str]:
        key = (arg["channel"], arg["instId"])
        if key[1] not in _KINDS:
            error = f"channel:{key[0]},instId:{key[1]} doesn't exist"
            return [json.dumps({"event": "error", "code": "60018", "msg": error})]
        (self.subscribed.add if op == "subscribe" else self.subscribed.discard)(key)
        answers = [json.dumps({"event": op, "arg": arg})]
        if key[0] == "books" and op == "subscribe" and self.books[key[1]].bids:
            answers.append(self._snapshot(arg))
        return answers

    def _snapshot(self, arg: dict[str, str]) -> str:
        book = self.books[arg["instId"]]
        data = {
            "bids": [[*level, "0", "1"] for level in book.sorted_bids()],
            "asks": [[*level, "0", "1"] for level in book.sorted_asks()],
            "ts": "1652459300000",
            "checksum": checksum(book),
            "prevSeqId": -1,
            "seqId": self.seq[arg["instId"]],
        }
        return json.dumps({"arg": arg, "action": "snapshot", "data": [data]})

    def outgoing(self, text: str) -> str:
        """The recording is older than ``seqId``."""
        body: dict[str, Any] = json.loads(text) if text != "pong" else {}
        if body.get("arg", {}).get("channel") != "books" or "seqId" in text or "data" not in body:
            return text
        seq = self.seq[body["arg"]["instId"]]
        first = body["action"] == "snapshot"
        body["data"][0] |= {"seqId": seq, "prevSeqId": -1 if first else seq - 7}
        return json.dumps(body)

    def apply(self, message: str) -> None:
        body = json.loads(message)
        symbol = body["arg"]["instId"]
        if body["arg"]["channel"] == "books":
            (data,) = body["data"]
            self.books[symbol].change(data["bids"], data["asks"])
            if hasattr(self, "seq"):
                self.seq[symbol] += 7  # the venue's numbers leave some out

    def rest(self) -> dict[str, Handler]:
        return {"/api/v5/public/instruments": self._instruments}

    async def _instruments(self, request: web.Request) -> web.Response:
        kind = request.query["instType"]
        rows = [self._row(symbol) for symbol, its in _KINDS.items() if its == kind]
        return web.json_response({"code": "0", "msg": "", "data": rows})

    def _row(self, symbol: str) -> dict[str, str]:
        base, quote, *_ = symbol.split("-")
        price, size = self.decimals[symbol]
        spot = _KINDS[symbol] == "SPOT"
        return {
            "instType": _KINDS[symbol],
            "instId": symbol,
            "uly": "" if spot else f"{base}-{quote}",
            "baseCcy": base if spot else "",
            "quoteCcy": quote if spot else "",
            "settleCcy": "" if spot else base,
            "ctVal": "" if spot else "100",
            "ctMult": "" if spot else "1",
            "tickSz": f"{10**-price:.{price}f}",
            "lotSz": f"{10**-size:.{size}f}",
            "state": "live",
        }


def checksum(book: TextBook) -> int:
    """As OKX documents it: signed, over 25 levels."""
    bids, asks = book.sorted_bids()[:25], book.sorted_asks()[:25]
    parts: list[str] = []
    for n in range(25):
        for side in (bids, asks):
            if n < len(side):
                parts += side[n]
    value = zlib.crc32(":".join(parts).encode())
    return value - (1 << 32) if value >= 1 << 31 else value
