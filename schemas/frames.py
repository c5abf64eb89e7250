"""Frames: one log record that carries a columnar batch of events of one instrument.

A section (``Trades``, ``Books`` …) is a named tuple of numpy columns, which numba kernels take
as it is; a frame is its header and its sections. ``kinds`` gives the order across sections: the
n-th event of a kind is row n of that kind's section, so a frame keeps what came between what.

Prices and sizes are integers: ``price = integer / 10**price_scale``. Times are int64 ns UTC.
"""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

# The dtypes are the schema's; for the type checker every column is an array of anything, as one
# section mixes them.
I64: TypeAlias = npt.NDArray[Any]
I32: TypeAlias = npt.NDArray[Any]
I8: TypeAlias = npt.NDArray[Any]
U8: TypeAlias = npt.NDArray[Any]
U64: TypeAlias = npt.NDArray[Any]
F64: TypeAlias = npt.NDArray[Any]

TRADE, QUOTE, DEPTH, ORDER, CHECKSUM = 1, 2, 3, 4, 5  # MarketFrame.kinds
ADD, CANCEL, MODIFY, EXECUTE, CLEAR, FILL = 1, 2, 3, 4, 5, 6  # Orders.action
KRAKEN_CRC32, OKX_CRC32, BITFINEX_CRC32 = 1, 2, 3  # Checksums.scheme
BOOK, BAR, CHECK, PRINT = 1, 2, 3, 4  # TapeFrame.kinds
NORMAL, LOCKED, CROSSED = 0, 1, 2  # Nbbo.state


class InconsistentFrame(ValueError):
    """A frame's columns do not fit together."""


class Trades(NamedTuple):
    """``side`` is the aggressor's: 1 buy, -1 sell, 0 unknown."""

    ts_event: I64
    ts_recv: I64
    trade_id: I64
    price: I64
    size: I64
    side: I8


class Quotes(NamedTuple):
    ts_event: I64
    ts_recv: I64
    seq: I64
    bid: I64
    bid_size: I64
    ask: I64
    ask_size: I64


class Depth(NamedTuple):
    """A row a message. ``price`` and ``size`` hold the levels of all messages, one after the
    other, bids before asks; ``bids`` and ``asks`` say how many belong to each message."""

    ts_event: I64
    ts_recv: I64
    seq: I64
    prev_seq: I64
    snapshot: U8
    bids: I32
    asks: I32
    price: I64
    size: I64


class Orders(NamedTuple):
    """A row a change to one order (L3, market by order). ``side`` is 1 for a bid, -1 for an ask,
    0 where the order's id tells it."""

    ts_event: I64
    ts_recv: I64
    seq: I64
    action: U8
    side: I8
    order_id: I64
    price: I64
    size: I64


class Checksums(NamedTuple):
    """What the venue says the checksum of the book is, after all that came before."""

    ts_event: I64
    ts_recv: I64
    seq: I64
    scheme: U8
    value: I64


class Books(NamedTuple):
    """``bid_price`` … are flat: ``levels`` values a row, best first; size 0 means absent."""

    ts_event: I64
    ts_recv: I64
    seq: I64
    bid_price: I64
    bid_size: I64
    ask_price: I64
    ask_size: I64


class Bars(NamedTuple):
    """``notional`` is a 128-bit integer in two columns, scale price_scale + size_scale. A row of
    a ``revision`` over 0 replaces the time bar of the same ``ts_open``. ``late`` counts trades
    that are older than the bars before."""

    spec: U8
    ts_open: I64
    ts_close: I64
    open: I64
    high: I64
    low: I64
    close: I64
    volume: I64
    buy_volume: I64
    sell_volume: I64
    notional_hi: I64
    notional_lo: U64
    trades: I64
    revision: I32
    late: I64


class Checks(NamedTuple):
    """Checksums of a venue beside those of the rebuilt book."""

    ts_event: I64
    seq: I64
    stated: I64
    computed: I64


class Prints(NamedTuple):
    """Trades as they came, between the states of the book that they met."""

    ts_event: I64
    price: I64
    size: I64
    side: I8


