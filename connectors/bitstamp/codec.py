"""Bitstamp WebSocket API v2 and REST order books (Bitstamp docs, "Live full order book" and "Order
book").

Diffs carry no update id; their microsecond time stamp orders them, and those later than the REST
snapshot's continue it. A diff is said to follow the one that came before it.
"""

from typing import Any

import orjson

from connectors.codec import Events, guarded, levels
from connectors.decimals import price, size
from connectors.events import DepthEvent, Instrument, TradeEvent
from schemas.enums import StatusKind
from schemas.records import Status

_SCALES = (8, 8)
_US = 1000


class BitstampCodec:
    """Every pair that a capture or a feed brings; eight decimals for all."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def receive(self, data: bytes, at: int) -> Events:
        return guarded(lambda: self._read(orjson.loads(data), at), data)

    def answer(self, url: str, body: bytes, at: int) -> Events:
        """An order book; the pair is the last part of its address."""
        pair = url.partition("?")[0].rstrip("/").rpartition("/")[2]
        return guarded(lambda: [_depth(orjson.loads(body), _instrument(pair), at, None)], body)

    def _read(self, message: dict[str, Any], at: int) -> Events:
        event, channel = message["event"], message["channel"]
        if event.startswith("bts:"):
            return _control(message, at)
        kind, _, pair = channel.rpartition("_")
        instrument = _instrument(pair)
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


def _control(message: dict[str, Any], at: int) -> Events:
    """``bts:request_reconnect`` comes before the venue closes the line."""
    if message["event"] == "bts:error":
        raise ValueError(f"Bitstamp says: {message['data']}")
    pair = message["channel"].rpartition("_")[2]
    if message["event"] == "bts:request_reconnect" and pair:
        name = _instrument(pair).name
        return [Status(name, at, at, StatusKind.DISCONNECTED, "the venue asks to reconnect")]
    return []


def _instrument(pair: str) -> Instrument:
    return Instrument(f"BITSTAMP:{pair.upper()}", *_SCALES)


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
