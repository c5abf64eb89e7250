"""Bitstamp WebSocket API v2 and REST order books (Bitstamp docs, "Live full order book" and "Order
book").

Diffs carry no update id; their microsecond time stamp orders them, and those later than the REST
snapshot's continue it. A diff is said to follow the one that came before it.
"""

from typing import Any

import orjson

from connectors.codec import Events, Instruments, guarded, levels, sent
from connectors.decimals import price, size
from connectors.events import DepthEvent, Instrument, Reconnect, TradeEvent
from connectors.session import Fetch, Request
from connectors.venue import Place

_SCALES = (8, 8)
_US = 1000
_KINDS = ("diff_order_book", "live_trades")


class BitstampCodec:
    """``instruments`` by pair (btcusd); eight decimals for one that is not listed."""

    def __init__(self, instruments: dict[str, Instrument], place: Place) -> None:
        self.url, self._rest = place.socket, place.rest
        self._asked = list(instruments)
        self._instruments = Instruments("BITSTAMP", instruments, _SCALES)
        self._last: dict[str, int] = {}

    def opening(self) -> list[Request]:
        """Diffs first, then the book that they continue."""
        self._last.clear()
        channels = [sent(_subscribe(kind, pair)) for pair in self._asked for kind in _KINDS]
        return [*channels, *(fetch for pair in self._asked for fetch in self.mend(pair))]

    def mend(self, symbol: str) -> list[Request]:
        return [Fetch(f"{self._rest}/api/v2/order_book/{symbol}/")]

    def ping(self, now: int) -> str:
        return '{"event":"bts:heartbeat"}'

    def receive(self, data: bytes, at: int) -> Events:
        return guarded(lambda: self._read(orjson.loads(data), at), data)

    def answer(self, url: str, body: bytes, at: int) -> Events:
        """An order book; the pair is the last part of its address."""
        pair = url.partition("?")[0].rstrip("/").rpartition("/")[2]
        return guarded(
            lambda: [_depth(orjson.loads(body), self._instruments[pair], at, None)], body
        )

    def _read(self, message: dict[str, Any], at: int) -> Events:
        event = message["event"]
        if event.startswith("bts:"):
            return _control(message)
        channel = message["channel"]
        kind, _, pair = channel.rpartition("_")
        instrument = self._instruments[pair]
        match kind:
            case "diff_order_book":
                depth = _depth(message["data"], instrument, at, self._last.get(pair, 0))
                self._last[pair] = depth.seq
                return [depth]
            case "order_book" | "detail_order_book":
                return [_depth(message["data"], instrument, at, None)]
            case "live_trades":
                return [_trade(message["data"], instrument, at)]
        raise ValueError(f"channel {channel!r} is unknown")


def _subscribe(kind: str, pair: str) -> dict[str, Any]:
    return {"event": "bts:subscribe", "data": {"channel": f"{kind}_{pair}"}}


def _control(message: dict[str, Any]) -> Events:
    """``bts:request_reconnect`` comes before the venue closes the line."""
    match message["event"]:
        case "bts:error":
            raise ValueError(f"Bitstamp says: {message['data']}")
        case "bts:request_reconnect":
            return [Reconnect("the venue asks to reconnect")]
    return []


def _depth(m: dict[str, Any], instrument: Instrument, at: int, follows: int | None) -> DepthEvent:
    """A diff that follows another, or a snapshot (``follows`` None)."""
    seq = int(m["microtimestamp"])
    sides = levels(m["bids"], instrument), levels(m["asks"], instrument)
    return DepthEvent(instrument, seq * _US, at, seq, follows or 0, follows is None, *sides)


def _trade(m: dict[str, Any], instrument: Instrument, at: int) -> TradeEvent:
    _, price_scale, size_scale = instrument
    return TradeEvent(
        instrument,
        int(m["microtimestamp"]) * _US,
        at,
        int(m["id"]),
        price(m["price_str"], price_scale),
        size(m["amount_str"], size_scale),
        {0: 1, 1: -1}[m["type"]],
    )