class Vectors(NamedTuple):
    """``values`` is flat: one value a feature name and row."""

    ts_event: I64
    bid: I64
    ask: I64
    values: F64


class Nbbo(NamedTuple):
    """The best bid and offer over several venues. The last six columns are flat: ``levels`` values
    a row, best first; size 0 means absent. ``bid_first`` is the index of the first venue at the
    best bid, -1 without one; ``bidding`` counts venues with a bid at any price."""

    ts_event: I64
    ts_recv: I64
    state: U8
    bid_first: I32
    ask_first: I32
    bidding: I32
    asking: I32
    bid_price: I64
    bid_size: I64
    bid_venues: I32
    ask_price: I64
    ask_size: I64
    ask_venues: I32


def _none(*dtypes: str) -> list[Any]:
    return [np.empty(0, dtype) for dtype in dtypes]


NO_ORDERS = Orders._make(_none("i8", "i8", "i8", "u1", "i1", "i8", "i8", "i8"))
NO_CHECKSUMS = Checksums._make(_none("i8", "i8", "i8", "u1", "i8"))
NO_CHECKS = Checks._make(_none("i8", "i8", "i8", "i8"))
NO_PRINTS = Prints._make(_none("i8", "i8", "i8", "i1"))


@dataclass(frozen=True, slots=True, eq=False)
class MarketFrame:
    instrument: str
    price_scale: int
    size_scale: int
    kinds: U8
    trades: Trades
    quotes: Quotes
    depth: Depth
    orders: Orders = NO_ORDERS
    checksums: Checksums = NO_CHECKSUMS

    def __len__(self) -> int:
        return len(self.kinds)

    def check(self) -> None:
        """Raises InconsistentFrame unless every column has its section's length."""
        sections = (self.trades, self.quotes, self.depth, self.orders, self.checksums)
        rows = [len(section[0]) for section in sections]
        _same_length("trades", self.trades, rows[0])
        _same_length("quotes", self.quotes, rows[1])
        _same_length("depth", self.depth[:7], rows[2])
        levels = int(_total(self.depth.bids) + _total(self.depth.asks)) if rows[2] else 0
        _same_length("levels", self.depth[7:], levels)
        _same_length("orders", self.orders, rows[3])
        _same_length("checksums", self.checksums, rows[4])
        _same_length("kinds", (self.kinds,), sum(rows))


@dataclass(frozen=True, slots=True, eq=False)
class TapeFrame:
    """``basket``: the basket or group that is told of it; empty on the tape."""

    instrument: str
    price_scale: int
    size_scale: int
    levels: int
    specs: tuple[str, ...]
    kinds: U8
    books: Books
    bars: Bars
    checks: Checks = NO_CHECKS
    prints: Prints = NO_PRINTS
    basket: str = ""

    def __len__(self) -> int:
        return len(self.kinds)

    def check(self) -> None:
        """Raises InconsistentFrame unless every column has its section's length."""
        sections = (self.books, self.bars, self.checks, self.prints)
        rows = [len(section[0]) for section in sections]
        _same_length("books", self.books[:3], rows[0])
        _same_length("levels", self.books[3:], rows[0] * self.levels)
        _same_length("bars", self.bars, rows[1])
        _same_length("checks", self.checks, rows[2])
        _same_length("prints", self.prints, rows[3])
        _same_length("kinds", (self.kinds,), sum(rows))


@dataclass(frozen=True, slots=True, eq=False)
class FeatureFrame:
    """``basket``: the group that is told of it; empty on ``features``."""

    instrument: str
    price_scale: int
    size_scale: int
    feature_set: str
    names: tuple[str, ...]
    vectors: Vectors
    basket: str = ""

    def __len__(self) -> int:
        return len(self.vectors.ts_event)

    def check(self) -> None:
        """Raises InconsistentFrame unless every column has its section's length."""
        rows = len(self.vectors.ts_event)
        _same_length("vectors", self.vectors[:3], rows)
        _same_length("values", self.vectors[3:], rows * len(self.names))


