"""Binance market data: trades, best quotes and depth of one market (binance-docs, "WebSocket Market
Streams", "How to manage a local order book correctly").

- A combined stream wraps each message as ``{"stream": …, "data": …}``; its address says what is
  subscribed, so nothing is sent on the line.
- Diffs chain by ``pu`` = the last ``u`` on futures, ``U`` = the last ``u`` + 1 on spot; a book
  begins, and is mended, with a REST snapshot.
- Spot best quotes carry no time: their receive time stands in. Futures trades of another kind than
  MARKET (insurance fund, ADL) did not meet the book and are left out.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from connectors.binance.markets import SPOT, Market
from connectors.codec import Events, guarded, levels
from connectors.decimals import price, size
from connectors.events import DepthEvent, Instrument, QuoteEvent, TradeEvent
from connectors.session import Fetch, Request
from connectors.venue import Place

_MS = 1_000_000
_MICROSECONDS = 10**14  # a larger time is in µs, not ms: spot streams may be set to either


class BinanceCodec:
    """``instruments`` by the symbols that Binance uses (BTCUSDT)."""

    def __init__(self, market: Market, instruments: dict[str, Instrument], place: Place) -> None:
        self._market, self._rest = market, place.rest
        self._instruments = instruments
        self._spot = market.venue == SPOT.venue
        kinds = ("trade", "bookTicker", market.depth_stream)
        streams = "/".join(f"{s.lower()}@{kind}" for s in instruments for kind in kinds)
        self.url = f"{place.socket}/stream?streams={streams}"
        self._handlers: dict[str, Callable[[dict[str, Any], int], Events]] = {
            "trade": self._trade,
            "depthUpdate": self._depth,
            "bookTicker": self._quote,
        }

    def opening(self) -> list[Request]:
        """Every book; what comes before it is sent on all the same."""
        return [request for symbol in self._instruments for request in self.mend(symbol)]

    def mend(self, symbol: str) -> list[Request]:
        market = self._market
        query = f"symbol={symbol}&limit={market.snapshot_limit}"
        return [Fetch(f"{self._rest}{market.depth_path}?{query}", market.snapshot_weight)]

    def ping(self, now: int) -> str:
        """The venue pings by itself."""
        return ""

    def receive(self, data: bytes, at: int) -> Events:
        return guarded(lambda: self._read(orjson.loads(data), at), data)

    def answer(self, url: str, body: bytes, at: int) -> Events:
        """A snapshot, of the symbol in its address or of the only one."""
        asked = parse_qs(urlsplit(url).query).get("symbol", list(self._instruments)[:1])
        return guarded(lambda: [self._snapshot(asked[0], orjson.loads(body), at)], body)

    def _read(self, message: Any, at: int) -> Events:
        body = message.get("data", message)
        kind = body.get("e", "bookTicker" if "u" in body else "")
        if handler := self._handlers.get(kind):
            return handler(body, at)
        if "error" in message:
            raise ValueError(f"Binance says: {message['error'].get('msg')}")
        if "result" in body:
            return []
        raise ValueError(f"message kind {kind!r} is unknown")

    def _instrument(self, symbol: str) -> Instrument:
        instrument = self._instruments.get(symbol)
        if instrument is None:
            raise ValueError(f"symbol {symbol!r} was not asked for")
        return instrument

    def _trade(self, m: dict[str, Any], at: int) -> Events:
        instrument = self._instrument(m["s"])
        if m.get("X", "MARKET") != "MARKET":
            return []
        _, price_scale, size_scale = instrument
        event = TradeEvent(
            instrument,
            _ns(m["T"]),
            at,
            int(m["t"]),
            price(m["p"], price_scale),
            size(m["q"], size_scale),
            -1 if m["m"] else 1,
        )
        return [event]

    def _quote(self, m: dict[str, Any], at: int) -> Events:
        instrument = self._instrument(m["s"])
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
        return [event]

    def _depth(self, m: dict[str, Any], at: int) -> Events:
        instrument = self._instrument(m["s"])
        ts, seq = _ns(m.get("T", m["E"])), int(m["u"])
        follows = int(m["U"]) - 1 if self._spot else int(m["pu"])
        sides = levels(m["b"], instrument), levels(m["a"], instrument)
        return [DepthEvent(instrument, ts, at, seq, follows, False, *sides)]

    def _snapshot(self, symbol: str, m: dict[str, Any], at: int) -> DepthEvent:
        instrument = self._instrument(symbol)
        ts, seq = _ns(m["T"]) if "T" in m else at, int(m["lastUpdateId"])
        sides = levels(m["bids"], instrument), levels(m["asks"], instrument)
        return DepthEvent(instrument, ts, at, seq, 0, True, *sides)


def _ns(value: int) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"time {value!r} is not a positive integer")
    return value * 1000 if value > _MICROSECONDS else value * _MS
