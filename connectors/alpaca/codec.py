"""Alpaca's market data streams, shares and crypto (docs.alpaca.markets, "WebSocket Stream",
"Real-time Stock Data", "Real-time Crypto Data").

connected → log in → authenticated → subscribe → ``subscription``, which tells the full state. Every
message is an array; ``T`` says what an element is.

- A trade's id is unique within its exchange; the log's holds both (``identities.py``). A print
  that did not set a price (``conditions.py``) is told as a notice, not as a trade.
- Corrections and cancels come with the trades, unasked, and are told as notices.
- Sizes of share quotes are round lots of 100, those of trades are shares.
- Whether the market is open comes from the clock of the trading API, which is asked each minute.
- Crypto books have no number: ``seq`` counts a symbol's messages; ``r`` marks a whole book.
"""

from collections.abc import Callable
from typing import Any

from connectors.alpaca import market_errors
from connectors.alpaca.conditions import sets_no_price
from connectors.codec import Events, Instruments, guarded, sent
from connectors.decimals import exact_json, number_text, price, size
from connectors.events import DepthEvent, Instrument, QuoteEvent, Rejected, TradeEvent
from connectors.identities import trade_identity
from connectors.session import Authenticate, Fetch, Request
from connectors.timestamps import rfc3339_ns
from connectors.vendor_bars import vendor_bar
from connectors.venue import Place
from schemas.enums import StatusKind, TradeNoticeKind
from schemas.records import PriceBand, Status, TradeNotice

SCALES = (6, 6)  # shares: the tapes have prices of at most six decimals
CRYPTO_SCALES = (9, 9)
SHARES = ("trades", "quotes", "bars", "updatedBars", "dailyBars", "statuses", "lulds")
CRYPTO = ("trades", "orderbooks", "bars", "updatedBars", "dailyBars")
TEST = ("trades", "quotes", "bars")
CLOCK = "/v2/clock"
_ROUND_LOT = 100
_STATES = {  # of both tapes; other codes, such as imbalances, change nothing
    "2": StatusKind.HALTED,
    "H": StatusKind.HALTED,
    "P": StatusKind.HALTED,
    "Q": StatusKind.AUCTION,
    "3": StatusKind.TRADING,
    "T": StatusKind.TRADING,
}
_BARS = {"b": ("1m", True), "u": ("1m", True), "d": ("1d", False)}
_SIDES = {"B": 1, "S": -1}


