"""Kraken WebSocket API v2: books with checksums, trades, best quotes, status of instruments
(docs.kraken.com, "Spot WebSocket v2").

- Numbers are JSON numbers in the pair's own decimals, which the checksum is made of; they are read
  as decimals, never as floats. The scales are those of the reference data, or of the channel
  ``instrument`` where there is none.
- Books carry no sequence number; a checksum stands in each message. ``seq`` counts a pair's
  messages.
"""

import json
from decimal import Decimal
from typing import Any

from connectors.codec import Events, guarded, iso_ns, sent
from connectors.decimals import number_text, price, size
from connectors.events import (
    Beat,
    ChecksumEvent,
    DepthEvent,
    Instrument,
    QuoteEvent,
    TradeEvent,
)
from connectors.kraken.depth import Depth, Levels
from connectors.kraken.instruments import STATUSES
from connectors.names import of_symbol
from connectors.session import Request
from connectors.venue import Place
from schemas.enums import StatusKind
from schemas.frames import KRAKEN_CRC32
from schemas.records import Status

DEPTH = 100
_BOOK = {"channel": "book", "depth": DEPTH, "snapshot": True}
_SUBSCRIPTIONS: tuple[dict[str, Any], ...] = (
    _BOOK,
    {"channel": "trade", "snapshot": False},
    {"channel": "ticker", "event_trigger": "bbo"},
)
_SIDES = {"buy": 1, "sell": -1}


class KrakenV2Codec:
    """``instruments`` by the names of v2 (BTC/USD); others as the channel ``instrument`` tells."""

    def __init__(self, instruments: dict[str, Instrument], place: Place) -> None:
        self.url = place.socket
        self._asked = list(instruments)
        self._instruments = dict(instruments)
        self._statuses: dict[str, StatusKind] = {}
        self._depth = Depth()

    def opening(self) -> list[Request]:
        self._depth.clear()
        asked = [sent(_subscribe(kind, self._asked)) for kind in _SUBSCRIPTIONS]
        return [sent({"method": "subscribe", "params": {"channel": "instrument"}}), *asked]

    def mend(self, symbol: str) -> list[Request]:
        """What Kraken says to do when a checksum does not match: subscribe anew."""
        ended = {"channel": "book", "depth": DEPTH, "symbol": [symbol]}
        return [
            sent({"method": "unsubscribe", "params": ended}),
            sent(_subscribe(_BOOK, [symbol])),
        ]

    def ping(self, now: int) -> str:
        return '{"method":"ping"}'

    def receive(self, data: bytes, at: int) -> Events:
        return guarded(lambda: self._read(json.loads(data, parse_float=Decimal), at), data)

    def answer(self, url: str, body: bytes, at: int) -> Events:
        """Nothing but reference data is asked for."""
        return []

    def _read(self, message: dict[str, Any], at: int) -> Events:
        if "method" in message:
            return _reply(message)
        match message["channel"]:
            case "heartbeat" | "status":
                return []
            case "book":
                snapshot = {"snapshot": True, "update": False}[message["type"]]
                return [e for book in message["data"] for e in self._book(book, snapshot, at)]
            case "trade" if message["type"] == "update":
                return [self._trade(row, at) for row in message["data"]]
            case "trade":
                return []  # of before the subscription
            case "ticker":
                return [self._quote(row, at) for row in message["data"]]
            case "instrument":
                return [e for pair in message["data"]["pairs"] for e in self._listed(pair, at)]
        raise ValueError(f"channel {message['channel']!r} is unknown")

    def _listed(self, pair: dict[str, Any], at: int) -> Events:
        """A change of the status of what was asked for."""
        symbol = pair["symbol"]
        instrument = self._instruments.get(symbol)
        if instrument is None:
            scales = int(pair["price_precision"]), int(pair["qty_precision"])
            self._instruments[symbol] = Instrument(of_symbol("KRAKEN", symbol), *scales)
        kind = StatusKind(STATUSES.get(pair["status"], "HALTED"))
        before, self._statuses[symbol] = self._statuses.get(symbol, StatusKind.TRADING), kind
        if instrument is None or symbol not in self._asked or kind is before:
            return []
        return [Status(instrument.name, at, at, kind, f"Kraken says: {pair['status']}")]

    def _instrument(self, symbol: str) -> Instrument:
        instrument = self._instruments.get(symbol)
        if instrument is None:
            raise ValueError(f"symbol {symbol!r} was not asked for and is not listed")
        return instrument

    def _book(self, book: dict[str, Any], snapshot: bool, at: int) -> Events:
        symbol = book["symbol"]
        instrument = self._instrument(symbol)
        sides = _levels(book["bids"], instrument), _levels(book["asks"], instrument)
        seq, previous = self._depth.take(symbol, DEPTH, snapshot, *sides)
        ts = iso_ns(book["timestamp"]) if "timestamp" in book else at
        checksum = int(book["checksum"])
        return [
            DepthEvent(instrument, ts, at, seq, previous, snapshot, *sides),
            ChecksumEvent(instrument, ts, at, seq, KRAKEN_CRC32, checksum),
        ]

    def _trade(self, row: dict[str, Any], at: int) -> TradeEvent:
        instrument = self._instrument(row["symbol"])
        _, price_scale, size_scale = instrument
        return TradeEvent(
            instrument,
            iso_ns(row["timestamp"]),
            at,
            int(row["trade_id"]),
            price(number_text(row["price"]), price_scale),
            size(number_text(row["qty"]), size_scale),
            _SIDES[row["side"]],
        )

    def _quote(self, row: dict[str, Any], at: int) -> QuoteEvent:
        instrument = self._instrument(row["symbol"])
        _, price_scale, size_scale = instrument
        return QuoteEvent(
            instrument,
            iso_ns(row["timestamp"]) if "timestamp" in row else at,
            at,
            self._depth.seq(row["symbol"]),
            price(number_text(row["bid"]), price_scale),
            size(number_text(row["bid_qty"]), size_scale),
            price(number_text(row["ask"]), price_scale),
            size(number_text(row["ask_qty"]), size_scale),
        )


def _reply(message: dict[str, Any]) -> Events:
    if message.get("success") is False:
        raise ValueError(f"Kraken says: {message.get('error')}")
    if message["method"] == "pong" and "time_out" in message:
        return [Beat(iso_ns(message["time_out"]))]
    return []


def _levels(rows: list[dict[str, Any]], instrument: Instrument) -> Levels:
    _, price_scale, size_scale = instrument
    return [
        (price(number_text(row["price"]), price_scale), size(number_text(row["qty"]), size_scale))
        for row in rows
    ]


def _subscribe(subscription: dict[str, Any], symbols: list[str]) -> dict[str, Any]:
    return {"method": "subscribe", "params": {**subscription, "symbol": symbols}}