@dataclass(frozen=True, slots=True, eq=False)
class ConsolidatedFrame:
    """``instruments`` are the basket's members, in the order of the configuration."""

    basket: str
    price_scale: int
    size_scale: int
    levels: int
    instruments: tuple[str, ...]
    nbbo: Nbbo

    def __len__(self) -> int:
        return len(self.nbbo.ts_event)

    def check(self) -> None:
        """Raises InconsistentFrame unless every column has its section's length."""
        rows = len(self.nbbo.ts_event)
        _same_length("nbbo", self.nbbo[:7], rows)
        _same_length("levels", self.nbbo[7:], rows * self.levels)


Frame: TypeAlias = MarketFrame | TapeFrame | FeatureFrame | ConsolidatedFrame


_total = np.add.reduce  # half the time of the method ``sum``, which calls it


def _same_length(what: str, columns: tuple[npt.NDArray[Any], ...], rows: int) -> None:
    lengths = [*map(len, columns)]
    if lengths.count(rows) != len(lengths):
        raise InconsistentFrame(f"{what}: columns of {lengths} rows where {rows} belong")


def cut_market(frame: MarketFrame, start: int, stop: int) -> MarketFrame:
    """The events start … stop-1 as a frame of views; a depth message is never split."""
    before, upto = (np.bincount(frame.kinds[:n], minlength=6) for n in (start, stop))
    depth = frame.depth
    rows = slice(before[DEPTH], upto[DEPTH])
    counts = depth.bids.astype(np.int64) + depth.asks
    levels = slice(int(counts[: rows.start].sum()), int(counts[: rows.stop].sum()))
    return replace(
        frame,
        kinds=frame.kinds[start:stop],
        trades=Trades(*(c[before[TRADE] : upto[TRADE]] for c in frame.trades)),
        quotes=Quotes(*(c[before[QUOTE] : upto[QUOTE]] for c in frame.quotes)),
        depth=Depth._make([*(c[rows] for c in depth[:7]), *(c[levels] for c in depth[7:])]),
        orders=Orders(*(c[before[ORDER] : upto[ORDER]] for c in frame.orders)),
        checksums=Checksums(*(c[before[CHECKSUM] : upto[CHECKSUM]] for c in frame.checksums)),
    )


def cut_tape(frame: TapeFrame, start: int, stop: int) -> TapeFrame:
    """The rows start … stop-1 as a frame of views."""
    before, upto = (np.bincount(frame.kinds[:n], minlength=5) for n in (start, stop))
    a, b, n = before[BOOK], upto[BOOK], frame.levels
    return replace(
        frame,
        kinds=frame.kinds[start:stop],
        books=Books(
            *(c[a:b] for c in frame.books[:3]), *(c[a * n : b * n] for c in frame.books[3:])
        ),
        bars=Bars(*(c[before[BAR] : upto[BAR]] for c in frame.bars)),
        checks=Checks(*(c[before[CHECK] : upto[CHECK]] for c in frame.checks)),
        prints=Prints(*(c[before[PRINT] : upto[PRINT]] for c in frame.prints)),
    )


def cut_features(frame: FeatureFrame, start: int, stop: int) -> FeatureFrame:
    """The vectors start … stop-1 as a frame of views."""
    v, k = frame.vectors, len(frame.names)
    return replace(
        frame,
        vectors=Vectors(
            v.ts_event[start:stop],
            v.bid[start:stop],
            v.ask[start:stop],
            v.values[start * k : stop * k],
        ),
    )


def cut_consolidated(frame: ConsolidatedFrame, start: int, stop: int) -> ConsolidatedFrame:
    """The rows start … stop-1 as a frame of views."""
    rows, levels = slice(start, stop), slice(start * frame.levels, stop * frame.levels)
    columns = [*(c[rows] for c in frame.nbbo[:7]), *(c[levels] for c in frame.nbbo[7:])]
    return replace(frame, nbbo=Nbbo._make(columns))
