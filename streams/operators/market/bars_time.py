"""Time bars: a period of event time each, aligned to the session's opening or the epoch.

What always holds:

- A trade belongs to the period that holds its ``ts_event``. Open and close are the prices of the
  earliest and the latest trade by ``ts_event`` (of equal ones, by arrival).
- A bar closes when a trade at or after its end comes, or a clock record that says that its end
  (and a grace period) is over. A period without trades makes no bar, or, with ``flat``, one with
  the last close and no volume, once a later trade or clock record shows that it is over; no more
  than MOST_FLAT of them in a row, for then the feed was away.
- A trade that comes late, for a period that is closed, corrects it: the bar is written again with
  a higher ``revision``, and so is every flat bar that took its close from it. That works as long
  as the period is not older than the oldest bar that is kept. An older trade counts in the bar
  that is open, or in the next one, never in its open and close unless it is alone, and ``late``
  counts it: no volume is ever lost.
- Trades outside the sessions are in no time bar; they only show how late it is.
"""

import numpy as np

from streams.kernels import allocating, kernel
from streams.operators.market.bars_calendar import (
    OUTSIDE,
    last_boundary,
    period_from,
    period_of,
)
from streams.operators.market.bars_state import (
    BAR_FIELDS,
    CLOSE,
    CLOSED,
    COUNT,
    FIRST,
    HIGH,
    KNOWN,
    LAST,
    LATE,
    LOW,
    OPEN,
    OPENED,
    PRICE,
    REVISION,
    TS_CLOSE,
    TS_OPEN,
    add_sums,
    clear,
    write,
)

MOST_FLAT = 10_000


@kernel
def advance(acc, trades, row, stop):  # type: ignore[no-untyped-def]
    """Counts the trades of the open period; returns the first row that is not one."""
    if not acc[OPENED]:
        return row
    start, end, first = acc[TS_OPEN], acc[TS_CLOSE], row
    ts = trades.ts_event
    while row < stop and start <= ts[row] < end:
        row += 1
    _add(acc, trades, first, row)
    return row


@kernel
def _add(bar, trades, first, stop):  # type: ignore[no-untyped-def]
    """Counts trades of the bar's own period."""
    ts, price = trades.ts_event, trades.price
    for row in range(first, stop):
        if ts[row] >= bar[LAST]:
            bar[LAST], bar[CLOSE] = ts[row], price[row]
        if ts[row] < bar[FIRST]:
            bar[FIRST], bar[OPEN] = ts[row], price[row]
    add_sums(bar, price, trades.size, trades.side, first, stop)


@kernel
def take(bars, spec, trades, row, out, at):  # type: ignore[no-untyped-def]
    """Counts a trade that is not of the open period, with all that it brings about. Writes rows
    from ``at`` on and returns the next free one."""
    acc, ts = bars.acc[spec], trades.ts_event[row]
    at = close_until(bars, spec, ts, out, at)
    start, end = period_of(bars.opens, bars.closes, np.int64(bars.limit_lo[spec]), ts)
    if start == OUTSIDE:
        return at
    if ts < acc[CLOSED]:
        return _take_late(bars, spec, trades, row, start, end, out, at)
    if not acc[OPENED]:
        _open(acc, start, end)
    _add(acc, trades, row, row + 1)
    return at


@kernel
def _open(acc, start, end):  # type: ignore[no-untyped-def]
    clear(acc)
    acc[OPENED], acc[CLOSED] = 1, start
    acc[TS_OPEN], acc[TS_CLOSE] = start, end


@kernel
def close_until(bars, spec, ts, out, at):  # type: ignore[no-untyped-def]
    """Closes what ends at or before ``ts``; returns the next free row."""
    acc = bars.acc[spec]
    if acc[OPENED] and acc[TS_CLOSE] <= ts:
        write(acc, spec, out, at)
        at += 1
        _keep(bars, spec, bars.kept_count[spec])
        acc[OPENED], acc[CLOSED] = 0, acc[TS_CLOSE]
        acc[KNOWN], acc[PRICE] = 1, acc[CLOSE]
    if bars.flat and acc[KNOWN] and not acc[OPENED]:
        at = _write_flat(bars, spec, ts, out, at)
    return at


