"""OKX API v5 public WebSocket: books with checksums, trades, tickers (OKX docs, "Public Data" and
"Order Book Trading").

A book's messages follow each other by ``prevSeqId`` where the venue sends it; older recordings
have none, and there the checksum stands in and ``seq`` counts the messages. The checksum is sent
as a signed 32-bit number.
"""

from typing import Any

import orjson

from connectors.codec import Events, guarded, levels
from connectors.decimals import price, size
from connectors.events import ChecksumEvent, DepthEvent, Instrument, QuoteEvent, TradeEvent
from schemas.frames import OKX_CRC32

_SCALES = (8, 8)
_MS = 1_000_000


class OkxCodec:
    """Every instrument that a capture or a feed brings; eight decimals for all."""

    def __init__(self) -> None:
        self._seq: dict[str, int] = {}

    def receive(self, data: bytes, at: int) -> Events:
        return guarded(lambda: self._read(data, at), data)

    def answer(self, url: str, body: bytes, at: int) -> Events:
        return []

    def _read(self, data: bytes, at: int) -> Events:
        if data == b"pong":
            return []
        message = orjson.loads(data)
        if message.get("event") == "error":
            raise ValueError(f"OKX says: {message.get('msg')}")
        if "data" not in message:
            return []
        channel, instrument = message["arg"]["channel"], _instrument(message["arg"]["instId"])
        match channel:
            case "books" | "books-l2-tbt" | "books50-l2-tbt":
                action = message["action"]
                return [e for m in message["data"] for e in self._book(m, action, instrument, at)]
            case "trades" | "trades-all":
                return [_trade(m, instrument, at) for m in message["data"]]
            case "tickers":
                return [self._quote(m, instrument, at) for m in message["data"]]
        raise ValueError(f"channel {channel!r} is unknown")

    def _book(self, m: dict[str, Any], action: str, instrument: Instrument, at: int) -> Events:
        snapshot = {"snapshot": True, "update": False}[action]
        last = self._seq.get(instrument.name, 0)
        seq = int(m.get("seqId", last + 1))
        previous = 0 if snapshot else int(m.get("prevSeqId", last))
        self._seq[instrument.name] = seq
        ts = int(m["ts"]) * _MS
        sides = levels(m["bids"], instrument), levels(m["asks"], instrument)
        events: Events = [DepthEvent(instrument, ts, at, seq, previous, snapshot, *sides)]
        if "checksum" in m:
            value = int(m["checksum"]) & 0xFFFFFFFF
            events.append(ChecksumEvent(instrument, ts, at, seq, OKX_CRC32, value))
        return events

    def _quote(self, m: dict[str, Any], instrument: Instrument, at: int) -> QuoteEvent:
        price_scale, size_scale = _SCALES
        return QuoteEvent(
            instrument,
            int(m["ts"]) * _MS,
            at,
            self._seq.get(instrument.name, 0),
            price(m["bidPx"], price_scale),
            size(m["bidSz"], size_scale),
            price(m["askPx"], price_scale),
            size(m["askSz"], size_scale),
        )


def _instrument(symbol: str) -> Instrument:
    return Instrument(f"OKX:{symbol}", *_SCALES)


def _trade(m: dict[str, Any], instrument: Instrument, at: int) -> TradeEvent:
    price_scale, size_scale = _SCALES
    return TradeEvent(
        instrument,
        int(m["ts"]) * _MS,
        at,
        int(m["tradeId"]),
        price(m["px"], price_scale),
        size(m["sz"], size_scale),
        {"buy": 1, "sell": -1}[m["side"]],
    )
