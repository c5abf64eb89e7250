"""OANDA v20 pricing (developer.oanda.com, "Pricing Endpoints", "Instrument Endpoints").

The line is an HTTP answer without an end, a JSON object a line: ``PRICE`` with the whole ladder of
an instrument, ``HEARTBEAT`` each five seconds. Not every price is sent: at most four a second. It
begins with a snapshot, and each message is a whole book; one that does not come is asked for.
Candles of bids, asks and mids are asked for each minute and told as a vendor's bars.
"""

from typing import Any
from urllib.parse import urlsplit

from connectors.codec import Events, guarded, levels
from connectors.decimals import exact_json
from connectors.events import Beat, DepthEvent, Instrument
from connectors.oanda.instruments import unlisted
from connectors.session import Fetch, Request
from connectors.timestamps import rfc3339_ns
from connectors.vendor_bars import vendor_bar
from connectors.venue import Place
from schemas.enums import StatusKind
from schemas.records import Status

_CANDLES = 3  # the newest, which goes on, and those before it
_BASES = ("bid", "ask", "mid")


class OandaCodec:
    """``instruments`` by OANDA's names (EUR_USD)."""

    def __init__(self, instruments: dict[str, Instrument], place: Place) -> None:
        names = "%2C".join(instruments)
        self.url = f"{place.socket}/v3/accounts/{{account}}/pricing/stream?instruments={names}"
        self._rest = place.rest
        self._instruments = dict(instruments)
        self._tradeable: dict[str, bool] = {}

    def opening(self) -> list[Request]:
        self._tradeable.clear()
        return [self._candles(symbol) for symbol in self._instruments]

    def mend(self, symbol: str) -> list[Request]:
        prices = f"{self._rest}/v3/accounts/{{account}}/pricing?instruments={symbol}"
        return [Fetch(prices), self._candles(symbol)]

    def ping(self, now: int) -> str:
        """Nothing can be said on an HTTP stream."""
        return ""

    def receive(self, data: bytes, at: int) -> Events:
        return guarded(lambda: self._read(exact_json(data), at), data)

    def answer(self, url: str, body: bytes, at: int) -> Events:
        return guarded(lambda: self._answer(url, exact_json(body), at), body)

    def _candles(self, symbol: str) -> Fetch:
        query = f"granularity=M1&price=BAM&count={_CANDLES}"
        return Fetch(f"{self._rest}/v3/instruments/{symbol}/candles?{query}")

    def _read(self, m: dict[str, Any], at: int) -> Events:
        """A message without a type is a price."""
        if "errorMessage" in m:
            raise ValueError(f"OANDA says: {m['errorMessage']}")
        match m.get("type", "PRICE"):
            case "PRICE":
                return self._price(m, at)
            case "HEARTBEAT":
                return [Beat(rfc3339_ns(m["time"]))]
        raise ValueError(f"message type {m['type']!r} is unknown")

    def _answer(self, url: str, m: dict[str, Any], at: int) -> Events:
        if "errorMessage" in m:
            raise ValueError(f"OANDA says: {m['errorMessage']}")
        if urlsplit(url).path.endswith("/candles"):
            return self._bars(m, at)
        return [event for price in m["prices"] for event in self._price(price, at)]

    def _price(self, m: dict[str, Any], at: int) -> Events:
        instrument, ts = self._of(m["instrument"]), rfc3339_ns(m["time"])
        sides = [
            levels([[row["price"], str(row["liquidity"])] for row in m.get(side) or ()], instrument)
            for side in ("bids", "asks")
        ]
        book = DepthEvent(instrument, ts, at, ts, 0, True, *sides)
        return [*self._state(m, instrument, ts, at), book]

    def _state(self, m: dict[str, Any], instrument: Instrument, ts: int, at: int) -> Events:
        """Told where it changes."""
        tradeable = m.get("tradeable", m.get("status", "tradeable") == "tradeable")
        if self._tradeable.get(instrument.name) is tradeable:
            return []
        self._tradeable[instrument.name] = tradeable
        kind = StatusKind.TRADING if tradeable else StatusKind.CLOSED
        return [Status(instrument.name, ts, at, kind, str(m.get("status", "")))]

    def _bars(self, m: dict[str, Any], at: int) -> Events:
        """The venue's volume counts prices, so none is told."""
        instrument = self._of(m["instrument"])
        return [
            vendor_bar(
                instrument,
                at,
                "1m",
                rfc3339_ns(candle["time"]),
                tuple(candle[basis][key] for key in "ohlc"),
                final=bool(candle["complete"]),
                basis=basis,
            )
            for candle in m["candles"]
            for basis in _BASES
            if basis in candle
        ]

    def _of(self, symbol: str) -> Instrument:
        found = self._instruments.get(symbol)
        if found is None:
            found = self._instruments[symbol] = unlisted(symbol)
        return found
