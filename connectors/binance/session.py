"""A Binance market data session: trades, best quotes and depth of some symbols of one market.

Diffs and snapshots go on as they come; the book operator downstream synchronises them. The
session only watches the chain of update ids (``pu`` = the last ``u`` on futures, ``U`` = the last
``u`` + 1 on spot), because it is who can ask for a new snapshot ("How to manage a local order
book correctly"). A combined stream wraps each message as ``{"stream": …, "data": …}``; a snapshot
is the body of the REST answer.

Spot best quotes carry no time: their receive time stands in. Futures trades of another kind than
MARKET (insurance fund, ADL) did not meet the book and are left out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from connectors.binance.markets import SPOT, Market
from connectors.decimals import price, size
from connectors.events import DepthEvent, Instrument, QuoteEvent, Rejected, TradeEvent
from connectors.session import Fetch, Step
from schemas.enums import StatusKind
from schemas.records import Status

_MS = 1_000_000
_STALE_NS = 30 * 10**9
_SNAPSHOT_TIMEOUT_NS = 10 * 10**9
_MICROSECONDS = 10**14  # a larger time is in µs, not ms: spot streams may be set to either


@dataclass(slots=True)
class _Book:
    """What the session knows of an instrument's depth stream."""

    instrument: Instrument
    last: int = 0  # update id of the last diff; 0 before the first
    synced: bool = False
    asked_ns: int = 0  # when a snapshot was asked for; 0 when none is under way


