"""Gemini market data v2: l2_updates and trades (docs.gemini.com, "Market Data version 2").

The first ``l2_updates`` of a symbol is its whole book; the trades of before in it are left out.
There is no sequence number: ``seq`` counts a symbol's messages. ``side`` of a trade is the taker's.
"""

from typing import Any

import orjson

from connectors.codec import Events, guarded, levels
from connectors.decimals import price, size
from connectors.events import DepthEvent, Instrument, TradeEvent

_SCALES = (10, 8)
_MS = 1_000_000
_SILENT = {"heartbeat", "subscription_ack", "auction_open", "auction_indicative", "auction_result"}


class GeminiCodec:
    """Every symbol that a capture or a feed brings; ten decimals of price, eight of size."""

    def __init__(self) -> None:
        self._seq: dict[str, int] = {}

    def receive(self, data: bytes, at: int) -> Events:
        return guarded(lambda: self._read(orjson.loads(data), at), data)

    def answer(self, url: str, body: bytes, at: int) -> Events:
        return []

    def _read(self, m: dict[str, Any], at: int) -> Events:
        kind = m.get("type")
        if kind in _SILENT:
            return []
        if m.get("result") == "error":
            raise ValueError(f"Gemini says: {m.get('message')}")
        if kind not in ("l2_updates", "trade"):
            raise ValueError(f"message type {kind!r} is unknown")
        instrument = Instrument(f"GEMINI:{m['symbol']}", *_SCALES)
        return [
            self._depth(m, instrument, at) if kind == "l2_updates" else _trade(m, instrument, at)
        ]

    def _depth(self, m: dict[str, Any], instrument: Instrument, at: int) -> DepthEvent:
        sides: dict[str, list[list[str]]] = {"buy": [], "sell": []}
        for side, level_price, level_size in m["changes"]:
            sides[side].append([level_price, level_size])
        last = self._seq.get(instrument.name, 0)
        self._seq[instrument.name] = last + 1
        both = levels(sides["buy"], instrument), levels(sides["sell"], instrument)
        return DepthEvent(instrument, at, at, last + 1, last, last == 0, *both)


def _trade(m: dict[str, Any], instrument: Instrument, at: int) -> TradeEvent:
    _, price_scale, size_scale = instrument
    return TradeEvent(
        instrument,
        int(m["timestamp"]) * _MS,
        at,
        int(m["event_id"]),
        price(m["price"], price_scale),
        size(m["quantity"], size_scale),
        {"buy": 1, "sell": -1}[m["side"]],
    )
