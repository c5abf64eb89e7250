"""Tardis.dev's downloadable CSV files: books, quotes and trades of many venues in one form.

An instrument is ``<EXCHANGE>:<symbol>``, with 8 decimals of price and of size: a row with more, or
with a number beyond an int64 at that scale, is rejected by name. Times are µs; the event time is
the venue's, the receive time is Tardis' (``local_timestamp``). What always holds:

- ``incremental_book_L2`` has a row a level. Rows of one instrument in a row, of one
  ``local_timestamp`` and alike in ``is_snapshot``, are one message and make one event, so the
  reader holds them until another message begins, or ``finish``. The first snapshot message after
  others replaces the book; the snapshot messages that follow it continue it, as Tardis says.
- ``book_snapshot_N`` has a whole book a row, and ``quotes`` (``book_ticker`` is written alike) the
  top of one. Empty fields are a level that is not there: left out, in a quote price 0 and size 0.
- Update ids are this reader's own, a counter for each instrument, because the files have none.
- A trade's id stays when it is a number; another one (a UUID) becomes a stable hash of 63 bits, an
  empty one 0.
- A row that cannot be read ends the message before it, so that nothing read is lost.

``liquidations`` have the same header as ``trades``: only a file's name tells them apart.

Specification: docs.tardis.dev/downloadable-csv-files/data-types and docs.tardis.dev/faq/data.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from connectors import decimals
from connectors.events import DepthEvent, Event, Instrument, QuoteEvent, Rejected, TradeEvent
from connectors.identities import trade_number
from connectors.tardis.names import instrument_name

_SCALE = 8
_US = 1000
_EXPONENT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?[eE][+-]?[0-9]{1,2}")  # as in 1e-7
_SIDES = {"buy": 1, "sell": -1, "unknown": 0}
_FLAGS = {"true": True, "false": False}
_EVERY = frozenset(("exchange", "symbol", "timestamp", "local_timestamp"))
_COLUMNS = {
    _EVERY | {"is_snapshot", "side", "price", "amount"}: "incremental_book_L2",
    _EVERY | {"ask_amount", "ask_price", "bid_price", "bid_amount"}: "quotes",
    _EVERY | {"id", "side", "price", "amount"}: "trades",
}

_Level = tuple[int, int]


def kind_of(header: str) -> str | None:
    """The data type that a file's first line tells; None when it is none of these."""
    names = header.strip().split(",")
    columns = frozenset(names)
    if len(columns) != len(names):
        return None
    return _COLUMNS.get(columns) or _snapshot_kind(columns)


def _snapshot_kind(columns: frozenset[str]) -> str | None:
    depth = (len(columns) - len(_EVERY)) // 4
    levels = {
        f"{side}[{level}].{what}"
        for side in ("asks", "bids")
        for level in range(depth)
        for what in ("price", "amount")
    }
    return f"book_snapshot_{depth}" if depth and columns == _EVERY | levels else None


class _Row(NamedTuple):
    """A row's fields by column, and what every row has."""

    fields: dict[str, str]
    instrument: Instrument
    ts_event: int
    ts_recv: int


@dataclass(slots=True)
class _Message:
    """Rows of ``incremental_book_L2`` that belong together: ``key`` is their instrument, receive
    time and ``is_snapshot``, ``ts_event`` the latest of them; sizes by price."""

    key: tuple[Instrument, int, bool]
    ts_event: int = 0
    bids: dict[int, int] = field(default_factory=dict)
    asks: dict[int, int] = field(default_factory=dict)