class BinanceSession:
    """``symbols`` as the venue writes them (BTCUSDT); ``scales`` where exchange information is at
    hand."""

    def __init__(
        self,
        market: Market,
        instruments: dict[str, Instrument],
        socket: str | None = None,
        rest: str | None = None,
    ) -> None:
        self._market = market
        self._rest = rest or market.rest
        self._books = {symbol: _Book(i) for symbol, i in instruments.items()}
        self._heard_ns = 0
        self._stale = False
        self._spot = market.venue == SPOT.venue
        kinds = ("trade", "bookTicker", market.depth_stream)
        streams = "/".join(f"{s.lower()}@{kind}" for s in instruments for kind in kinds)
        self.url = f"{socket or market.socket}/stream?streams={streams}"
        self._handlers: dict[str, Callable[[dict[str, Any], int, Step], None]] = {
            "trade": self._trade,
            "depthUpdate": self._depth,
            "bookTicker": self._quote,
        }

    def connected(self, at: int) -> Step:
        """A snapshot of every book is asked for; what comes before it is sent on all the same."""
        step = Step()
        self._heard_ns, self._stale = at, False
        for symbol, book in self._books.items():
            book.last, book.synced = 0, False
            step.events.append(_status(book, at, StatusKind.CONNECTED, self.url))
            self._ask(symbol, book, at, step)
        return step

    def disconnected(self, at: int, why: str) -> Step:
        events = [_status(b, at, StatusKind.DISCONNECTED, why) for b in self._books.values()]
        return Step(list(events))

    def receive(self, data: bytes, at: int) -> Step:
        """A WebSocket message, or the body of a snapshot."""
        step = Step()
        try:
            self._read(orjson.loads(data), at, step)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            step.events.append(Rejected(_why(error), data))
        self._heard_ns = at
        if self._stale:
            self._stale = False
            self._tell_all(StatusKind.CONNECTED, at, "messages come again", step)
        return step

    def tick(self, now: int) -> Step:
        step = Step()
        if self._heard_ns and not self._stale and now - self._heard_ns > _STALE_NS:
            self._stale = True
            self._tell_all(StatusKind.STALE, now, f"no message for {_STALE_NS // 10**9} s", step)
        for symbol, book in self._books.items():
            if book.asked_ns and now - book.asked_ns > _SNAPSHOT_TIMEOUT_NS:
                self._ask(symbol, book, now, step)
        return step

    def _read(self, message: Any, at: int, step: Step) -> None:
        body = message.get("data", message)
        kind = body.get("e")
        if kind is None:
            kind = "snapshot" if "lastUpdateId" in body else "bookTicker" if "u" in body else None
        if kind == "snapshot":
            self._snapshot(body, at, step)
        elif handler := self._handlers.get(kind):
            handler(body, at, step)
        elif "result" not in body:
            raise ValueError(f"message kind {kind!r} is unknown")

    def _book(self, symbol: str) -> _Book:
        book = self._books.get(symbol)
        if book is None:
            raise ValueError(f"symbol {symbol!r} was not asked for")
        return book

    def _trade(self, m: dict[str, Any], at: int, step: Step) -> None:
        instrument = self._book(m["s"]).instrument
        if m.get("X", "MARKET") != "MARKET":
            return
        _, price_scale, size_scale = instrument
        side = -1 if m["m"] else 1
        event = TradeEvent(
            instrument,
            _ns(m["T"]),
            at,
            int(m["t"]),
            price(m["p"], price_scale),
            size(m["q"], size_scale),
            side,
        )
        step.events.append(event)

    def _quote(self, m: dict[str, Any], at: int, step: Step) -> None:
        instrument = self._book(m["s"]).instrument
        _, price_scale, size_scale = instrument
        event = QuoteEvent(
            instrument,
            _ns(m["T"]) if "T" in m else at,
            at,
            int(m["u"]),
            price(m["b"], price_scale),
            size(m["B"], size_scale),
            price(m["a"], price_scale),
            size(m["A"], size_scale),
        )
        step.events.append(event)

    def _depth(self, m: dict[str, Any], at: int, step: Step) -> None:
        symbol = m["s"]
        book = self._book(symbol)
        seq = int(m["u"])
        follows = int(m["U"]) - 1 if self._spot else int(m["pu"])
        event = DepthEvent(
            book.instrument,
            _ns(m.get("T", m["E"])),
            at,
            seq,
            follows,
            False,
            _levels(m["b"], book.instrument),
            _levels(m["a"], book.instrument),
        )
        if book.last and follows != book.last:
            self._gap(symbol, book, at, f"diff follows {follows}, the last was {book.last}", step)
        book.last = seq
        step.events.append(event)

    def _gap(self, symbol: str, book: _Book, at: int, detail: str, step: Step) -> None:
        book.synced = False
        step.events.append(_status(book, at, StatusKind.GAP, detail))
        if not book.asked_ns:
            self._ask(symbol, book, at, step)

    def _snapshot(self, m: dict[str, Any], at: int, step: Step) -> None:
        book = self._of_snapshot(m)
        event = DepthEvent(
            book.instrument,
            _ns(m["T"]) if "T" in m else at,
            at,
            int(m["lastUpdateId"]),
            0,
            True,
            _levels(m["bids"], book.instrument),
            _levels(m["asks"], book.instrument),
        )
        step.events.append(event)
        if not book.synced:
            book.synced = True
            detail = f"snapshot at {m['lastUpdateId']}"
            step.events.append(_status(book, at, StatusKind.RESYNCED, detail))
        book.asked_ns = 0

    def _of_snapshot(self, m: dict[str, Any]) -> _Book:
        """Spot and USD-M snapshots do not name their symbol; ``receive_snapshot`` adds it."""
        if "symbol" in m:
            return self._book(m["symbol"])
        if len(self._books) == 1:
            return next(iter(self._books.values()))
        raise ValueError("a snapshot that does not name its symbol")

    def receive_snapshot(self, symbol: str, body: bytes, at: int) -> Step:
        """A snapshot whose symbol is known from the request."""
        start = body.find(b"{")
        if b'"symbol"' in body[:200] or start < 0:
            return self.receive(body, at)
        named = body[: start + 1] + b'"symbol":"' + symbol.encode() + b'",' + body[start + 1 :]
        return self.receive(named, at)

    def _ask(self, symbol: str, book: _Book, at: int, step: Step) -> None:
        book.asked_ns = at
        market = self._market
        query = f"symbol={symbol}&limit={market.snapshot_limit}"
        url = f"{self._rest}{market.depth_path}?{query}"
        step.requests.append(Fetch(url, market.snapshot_weight, symbol))

    def _tell_all(self, kind: StatusKind, at: int, detail: str, step: Step) -> None:
        step.events.extend(_status(book, at, kind, detail) for book in self._books.values())


def _status(book: _Book, at: int, kind: StatusKind, detail: str) -> Status:
    return Status(book.instrument.name, at, at, kind, detail)


def _levels(rows: list[list[str]], instrument: Instrument) -> list[tuple[int, int]]:
    _, price_scale, size_scale = instrument
    return [(price(p, price_scale), size(q, size_scale)) for p, q in rows]


def _ns(value: int) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"time {value!r} is not a positive integer")
    return value * 1000 if value > _MICROSECONDS else value * _MS


def _why(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"field {error} is missing"
    return str(error) or type(error).__name__
