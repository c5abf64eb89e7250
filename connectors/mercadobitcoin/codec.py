"""Mercado Bitcoin's WebSocket (ws.mercadobitcoin.net/docs), as it behaves where that differs.

- A stream's id is quote and base (BRLBTC); one stream is subscribed a message. The acknowledgement
  has no type, an error names no stream: what was asked first is answered first.
- Each ``orderbook`` message is the whole book of the best levels, numbered by its time. Nothing is
  sent on subscribing, so the book begins with a REST answer. The depth that was asked for last is
  that of every book on the line, so it is always the same.
- The channel of trades is ``trade`` (``trades`` is refused, whatever the documentation says).
- The venue closes a line that is silent for a minute: it is pinged, and answers.
"""

from collections import deque
from typing import Any

from connectors.codec import Events, guarded, sent
from connectors.decimals import exact_json, number_text, price, size
from connectors.events import DepthEvent, Instrument, TradeEvent
from connectors.mercadobitcoin.instruments import pair_of, unlisted
from connectors.session import Fetch, Request
from connectors.venue import Place

DEPTH = 200
_SECONDS = 10**11  # a smaller time is in seconds, and so on: they differ from channel to channel
_MS = 10**14
_MICROSECONDS = 10**17


class MercadoBitcoinCodec:
    """``instruments`` by stream id."""

    def __init__(self, instruments: dict[str, Instrument], place: Place) -> None:
        self.url, self._rest = f"{place.socket}/ws", place.rest
        self._instruments = dict(instruments)
        self._asked: deque[tuple[str, str]] = deque()  # not answered yet
        self._last: dict[str, int] = {}  # time of the last book

    def opening(self) -> list[Request]:
        self._asked.clear()
        self._last.clear()
        ids = list(self._instruments)
        streams = [(name, id_) for id_ in ids for name in ("orderbook", "trade")]
        self._asked.extend(streams)
        return [*map(_subscribe, streams), *(request for id_ in ids for request in self.mend(id_))]

    def mend(self, symbol: str) -> list[Request]:
        pair = pair_of(self._instruments[symbol])
        return [Fetch(f"{self._rest}/api/v4/{pair}/orderbook?limit={DEPTH}")]

    def ping(self, now: int) -> str:
        return '{"type":"ping"}'

    def receive(self, data: bytes, at: int) -> Events:
        return guarded(lambda: self._read(exact_json(data), at), data)

    def answer(self, url: str, body: bytes, at: int) -> Events:
        """A book; which one is in its address."""
        return guarded(lambda: self._seed(url, exact_json(body), at), body)

    def _read(self, m: dict[str, Any], at: int) -> Events:
        match m.get("type"):
            case "orderbook":
                return self._book(m["id"], m["data"], int(m["ts"]), at)
            case "trade":
                return [self._trade(m["id"], m["data"], at)]
            case "pong":
                return []
            case "error":
                raise ValueError(f"Mercado Bitcoin says: {m.get('message')}{self._of_what()}")
            case None if "id" in m and "name" in m:
                self._acknowledged((m["name"], m["id"]))
                return []
        raise ValueError(f"message type {m.get('type')!r} is unknown")

    def _acknowledged(self, stream: tuple[str, str]) -> None:
        if stream in self._asked:
            self._asked.remove(stream)

    def _of_what(self) -> str:
        """What was asked for first and is not answered yet must be what is refused."""
        return " (asked for {} of {})".format(*self._asked.popleft()) if self._asked else ""

    def _seed(self, url: str, m: dict[str, Any], at: int) -> Events:
        if "code" in m:
            raise ValueError(f"Mercado Bitcoin says: {m.get('message')} ({m['code']})")
        pair = url.rpartition("/orderbook")[0].rpartition("/")[2]
        base, _, quote = pair.partition("-")
        return self._book(f"{quote}{base}", m, int(m["timestamp"]), at)

    def _book(self, id_: str, data: dict[str, Any], ts: int, at: int) -> Events:
        """Nothing where a newer one came before: an answer may be late."""
        instrument = self._instrument(id_)
        if ts < self._last.get(id_, 0):
            return []
        sides = [_levels(data[side], instrument) for side in ("bids", "asks")]
        self._last[id_] = ts
        return [DepthEvent(instrument, ts, at, ts, 0, True, *sides)]

    def _trade(self, id_: str, m: dict[str, Any], at: int) -> TradeEvent:
        instrument = self._instrument(id_)
        _, price_scale, size_scale = instrument
        return TradeEvent(
            instrument,
            _ns(int(m["date"])),
            at,
            int(m["tid"]),
            price(number_text(m["price"]), price_scale),
            size(number_text(m["amount"]), size_scale),
            {"buy": 1, "sell": -1}[m.get("type") or m["side"]],
        )

    def _instrument(self, id_: str) -> Instrument:
        found = self._instruments.get(id_)
        if found is None:
            found = self._instruments[id_] = unlisted(id_)
        return found


def _subscribe(stream: tuple[str, str]) -> Request:
    name, id_ = stream
    limit = {"limit": DEPTH} if name == "orderbook" else {}
    return sent({"type": "subscribe", "subscription": {"name": name, "id": id_, **limit}})


def _levels(rows: list[list[Any]], instrument: Instrument) -> list[tuple[int, int]]:
    _, price_scale, size_scale = instrument
    return [
        (price(number_text(row[0]), price_scale), size(number_text(row[1]), size_scale))
        for row in rows
    ]


def _ns(value: int) -> int:
    """Seconds, ms, µs or ns, by how large it is: the documentation and the wire do not agree."""
    if value < _SECONDS:
        return value * 10**9
    return value * 10**6 if value < _MS else value * 1000 if value < _MICROSECONDS else value
