"""A book sampled over time, for pictures of its depth: one pass, in flat memory.

Samples are taken on a grid of receive time that starts fine; each time there are too many, every
other one goes and the grid doubles. So a second and a day both give some hundreds of columns.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from connectors.compressed import Tell, nobody
from research import frames
from schemas.frames import MarketFrame, cut_market
from schemas.records import Status
from streams.operators.market import book as bk
from streams.operators.market.follow import Book
from streams.operators.market.queries import Level, levels

COLUMNS = 600
_FINEST_NS = 1_000_000
_MOST_TRADES = 20_000


class Sample(NamedTuple):
    """A book at ``ts`` (ns, receive time), best levels first."""

    ts: int
    bids: list[Level]
    asks: list[Level]


class Trade(NamedTuple):
    ts: int
    price: int
    size: int
    side: int


@dataclass(slots=True)
class Sampled:
    """An instrument's samples and trades."""

    instrument: str
    price_scale: int
    size_scale: int
    depth: int
    book: Book = field(default_factory=Book)
    samples: list[Sample] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    events: int = 0
    step_ns: int = _FINEST_NS
    next_ns: int = 0

    def fold(self, frame: MarketFrame) -> None:
        times, start = frames.receive_times(frame), 0
        while start < len(frame):
            self.next_ns = self.next_ns or int(times[start]) + self.step_ns
            stop = start + int(np.searchsorted(times[start:], self.next_ns))
            self.book.fold(cut_market(frame, start, stop))
            start = stop
            if stop < len(frame):
                self._sample(int(times[stop]))
        self.events += len(frame)
        rows = frame.trades
        self.trades += map(Trade, *(c.tolist() for c in (rows.ts_recv, *rows[3:])))
        if len(self.trades) > 2 * _MOST_TRADES:
            self.trades = sorted(self.trades, key=lambda trade: -trade.size)[:_MOST_TRADES]

    def _sample(self, now: int) -> None:
        """The book as it stood from the grid's time to ``now``."""
        state = self.book.state
        if state.meta[bk.SYNCED]:
            sides = (levels(state, side, self.depth) for side in (bk.BID, bk.ASK))
            self.samples.append(Sample(self.next_ns, *sides))
        self.next_ns += -(-(now - self.next_ns + 1) // self.step_ns) * self.step_ns
        if len(self.samples) > 2 * COLUMNS:
            self.samples = self.samples[::2]
            self.step_ns *= 2


def read(
    path: Path,
    depth: int = 100,
    until_ns: int | None = None,
    only: str | None = None,
    tell: Tell = nobody,
) -> dict[str, Sampled]:
    """Each instrument's book over time, or that of ``only`` one. Raises OSError, UnknownForm."""
    found: dict[str, Sampled] = {}
    for part in frames.read(path, until_ns, tell):
        match part:
            case MarketFrame() if only in (None, part.instrument):
                scales = (part.price_scale, part.size_scale)
                new = Sampled(part.instrument, *scales, depth)
                found.setdefault(part.instrument, new).fold(part)
            case Status() if part.instrument in found:
                found[part.instrument].book.hear(part.kind)
    return found
