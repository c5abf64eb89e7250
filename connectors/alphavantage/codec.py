"""Alpha Vantage's daily series of shares and currencies, asked for in turn
(alphavantage.co/documentation).

A day's time is that of midnight in the time zone that the answer names. Errors come in the body of
a good answer: ``Error Message`` for a call or key that is wrong, ``Note`` or ``Information`` where
there were too many. Fundamentals are not read: the log has no record for them.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.alphavantage.instruments import unlisted
from connectors.codec import Events, guarded
from connectors.decimals import exact_json
from connectors.events import GiveUp, Instrument, Rejected, Slower
from connectors.session import Fetch, Request, polled
from connectors.vendor_bars import SPECS, vendor_bar
from connectors.venue import Place

_TOO_MANY_S = 3600.0
_PRICES = ("1. open", "2. high", "3. low", "4. close")


class AlphaVantageCodec:
    """``instruments`` by symbol: IBM, or EUR/USD."""

    def __init__(self, instruments: dict[str, Instrument], place: Place) -> None:
        self.url, self._rest = polled(place.rest), place.rest
        self._instruments = dict(instruments)

    def opening(self) -> list[Request]:
        return [request for symbol in self._instruments for request in self.mend(symbol)]

    def mend(self, symbol: str) -> list[Request]:
        base, pair, other = symbol.partition("/")
        if pair:
            words = f"function=FX_DAILY&from_symbol={quote(base)}&to_symbol={quote(other)}"
        else:
            words = f"function=TIME_SERIES_DAILY&symbol={quote(symbol, safe='')}"
        return [Fetch(f"{self._rest}/query?{words}&outputsize=compact")]

    def ping(self, now: int) -> str:
        """Nothing can be said."""
        return ""

    def receive(self, data: bytes, at: int) -> Events:
        """Nothing comes by itself."""
        return [Rejected("nothing was to come", data)]

    def answer(self, url: str, body: bytes, at: int) -> Events:
        return guarded(lambda: self._answer(_symbol(url), exact_json(body), body, at), body)

    def _answer(self, symbol: str, m: dict[str, Any], body: bytes, at: int) -> Events:
        for word in ("Error Message", "Note", "Information"):
            if word in m:
                return _refused(symbol, word, str(m[word]), body)
        series = _named(m, str.startswith, "Time Series")
        zone = _zone(m["Meta Data"])
        instrument = self._instruments.get(symbol) or unlisted(symbol).instrument
        return [_bar(day, series[day], zone, instrument, at) for day in sorted(series)]


def _symbol(url: str) -> str:
    asked = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    return asked.get("symbol") or f"{asked['from_symbol']}/{asked['to_symbol']}"


def _named(m: dict[str, Any], how: Callable[[str, str], bool], word: str) -> Any:
    """What stands under a name that begins or ends with a word. Raises ValueError."""
    for key in m:
        if how(key, word):
            return m[key]
    raise ValueError(f"field {word!r} is missing")


def _zone(meta: dict[str, str]) -> ZoneInfo:
    """``5. Time Zone`` of shares, ``6. Time Zone`` of currencies."""
    name = _named(meta, str.endswith, "Time Zone")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        raise ValueError(f"time zone {name!r} is not known") from None


def _bar(day: str, row: dict[str, str], zone: ZoneInfo, instrument: Instrument, at: int) -> Any:
    midnight = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=zone)
    ts_open = int(midnight.timestamp()) * 10**9
    open_, high, low, close = (row[key] for key in _PRICES)
    volume, final = row.get("5. volume") or 0, at >= ts_open + SPECS["1d"]
    prices = (open_, high, low, close)
    return vendor_bar(instrument, at, "1d", ts_open, prices, volume, final=final)


def _refused(symbol: str, word: str, said: str, body: bytes) -> Events:
    text = f"Alpha Vantage says of {symbol}: {said}"
    events: Events = [Rejected(text, body)]
    if word != "Error Message":
        events.append(Slower(_TOO_MANY_S))
    elif "apikey" in said:
        events.append(GiveUp(f"{text}; check TICKSTREAM_ALPHAVANTAGE_KEY"))
    return events
