"""Finnhub: trades by WebSocket, the day so far by REST (finnhub.io/docs/api, "Trades", "Quote").

Trades have no id: the log's is the receive time, raised by one where several come at once. The
quote has no bid and no ask, but the day's prices; it is told as a vendor's bar of the day that goes
on.
"""

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from connectors.codec import Events, guarded, sent
from connectors.decimals import exact_json, number_text, price, size
from connectors.events import GiveUp, Instrument, Rejected, TradeEvent
from connectors.finnhub.instruments import unlisted
from connectors.session import Fetch, Request
from connectors.vendor_bars import vendor_bar
from connectors.venue import Place

_MS = 1_000_000
_DAY_S = 86_400


class FinnhubCodec:
    """``instruments`` by Finnhub's symbols (AAPL, BINANCE:BTCUSDT, OANDA:EUR_USD)."""

    def __init__(self, instruments: dict[str, Instrument], place: Place) -> None:
        self.url, self._rest = place.socket, place.rest
        self._instruments = dict(instruments)
        self._last_id = 0

    def opening(self) -> list[Request]:
        names = list(self._instruments)
        says = [sent({"type": "subscribe", "symbol": name}) for name in names]
        return [*says, *(request for name in names for request in self.mend(name))]

    def mend(self, symbol: str) -> list[Request]:
        """The day so far."""
        return [Fetch(f"{self._rest}/api/v1/quote?symbol={quote(symbol, safe='')}")]

    def ping(self, now: int) -> str:
        """The venue pings by itself."""
        return ""

    def receive(self, data: bytes, at: int) -> Events:
        return guarded(lambda: self._read(exact_json(data), data, at), data)

    def answer(self, url: str, body: bytes, at: int) -> Events:
        return guarded(lambda: self._day(url, exact_json(body), at), body)

    def _read(self, m: dict[str, Any], data: bytes, at: int) -> Events:
        match m["type"]:
            case "trade":
                return [self._trade(row, at) for row in m["data"]]
            case "ping":
                return []
            case "error":
                return _refused(str(m.get("msg")), data)
        raise ValueError(f"message type {m['type']!r} is unknown")

    def _trade(self, row: dict[str, Any], at: int) -> TradeEvent:
        instrument = self._of(row["s"])
        _, price_scale, size_scale = instrument
        worth = price(number_text(row["p"]), price_scale)
        amount = size(number_text(row["v"]), size_scale)
        self._last_id = max(at, self._last_id + 1)
        return TradeEvent(instrument, int(row["t"]) * _MS, at, self._last_id, worth, amount, 0)

    def _day(self, url: str, m: dict[str, Any], at: int) -> Events:
        symbol = parse_qs(urlsplit(url).query)["symbol"][0]
        if "error" in m:
            raise ValueError(f"Finnhub says of {symbol}: {m['error']}")
        seconds = int(m["t"])
        if not seconds:
            raise ValueError(f"Finnhub has no quote of {symbol}")
        ts_open = (seconds - seconds % _DAY_S) * 10**9
        prices = (m["o"], m["h"], m["l"], m["c"])
        return [vendor_bar(self._of(symbol), at, "1d", ts_open, prices, final=False)]

    def _of(self, symbol: str) -> Instrument:
        found = self._instruments.get(symbol)
        if found is None:
            found = self._instruments[symbol] = unlisted(symbol).instrument
        return found


def _refused(said: str, data: bytes) -> Events:
    text = f"Finnhub says: {said}"
    lowered = said.lower()
    if "token" in lowered or "api key" in lowered:
        return [Rejected(text, data), GiveUp(f"{text}; check TICKSTREAM_FINNHUB_KEY")]
    return [Rejected(text, data)]
