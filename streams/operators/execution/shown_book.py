"""A market's book as the tape last showed it: a few levels a side, and whether they can be traded
with. Only the last row counts, so it does not matter in which frames the rows came.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from schemas.enums import Side, StatusKind
from schemas.frames import BAR, BOOK, TapeFrame
from streams.operator import Refused
from streams.operators.execution.impact import Levels

_CLOSED = (StatusKind.AUCTION, StatusKind.HALTED, StatusKind.CLOSED)
_BLANK = (StatusKind.GAP, StatusKind.DISCONNECTED, StatusKind.CHECKSUM, StatusKind.CROSSED)


@dataclass(slots=True)
class ShownBook:
    """``bids`` and ``asks`` are (price, size), best first; ``heard``: event time of the last row,
    ns; ``trading``: orders meet the quotes that are shown."""

    scales: tuple[int, int] = (0, 0)
    bids: tuple[tuple[int, int], ...] = ()
    asks: tuple[tuple[int, int], ...] = ()
    heard: int = 0
    trading: bool = True

    @property
    def firm(self) -> bool:
        """Both sides are shown and can be traded with."""
        return self.trading and bool(self.bids) and bool(self.asks)

    def far(self, side: Side) -> Levels:
        """What an order of this side trades with."""
        return self.asks if side is Side.BUY else self.bids

    def near(self, side: Side) -> Levels:
        """What it would stand beside."""
        return self.bids if side is Side.BUY else self.asks

    def hear(self, kind: StatusKind) -> None:
        """Trouble: a lost book comes back with its next row, a halt ends when trading begins."""
        if kind in _CLOSED:
            self.trading = False
        elif kind is StatusKind.TRADING:
            self.trading = True
        if kind in _BLANK:
            self.bids = self.asks = ()

    def fold(self, tape: TapeFrame) -> None:
        """Takes over the last book row. ``check`` comes first."""
        self.scales = (tape.price_scale, tape.size_scale)
        if len(tape.books.seq):
            self.take(tape, len(tape.books.seq) - 1)

    def take(self, tape: TapeFrame, row: int) -> None:
        """Takes over one book row."""
        books, at = tape.books, slice(row * tape.levels, (row + 1) * tape.levels)
        self.scales, self.heard = (tape.price_scale, tape.size_scale), int(books.ts_event[row])
        self.bids = _levels(books.bid_price[at], books.bid_size[at])
        self.asks = _levels(books.ask_price[at], books.ask_size[at])


def check(tape: TapeFrame) -> None:
    """Raises Refused where the rows are not what the header says."""
    books = np.count_nonzero(tape.kinds == BOOK) == len(tape.books.seq)
    bars = np.count_nonzero(tape.kinds == BAR) == len(tape.bars.spec)
    if tape.levels < 1 or not (books and bars):
        raise Refused(f"{tape.instrument}: the tape's levels or kinds do not fit its rows")


def _levels(prices: Any, sizes: Any) -> tuple[tuple[int, int], ...]:
    pairs = zip(prices.tolist(), sizes.tolist(), strict=True)
    return tuple((price, size) for price, size in pairs if size > 0)


def pack(book: ShownBook) -> dict[str, Any]:
    return {name: getattr(book, name) for name in ShownBook.__slots__}


def unpack(packed: dict[str, Any]) -> ShownBook:
    (price_scale, size_scale), (bids, asks) = packed["scales"], (packed["bids"], packed["asks"])
    return ShownBook(
        (price_scale, size_scale),
        tuple((price, size) for price, size in bids),
        tuple((price, size) for price, size in asks),
        packed["heard"],
        packed["trading"],
    )
