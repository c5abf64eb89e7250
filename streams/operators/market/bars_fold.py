"""Trades → bars of all specifications: each goes its own way through a stretch of trades, and
stops where it has rows to write, so that the rows come in the order of the trades.

``advance`` counts trades up to the next one that makes rows; ``finish`` writes these. Nothing is
done per trade and specification but what the kind of bar needs, in loops over plain columns.
"""

import numpy as np
from numba import uint64

from streams.kernels import kernel
from streams.operators.market import bars_imbalance as imbalance
from streams.operators.market import bars_renko as renko
from streams.operators.market import bars_time as time_bars
from streams.operators.market import int128
from streams.operators.market.bars import DOLLAR, RANGE, RENKO, TICK, TICK_IMBALANCE, TIME, VOLUME
from streams.operators.market.bars_state import (
    CLOSE,
    CLOSED,
    COUNT,
    FAR,
    HI,
    HIGH,
    KNOWN,
    LATE,
    LO,
    LOW,
    OPEN,
    OPENED,
    TS_CLOSE,
    TS_OPEN,
    VOL,
    add_sums,
    clear,
    write,
)


@kernel
def advance(bars, spec, trades, row, stop):  # type: ignore[no-untyped-def]
    """Counts the trades row … stop-1 in the bar of ``spec``, up to the first that makes rows;
    returns that one, or ``stop``."""
    acc, kind = bars.acc[spec], bars.kind[spec]
    if kind == TIME:
        return time_bars.advance(acc, trades, row, stop)
    if row >= stop:
        return stop
    if not acc[OPENED]:
        clear(acc)
        acc[OPENED], acc[TS_OPEN], acc[OPEN] = 1, trades.ts_event[row], trades.price[row]
    behind, complete = _scan(bars, spec, acc, kind, trades, row, stop)
    _add(acc, trades, row, behind)
    return behind - 1 if complete else stop


@kernel
def _scan(bars, spec, acc, kind, trades, row, stop):  # type: ignore[no-untyped-def]
    """(row behind the trade that completes the bar, True), or (stop, False)."""
    limit = np.int64(bars.limit_lo[spec])
    if kind == TICK:
        left = limit - acc[COUNT]
        return (row + left, True) if left <= stop - row else (stop, False)
    if kind == VOLUME:
        return _scan_volume(acc, limit, trades.size, row, stop)
    if kind == DOLLAR:
        limits = bars.limit_hi[spec], bars.limit_lo[spec]
        return _scan_dollar(acc, limits, trades.price, trades.size, row, stop)
    if kind == RANGE:
        return _scan_range(acc, limit, trades.price, row, stop)
    if kind == RENKO:
        return renko.scan(acc, limit, trades, row, stop)
    return imbalance.scan(acc, bars.est[spec], bars.par[spec], kind, trades, row, stop)


@kernel
def _scan_volume(acc, limit, size, row, stop):  # type: ignore[no-untyped-def]
    volume = acc[VOL]
    while row < stop:
        volume += size[row]
        row += 1
        if volume >= limit:
            return row, True
    return row, False


@kernel
def _scan_dollar(acc, limits, price, size, row, stop):  # type: ignore[no-untyped-def]
    hi, lo, (limit_hi, limit_lo) = uint64(acc[HI]), uint64(acc[LO]), limits
    while row < stop:
        more_hi, more_lo = int128.multiply(price[row], size[row])
        hi, lo = int128.add(hi, lo, more_hi, more_lo)
        row += 1
        if np.int64(hi) >= 0 and (hi > limit_hi or (hi == limit_hi and lo >= limit_lo)):
            return row, True
    return row, False


@kernel
def _scan_range(acc, limit, price, row, stop):  # type: ignore[no-untyped-def]
    high, low = acc[HIGH], acc[LOW]
    while row < stop:
        high, low = max(high, price[row]), min(low, price[row])
        row += 1
        if high - low >= limit:
            return row, True
    return row, False


@kernel
def _add(acc, trades, first, stop):  # type: ignore[no-untyped-def]
    """Counts trades in the order in which they came."""
    ts, closed, last, late = trades.ts_event, acc[CLOSED], acc[TS_CLOSE], acc[LATE]
    for row in range(first, stop):
        last = max(last, ts[row])
        late += 1 if ts[row] < closed else 0
    acc[TS_CLOSE], acc[LATE] = last, late
    acc[CLOSE] = trades.price[stop - 1]
    add_sums(acc, trades.price, trades.size, trades.side, first, stop)


@kernel
def finish(bars, spec, trades, row, out, at):  # type: ignore[no-untyped-def]
    """Writes the rows that a trade makes, from ``at`` on; returns the next free one."""
    kind, acc = bars.kind[spec], bars.acc[spec]
    if kind == TIME:
        return time_bars.take(bars, spec, trades, row, out, at)
    acc[OPENED], acc[CLOSED] = 0, max(acc[CLOSED], acc[TS_CLOSE])
    if kind == RENKO:
        brick = np.int64(bars.limit_lo[spec])
        return renko.write_bricks(acc, spec, brick, trades.price[row], out, at)
    if kind >= TICK_IMBALANCE:
        imbalance.learn(acc, bars.est[spec], bars.par[spec], kind)
    write(acc, spec, out, at)
    return at + 1


@kernel
def earliest(at):  # type: ignore[no-untyped-def]
    """Which specification is to write next; of several the first."""
    first = 0
    for spec in range(1, len(at)):
        if at[spec] < at[first]:
            first = spec
    return first


@kernel
def close_until(bars, ts, out, at):  # type: ignore[no-untyped-def]
    """Closes what a clock record closes; returns the next free row."""
    for spec in range(len(bars.kind)):
        if bars.kind[spec] == TIME:
            at = time_bars.close_until(bars, spec, ts, out, at)
    return at


@kernel
def most_rows(bars, ts, price, row):  # type: ignore[no-untyped-def]
    """No fewer rows than the trades from ``row`` on can make."""
    rows = most_periods(bars, ts, row)
    for spec in range(len(bars.kind)):
        if bars.kind[spec] == RENKO:
            brick = np.int64(bars.limit_lo[spec])
            rows += renko.most_bricks(bars.acc[spec], brick, price, row)
        elif bars.kind[spec] != TIME:
            rows += len(ts) - row
    return rows


@kernel
def most_periods(bars, ts, row):  # type: ignore[no-untyped-def]
    """No fewer rows of time bars than records of these times, from ``row`` on, can make."""
    rows = 0
    for spec in range(len(bars.kind)):
        if bars.kind[spec] == TIME:
            rows += _most_periods(bars, spec, ts, row)
    return rows


@kernel
def _most_periods(bars, spec, ts, row):  # type: ignore[no-untyped-def]
    """Periods that can end, and rows that late trades can correct."""
    acc, period = bars.acc[spec], np.int64(bars.limit_lo[spec])
    first, last, late, trades = FAR, acc[CLOSED], 0, len(ts) - row
    for n in range(row, len(ts)):
        late += 1 if ts[n] < last else 0
        first, last = min(first, ts[n]), max(last, ts[n])
    if acc[OPENED] or acc[KNOWN]:
        first = min(first, acc[CLOSED])
    sessions = np.searchsorted(bars.opens, last, side="right")
    sessions -= np.searchsorted(bars.opens, min(first, last), side="right")
    periods = (last - min(first, last)) // period + sessions + 2
    if bars.flat:
        corrections = late * max(len(bars.kept[spec]), 1)
        return min(periods, (trades + 1) * (time_bars.MOST_FLAT + 1)) + corrections
    return min(periods, trades + 1) + late
