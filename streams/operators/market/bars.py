"""Time, tick, volume and dollar bars from trades, cut on the venue's event time.

After López de Prado, *Advances in Financial Machine Learning*, chapter 2: a bar of ticks, volume
or dollars closes with the trade that reaches the threshold, which is never split. A time bar
[t, t + period) is aligned to the epoch and closes when a trade at or after its end comes, or when
a clock record says that the time (and a grace period) is over; a period without trades makes no
bar. A trade that comes late counts in the bar that is open, or in the next one: no volume is ever
lost and no period has two bars.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import numpy as np
from numba import uint64

from streams.kernels import kernel
from streams.operators.market import int128

TIME, TICK, VOLUME, DOLLAR = range(4)
KINDS = {"time": TIME, "tick": TICK, "volume": VOLUME, "dollar": DOLLAR}
# accumulator columns; 128-bit notional lies in two of them, as bit patterns
OPENED, TS_OPEN, TS_LAST, OPEN, HIGH, LOW, CLOSE, VOL, BUY, HI, LO, COUNT, END = range(13)
FIELDS = 13  # END, the end of the last time bar, outlives its bar

_UNITS = {"ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86400 * 10**9}


@dataclass(frozen=True, slots=True)
class BarSpec:
    """``kind`` is time, tick, volume or dollar; ``spec`` a period (``1s``, ``5m``) or the
    threshold in trades, units or quote currency."""

    kind: str
    spec: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.spec}"

    def threshold(self, price_scale: int, size_scale: int) -> int:
        """As the kernel compares it: ns, trades, scaled size or scaled notional."""
        match self.kind:
            case "time":
                return period_ns(self.spec)
            case "tick":
                return _whole(self.spec, 0)
            case "volume":
                return _whole(self.spec, size_scale)
            case "dollar":
                return _whole(self.spec, price_scale + size_scale)
        raise ValueError(f"bar kind {self.kind!r}: use one of {', '.join(KINDS)}")


def parse(text: str) -> BarSpec:
    """``kind:spec`` → BarSpec. Raises ValueError on what no bar can be made of."""
    kind, _, spec = text.partition(":")
    bar = BarSpec(kind, spec)
    if bar.threshold(0, 18) <= 0:
        raise ValueError(f"bar {text!r}: the threshold must be positive")
    return bar


def period_ns(text: str) -> int:
    """``250ms``, ``1s``, ``5m``, ``1h``, ``1d`` → nanoseconds."""
    for unit, ns in _UNITS.items():
        number = text.removesuffix(unit)
        if number != text and number.isdecimal():
            return int(number) * ns
    raise ValueError(f"period {text!r}: use a whole number and one of {', '.join(_UNITS)}")


def _whole(text: str, scale: int) -> int:
    try:
        value = Decimal(text).scaleb(scale)
    except InvalidOperation as error:
        raise ValueError(f"threshold {text!r} is not a number") from error
    if value != value.to_integral_value():
        raise ValueError(f"threshold {text!r} has more than {scale} decimals")
    return int(value)


class BarState(NamedTuple):
    """``acc``: (specs, FIELDS) accumulators; ``kind``, ``limit_hi``, ``limit_lo``: the specs."""

    acc: Any
    kind: Any
    limit_hi: Any
    limit_lo: Any


def empty_state(specs: tuple[BarSpec, ...], price_scale: int, size_scale: int) -> BarState:
    limits = [spec.threshold(price_scale, size_scale) for spec in specs]
    return BarState(
        np.zeros((len(specs), FIELDS), np.int64),
        np.array([KINDS[spec.kind] for spec in specs], np.int64),
        np.array([limit >> 64 for limit in limits], np.uint64),
        np.array([limit & (2**64 - 1) for limit in limits], np.uint64),
    )


@kernel
def close_before(bars, spec, ts):  # type: ignore[no-untyped-def]
    """Whether the open time bar of ``spec`` ends at or before ``ts``."""
    acc = bars.acc[spec]
    if bars.kind[spec] != TIME or not acc[OPENED]:
        return False
    return ts >= acc[TS_OPEN] + np.int64(bars.limit_lo[spec])


@kernel
def add_trade(bars, spec, ts, price, size, side):  # type: ignore[no-untyped-def]
    """Counts a trade in the bar of ``spec``, opening one if none is open; True when the trade
    completes it (tick, volume and dollar bars)."""
    acc = bars.acc[spec]
    if not acc[OPENED]:
        acc[:END] = 0
        acc[OPENED] = 1
        acc[OPEN] = acc[HIGH] = acc[LOW] = price
        acc[TS_OPEN] = ts
        if bars.kind[spec] == TIME:
            acc[TS_OPEN] = max(ts - ts % np.int64(bars.limit_lo[spec]), acc[END])
    acc[TS_LAST] = ts
    acc[HIGH] = max(acc[HIGH], price)
    acc[LOW] = min(acc[LOW], price)
    acc[CLOSE] = price
    acc[VOL] += size
    if side > 0:
        acc[BUY] += size
    more_hi, more_lo = int128.multiply(price, size)
    hi, lo = int128.add(uint64(acc[HI]), uint64(acc[LO]), more_hi, more_lo)
    acc[HI], acc[LO] = np.int64(hi), np.int64(lo)
    acc[COUNT] += 1
    return _complete(bars, spec, hi, lo)


@kernel
def _complete(bars, spec, hi, lo):  # type: ignore[no-untyped-def]
    acc, limit = bars.acc[spec], bars.limit_lo[spec]
    kind = bars.kind[spec]
    if kind == TICK:
        return acc[COUNT] >= np.int64(limit)
    if kind == VOLUME:
        return acc[VOL] >= np.int64(limit)
    if kind == DOLLAR:
        limit_hi = bars.limit_hi[spec]
        return np.int64(hi) >= 0 and (hi > limit_hi or (hi == limit_hi and lo >= limit))
    return False


@kernel
def emit(bars, spec, out, at):  # type: ignore[no-untyped-def]
    """Writes the open bar of ``spec`` to row ``at`` of the Bars columns and closes it."""
    acc = bars.acc[spec]
    is_time = bars.kind[spec] == TIME
    out.spec[at] = spec
    out.ts_open[at] = acc[TS_OPEN]
    out.ts_close[at] = acc[TS_OPEN] + np.int64(bars.limit_lo[spec]) if is_time else acc[TS_LAST]
    out.open[at], out.high[at] = acc[OPEN], acc[HIGH]
    out.low[at], out.close[at] = acc[LOW], acc[CLOSE]
    out.volume[at], out.buy_volume[at] = acc[VOL], acc[BUY]
    out.notional_hi[at], out.notional_lo[at] = acc[HI], uint64(acc[LO])
    out.trades[at] = acc[COUNT]
    acc[OPENED] = 0
    if is_time:
        acc[END] = out.ts_close[at]
