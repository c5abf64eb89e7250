"""Bitfinex WebSocket API v2: books, raw books (orders), trades, tickers (docs.bitfinex.com).

- A channel is a number that ``subscribed`` explains; every message is ``[channel, payload, …]``.
- A level's count of 0 deletes it; the amount's sign is the side. In a raw book (precision R0) the
  rows are orders, and a price of 0 deletes one.
- With the flag SEQ_ALL messages are numbered through over all channels: a number that is left out
  is a gap in every book.
- Numbers are JSON numbers; they are read as decimals, never as floats. A ticker's sizes are sums
  that the venue made of floats: they are rounded to eight decimals.
"""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.bitfinex.instruments import SCALES as _SCALES
from connectors.bitfinex.instruments import unlisted
from connectors.codec import Events, guarded, sent
from connectors.decimals import number_text, price, size
from connectors.events import (
    Beat,
    ChecksumEvent,
    DepthEvent,
    Instrument,
    OrderEvent,
    QuoteEvent,
    Reconnect,
    TradeEvent,
)
from connectors.session import Request
from connectors.venue import Place
from schemas.enums import StatusKind
from schemas.frames import ADD, BITFINEX_CRC32, CANCEL, CLEAR
from schemas.records import Status

_MS = 1_000_000
_SEQ_ALL, _CHECKSUMS = 65536, 131072
_RENEW = (20051, 20061)  # the server restarts; maintenance is over: a new line, and all anew
_BOOKS = ("book", "raw")
_BOOK = {"event": "subscribe", "channel": "book", "prec": "P0", "freq": "F0", "len": "100"}
_SUBSCRIPTIONS = (
    _BOOK,
    {"event": "subscribe", "channel": "trades"},
    {"event": "subscribe", "channel": "ticker"},
)
_ALL = 10**17  # more than any order holds: taken away whole


@dataclass(slots=True)
class _Channel:
    kind: str  # book, raw, trades, ticker
    symbol: str
    instrument: Instrument
    count: list[int]  # of the symbol's book messages: it goes on in a new subscription

    @property
    def seq(self) -> int:
        return self.count[0]

    def next(self) -> int:
        self.count[0] += 1
        return self.count[0]


class BitfinexCodec:
    """``instruments`` by symbol (tBTCUSD); ten decimals of price, eight of size."""

    def __init__(self, instruments: dict[str, Instrument], place: Place) -> None:
        self.url = place.socket
        self._asked = dict(instruments)
        self._channels: dict[int, _Channel] = {}
        self._counts: dict[str, list[int]] = {}
        self._numbered, self._last = False, 0

    def opening(self) -> list[Request]:
        self._channels.clear()
        self._numbered, self._last = False, 0
        subscriptions = [
            sent({**subscription, "symbol": symbol})
            for symbol in self._asked
            for subscription in _SUBSCRIPTIONS
        ]
        return [sent({"event": "conf", "flags": _SEQ_ALL | _CHECKSUMS}), *subscriptions]

    def mend(self, symbol: str) -> list[Request]:
        """What Bitfinex says to do when a checksum does not match: subscribe anew."""
        ends: list[Request] = [
            sent({"event": "unsubscribe", "chanId": number})
            for number, channel in self._channels.items()
            if channel.symbol == symbol and channel.kind in _BOOKS
        ]
        return [*ends, sent({**_BOOK, "symbol": symbol})]

    def ping(self, now: int) -> str:
        return '{"event":"ping"}'

    def receive(self, data: bytes, at: int) -> Events:
        return guarded(lambda: self._read(json.loads(data, parse_float=Decimal), at), data)

    def answer(self, url: str, body: bytes, at: int) -> Events:
        """Nothing but reference data is asked for."""
        return []

    def _read(self, message: Any, at: int) -> Events:
        if isinstance(message, dict):
            return self._control(message)
        channel = self._channels.get(message[0])
        trouble = self._count(message, at) if self._numbered else []
        if message[1] == "hb":
            return trouble
        if channel is None:
            raise ValueError(f"channel {message[0]} was never subscribed")
        return trouble + self._payload(channel, message, at)

    def _control(self, message: dict[str, Any]) -> Events:
        match message["event"]:
            case "subscribed":
                kind = message["channel"]
                if kind == "book" and message.get("prec") == "R0":
                    kind = "raw"
                symbol = message["symbol"]
                instrument = self._asked.get(symbol) or unlisted(symbol)
                count = self._counts.setdefault(symbol, [0])
                self._channels[message["chanId"]] = _Channel(kind, symbol, instrument, count)
            case "unsubscribed":
                self._channels.pop(message["chanId"], None)
            case "conf":
                self._numbered = bool(message.get("flags", 0) & _SEQ_ALL)
            case "pong":
                return [Beat(int(message["ts"]) * _MS)] if "ts" in message else []
            case "info" if message.get("code") in _RENEW:
                return [Reconnect(str(message.get("msg")))]
            case "error":
                raise ValueError(f"Bitfinex says: {message.get('code')} {message.get('msg')}")
        return []

    def _count(self, message: list[Any], at: int) -> Events:
        number, last = int(message[-1]), self._last
        self._last = number
        if not last or number == last + 1:
            return []
        detail = f"message {number} follows {last}"
        books = [c.instrument.name for c in self._channels.values() if c.kind in _BOOKS]
        return [Status(name, at, at, StatusKind.GAP, detail) for name in books]

    def _payload(self, channel: _Channel, message: list[Any], at: int) -> Events:
        payload = message[1]
        if payload == "cs":
            return [_checksum(channel, message[2], at)] if channel.kind == "book" else []
        if payload == "tu":  # repeats te, with the final id
            return []
        match channel.kind:
            case "trades":
                return [_trade(message[2], channel.instrument, at)] if payload == "te" else []
            case "ticker":
                return [_quote(payload, channel.instrument, self._last, at)]
            case "book":
                return [_depth(channel, payload, at)]
            case "raw":
                return _orders(channel, payload, at)
        raise ValueError(f"channel kind {channel.kind!r} is unknown")


