"""OKX API v5 public WebSocket: books with checksums, trades, tickers (OKX docs, "Public Data" and
"Order Book Trading").

A book's messages follow each other by ``prevSeqId`` where the venue sends it; older recordings
have none, and there the checksum stands in and ``seq`` counts the messages. The checksum is sent
as a signed 32-bit number; where the venue no longer makes one it sends 0.
"""

from typing import Any

import orjson

from connectors.codec import Events, Instruments, guarded, levels, sent
from connectors.decimals import price, size
from connectors.events import (
    ChecksumEvent,
    DepthEvent,
    Instrument,
    QuoteEvent,
    Reconnect,
    TradeEvent,
)
from connectors.session import Request, SendText
from connectors.venue import Place
from schemas.frames import OKX_CRC32

_SCALES = (8, 8)
_MS = 1_000_000
_CHANNELS = ("books", "trades", "tickers")
_SYMBOLS_A_MESSAGE = 100
_UPGRADE = "64008"  # a notice: the line will be closed soon


class OkxCodec:
    """``instruments`` by the venue's ids; eight decimals for one that is not listed."""

    def __init__(self, instruments: dict[str, Instrument], place: Place) -> None:
        self.url = f"{place.socket}/ws/v5/public"
        self._asked = list(instruments)
        self._instruments = Instruments("OKX", instruments, _SCALES)
        self._seq: dict[str, int] = {}

    def opening(self) -> list[Request]:
        """A few symbols a message: one may be 64 KB at most."""
        return [
            _say("subscribe", self._asked[n : n + _SYMBOLS_A_MESSAGE], _CHANNELS)
            for n in range(0, len(self._asked), _SYMBOLS_A_MESSAGE)
        ]

    def mend(self, symbol: str) -> list[Request]:
        """What OKX says to do after a gap or a wrong checksum: subscribe anew."""
        return [_say(op, [symbol], _CHANNELS[:1]) for op in ("unsubscribe", "subscribe")]

    def ping(self, now: int) -> str:
        return "ping"

    def receive(self, data: bytes, at: int) -> Events:
        return guarded(lambda: self._read(data, at), data)

    def answer(self, url: str, body: bytes, at: int) -> Events:
        """Nothing but reference data is asked for."""
        return []

    def _read(self, data: bytes, at: int) -> Events:
        if data == b"pong":
            return []
        message = orjson.loads(data)
        if message.get("event") == "error":
            raise ValueError(f"OKX says: {message.get('msg')}")
        if message.get("code") == _UPGRADE:
            return [Reconnect(str(message.get("msg")))]
        if "data" not in message:
            return []
        channel = message["arg"]["channel"]
        instrument = self._instruments[message["arg"]["instId"]]
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
        if m.get("checksum"):
            value = int(m["checksum"]) & 0xFFFFFFFF
            events.append(ChecksumEvent(instrument, ts, at, seq, OKX_CRC32, value))
        return events

    def _quote(self, m: dict[str, Any], instrument: Instrument, at: int) -> QuoteEvent:
        _, price_scale, size_scale = instrument
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


def _trade(m: dict[str, Any], instrument: Instrument, at: int) -> TradeEvent:
    _, price_scale, size_scale = instrument
    return TradeEvent(
        instrument,
        int(m["ts"]) * _MS,
        at,
        int(m["tradeId"]),
        price(m["px"], price_scale),
        size(m["sz"], size_scale),
        {"buy": 1, "sell": -1}[m["side"]],
    )


def _say(op: str, symbols: list[str], channels: tuple[str, ...]) -> SendText:
    args = [{"channel": channel, "instId": s} for channel in channels for s in symbols]
    return sent({"op": op, "args": args})