@kernel
def _write_flat(bars, spec, ts, out, at):  # type: ignore[no-untyped-def]
    acc, period = bars.acc[spec], np.int64(bars.limit_lo[spec])
    for _ in range(MOST_FLAT):
        start, end = period_from(bars.opens, bars.closes, period, acc[CLOSED])
        if start == OUTSIDE or end > ts:
            return at
        clear(acc)
        acc[TS_OPEN], acc[TS_CLOSE], acc[CLOSED] = start, end, end
        acc[OPEN] = acc[HIGH] = acc[LOW] = acc[CLOSE] = acc[PRICE]
        write(acc, spec, out, at)
        at += 1
        _keep(bars, spec, bars.kept_count[spec])
    acc[CLOSED] = max(acc[CLOSED], last_boundary(bars.opens, bars.closes, period, ts))
    return at


@allocating
def _keep(bars, spec, place):  # type: ignore[no-untyped-def]
    """Copies the bar in ``acc`` to a place among those that are kept, and returns where it is
    then; the oldest goes when there are too many."""
    kept, count = bars.kept[spec], bars.kept_count[spec]
    if len(kept) == 0:
        return place
    if count == len(kept):
        place -= 1
        for n in range(place):
            kept[n] = kept[n + 1]
    else:
        for n in range(count, place, -1):
            kept[n] = kept[n - 1]
        bars.kept_count[spec] = count + 1
    kept[place] = bars.acc[spec, :BAR_FIELDS]
    return place


@kernel
def _take_late(bars, spec, trades, row, start, end, out, at):  # type: ignore[no-untyped-def]
    kept, count = bars.kept[spec], bars.kept_count[spec]
    if count == 0 or start < kept[0, TS_OPEN]:
        _count_late(bars, spec, trades, row)
        return at
    place = count
    while place > 0 and kept[place - 1, TS_OPEN] >= start:
        place -= 1
    if place == count or kept[place, TS_OPEN] != start:
        place = _keep_empty(bars, spec, place, start, end)
    return _correct(bars, spec, trades, row, place, out, at)


@allocating
def _keep_empty(bars, spec, place, start, end):  # type: ignore[no-untyped-def]
    """Makes a place for a period that had no bar."""
    before = bars.acc[spec].copy()
    clear(bars.acc[spec])
    bars.acc[spec, TS_OPEN], bars.acc[spec, TS_CLOSE] = start, end
    place = _keep(bars, spec, place)
    bars.acc[spec] = before
    return place


@kernel
def _correct(bars, spec, trades, row, place, out, at):  # type: ignore[no-untyped-def]
    """Counts the trade in a bar that is kept, and writes it and the flat ones that follow it."""
    acc, kept, count = bars.acc[spec], bars.kept[spec], bars.kept_count[spec]
    bar = kept[place]
    if bar[COUNT] == 0:
        bar[HIGH], bar[LOW] = trades.price[row], trades.price[row]
    before = bar[CLOSE]
    _add(bar, trades, row, row + 1)
    bar[REVISION] += 1
    write(bar, spec, out, at)
    at, n = at + 1, place + 1
    while n < count and kept[n, COUNT] == 0 and bar[CLOSE] != before:
        flat = kept[n]
        flat[OPEN] = flat[HIGH] = flat[LOW] = flat[CLOSE] = bar[CLOSE]
        flat[REVISION] += 1
        write(flat, spec, out, at)
        at, n = at + 1, n + 1
    if n == bars.kept_count[spec]:
        acc[PRICE] = kept[n - 1, CLOSE]
    return at


@kernel
def _count_late(bars, spec, trades, row):  # type: ignore[no-untyped-def]
    """Counts a trade, too old for any other, in the open bar; opens one if none is."""
    acc, price = bars.acc[spec], trades.price[row]
    if not acc[OPENED]:
        period = np.int64(bars.limit_lo[spec])
        start, end = period_from(bars.opens, bars.closes, period, acc[CLOSED])
        if start == OUTSIDE:
            return
        _open(acc, start, end)
        acc[OPEN], acc[CLOSE] = price, price
    add_sums(acc, trades.price, trades.size, trades.side, row, row + 1)
    acc[LATE] += 1