class TardisReader:
    """Reads the rows of one file. ``kind`` as ``kind_of`` gives it, ``header`` is the first line;
    raises ValueError when they do not belong together."""

    def __init__(self, kind: str, header: str) -> None:
        if kind_of(header) != ("quotes" if kind == "book_ticker" else kind):
            raise ValueError(f"the header is not one of {kind}")
        self._header = header.strip()
        self._columns = self._header.split(",")
        self._instruments: dict[tuple[str, str], Instrument] = {}
        self._seqs: dict[str, int] = {}
        self._in_snapshot: dict[str, bool] = {}
        self._held: _Message | None = None
        self._depth = int(kind.rpartition("_")[2]) if kind.startswith("book_snapshot_") else 0
        self._event = self._handler(kind)

    def _handler(self, kind: str) -> Callable[[_Row], list[Event | Rejected]]:
        if kind == "incremental_book_L2":
            return self._level
        if kind == "trades":
            return _trade
        return self._snapshot if self._depth else self._quote

    def read(self, row: bytes) -> list[Event | Rejected]:
        """One row. The header again, where files were joined, and an empty line say nothing."""
        try:
            text = row.decode().rstrip("\r\n")
            if text in ("", self._header):
                return []
            return self._event(self._row(text))
        except (ValueError, KeyError) as error:
            return [*self.finish(), Rejected(_why(error), row)]

    def finish(self) -> list[Event | Rejected]:
        """The message still held, which no row has ended."""
        message, self._held = self._held, None
        if message is None:
            return []
        instrument, ts_recv, is_snapshot = message.key
        snapshot = is_snapshot and not self._in_snapshot.get(instrument.name, False)
        self._in_snapshot[instrument.name] = is_snapshot
        last, seq = self._next(instrument.name)
        follows = 0 if snapshot else last
        # a snapshot may name levels of size 0, which are not there
        bids, asks = (
            [level for level in side.items() if level[1] or not snapshot]
            for side in (message.bids, message.asks)
        )
        times = (message.ts_event, ts_recv)
        return [DepthEvent(instrument, *times, seq, follows, snapshot, bids, asks)]

    def _row(self, text: str) -> _Row:
        values = text.split(",")
        if len(values) != len(self._columns):
            raise ValueError(f"a row of {len(values)} fields where {len(self._columns)} belong")
        fields = dict(zip(self._columns, values, strict=True))
        instrument = self._instrument(fields["exchange"], fields["symbol"])
        return _Row(fields, instrument, _ns(fields["timestamp"]), _ns(fields["local_timestamp"]))

    def _instrument(self, exchange: str, symbol: str) -> Instrument:
        if not (exchange and symbol and exchange.isprintable() and symbol.isprintable()):
            raise ValueError("exchange or symbol is unreadable")
        key = exchange, symbol
        if key not in self._instruments:
            self._instruments[key] = Instrument(instrument_name(exchange, symbol), _SCALE, _SCALE)
        return self._instruments[key]

    def _next(self, name: str) -> tuple[int, int]:
        """The last update id of the instrument, and a new one."""
        last = self._seqs.get(name, 0)
        self._seqs[name] = last + 1
        return last, last + 1

    def _level(self, row: _Row) -> list[Event | Rejected]:
        fields = row.fields
        is_snapshot, side = _FLAGS[fields["is_snapshot"]], fields["side"]
        price, size = _price(fields["price"]), _size(fields["amount"])
        if side not in ("bid", "ask"):
            raise ValueError(f"side {side!r} is unknown")
        key, ended = (row.instrument, row.ts_recv, is_snapshot), list[Event | Rejected]()
        if self._held is None or self._held.key != key:
            ended, self._held = self.finish(), _Message(key)
        self._held.ts_event = max(self._held.ts_event, row.ts_event)
        (self._held.bids if side == "bid" else self._held.asks)[price] = size
        return ended

    def _snapshot(self, row: _Row) -> list[Event | Rejected]:
        bids, asks = (
            [level for n in range(self._depth) if (level := _pair(row, f"{side}[{n}]."))[1]]
            for side in ("bids", "asks")
        )
        _, seq = self._next(row.instrument.name)
        return [DepthEvent(*row[1:], seq, 0, True, bids, asks)]

    def _quote(self, row: _Row) -> list[Event | Rejected]:
        bid, ask = _pair(row, "bid_"), _pair(row, "ask_")
        _, seq = self._next(row.instrument.name)
        return [QuoteEvent(*row[1:], seq, *bid, *ask)]


def _trade(row: _Row) -> list[Event | Rejected]:
    fields = row.fields
    if fields["side"] not in _SIDES:
        raise ValueError(f"side {fields['side']!r} is unknown")
    price, size = _price(fields["price"]), _size(fields["amount"])
    trade_id = trade_number(fields["id"])
    return [TradeEvent(*row[1:], trade_id, price, size, _SIDES[fields["side"]])]


def _pair(row: _Row, prefix: str) -> _Level:
    """Price and size of a level; both 0 when both fields are empty."""
    price, size = row.fields[f"{prefix}price"], row.fields[f"{prefix}amount"]
    return (_price(price), _size(size)) if price or size else (0, 0)


def _price(text: str) -> int:
    return decimals.price(_plain(text), _SCALE)


def _size(text: str) -> int:
    return decimals.size(_plain(text), _SCALE)


def _plain(text: str) -> str:
    """Small numbers come as JavaScript writes them, ``1e-7``: the same number in digits alone."""
    return format(Decimal(text), "f") if _EXPONENT.fullmatch(text) else text


def _ns(text: str) -> int:
    if not (
        text.isascii() and text.isdigit() and len(text) < 20 and int(text) < decimals.LIMIT // _US
    ):
        raise ValueError(f"time {text[:50]!r} is not a number of microseconds")
    return int(text) * _US


def _why(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"value {error} is unknown"
    return str(error)[:200]
