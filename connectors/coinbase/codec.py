"""Coinbase Exchange WebSocket feed: level2, matches, ticker (Coinbase Exchange docs, "WebSocket
Channels").

``side`` of a match is the maker's; the aggressor is the other one. Level2 carries no sequence
number: ``seq`` counts a product's messages. Tickers name sizes only in newer feeds; without them
they tell nothing that the book does not.
"""

from typing import Any

import orjson

from connectors.codec import Events, guarded, iso_ns, levels
from connectors.decimals import price, size
from connectors.events import DepthEvent, Instrument, QuoteEvent, TradeEvent

_SCALES = (8, 8)
_SILENT = {"subscriptions", "heartbeat", "last_match", "status"}


class CoinbaseCodec:
    """Every product that a capture or a feed brings; eight decimals for all. ``last_match``, a
    trade from before the subscription, is left out: after a reconnect it would be one twice."""

    def __init__(self) -> None:
        self._seq: dict[str, int] = {}

    def receive(self, data: bytes, at: int) -> Events:
        return guarded(lambda: self._read(orjson.loads(data), at), data)

    def answer(self, url: str, body: bytes, at: int) -> Events:
        return []

    def _read(self, m: dict[str, Any], at: int) -> Events:
        kind = m["type"]
        if kind in _SILENT:
            return []
        if kind == "error":
            raise ValueError(f"Coinbase says: {m.get('message')} {m.get('reason', '')}")
        instrument = Instrument(f"COINBASE:{m['product_id']}", *_SCALES)
        match kind:
            case "snapshot":
                sides = levels(m["bids"], instrument), levels(m["asks"], instrument)
                return [self._depth(instrument, at, at, True, *sides)]
            case "l2update":
                return [self._update(m, instrument, at)]
            case "match":
                return [_match(m, instrument, at)]
            case "ticker":
                return _ticker(m, instrument, at)
        raise ValueError(f"message type {kind!r} is unknown")

    def _update(self, m: dict[str, Any], instrument: Instrument, at: int) -> DepthEvent:
        sides: dict[str, list[list[str]]] = {"buy": [], "sell": []}
        for side, level_price, level_size in m["changes"]:
            sides[side].append([level_price, level_size])
        both = levels(sides["buy"], instrument), levels(sides["sell"], instrument)
        return self._depth(instrument, iso_ns(m["time"]), at, False, *both)

    def _depth(
        self,
        instrument: Instrument,
        ts: int,
        at: int,
        snapshot: bool,
        bids: list[tuple[int, int]],
        asks: list[tuple[int, int]],
    ) -> DepthEvent:
        last = self._seq.get(instrument.name, 0)
        self._seq[instrument.name] = last + 1
        previous = 0 if snapshot else last
        return DepthEvent(instrument, ts, at, last + 1, previous, snapshot, bids, asks)


def _match(m: dict[str, Any], instrument: Instrument, at: int) -> TradeEvent:
    _, price_scale, size_scale = instrument
    return TradeEvent(
        instrument,
        iso_ns(m["time"]),
        at,
        int(m["trade_id"]),
        price(m["price"], price_scale),
        size(m["size"], size_scale),
        {"buy": -1, "sell": 1}[m["side"]],
    )


def _ticker(m: dict[str, Any], instrument: Instrument, at: int) -> Events:
    if "best_bid_size" not in m:
        return []
    _, price_scale, size_scale = instrument
    return [
        QuoteEvent(
            instrument,
            iso_ns(m["time"]),
            at,
            int(m["sequence"]),
            price(m["best_bid"], price_scale),
            size(m["best_bid_size"], size_scale),
            price(m["best_ask"], price_scale),
            size(m["best_ask_size"], size_scale),
        )
    ]
