"""What is known of every bar, as arrays that the kernels share.

``acc[spec]`` is the open bar of a specification, and behind it what outlives a bar. Time bars that
closed are kept in ``kept[spec]``, oldest first, so that a late trade can still correct them.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numba import uint64

from schemas.frames import Bars
from streams.kernels import kernel
from streams.operators.market import int128
from streams.operators.market.bars import KINDS, BarSpec, Estimate
from streams.operators.market.bars_calendar import ALWAYS, Calendar

# columns of a bar; 128-bit notional lies in two of them, as bit patterns
TS_OPEN, TS_CLOSE, FIRST, LAST, OPEN, HIGH, LOW, CLOSE = range(8)
VOL, BUY, SELL, HI, LO, COUNT, REVISION, LATE = range(8, 16)
BAR_FIELDS = 16
# … and what outlives it. CLOSED: time bars: all before it is closed; others: the latest end so
# far. PRICE (if KNOWN), SIGN: of the trade or bar before. TOP, BOTTOM: of the last renko brick.
OPENED, CLOSED, KNOWN, PRICE, SIGN, TOP, BOTTOM = range(16, 23)
FIELDS = 23
# est: an imbalance or run bar's estimates and sums, in trades, scaled sizes or scaled notional
TICKS_A_BAR, UP_RATE, DOWN_RATE, UP, DOWN, THRESHOLD, BARS, TICKS = range(8)
# par: its options
EXPECTED, WEIGHT, TICK_WEIGHT, LEAST, MOST, WARM_UP = range(6)

FAR = 2**63 - 1  # later and dearer than anything
_DTYPES = (np.uint8, *(np.int64,) * 9, np.int64, np.uint64, np.int64, np.int32, np.int64)


@dataclass(frozen=True, slots=True)
class TimeBars:
    """``flat``: a period without trades makes a flat bar, else none; ``kept``: how many closed
    bars of a specification can still be corrected; ``calendars``: pattern of instruments →
    sessions, the first that matches counts."""

    flat: bool = False
    kept: int = 8
    calendars: tuple[tuple[str, Calendar], ...] = ()


class BarState(NamedTuple):
    """A row a specification. ``at`` is room for the fold, the rest up to ``par`` is settings."""

    kind: Any
    limit_hi: Any
    limit_lo: Any
    par: Any
    opens: Any
    closes: Any
    flat: Any
    at: Any
    acc: Any
    est: Any
    kept: Any
    kept_count: Any


def empty_state(
    specs: tuple[BarSpec, ...],
    price_scale: int,
    size_scale: int,
    time_bars: TimeBars,
    calendar: Calendar = ALWAYS,
) -> BarState:
    """Raises ValueError where a threshold has more decimals than the instrument."""
    limits = [spec.threshold(price_scale, size_scale) for spec in specs]
    par = np.array([_parameters(spec.estimate) for spec in specs]).reshape(-1, 6)
    est = np.zeros((len(specs), 8))
    est[:, TICKS_A_BAR] = par[:, EXPECTED]
    return BarState(
        np.array([KINDS[spec.kind] for spec in specs], np.int64),
        np.array([limit >> 64 for limit in limits], np.uint64),
        np.array([limit & (2**64 - 1) for limit in limits], np.uint64),
        par,
        calendar.opens,
        calendar.closes,
        time_bars.flat,
        np.zeros(len(specs), np.int64),
        np.zeros((len(specs), FIELDS), np.int64),
        est,
        np.zeros((len(specs), time_bars.kept, BAR_FIELDS), np.int64),
        np.zeros(len(specs), np.int64),
    )


def _parameters(estimate: Estimate | None) -> tuple[float, ...]:
    """An EWMA of span s has the weight 2 / (s + 1)."""
    if estimate is None:
        return (0.0,) * 6
    weights = (2.0 / (estimate.span + 1), 2.0 / (estimate.tick_span + 1))
    return (
        float(estimate.expected),
        *weights,
        float(estimate.min),
        float(estimate.max),
        float(estimate.warm_up),
    )


def pack(state: BarState, specs: tuple[BarSpec, ...]) -> dict[str, Any]:
    """For a snapshot: each bar under its specification's name."""
    return {
        str(spec): {
            "acc": state.acc[n],
            "est": state.est[n],
            "kept": state.kept[n, : state.kept_count[n]],
        }
        for n, spec in enumerate(specs)
    }


def unpack(state: BarState, specs: tuple[BarSpec, ...], packed: dict[str, Any]) -> None:
    """Takes up what ``pack`` gave. The configuration may have changed since: a bar that was not
    made before begins now, one that is made no more is dropped."""
    for n, spec in enumerate(specs):
        if bar := packed.get(str(spec)):
            state.acc[n], state.est[n] = bar["acc"], bar["est"]
            most = state.kept.shape[1]
            kept = bar["kept"][-most:] if most else bar["kept"][:0]
            state.kept[n, : len(kept)], state.kept_count[n] = kept, len(kept)


def new_bars(rows: int) -> Bars:
    """Columns with room for so many rows."""
    return Bars._make(np.empty(rows, dtype) for dtype in _DTYPES)


@kernel
def clear(bar):  # type: ignore[no-untyped-def]
    """An empty bar, such that any trade sets its prices."""
    bar[:BAR_FIELDS] = 0
    bar[FIRST], bar[LAST] = FAR, -1
    bar[HIGH], bar[LOW] = -FAR, FAR


@kernel
def add_sums(bar, price, size, side, first, stop):  # type: ignore[no-untyped-def]
    """Counts the trades first … stop-1 in all columns that do not depend on their order."""
    high, low, volume, buy, sell = bar[HIGH], bar[LOW], bar[VOL], bar[BUY], bar[SELL]
    hi, lo = uint64(bar[HI]), uint64(bar[LO])
    for row in range(first, stop):
        p, s, d = price[row], size[row], side[row]
        high, low = max(high, p), min(low, p)
        volume += s
        buy += s if d > 0 else 0
        sell += s if d < 0 else 0
        more_hi, more_lo = int128.multiply(p, s)
        hi, lo = int128.add(hi, lo, more_hi, more_lo)
    bar[HIGH], bar[LOW], bar[VOL], bar[BUY], bar[SELL] = high, low, volume, buy, sell
    bar[HI], bar[LO] = np.int64(hi), np.int64(lo)
    bar[COUNT] += stop - first


@kernel
def write(bar, spec, out, row):  # type: ignore[no-untyped-def]
    """The bar as a row of the Bars columns."""
    out.spec[row] = spec
    out.ts_open[row], out.ts_close[row] = bar[TS_OPEN], bar[TS_CLOSE]
    out.open[row], out.high[row] = bar[OPEN], bar[HIGH]
    out.low[row], out.close[row] = bar[LOW], bar[CLOSE]
    out.volume[row], out.buy_volume[row], out.sell_volume[row] = bar[VOL], bar[BUY], bar[SELL]
    out.notional_hi[row], out.notional_lo[row] = bar[HI], uint64(bar[LO])
    out.trades[row], out.revision[row], out.late[row] = bar[COUNT], bar[REVISION], bar[LATE]