class AlpacaCodec:
    """``path`` of the feed; ``channels`` that are subscribed. ``instruments`` by symbol (AAPL,
    BTC/USD)."""

    def __init__(
        self,
        path: str,
        channels: tuple[str, ...],
        instruments: dict[str, Instrument],
        place: Place,
    ) -> None:
        self.url = f"{place.socket}{path}"
        self._channels, self._asked = channels, list(instruments)
        self._clock = f"{place.rest}{CLOCK}" if "statuses" in channels else ""
        crypto = "orderbooks" in channels
        self._lot = 1 if crypto else _ROUND_LOT
        self._instruments = Instruments("ALPACA", instruments, CRYPTO_SCALES if crypto else SCALES)
        self._open: bool | None = None
        self._seq: dict[str, int] = {}
        self._renewed: set[str] = set()  # books that are subscribed anew: missing for a moment
        self._handlers: dict[str, Callable[[dict[str, Any], Instrument, int], Events]] = {
            "t": self._trade,
            "q": self._quote,
            "o": self._book,
            "s": self._status,
            "l": self._band,
            "c": self._correction,
            "x": self._cancel,
            **dict.fromkeys(_BARS, self._bar),
        }

    def opening(self) -> list[Request]:
        """Nothing, until the venue greets; but whether its market is open."""
        self._open = None
        self._renewed.clear()
        return [Fetch(self._clock)] if self._clock else []

    def mend(self, symbol: str) -> list[Request]:
        """The clock, each minute; a new subscription to a book."""
        if self._clock:
            return [Fetch(self._clock)]
        if "orderbooks" not in self._channels:
            return []
        self._renewed.add(symbol)
        asked = {"orderbooks": [symbol]}
        return [sent({"action": kind, **asked}) for kind in ("unsubscribe", "subscribe")]

    def ping(self, now: int) -> str:
        """The venue pings by itself."""
        return ""

    def receive(self, data: bytes, at: int) -> Events:
        return guarded(lambda: self._read(exact_json(data), data, at), data)

    def answer(self, url: str, body: bytes, at: int) -> Events:
        """The clock."""
        return guarded(lambda: self._hours(exact_json(body), at), body)

    def _read(self, messages: Any, data: bytes, at: int) -> Events:
        if not isinstance(messages, list):
            raise ValueError("is no array of messages")
        found: Events = []
        for message in messages:
            found += guarded(lambda m=message: self._one(m, data, at), data)  # type: ignore[misc]
        return found

    def _one(self, m: dict[str, Any], data: bytes, at: int) -> Events:
        kind = m["T"]
        if handler := self._handlers.get(kind):
            return handler(m, self._instruments[m["S"]], at)
        match kind:
            case "success" if m["msg"] == "connected":
                return [Authenticate()]
            case "success" if m["msg"] == "authenticated":
                return [sent({"action": "subscribe", **dict.fromkeys(self._channels, self._asked)})]
            case "subscription":
                return self._subscribed(m, data)
            case "error":
                return market_errors.told(m, data)
            case "i":  # imbalances that were not asked for
                return []
        raise ValueError(f"message type {kind!r} is unknown")

    def _subscribed(self, state: dict[str, Any], data: bytes) -> Events:
        missing = [
            f"{channel} of {symbol}"
            for channel in self._channels
            for symbol in self._asked
            if symbol not in (state.get(channel) or ())
            and not (channel == "orderbooks" and symbol in self._renewed)
        ]
        self._renewed.intersection_update(
            symbol for symbol in self._renewed if symbol not in (state.get("orderbooks") or ())
        )
        if not missing:
            return []
        return [Rejected(f"Alpaca did not subscribe {', '.join(missing)}", data)]

    def _trade(self, m: dict[str, Any], instrument: Instrument, at: int) -> Events:
        if sets_no_price(m.get("c") or [], m.get("z", "")):
            return [_notice(m, instrument, at, TradeNoticeKind.OFF_MARKET, "i", "p", "s", "c")]
        _, price_scale, size_scale = instrument
        event = TradeEvent(
            instrument,
            rfc3339_ns(m["t"]),
            at,
            _identity(m, "i"),
            price(number_text(m["p"]), price_scale),
            size(number_text(m["s"]), size_scale),
            _SIDES.get(m.get("tks", ""), 0),
        )
        return [event]

    def _quote(self, m: dict[str, Any], instrument: Instrument, at: int) -> Events:
        bid, ask = (self._side(m, side, instrument) for side in "ba")
        seq = self._seq[instrument.name] = self._seq.get(instrument.name, 0) + 1
        return [QuoteEvent(instrument, rfc3339_ns(m["t"]), at, seq, *bid, *ask)]

    def _side(self, m: dict[str, Any], side: str, instrument: Instrument) -> tuple[int, int]:
        """Price and size; no size where nobody quotes."""
        _, price_scale, size_scale = instrument
        if not m[f"{side}p"] or not m[f"{side}s"]:
            return 0, 0
        lots = size(number_text(m[f"{side}s"]), size_scale)
        return price(number_text(m[f"{side}p"]), price_scale), lots * self._lot

    def _book(self, m: dict[str, Any], instrument: Instrument, at: int) -> Events:
        last, whole = self._seq.get(instrument.name, 0), bool(m.get("r"))
        self._seq[instrument.name] = last + 1
        sides = (_levels(m.get(side) or [], instrument) for side in "ba")
        ts, follows = rfc3339_ns(m["t"]), 0 if whole else last
        return [DepthEvent(instrument, ts, at, last + 1, follows, whole, *sides)]

    def _bar(self, m: dict[str, Any], instrument: Instrument, at: int) -> Events:
        spec, final = _BARS[m["T"]]
        prices = (m["o"], m["h"], m["l"], m["c"])
        facts = (m["v"], m.get("vw") or 0, m.get("n") or 0, final)
        return [vendor_bar(instrument, at, spec, rfc3339_ns(m["t"]), prices, *facts)]

    def _status(self, m: dict[str, Any], instrument: Instrument, at: int) -> Events:
        kind = _STATES.get(m["sc"])
        words = (m.get("sm"), m.get("rc"), m.get("rm"))
        detail = ", ".join(str(word) for word in words if word)
        ts = rfc3339_ns(m["t"])
        return [Status(instrument.name, ts, at, kind, detail)] if kind else []

    def _band(self, m: dict[str, Any], instrument: Instrument, at: int) -> Events:
        name, scale, _ = instrument
        lower, upper = (price(number_text(m[side]), scale) for side in "du")
        return [PriceBand(name, rfc3339_ns(m["t"]), at, lower, upper, str(m["i"]), scale)]

    def _correction(self, m: dict[str, Any], instrument: Instrument, at: int) -> Events:
        return [_notice(m, instrument, at, TradeNoticeKind.CORRECTED, "oi", "op", "os", "cc")]

    def _cancel(self, m: dict[str, Any], instrument: Instrument, at: int) -> Events:
        return [_notice(m, instrument, at, TradeNoticeKind.CANCELED, "i", "p", "s", "a")]

    def _hours(self, m: dict[str, Any], at: int) -> Events:
        if (is_open := m["is_open"]) is self._open:
            return []
        self._open = bool(is_open)
        kind = StatusKind.TRADING if is_open else StatusKind.CLOSED
        detail = f"closes {m['next_close']}" if is_open else f"opens {m['next_open']}"
        ts = rfc3339_ns(m["timestamp"])
        names = (self._instruments[symbol].name for symbol in self._asked)
        return [Status(name, ts, at, kind, detail) for name in names]


def _identity(m: dict[str, Any], key: str) -> int:
    exchange = m.get("x") or "\0"
    return trade_identity(ord(exchange), m[key])


def _notice(
    m: dict[str, Any], instrument: Instrument, at: int, kind: TradeNoticeKind, *keys: str
) -> TradeNotice:
    """``keys`` of the id, price, size and conditions of the trade that is meant."""
    name, price_scale, size_scale = instrument
    number, worth, amount, conditions = keys
    corrected = kind is TradeNoticeKind.CORRECTED
    return TradeNotice(
        instrument=name,
        ts_event=rfc3339_ns(m["t"]),
        ts_recv=at,
        kind=kind,
        trade_id=_identity(m, number),
        price=price(number_text(m[worth]), price_scale),
        size=size(number_text(m[amount]), size_scale),
        new_trade_id=_identity(m, "ci") if corrected else 0,
        new_price=price(number_text(m["cp"]), price_scale) if corrected else 0,
        new_size=size(number_text(m["cs"]), size_scale) if corrected else 0,
        exchange=str(m.get("x") or ""),
        conditions=" ".join(code for code in m.get(conditions) or "" if code.strip()),
        price_scale=price_scale,
        size_scale=size_scale,
    )


def _levels(rows: list[dict[str, Any]], instrument: Instrument) -> list[tuple[int, int]]:
    _, price_scale, size_scale = instrument
    return [
        (price(number_text(row["p"]), price_scale), size(number_text(row["s"]), size_scale))
        for row in rows
    ]