def _is_snapshot(payload: list[Any]) -> bool:
    return not payload or isinstance(payload[0], list)


def _depth(channel: _Channel, payload: list[Any], at: int) -> DepthEvent:
    snapshot = _is_snapshot(payload)
    bids: list[tuple[int, int]] = []
    asks: list[tuple[int, int]] = []
    for level, count, amount in payload if snapshot else [payload]:
        side = bids if amount > 0 else asks
        side.append((_price(level), _size(amount) if count else 0))
    seq = channel.next()
    previous = 0 if snapshot else seq - 1
    return DepthEvent(channel.instrument, at, at, seq, previous, snapshot, bids, asks)


def _checksum(channel: _Channel, value: int, at: int) -> ChecksumEvent:
    """Sent as a signed 32-bit number."""
    stated = int(value) & 0xFFFFFFFF
    return ChecksumEvent(channel.instrument, at, at, channel.seq, BITFINEX_CRC32, stated)


def _orders(channel: _Channel, payload: list[Any], at: int) -> Events:
    snapshot = _is_snapshot(payload)
    events: Events = []
    if snapshot:
        events.append(_order(channel, at, CLEAR, 0, 0, 0, 0))
    for order_id, level, amount in payload if snapshot else [payload]:
        side = 1 if amount > 0 else -1
        if level:
            args = (ADD, side, int(order_id), _price(level), _size(amount))
        else:
            args = (CANCEL, side, int(order_id), 0, _ALL)
        events.append(_order(channel, at, *args))
    return events


def _order(channel: _Channel, at: int, *what: int) -> OrderEvent:
    return OrderEvent(channel.instrument, at, at, channel.next(), *what)


def _trade(row: list[Any], instrument: Instrument, at: int) -> TradeEvent:
    trade_id, ts, amount, at_price = row
    side = 1 if amount > 0 else -1
    return TradeEvent(
        instrument, int(ts) * _MS, at, int(trade_id), _price(at_price), _size(amount), side
    )


def _quote(row: list[Any], instrument: Instrument, seq: int, at: int) -> QuoteEvent:
    bid, bid_size, ask, ask_size = row[:4]
    sizes = [_size(round(Decimal(value), _SCALES[1])) for value in (bid_size, ask_size)]
    return QuoteEvent(instrument, at, at, seq, _price(bid), sizes[0], _price(ask), sizes[1])


def _price(value: Decimal | int) -> int:
    return price(number_text(value), _SCALES[0])


def _size(value: Decimal | int) -> int:
    return size(number_text(value).removeprefix("-"), _SCALES[1])
