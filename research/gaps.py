"""What is missing in a lake, and what is there twice: by sequence number, calendar and silence.

- By sequence: a depth message that follows an update id which never came; for trades an id left out
  where ids count one by one (nine steps of ten are 1, as on Binance).
- By calendar: a session of the exchange, between the first and the last day, without one event.
- By silence: longer without an event than a limit, of the time that the exchange is open.
- An overlap is a day of which several sources tell different rows at the same time. (Rows that are
  the same in both are in the lake once, and no overlap.)
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from schemas.frames import TRADE
from schemas.lake import files
from schemas.lake.layout import LakeError, Place
from schemas.lake.rows import DAY_NS, Rows, order_by
from streams.calendars import Sessions

_DENSE = 0.9
_NO_SILENCE = ("statuses", "bars", "checksums")


class Problem(NamedTuple):
    """A file that is not as it was written."""

    file: str
    what: str


class Gap(NamedTuple):
    """``by``: sequence, calendar or silence; times in ns. ``missing``: sequence numbers, sessions
    or ns."""

    instrument: str
    kind: str
    by: str
    start: int
    end: int
    missing: int


class Overlap(NamedTuple):
    instrument: str
    kind: str
    date: str
    sources: tuple[str, ...]


Finding = Problem | Gap | Overlap


class _Before(NamedTuple):
    """The end of the day before: its last time and, where ids are dense, its last id."""

    ts: int
    trade_id: int


def check(lake: Path, places: list[Place], calendar: Any, silence_ns: int) -> Iterator[Finding]:
    """``calendar``: (instrument, first day, last day) → Sessions; ``silence_ns`` 0 looks for none.
    Raises LakeError only when the folder is no lake."""
    for (_, instrument), group in groupby(places, key=lambda place: place[:2]):
        days = list(group)
        open_times: Sessions = calendar(instrument, days[0].day, days[-1].day)
        before: _Before | None = None
        seen: list[Any] = []
        for place in days:
            rows = None
            try:
                rows, manifest = files.read(lake, place)
                yield from _wrong(lake, place, rows, manifest)
            except LakeError as error:
                path = str(place.path(lake))
                yield Problem(path, str(error).removeprefix(f"{path}: "))
            if rows is None:
                continue
            yield from _overlap(place, rows)
            yield from _by_sequence(rows, before)
            times = np.sort(rows.columns[rows.kind.event])
            if silence_ns and place.kind not in _NO_SILENCE:
                yield from _silent(rows, times, before, open_times, silence_ns)
            seen.append(_touched(times, open_times))
            ids = rows.columns[rows.kind.seq] if rows.kind.code == TRADE else np.zeros(1)
            before = _Before(int(times[-1]), int(ids.max()))
        if seen and days[0].kind != "statuses":
            yield from _closed_days(days, np.unique(np.concatenate(seen)), open_times)


def _wrong(lake: Path, place: Place, rows: Rows, manifest: files.Manifest) -> Iterator[Problem]:
    path, kind = str(place.path(lake)), rows.kind
    if files.checksum(rows) != manifest.sha256:
        yield Problem(path, "its rows are not those of its checksum")
    event = rows.columns[kind.event]
    if (event // DAY_NS != place.day).any():
        yield Problem(path, "holds rows of another day")
    by = [rows.columns[kind.seq], event] if kind.seq else [event]
    if (order_by(by) != np.arange(len(rows))).any():
        yield Problem(path, "its rows are not sorted by event time and sequence number")


def _overlap(place: Place, rows: Rows) -> Iterator[Overlap]:
    event, source = rows.columns[rows.kind.event], rows.columns["source"]
    spans = []
    for number, name in enumerate(rows.sources):
        own = event[source == number]
        if len(own):
            spans.append((int(own.min()), int(own.max()), name))
    spans.sort()
    both = [(a[2], b[2]) for n, a in enumerate(spans) for b in spans[n + 1 :] if b[0] < a[1]]
    if both:
        names = tuple(sorted({name for pair in both for name in pair}))
        yield Overlap(place.instrument, place.kind, str(place.date), names)


def _by_sequence(rows: Rows, before: _Before | None) -> Iterator[Gap]:
    if rows.kind.name == "depth":
        yield from _broken_books(rows)
    elif rows.kind.code == TRADE:
        yield from _lost_trades(rows, before)


def _broken_books(rows: Rows) -> Iterator[Gap]:
    columns = rows.columns
    order = order_by([columns[name] for name in ("row", "index", "offset", "source")])
    seq, prev = (columns[name][order] for name in ("seq", "prev_seq"))
    follows = (columns["snapshot"][order][1:] == 0) & (
        columns["source"][order][1:] == columns["source"][order][:-1]
    )
    times = columns["ts_event"][order]
    for n in np.flatnonzero(follows & (prev[1:] > seq[:-1]) & (seq[:-1] > 0)).tolist():
        missing = int(prev[n + 1] - seq[n])
        ends = int(times[n]), int(times[n + 1])
        yield Gap(rows.instrument, rows.kind.name, "sequence", *ends, missing)


def _lost_trades(rows: Rows, before: _Before | None) -> Iterator[Gap]:
    ids, first = np.unique(rows.columns["trade_id"], return_index=True)
    times = rows.columns["ts_event"][first]
    if before is not None and 0 < before.trade_id < ids[0]:
        ids, times = np.append(before.trade_id, ids), np.append(before.ts, times)
    steps = np.diff(ids)
    if len(steps) < 10 or (steps == 1).mean() < _DENSE:
        return
    for n in np.flatnonzero(steps > 1).tolist():
        ends = int(times[n]), int(times[n + 1])
        yield Gap(rows.instrument, rows.kind.name, "sequence", *ends, int(steps[n]) - 1)


def _silent(
    rows: Rows, times: Any, before: _Before | None, open_times: Sessions, silence_ns: int
) -> Iterator[Gap]:
    times = times if before is None else np.append(before.ts, times)
    waited = np.diff(open_times.open_before(times))
    for n in np.flatnonzero(waited > silence_ns).tolist():
        ends = int(times[n]), int(times[n + 1])
        yield Gap(rows.instrument, rows.kind.name, "silence", *ends, int(waited[n]))


def _touched(times: Any, open_times: Sessions) -> Any:
    """Numbers of the sessions with an event."""
    at = np.searchsorted(open_times.opens, times, "right") - 1
    inside = (at >= 0) & (times < open_times.closes[np.maximum(at, 0)])
    return np.unique(at[inside])


def _closed_days(days: list[Place], touched: Any, open_times: Sessions) -> Iterator[Gap]:
    """Sessions in which nothing came, from the first to the last in which something did."""
    if not len(touched):
        return
    missing = np.setdiff1d(np.arange(touched[0], touched[-1] + 1), touched)
    for run in np.split(missing, np.flatnonzero(np.diff(missing) > 1) + 1) if len(missing) else ():
        ends = int(open_times.opens[run[0]]), int(open_times.closes[run[-1]])
        yield Gap(days[0].instrument, days[0].kind, "calendar", *ends, len(run))
