"""Yahoo Finance's minutes, asked for in turn. Yahoo has no documented interface: the maintained
library ``yfinance`` asks (``library.py``), and what it found is read here, so a capture replays
without it.

An answer is ``{"symbol", "rows": [[time in s, open, high, low, close, volume], …]}``, numbers as
text, or ``{"symbol", "error", "wait_s"}``.
"""

from typing import Any
from urllib.parse import quote

from connectors.codec import Events, guarded
from connectors.decimals import exact_json
from connectors.events import Instrument, Rejected, Slower
from connectors.session import Fetch, Request, polled
from connectors.vendor_bars import SPECS, vendor_bar
from connectors.venue import Place
from connectors.yahoo.instruments import unlisted


class YahooCodec:
    """``instruments`` by Yahoo's symbols (AAPL, EURUSD=X, BTC-USD, ^BVSP, PETR4.SA)."""

    def __init__(self, instruments: dict[str, Instrument], place: Place) -> None:
        self.url, self._rest = polled(place.rest), place.rest
        self._instruments = dict(instruments)

    def opening(self) -> list[Request]:
        return [request for symbol in self._instruments for request in self.mend(symbol)]

    def mend(self, symbol: str) -> list[Request]:
        return [Fetch(f"{self._rest}/minutes?symbol={quote(symbol, safe='')}")]

    def ping(self, now: int) -> str:
        """Nothing can be said."""
        return ""

    def receive(self, data: bytes, at: int) -> Events:
        """Nothing comes by itself."""
        return [Rejected("nothing was to come", data)]

    def answer(self, url: str, body: bytes, at: int) -> Events:
        return guarded(lambda: self._answer(exact_json(body), body, at), body)

    def _answer(self, m: dict[str, Any], body: bytes, at: int) -> Events:
        symbol = str(m["symbol"])
        if "error" in m:
            refused: Events = [Rejected(f"Yahoo says of {symbol}: {m['error']}", body)]
            return [*refused, Slower(float(m["wait_s"]))] if m.get("wait_s") else refused
        instrument = self._instruments.get(symbol) or unlisted(symbol).instrument
        return [_bar(row, instrument, at) for row in m["rows"]]


def _bar(row: list[Any], instrument: Instrument, at: int) -> Any:
    ts_open = int(row[0]) * 10**9
    open_, high, low, close, volume = row[1:]
    prices, final = (open_, high, low, close), at >= ts_open + SPECS["1m"]
    return vendor_bar(instrument, at, "1m", ts_open, prices, volume, final=final)
