"""Recorded market data as frames, without a log: for whoever looks at books and bars offline."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from connectors import forms
from connectors.batch import Batch
from connectors.compressed import Tell, nobody
from connectors.events import Rejected
from connectors.selection import EVERYTHING, Selection
from schemas.frames import (
    CHECKSUM,
    DEPTH,
    I64,
    ORDER,
    QUOTE,
    TRADE,
    MarketFrame,
    cut_market,
)
from schemas.records import PriceBand, Status, TradeNotice, VendorBar

Part: TypeAlias = MarketFrame | Status | Rejected
_MOST = 1000
_SECTIONS = ("trades", "quotes", "depth", "orders", "checksums")


def read(
    path: Path,
    until_ns: int | None = None,
    tell: Tell = nobody,
    wanted: Selection = EVERYTHING,
) -> Iterator[Part]:
    """Frames and statuses of every instrument that is wanted, each instrument's in the order it
    came, up to a receive time. Raises OSError, UnknownForm and LakeError."""
    _, pieces = forms.recognise(path, tell, wanted)
    batches: dict[str, Batch] = {}
    for piece in pieces:
        if until_ns is not None and piece.at > until_ns:
            break
        for found in piece.found:
            match found:
                case Rejected():
                    yield found
                case MarketFrame() | Status():
                    yield from _flush(batches, found.instrument)
                    yield from _up_to(found, until_ns)
                case TradeNotice() | PriceBand() | VendorBar():
                    continue  # no book changes by them
                case _:
                    name = found.instrument.name
                    batches.setdefault(name, Batch(found.instrument)).add(found)
                    if len(batches[name]) >= _MOST:
                        yield from _flush(batches, name)
    yield from chain.from_iterable(_flush(batches, name) for name in batches)


def _flush(batches: dict[str, Batch], name: str) -> Iterator[MarketFrame]:
    if len(batches.get(name, ())):
        yield batches[name].frame()


def _up_to(part: MarketFrame | Status, until_ns: int | None) -> Iterator[Part]:
    if until_ns is None or isinstance(part, Status):
        yield part
        return
    late = np.flatnonzero(receive_times(part) > until_ns)
    yield cut_market(part, 0, int(late[0]) if len(late) else len(part))


def joined(frames: Sequence[MarketFrame]) -> MarketFrame:
    """Frames of one instrument that follow each other, with the same scales, as one."""
    if len(frames) == 1:
        return frames[0]
    sections = {name: _joined([getattr(f, name) for f in frames]) for name in _SECTIONS}
    return replace(frames[0], kinds=np.concatenate([f.kinds for f in frames]), **sections)


def _joined(sections: list[Any]) -> Any:
    columns = zip(*sections, strict=True)
    return sections[0]._make(np.concatenate(column) for column in columns)


def receive_times(frame: MarketFrame) -> I64:
    """Of every event, in order."""
    return _times(frame, "ts_recv")


def event_times(frame: MarketFrame) -> I64:
    """Of every event, in order."""
    return _times(frame, "ts_event")


def _times(frame: MarketFrame, column: str) -> I64:
    times = np.empty(len(frame), np.int64)
    sections: dict[int, Any] = {
        TRADE: frame.trades,
        QUOTE: frame.quotes,
        DEPTH: frame.depth,
        ORDER: frame.orders,
        CHECKSUM: frame.checksums,
    }
    for kind, section in sections.items():
        times[frame.kinds == kind] = getattr(section, column)
    return times
