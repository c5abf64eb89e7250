"""Coinbase Exchange WebSocket feed: level2, matches, ticker (Coinbase Exchange docs, "WebSocket
Channels").

``side`` of a match is the maker's; the aggressor is the other one. Level2 carries no sequence
number: ``seq`` counts a product's messages. Trade ids follow each other, and a heartbeat names the
last, so that a message that was lost is noticed; the book is then subscribed anew. Tickers name
sizes only in newer feeds; without them they tell nothing that the book does not.
"""

from typing import Any

import orjson

from connectors.codec import Events, Instruments, guarded, iso_ns, levels, sent
from connectors.decimals import price, size
from connectors.events import Beat, DepthEvent, Instrument, QuoteEvent, TradeEvent
from connectors.session import Request, SendText
from connectors.venue import Place
from schemas.enums import StatusKind
from schemas.records import Status

_SCALES = (8, 8)
_SILENT = {"subscriptions", "last_match", "status"}
_CHANNELS = ["level2_batch", "matches", "ticker", "heartbeat"]


class CoinbaseCodec:
    """``instruments`` by product; eight decimals for one that is not listed. ``last_match``, a
    trade from before the subscription, is left out: after a reconnect it would be one twice."""

    def __init__(self, instruments: dict[str, Instrument], place: Place) -> None:
        self.url = place.socket
        self._asked = list(instruments)
        self._instruments = Instruments("COINBASE", instruments, _SCALES)
        self._seq: dict[str, int] = {}
        self._trades: dict[str, int] = {}

    def opening(self) -> list[Request]:
        self._trades.clear()
        return [_say("subscribe", self._asked, _CHANNELS)]

    def mend(self, symbol: str) -> list[Request]:
        return [_say(kind, [symbol], _CHANNELS[:1]) for kind in ("unsubscribe", "subscribe")]

    def ping(self, now: int) -> str:
        """Its heartbeat channel keeps the line alive."""
        return ""

    def receive(self, data: bytes, at: int) -> Events:
        return guarded(lambda: self._read(orjson.loads(data), at), data)

    def answer(self, url: str, body: bytes, at: int) -> Events:
        """Nothing but reference data is asked for."""
        return []

    def _read(self, m: dict[str, Any], at: int) -> Events:
        kind = m["type"]
        if kind in _SILENT:
            return []
        if kind == "error":
            raise ValueError(f"Coinbase says: {m.get('message')} {m.get('reason', '')}")
        instrument = self._instruments[m["product_id"]]
        match kind:
            case "heartbeat":
                return [Beat(iso_ns(m["time"])), *self._count(m["last_trade_id"], instrument, at)]
            case "snapshot":
                sides = levels(m["bids"], instrument), levels(m["asks"], instrument)
                return [self._depth(instrument, at, at, True, *sides)]
            case "l2update":
                return [self._update(m, instrument, at)]
            case "match":
                missed = self._count(m["trade_id"] - 1, instrument, at)
                self._trades[instrument.name] = m["trade_id"]
                return [*missed, _match(m, instrument, at)]
            case "ticker":
                return _ticker(m, instrument, at)
        raise ValueError(f"message type {kind!r} is unknown")

    def _count(self, trade_id: int, instrument: Instrument, at: int) -> Events:
        """A trade that should have come by now and did not is a gap, in the book as well."""
        last = self._trades.get(instrument.name, trade_id)
        if trade_id <= last:
            return []
        self._trades[instrument.name] = trade_id
        detail = f"trades {last + 1} to {trade_id} never came"
        return [Status(instrument.name, at, at, StatusKind.GAP, detail)]

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


def _say(kind: str, products: list[str], channels: list[str]) -> SendText:
    return sent({"type": kind, "product_ids": products, "channels": channels})
