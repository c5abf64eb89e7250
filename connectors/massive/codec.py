"""Massive (once Polygon.io) WebSocket clusters: stocks, crypto, forex (massive.com/docs/websocket).

connected → log in → ``auth_success`` → subscribe → a ``success`` a channel. Every message is an
array; ``ev`` says what an element is. Times are milliseconds.

- A share's trade id is text that is unique within its exchange; the log's holds both
  (``identities.py``). A print that did not set a price (``conditions.py``) is told as a notice.
- Crypto and forex quotes come from several exchanges, one after the other: each is that exchange's.
- Bars of forex are made of quotes, so they are told as bars of bids.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.codec import Events, guarded, sent
from connectors.decimals import exact_json, number_text, price, size
from connectors.events import GiveUp, Instrument, QuoteEvent, Reconnect, TradeEvent
from connectors.identities import trade_identity
from connectors.massive.conditions import sets_no_price
from connectors.session import Authenticate, Request
from connectors.vendor_bars import vendor_bar
from connectors.venue import Place
from schemas.enums import TradeNoticeKind
from schemas.records import PriceBand, TradeNotice

VENUE = "MASSIVE"
_MS = 1_000_000
_CRYPTO_SIDES = {1: -1, 2: 1}  # conditions of crypto trades: a sell, a buy
_ANEW_AFTER_S = {"max_connections": 30.0, "auth_timeout": 1.0, "force_disconnect": 5.0}


@dataclass(frozen=True, slots=True)
class Cluster:
    """``path`` of its WebSocket; ``channels`` that are subscribed; ``scales`` of price and size
    that hold all it sends."""

    path: str
    channels: tuple[str, ...]
    scales: tuple[int, int]


STOCKS = Cluster("/stocks", ("T", "Q", "A", "AM", "LULD"), (6, 6))
CRYPTO = Cluster("/crypto", ("XT", "XQ", "XAS", "XA"), (12, 12))
FOREX = Cluster("/forex", ("C", "CAS", "CA"), (8, 0))
_BARS = {
    "A": ("1s", "trades"),
    "AM": ("1m", "trades"),
    "XAS": ("1s", "trades"),
    "XA": ("1m", "trades"),
    "CAS": ("1s", "bid"),
    "CA": ("1m", "bid"),
}


class MassiveCodec:
    """``instruments`` by what is subscribed: AAPL, BTC-USD, EUR-USD."""

    def __init__(self, cluster: Cluster, instruments: dict[str, Instrument], place: Place) -> None:
        self.url = f"{place.socket}{cluster.path}"
        self._cluster, self._instruments = cluster, dict(instruments)
        self._handlers: dict[str, Callable[[dict[str, Any], int], Events]] = {
            "status": self._status,
            "T": self._trade,
            "Q": self._quote,
            "LULD": self._band,
            "XT": self._crypto_trade,
            "XQ": self._crypto_quote,
            "C": self._rate,
            **dict.fromkeys(_BARS, self._bar),
        }

    def opening(self) -> list[Request]:
        """Nothing, until the venue greets."""
        return []

    def mend(self, symbol: str) -> list[Request]:
        """There are no books."""
        return []

    def ping(self, now: int) -> str:
        """The venue pings by itself."""
        return ""

    def receive(self, data: bytes, at: int) -> Events:
        return guarded(lambda: self._read(exact_json(data), data, at), data)

    def answer(self, url: str, body: bytes, at: int) -> Events:
        """Nothing but reference data is asked for."""
        return []

    def _read(self, messages: Any, data: bytes, at: int) -> Events:
        if not isinstance(messages, list):
            raise ValueError("is no array of messages")
        found: Events = []
        for message in messages:
            found += guarded(lambda m=message: self._one(m, at), data)  # type: ignore[misc]
        return found

    def _one(self, m: dict[str, Any], at: int) -> Events:
        handler = self._handlers.get(m["ev"])
        if handler is None:
            raise ValueError(f"event {m['ev']!r} is unknown")
        return handler(m, at)

    def _status(self, m: dict[str, Any], at: int) -> Events:
        said = f"Massive says: {m.get('message')} ({m['status']})"
        match m["status"]:
            case "connected":
                return [Authenticate()]
            case "auth_success":
                return [sent({"action": "subscribe", "params": self._params()})]
            case "success":
                return []
            case "auth_failed":
                return [GiveUp(f"{said}; check TICKSTREAM_MASSIVE_KEY")]
            case status if status in _ANEW_AFTER_S:
                return [Reconnect(said, _ANEW_AFTER_S[status])]
        raise ValueError(said)

    def _params(self) -> str:
        return ",".join(
            f"{c}.{symbol}" for c in self._cluster.channels for symbol in self._instruments
        )

    def _of(self, symbol: str) -> Instrument:
        """Messages write pairs with a slash, subscriptions with a hyphen."""
        symbol = symbol.replace("/", "-")
        found = self._instruments.get(symbol)
        if found is None:
            found = Instrument(f"{VENUE}:{symbol.upper()}", *self._cluster.scales)
            self._instruments[symbol] = found
        return found

    def _trade(self, m: dict[str, Any], at: int) -> Events:
        instrument, ts = self._of(m["sym"]), int(m["t"]) * _MS
        number = trade_identity(int(m["x"]), m["i"])
        worth, amount = _worth(m["p"], instrument), _amount(m.get("ds", m["s"]), instrument)
        codes = [int(code) for code in m.get("c") or ()]
        if not sets_no_price(codes):
            return [TradeEvent(instrument, ts, at, number, worth, amount, 0)]
        name, price_scale, size_scale = instrument
        notice = TradeNotice(
            *(name, ts, at, TradeNoticeKind.OFF_MARKET, number, worth, amount, 0, 0, 0),
            exchange=str(m["x"]),
            conditions=" ".join(map(str, codes)),
            price_scale=price_scale,
            size_scale=size_scale,
        )
        return [notice]

    def _quote(self, m: dict[str, Any], at: int) -> Events:
        return [self._sides(m, self._of(m["sym"]), int(m.get("q") or 0), at)]

    def _crypto_quote(self, m: dict[str, Any], at: int) -> Events:
        return [self._sides(m, self._of(m["pair"]), 0, at)]

    def _sides(self, m: dict[str, Any], instrument: Instrument, seq: int, at: int) -> QuoteEvent:
        """No size where nobody quotes, which the venue writes as a price of 0 or leaves out."""
        sides: list[int] = []
        for side in "ba":
            there = m.get(f"{side}p") and m.get(f"{side}s")
            sides.append(_worth(m[f"{side}p"], instrument) if there else 0)
            sides.append(_amount(m[f"{side}s"], instrument) if there else 0)
        return QuoteEvent(instrument, int(m["t"]) * _MS, at, seq, *sides)

    def _rate(self, m: dict[str, Any], at: int) -> Events:
        """Currencies have prices without sizes: one unit each stands in for them."""
        instrument = self._of(m["p"])
        one = 10**instrument.size_scale
        bid, ask = _worth(m["b"], instrument), _worth(m["a"], instrument)
        return [QuoteEvent(instrument, int(m["t"]) * _MS, at, 0, bid, one, ask, one)]

    def _crypto_trade(self, m: dict[str, Any], at: int) -> Events:
        instrument = self._of(m["pair"])
        sides = [_CRYPTO_SIDES[code] for code in m.get("c") or () if code in _CRYPTO_SIDES]
        event = TradeEvent(
            instrument,
            int(m["t"]) * _MS,
            at,
            trade_identity(int(m["x"]), m["i"]),
            _worth(m["p"], instrument),
            _amount(m["s"], instrument),
            sides[0] if sides else 0,
        )
        return [event]

    def _bar(self, m: dict[str, Any], at: int) -> Events:
        spec, basis = _BARS[m["ev"]]
        instrument = self._of(m["sym"] if "sym" in m else m["pair"])
        prices = (m["o"], m["h"], m["l"], m["c"])
        volume = m.get("v") or 0 if basis == "trades" else 0  # of quotes it counts their number
        facts = (volume, m.get("vw") or 0, 0, True, basis)
        return [vendor_bar(instrument, at, spec, int(m["s"]) * _MS, prices, *facts)]

    def _band(self, m: dict[str, Any], at: int) -> Events:
        instrument = self._of(m["T"])
        name, scale, _ = instrument
        lower, upper = _worth(m["l"], instrument), _worth(m["h"], instrument)
        state = " ".join(map(str, m.get("i") or ()))
        return [PriceBand(name, int(m["t"]) * _MS, at, lower, upper, state, scale)]


def _worth(value: Any, instrument: Instrument) -> int:
    return price(number_text(value), instrument.price_scale)


def _amount(value: Any, instrument: Instrument) -> int:
    """``ds`` is text, ``s`` a number."""
    return size(value if isinstance(value, str) else number_text(value), instrument.size_scale)
