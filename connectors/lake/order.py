"""Rows of all kinds of one instrument → frames and statuses in the order in which they came. Pure.

Rows of one source come in its own order; those of several sources one after the other by receive
time, which within a source never goes back here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from connectors.piece import Found
from schemas.enums import StatusKind
from schemas.frames import (
    CHECKSUM,
    DEPTH,
    ORDER,
    QUOTE,
    TRADE,
    Checksums,
    Depth,
    MarketFrame,
    Orders,
    Quotes,
    Trades,
)
from schemas.lake.kinds import KINDS, SECTIONS
from schemas.lake.rows import Rows, empty, order_by
from schemas.records import Status

_MOST = 1000  # events in a frame
SPAN_NS = 10**9  # and the most time in it: clocks of whole seconds fall between frames
_STATUS = 0
_MAKE: dict[int, Any] = {
    TRADE: Trades,
    QUOTE: Quotes,
    DEPTH: Depth,
    ORDER: Orders,
    CHECKSUM: Checksums,
}
PLAYED = {kind.code: kind for kind in (*SECTIONS.values(), KINDS["statuses"])}


class Part(NamedTuple):
    """What came at ``at`` (ns) and shortly after."""

    at: int
    found: Found


@dataclass(frozen=True, slots=True)
class Arrived:
    """Rows by code, each in the order in which they came; ``at`` and ``codes`` for all of them
    together."""

    rows: dict[int, Rows]
    at: Any
    codes: Any

    def split(self, at: int) -> tuple["Arrived", list[Rows]]:
        """What came before a time, and the rows that came then or later."""
        stop = int(np.searchsorted(self.at, at))
        if stop == len(self.at):
            return self, []
        counts = {code: int((self.codes[:stop] == code).sum()) for code in self.rows}
        before = {code: rows.take(np.arange(counts[code])) for code, rows in self.rows.items()}
        later = [rows.take(np.arange(counts[code], len(rows))) for code, rows in self.rows.items()]
        return Arrived(before, self.at[:stop], self.codes[:stop]), [r for r in later if len(r)]


def arrive(parts: Sequence[Rows]) -> Arrived:
    """``parts``: at most one for each kind, all at the same scales."""
    names = sorted({name for part in parts for name in part.sources})
    source = _joined([np.array([*map(names.index, p.sources)])[p.columns["source"]] for p in parts])
    place = [_joined([p.columns[name] for p in parts]) for name in ("row", "index", "offset")]
    codes = np.repeat([p.kind.code for p in parts], [len(p) for p in parts]).astype(np.uint8)
    own = order_by([*place, source])
    at = _joined([p.columns["ts_recv"] for p in parts])[own]
    for number in range(len(names)):
        of_one = source[own] == number
        at[of_one] = np.maximum.accumulate(at[of_one])
    by_time = np.argsort(at, kind="stable")
    order = own[by_time]
    ends = np.cumsum([0, *(len(p) for p in parts)]).tolist()
    rows = {
        part.kind.code: part.take(order[(order >= start) & (order < end)] - start)
        for part, (start, end) in zip(parts, pairwise(ends), strict=True)
    }
    return Arrived(rows, at[by_time], codes[order])


def _joined(arrays: list[Any]) -> Any:
    return np.concatenate(arrays) if len(arrays) > 1 else arrays[0].copy()


def parts_of(came: Arrived, span_ns: int = SPAN_NS) -> Iterator[Part]:
    """Frames, cut where a status lies, where ``span_ns`` passed, and after so many events."""
    edges = _edges(came, span_ns)
    starts = {code: np.searchsorted(np.flatnonzero(came.codes == code), edges) for code in PLAYED}
    levels = np.zeros(1, np.int64)
    if DEPTH in came.rows:
        levels = np.concatenate(([0], np.cumsum(came.rows[DEPTH].counts)))
    frames = _Cutter(came, starts, levels)
    for n, (start, stop) in enumerate(pairwise(edges.tolist())):
        at = int(came.at[start])
        if came.codes[start] == _STATUS:
            yield Part(at, _status(came.rows[_STATUS], int(starts[_STATUS][n])))
        else:
            yield Part(at, frames.cut(n, start, stop))


def _edges(came: Arrived, span_ns: int) -> Any:
    """Places where a frame or a status begins, and the end."""
    count = len(came.at)
    new = np.zeros(count, bool)
    new[0] = True
    cell = came.at // span_ns
    new[1:] |= cell[1:] != cell[:-1]
    status = came.codes == _STATUS
    new |= status
    new[1:] |= status[:-1]
    begins = np.flatnonzero(new)
    since = np.arange(count) - np.repeat(begins, np.diff(np.append(begins, count)))
    return np.append(np.flatnonzero(since % _MOST == 0), count)


class _Cutter:
    def __init__(self, came: Arrived, starts: dict[int, Any], levels: Any) -> None:
        self._came, self._starts, self._levels = came, starts, levels
        some = next(iter(came.rows.values()))
        self._head = (some.instrument, some.price_scale, some.size_scale)
        self._columns = {
            code: (came.rows.get(code) or empty(PLAYED[code], *self._head)).columns
            for code in _MAKE
        }
        self._none = {
            code: make._make(self._columns[code][name][:0] for name in make._fields)
            for code, make in _MAKE.items()
        }

    def cut(self, n: int, start: int, stop: int) -> MarketFrame:
        sections = [self._section(code, n) for code in _MAKE]
        return MarketFrame(*self._head, self._came.codes[start:stop], *sections)

    def _section(self, code: int, n: int) -> Any:
        rows = slice(int(self._starts[code][n]), int(self._starts[code][n + 1]))
        if rows.start == rows.stop:
            return self._none[code]
        columns, make = self._columns[code], _MAKE[code]
        if code != DEPTH:
            return make._make(columns[name][rows] for name in make._fields)
        levels = slice(int(self._levels[rows.start]), int(self._levels[rows.stop]))
        flat = Depth._fields[7:]
        return Depth._make(
            columns[name][levels if name in flat else rows] for name in Depth._fields
        )


def _status(rows: Rows, n: int) -> Status:
    columns = rows.columns
    ts_event, ts_recv = (int(columns[name][n]) for name in ("ts_event", "ts_recv"))
    kind = StatusKind(columns["kind"][n])
    return Status(rows.instrument, ts_event, ts_recv, kind, columns["detail"][n])
