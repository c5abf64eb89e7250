"""A local server that speaks Kraken's WebSocket v2. It makes v2's messages of a recording of v1:
what changes in the best 100 levels, with the checksum of the best ten."""

import json
import zlib
from decimal import Decimal
from pathlib import Path
from typing import Any

from aiohttp import web

from connectors.kraken.codec_v2 import DEPTH
from tests.venues.books import TextBook
from tests.venues.kraken_v1_server import PAIRS, asset_pairs, recorded_messages
from tests.venues.server import Handler, Troubles, VenueServer

SYMBOLS = {pair.replace("XBT", "BTC"): decimals for pair, decimals in PAIRS.items()}
_Top = tuple[dict[str, str], dict[str, str]]


def v2_messages(recorded: Path) -> list[str]:
    """Book updates of v2, and a trade for every hundredth of them."""
    full = {pair: TextBook(1000) for pair in PAIRS}
    made: list[str] = []
    for text in recorded_messages(recorded):
        *parts, _, pair = json.loads(text)[1:]
        before = _top(full[pair])
        for part in parts:
            bids, asks = part.get("bs", part.get("b", [])), part.get("as", part.get("a", []))
            full[pair].change(bids, asks)
        symbol = pair.replace("XBT", "BTC")
        changes = [_changes(*both) for both in zip(before, _top(full[pair]), strict=True)]
        if any(changes):
            made.append(_book("update", symbol, changes[0], changes[1], full[pair]))
        if len(made) % 100 == 0:
            made.append(_trade(symbol, len(made)))
    return made


def _top(book: TextBook) -> _Top:
    return dict(book.sorted_bids()[:DEPTH]), dict(book.sorted_asks()[:DEPTH])


def _changes(before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str]]:
    """What is new or different. A level that is gone is sent only where it was taken away, and not
    where it was pushed out by others: then the book has as many levels as before."""
    gone = [(price, "0") for price in before if price not in after]
    new = [(p, s) for p, s in after.items() if before.get(p) != s]
    pushed_out = len(after) == len(before) == DEPTH and len(gone) <= sum(
        p not in before for p, _ in new
    )
    return new if pushed_out and _is_last(gone, before) else [*gone, *new]


def _is_last(gone: list[tuple[str, str]], before: dict[str, str]) -> bool:
    return {price for price, _ in gone} == set(list(before)[len(before) - len(gone) :])


def _book(
    kind: str,
    symbol: str,
    bids: list[tuple[str, str]],
    asks: list[tuple[str, str]],
    book: TextBook,
) -> str:
    """Numbers go out as JSON numbers with all their digits."""
    sides = ",".join(
        f'"{name}":[{",".join(f"""{{"price":{p},"qty":{s}}}""" for p, s in rows)}]'
        for name, rows in (("bids", bids), ("asks", asks))
    )
    ts = '"timestamp":"2021-04-17T16:48:53.710644Z"'
    return (
        f'{{"channel":"book","type":"{kind}","data":[{{"symbol":"{symbol}",{sides},'
        f'"checksum":{checksum(book)},{ts}}}]}}'
    )


def checksum(book: TextBook) -> int:
    """As Kraken documents it."""
    rows = [*book.sorted_asks()[:10], *book.sorted_bids()[:10]]
    digits = (number.replace(".", "").lstrip("0") for row in rows for number in row)
    return zlib.crc32("".join(digits).encode())


def _trade(symbol: str, number: int) -> str:
    row = {"symbol": symbol, "side": "buy", "price": 1.5, "qty": 0.25, "ord_type": "limit"}
    ts = "2021-04-17T16:48:53.710644Z"
    data = [{**row, "trade_id": number, "timestamp": ts}]
    return json.dumps({"channel": "trade", "type": "update", "data": data})


class KrakenV2Server(VenueServer):
    def __init__(self, recorded: Path, troubles: Troubles) -> None:
        super().__init__(v2_messages(recorded), troubles)
        self.books = {symbol: TextBook(DEPTH) for symbol in SYMBOLS}
        self.subscribed: set[tuple[str, str]] = set()
        self.statuses = dict.fromkeys(SYMBOLS, "online")

    def opened(self, request: web.Request) -> None:
        self.subscribed.clear()

    def greeting(self) -> list[str]:
        data = [{"api_version": "v2", "system": "online", "version": "2.0.10"}]
        return [json.dumps({"channel": "status", "type": "update", "data": data})]

    def ready(self) -> bool:
        return len(self.subscribed) == 3 * len(SYMBOLS)

    def hear(self, text: str) -> list[str]:
        message = json.loads(text)
        if message["method"] == "ping":
            now = "2021-04-17T16:48:53.710644Z"
            return [json.dumps({"method": "pong", "time_in": now, "time_out": now})]
        params = message["params"]
        if params["channel"] == "instrument":
            return [_reply(message, params), json.dumps(self._instruments())]
        return [a for s in params["symbol"] for a in self._asked(message, params, s)]

    def _asked(self, message: dict[str, Any], params: dict[str, Any], symbol: str) -> list[str]:
        key, method = (params["channel"], symbol), message["method"]
        if symbol not in SYMBOLS:
            return [_error(method, f"Currency pair not supported {symbol}", symbol)]
        if (key in self.subscribed) == (method == "subscribe"):
            return [_error(method, "Already subscribed or not", symbol)]
        (self.subscribed.add if method == "subscribe" else self.subscribed.discard)(key)
        answers = [_reply(message, {**params, "symbol": symbol})]
        if params["channel"] == "book" and method == "subscribe":
            book = self.books[symbol]
            answers.append(_book("snapshot", symbol, book.sorted_bids(), book.sorted_asks(), book))
        return answers

    def _instruments(self) -> dict[str, Any]:
        pairs = [
            {"symbol": s, "status": self.statuses[s], "price_precision": d, "qty_precision": 8}
            for s, d in SYMBOLS.items()
        ]
        return {"channel": "instrument", "type": "snapshot", "data": {"assets": [], "pairs": pairs}}

    def apply(self, message: str) -> None:
        body = json.loads(message, parse_float=Decimal, parse_int=str)
        if body["channel"] == "book":
            (book,) = body["data"]
            sides = [[[str(r["price"]), str(r["qty"])] for r in book[k]] for k in ("bids", "asks")]
            self.books[book["symbol"]].change(*sides)

    def rest(self) -> dict[str, Handler]:
        return {"/0/public/AssetPairs": asset_pairs}


def _reply(message: dict[str, Any], result: dict[str, Any]) -> str:
    return json.dumps({"method": message["method"], "result": result, "success": True})


def _error(method: str, error: str, symbol: str) -> str:
    return json.dumps({"method": method, "error": error, "success": False, "symbol": symbol})
