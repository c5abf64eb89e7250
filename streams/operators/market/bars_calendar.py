"""Sessions: when an instrument trades, as a table of UTC times, and the grid of periods in it.

Periods are aligned to a session's opening and never span two sessions: the last one of a session
may be shorter. Without a table they are aligned to the Unix epoch, around the clock. The table is
made outside the operators (``config/sessions.py``), for rules of time zones change and no
operator reads them.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from streams.kernels import kernel

OUTSIDE = -1  # where a period would start, for a time that lies in none


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """``opens`` and ``closes``: int64 ns UTC, ascending, a session each; they are complete from
    ``since_ns`` up to ``until_ns``. No session at all: open around the clock, always."""

    opens: Any
    closes: Any
    since_ns: int
    until_ns: int

    def covers(self, ts: Any) -> bool:
        """Whether every one of these times lies in the table's years."""
        if not len(self.opens) or not len(ts):
            return True
        return bool(ts.min() >= self.since_ns and ts.max() < self.until_ns)


ALWAYS = Calendar(np.empty(0, np.int64), np.empty(0, np.int64), 0, 2**63 - 1)


def calendar_of(calendars: tuple[tuple[str, Calendar], ...], instrument: str) -> Calendar:
    """Of the first pattern that the instrument matches."""
    for pattern, calendar in calendars:
        if fnmatchcase(instrument, pattern):
            return calendar
    return ALWAYS


@kernel
def period_of(opens, closes, period, ts):  # type: ignore[no-untyped-def]
    """(start, end) of the period that holds ``ts``; OUTSIDE twice when no session does."""
    if len(opens) == 0:
        start = ts - ts % period
        return start, start + period
    session = np.searchsorted(opens, ts, side="right") - 1
    if session < 0 or ts >= closes[session]:
        return OUTSIDE, OUTSIDE
    start = opens[session] + (ts - opens[session]) // period * period
    return start, min(start + period, closes[session])


@kernel
def period_from(opens, closes, period, end):  # type: ignore[no-untyped-def]
    """(start, end) of the period that follows one that ended at ``end``."""
    if len(opens) == 0:
        return end, end + period
    session = np.searchsorted(closes, end, side="right")
    if session == len(opens):
        return OUTSIDE, OUTSIDE
    start = max(end, opens[session])
    return start, min(start + period, closes[session])


@kernel
def last_boundary(opens, closes, period, ts):  # type: ignore[no-untyped-def]
    """The latest start or end of a period at or before ``ts``."""
    start, _ = period_of(opens, closes, period, ts)
    if start != OUTSIDE:
        return start
    session = np.searchsorted(closes, ts, side="right")
    return closes[session - 1] if session else np.int64(0)
