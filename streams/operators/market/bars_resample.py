"""Larger bars from bars, exactly: 5m bars from 1m bars are those that the trades would make.

For arrays of one specification, offline or in an operator's fold. The one condition is that
smaller periods do not straddle larger ones: the larger period is a multiple of the smaller, and
both stand in the same calendar.
"""

from typing import Any

import numpy as np
from numba import uint64

from schemas.frames import Bars
from streams.kernels import kernel
from streams.operators.market import int128
from streams.operators.market.bars_calendar import ALWAYS, OUTSIDE, Calendar, period_of
from streams.operators.market.bars_state import new_bars


def latest(bars: Bars) -> Bars:
    """Time bars of one specification in order of time, each in its last revision."""
    order = np.lexsort((bars.revision, bars.ts_open))
    ts = bars.ts_open[order]
    last = order[_first_of_each(ts[::-1])[::-1]]
    return Bars(*(column[last] for column in bars))


def resample(bars: Bars, period_ns: int, calendar: Calendar = ALWAYS) -> Bars:
    """Time bars of ``period_ns`` from the rows of a shorter period, of one specification, in any
    order and with their revisions; the larger ones have revision 0. The last one may be
    incomplete, when the rows end within it. Raises ValueError where a row straddles two."""
    rows = latest(bars)
    starts, ends = np.empty_like(rows.ts_open), np.empty_like(rows.ts_open)
    _periods(rows.ts_open, calendar.opens, calendar.closes, period_ns, starts, ends)
    straddling = (starts == OUTSIDE) | (rows.ts_close > ends)
    if straddling.any():
        at = int(rows.ts_open[straddling][0])
        raise ValueError(f"the bar at {at} does not lie in one period of {period_ns} ns")
    made = merge(rows, starts)
    first = _first_of_each(starts)
    made.ts_open[:], made.ts_close[:] = starts[first], ends[first]
    made.revision[:] = 0
    return made


def merge(bars: Bars, groups: Any) -> Bars:
    """One bar of each run of rows that have the same value in ``groups``: for bars that are not
    of time as well (``np.arange(n) // 5`` makes one of every five). Flat rows give no prices but
    where all of a run are flat."""
    firsts = np.flatnonzero(_first_of_each(groups))
    made = new_bars(len(firsts))
    _merge(bars, firsts, made)
    return made


def _first_of_each(values: Any) -> Any:
    """Where a run of equal values begins."""
    first = np.ones(len(values), bool)
    first[1:] = values[1:] != values[:-1]
    return first


@kernel
def _periods(ts, opens, closes, period, starts, ends):  # type: ignore[no-untyped-def]
    for n in range(len(ts)):
        starts[n], ends[n] = period_of(opens, closes, period, ts[n])


@kernel
def _merge(bars, firsts, made):  # type: ignore[no-untyped-def]
    for group in range(len(firsts)):
        first = firsts[group]
        stop = firsts[group + 1] if group + 1 < len(firsts) else len(bars.spec)
        _copy(bars, first, made, group)
        for row in range(first + 1, stop):
            _join(bars, row, made, group)


@kernel
def _copy(bars, row, made, at):  # type: ignore[no-untyped-def]
    made.spec[at] = bars.spec[row]
    made.ts_open[at], made.ts_close[at] = bars.ts_open[row], bars.ts_close[row]
    made.open[at], made.high[at] = bars.open[row], bars.high[row]
    made.low[at], made.close[at] = bars.low[row], bars.close[row]
    made.volume[at], made.trades[at] = bars.volume[row], bars.trades[row]
    made.buy_volume[at], made.sell_volume[at] = bars.buy_volume[row], bars.sell_volume[row]
    made.notional_hi[at], made.notional_lo[at] = bars.notional_hi[row], bars.notional_lo[row]
    made.revision[at], made.late[at] = bars.revision[row], bars.late[row]


@kernel
def _join(bars, row, made, at):  # type: ignore[no-untyped-def]
    """Adds a row to the bar that the rows before it made."""
    made.ts_close[at] = bars.ts_close[row]
    if bars.trades[row] and not made.trades[at]:
        made.open[at] = bars.open[row]
        made.high[at], made.low[at] = bars.high[row], bars.low[row]
    if bars.trades[row]:
        made.close[at] = bars.close[row]
        made.high[at] = max(made.high[at], bars.high[row])
        made.low[at] = min(made.low[at], bars.low[row])
    made.volume[at] += bars.volume[row]
    made.buy_volume[at] += bars.buy_volume[row]
    made.sell_volume[at] += bars.sell_volume[row]
    made.trades[at] += bars.trades[row]
    made.late[at] += bars.late[row]
    hi, lo = int128.add(
        uint64(made.notional_hi[at]),
        made.notional_lo[at],
        uint64(bars.notional_hi[row]),
        bars.notional_lo[row],
    )
    made.notional_hi[at], made.notional_lo[at] = np.int64(hi), lo
