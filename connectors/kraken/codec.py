"""Kraken WebSocket API v1: books with checksums, trades, spreads (docs.kraken.com, "WebSockets API
v1").

- Numbers come padded to the pair's own decimals, which the checksum is made of: the scales are
  those of the first number seen, or of REST AssetPairs where that came before.
- Messages carry no sequence number; the checksum stands in. ``seq`` counts a pair's messages.
"""

from typing import Any

import orjson

from connectors.codec import Events, decimals, guarded, levels, seconds_ns, sent
from connectors.decimals import price, size
from connectors.events import ChecksumEvent, DepthEvent, Instrument, QuoteEvent, TradeEvent
from connectors.kraken.depth import Depth
from connectors.kraken.instruments import listings
from connectors.names import of_symbol
from connectors.session import Request, SendText
from connectors.venue import Place
from schemas.frames import KRAKEN_CRC32

_BOOK = {"name": "book", "depth": 100}
_SUBSCRIPTIONS: tuple[dict[str, Any], ...] = (_BOOK, {"name": "trade"}, {"name": "spread"})


class KrakenCodec:
    """``instruments`` by the names that the WebSocket uses (XBT/USD); others as they come."""

    def __init__(self, instruments: dict[str, Instrument], place: Place) -> None:
        self.url = place.socket
        self._instruments = dict(instruments)
        self._asked = list(instruments)
        self._depth = Depth()
        self._trades: dict[str, int] = {}

    def opening(self) -> list[Request]:
        self._depth.clear()
        return [_say("subscribe", self._asked, subscription) for subscription in _SUBSCRIPTIONS]

    def mend(self, symbol: str) -> list[Request]:
        """What Kraken says to do when a checksum does not match: subscribe anew."""
        return [_say(event, [symbol], _BOOK) for event in ("unsubscribe", "subscribe")]

    def ping(self, now: int) -> str:
        return '{"event":"ping"}'

    def receive(self, data: bytes, at: int) -> Events:
        return guarded(lambda: self._read(orjson.loads(data), at), data)

    def answer(self, url: str, body: bytes, at: int) -> Events:
        """AssetPairs tells the decimals of every pair."""
        return guarded(lambda: self._asset_pairs(body), body)

    def _asset_pairs(self, body: bytes) -> Events:
        self._instruments |= {one.symbol: one.instrument for one in listings(body)}
        return []

    def _read(self, message: Any, at: int) -> Events:
        if isinstance(message, dict):
            if message.get("errorMessage"):
                raise ValueError(f"Kraken says: {message['errorMessage']}")
            return []
        *_, channel, pair = message
        kind = channel.partition("-")[0]
        match kind:
            case "book":
                return self._book(message[1:-2], int(channel.partition("-")[2]), pair, at)
            case "trade":
                return [self._trade(row, pair, at) for row in message[1]]
            case "spread":
                return [self._spread(message[1], pair, at)]
            case "ticker" | "ohlc":
                return []
        raise ValueError(f"channel {channel!r} is unknown")

    def _instrument(self, pair: str, price_text: str, size_text: str) -> Instrument:
        known = self._instruments.get(pair)
        if known is None:
            scales = (decimals(price_text), decimals(size_text))
            known = self._instruments[pair] = Instrument(of_symbol("KRAKEN", pair), *scales)
        return known

    def _book(self, parts: list[dict[str, Any]], depth: int, pair: str, at: int) -> Events:
        body = {key: value for part in parts for key, value in part.items()}
        snapshot = "as" in body or "bs" in body
        bids, asks = (body.get(key + "s" if snapshot else key, []) for key in ("b", "a"))
        rows = [*bids, *asks]
        if not rows:
            raise ValueError("a book message without levels")
        instrument = self._instrument(pair, rows[0][0], rows[0][1])
        sides = (levels(bids, instrument), levels(asks, instrument))
        seq, previous = self._depth.take(pair, depth, snapshot, *sides)
        ts = max(seconds_ns(row[2]) for row in rows)
        event = DepthEvent(instrument, ts, at, seq, previous, snapshot, *sides)
        if "c" not in body:
            return [event]
        return [event, ChecksumEvent(instrument, ts, at, seq, KRAKEN_CRC32, int(body["c"]))]

    def _trade(self, row: list[str], pair: str, at: int) -> TradeEvent:
        instrument = self._instrument(pair, row[0], row[1])
        _, price_scale, size_scale = instrument
        number = self._trades[pair] = self._trades.get(pair, 0) + 1
        side = {"b": 1, "s": -1}[row[3]]
        return TradeEvent(
            instrument,
            seconds_ns(row[2]),
            at,
            number,
            price(row[0], price_scale),
            size(row[1], size_scale),
            side,
        )

    def _spread(self, row: list[str], pair: str, at: int) -> QuoteEvent:
        bid, ask, ts, bid_size, ask_size = row
        instrument = self._instrument(pair, bid, bid_size)
        _, price_scale, size_scale = instrument
        return QuoteEvent(
            instrument,
            seconds_ns(ts),
            at,
            self._depth.seq(pair),
            price(bid, price_scale),
            size(bid_size, size_scale),
            price(ask, price_scale),
            size(ask_size, size_scale),
        )


def _say(event: str, pairs: list[str], subscription: dict[str, Any]) -> SendText:
    return sent({"event": event, "pair": pairs, "subscription": subscription})
