"""Twelve Data's time series, asked for in turn (twelvedata.com/docs, "Time series").

The newest bar goes on while its minute does; what a later answer says of a bar replaces it. Errors
come in the body: 401 a wrong key, 429 no more credits in this minute, or for this day.
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from connectors.codec import Events, guarded
from connectors.decimals import exact_json
from connectors.events import GiveUp, Instrument, Rejected, Slower
from connectors.session import Fetch, Request, polled
from connectors.twelvedata.instruments import unlisted
from connectors.vendor_bars import SPECS, vendor_bar
from connectors.venue import Place

_BARS = 5  # asked for each time
_MINUTE_S, _HOUR_S = 60.0, 3600.0


class TwelveDataCodec:
    """``instruments`` by Twelve Data's symbols (AAPL, EUR/USD, BTC/USD)."""

    def __init__(self, instruments: dict[str, Instrument], place: Place) -> None:
        self.url, self._rest = polled(place.rest), place.rest
        self._instruments = dict(instruments)

    def opening(self) -> list[Request]:
        return [request for symbol in self._instruments for request in self.mend(symbol)]

    def mend(self, symbol: str) -> list[Request]:
        query = f"symbol={quote(symbol, safe='')}&interval=1min&outputsize={_BARS}&timezone=UTC"
        return [Fetch(f"{self._rest}/time_series?{query}")]

    def ping(self, now: int) -> str:
        """Nothing can be said."""
        return ""

    def receive(self, data: bytes, at: int) -> Events:
        """Nothing comes by itself."""
        return [Rejected("nothing was to come", data)]

    def answer(self, url: str, body: bytes, at: int) -> Events:
        return guarded(lambda: self._answer(url, exact_json(body), body, at), body)

    def _answer(self, url: str, m: dict[str, Any], body: bytes, at: int) -> Events:
        symbol = parse_qs(urlsplit(url).query)["symbol"][0]
        if m.get("status") == "error":
            return _refused(symbol, m, body)
        instrument = self._instruments.get(symbol) or unlisted(symbol).instrument
        return [_bar(row, instrument, at) for row in reversed(m["values"])]


def _bar(row: dict[str, str], instrument: Instrument, at: int) -> Any:
    moment = datetime.strptime(row["datetime"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    ts_open = int(moment.timestamp()) * 10**9
    prices = (row["open"], row["high"], row["low"], row["close"])
    final = at >= ts_open + SPECS["1m"]
    return vendor_bar(instrument, at, "1m", ts_open, prices, row.get("volume") or 0, final=final)


def _refused(symbol: str, m: dict[str, Any], body: bytes) -> Events:
    text = f"Twelve Data says of {symbol}: {m.get('message')} ({m['code']})"
    events: Events = [Rejected(text, body)]
    match m["code"]:
        case 401 | 403:
            events.append(GiveUp(f"{text}; check TICKSTREAM_TWELVEDATA_KEY and the plan"))
        case 429:
            events.append(Slower(_HOUR_S if "day" in str(m.get("message")) else _MINUTE_S))
    return events
