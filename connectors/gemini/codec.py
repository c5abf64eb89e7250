"""Gemini market data v2: l2_updates and trades (docs.gemini.com, "Market Data version 2").

The first ``l2_updates`` of a subscription is the whole book, and it alone has ``trades``: those of
before, which are left out.
There is no sequence number: ``seq`` counts a symbol's messages. ``side`` of a trade is the taker's.
"""

from typing import Any

import orjson

from connectors.codec import Events, Instruments, guarded, levels, sent
from connectors.decimals import price, size
from connectors.events import Beat, DepthEvent, Instrument, TradeEvent
from connectors.session import Request, SendText
from connectors.venue import Place

_SCALES = (10, 8)
_MS = 1_000_000
_SILENT = {"subscription_ack", "auction_open", "auction_indicative", "auction_result"}


class GeminiCodec:
    """``instruments`` by symbol (BTCUSD); for one that is not listed ten decimals of price, eight
    of size."""

    def __init__(self, instruments: dict[str, Instrument], place: Place) -> None:
        self.url = place.socket
        self._asked = list(instruments)
        self._instruments = Instruments("GEMINI", instruments, _SCALES)
        self._seq: dict[str, int] = {}

    def opening(self) -> list[Request]:
        return [_say("subscribe", self._asked)]

    def mend(self, symbol: str) -> list[Request]:
        return [_say(kind, [symbol]) for kind in ("unsubscribe", "subscribe")]

    def ping(self, now: int) -> str:
        """The venue sends heartbeats by itself."""
        return ""

    def receive(self, data: bytes, at: int) -> Events:
        return guarded(lambda: self._read(orjson.loads(data), at), data)

    def answer(self, url: str, body: bytes, at: int) -> Events:
        """Nothing but reference data is asked for."""
        return []

    def _read(self, m: dict[str, Any], at: int) -> Events:
        kind = m.get("type")
        if kind == "heartbeat":
            return [Beat(int(m["timestamp"]) * _MS)] if "timestamp" in m else []
        if kind in _SILENT:
            return []
        if m.get("result") == "error":
            raise ValueError(f"Gemini says: {m.get('message')}")
        if kind not in ("l2_updates", "trade"):
            raise ValueError(f"message type {kind!r} is unknown")
        instrument = self._instruments[m["symbol"]]
        return [
            self._depth(m, instrument, at) if kind == "l2_updates" else _trade(m, instrument, at)
        ]

    def _depth(self, m: dict[str, Any], instrument: Instrument, at: int) -> DepthEvent:
        sides: dict[str, list[list[str]]] = {"buy": [], "sell": []}
        for side, level_price, level_size in m["changes"]:
            sides[side].append([level_price, level_size])
        last, snapshot = self._seq.get(instrument.name, 0), "trades" in m
        self._seq[instrument.name] = last + 1
        both = levels(sides["buy"], instrument), levels(sides["sell"], instrument)
        previous = 0 if snapshot else last
        return DepthEvent(instrument, at, at, last + 1, previous, snapshot, *both)


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


def _say(kind: str, symbols: list[str]) -> SendText:
    return sent({"type": kind, "subscriptions": [{"name": "l2", "symbols": symbols}]})
