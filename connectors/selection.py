"""A part of recorded market data: some instruments, a span of event time."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import numpy as np

from connectors.events import Rejected
from connectors.piece import Found, Piece
from schemas.frames import CHECKSUM, DEPTH, ORDER, QUOTE, TRADE, MarketFrame, cut_market
from schemas.records import PriceBand, Status, TradeNotice, VendorBar

_SECTIONS = ((TRADE, 0), (QUOTE, 1), (DEPTH, 2), (ORDER, 3), (CHECKSUM, 4))


class Selection(NamedTuple):
    """``instruments`` are patterns of VENUE:SYMBOL, none means all; ``from_ns`` ≤ event time <
    ``until_ns``."""

    instruments: tuple[str, ...] = ()
    from_ns: int | None = None
    until_ns: int | None = None

    def wants(self, instrument: str) -> bool:
        return not self.instruments or any(fnmatchcase(instrument, p) for p in self.instruments)

    def times(self, ts_event: Any) -> Any:
        """Which of these times lie in the span."""
        chosen = np.ones(np.shape(ts_event), bool)
        if self.from_ns is not None:
            chosen &= ts_event >= self.from_ns
        if self.until_ns is not None:
            chosen &= ts_event < self.until_ns
        return chosen


EVERYTHING = Selection()


def chosen(pieces: Iterator[Piece], wanted: Selection) -> Iterator[Piece]:
    """The pieces with what is wanted of them."""
    if wanted == EVERYTHING:
        return pieces
    return (Piece(p.number, p.at, [x for f in p.found for x in _part(f, wanted)]) for p in pieces)


def _part(found: Found, wanted: Selection) -> Iterator[Found]:
    match found:
        case Rejected():
            yield found
        case MarketFrame():
            if wanted.wants(found.instrument):
                yield from _runs(found, wanted.times(event_times(found)))
        case Status() | TradeNotice() | PriceBand() | VendorBar():
            if wanted.wants(found.instrument) and wanted.times(found.ts_event):
                yield found
        case _:
            if wanted.wants(found.instrument.name) and wanted.times(found.ts_event):
                yield found


def event_times(frame: MarketFrame) -> Any:
    """Of every event, in order."""
    sections = (frame.trades, frame.quotes, frame.depth, frame.orders, frame.checksums)
    times = np.empty(len(frame), np.int64)
    for kind, place in _SECTIONS:
        times[frame.kinds == kind] = sections[place].ts_event
    return times


def _runs(frame: MarketFrame, kept: Any) -> Iterator[MarketFrame]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], kept.astype(np.int8), [0]))))
    for start, stop in edges.reshape(-1, 2).tolist():
        yield cut_market(frame, start, stop)
