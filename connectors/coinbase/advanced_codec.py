"""Coinbase Advanced Trade WebSocket: level2, market_trades, ticker, heartbeats
(docs.cdp.coinbase.com, "Advanced Trade WebSocket").

- All messages of a line are numbered through over all channels: a number that is left out is a gap
  in every book, and each is subscribed anew.
- A subscription to trades begins with some of before it; they are left out. ``side`` is the
  maker's; the aggressor is the other one.
- ``seq`` counts a product's book messages: the venue's numbers begin anew with each line.
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
_CHANNELS = ("level2", "market_trades", "ticker")
_AGGRESSORS = {"BUY": -1, "SELL": 1}  # by the maker's side


class AdvancedTradeCodec:
    """``instruments`` by product; eight decimals for one that is not listed."""

    def __init__(self, instruments: dict[str, Instrument], place: Place) -> None:
        self.url = place.socket
        self._asked = list(instruments)
        self._instruments = Instruments("COINBASE", instruments, _SCALES)
        self._seq: dict[str, int] = {}
        self._last = -1  # number of the line's last message

    def opening(self) -> list[Request]:
        self._last = -1
        asked = [_say("subscribe", channel, self._asked) for channel in _CHANNELS]
        return [sent({"type": "subscribe", "channel": "heartbeats"}), *asked]

    def mend(self, symbol: str) -> list[Request]:
        return [_say(kind, "level2", [symbol]) for kind in ("unsubscribe", "subscribe")]

    def ping(self, now: int) -> str:
        """The channel of heartbeats keeps the line alive."""
        return ""

    def receive(self, data: bytes, at: int) -> Events:
        return guarded(lambda: self._read(orjson.loads(data), at), data)

    def answer(self, url: str, body: bytes, at: int) -> Events:
        """Nothing but reference data is asked for."""
        return []

    def _read(self, message: dict[str, Any], at: int) -> Events:
        if message.get("type") == "error":
            raise ValueError(f"Coinbase says: {message.get('message')}")
        missed = self._count(int(message["sequence_num"]), at)
        return missed + [e for event in message["events"] for e in self._event(message, event, at)]

    def _count(self, number: int, at: int) -> Events:
        last, self._last = self._last, number
        if last < 0 or number == last + 1:
            return []
        detail = f"message {number} follows {last}"
        names = [self._instruments[symbol].name for symbol in self._asked]
        return [Status(name, at, at, StatusKind.GAP, detail) for name in names]

    def _event(self, message: dict[str, Any], event: dict[str, Any], at: int) -> Events:
        match message["channel"]:
            case "l2_data":
                return [self._depth(event, iso_ns(message["timestamp"]), at)]
            case "market_trades":
                live = event["trades"] if event["type"] == "update" else []
                return [self._trade(row, at) for row in sorted(live, key=_trade_id)]
            case "ticker":
                ts = iso_ns(message["timestamp"])
                return [self._quote(row, ts, at) for row in event["tickers"]]
            case "heartbeats":
                return [Beat(iso_ns(message["timestamp"]))]
            case "subscriptions" | "status":
                return []
        raise ValueError(f"channel {message['channel']!r} is unknown")

    def _depth(self, event: dict[str, Any], ts: int, at: int) -> DepthEvent:
        symbol, snapshot = event["product_id"], {"snapshot": True, "update": False}[event["type"]]
        instrument = self._instruments[symbol]
        sides: dict[str, list[list[str]]] = {"bid": [], "offer": []}
        for row in event["updates"]:
            sides[row["side"]].append([row["price_level"], row["new_quantity"]])
        both = levels(sides["bid"], instrument), levels(sides["offer"], instrument)
        last = self._seq.get(symbol, 0)
        self._seq[symbol] = last + 1
        return DepthEvent(instrument, ts, at, last + 1, 0 if snapshot else last, snapshot, *both)

    def _trade(self, row: dict[str, Any], at: int) -> TradeEvent:
        instrument = self._instruments[row["product_id"]]
        _, price_scale, size_scale = instrument
        return TradeEvent(
            instrument,
            iso_ns(row["time"]),
            at,
            _trade_id(row),
            price(row["price"], price_scale),
            size(row["size"], size_scale),
            _AGGRESSORS[row["side"]],
        )

    def _quote(self, row: dict[str, Any], ts: int, at: int) -> QuoteEvent:
        symbol = row["product_id"]
        instrument = self._instruments[symbol]
        _, price_scale, size_scale = instrument
        return QuoteEvent(
            instrument,
            ts,
            at,
            self._seq.get(symbol, 0),
            price(row["best_bid"], price_scale),
            size(row["best_bid_quantity"], size_scale),
            price(row["best_ask"], price_scale),
            size(row["best_ask_quantity"], size_scale),
        )


def _trade_id(row: dict[str, Any]) -> int:
    return int(row["trade_id"])


def _say(kind: str, channel: str, products: list[str]) -> SendText:
    return sent({"type": kind, "product_ids": products, "channel": channel})
