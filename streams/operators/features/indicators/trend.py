"""Whether prices have a direction, and where it turns."""

import numpy as np

from streams.kernels import formula, inlined_formula
from streams.operators.features.indicators.indicator import (
    CLOSE,
    HIGH,
    LOW,
    Indicator,
    bars,
    number,
)
from streams.operators.features.indicators.rolling import (
    dated_extreme,
    dated_extreme_size,
    extreme,
    extreme_size,
    true_range,
    wilder,
)


@inlined_formula
def _smooth(total, value, count, n):  # type: ignore[no-untyped-def]
    """Wilder's sum: of the first n - 1 values, then each takes an n-th of it out."""
    return total + value if count < n else total - total / n + value


@formula
def directional(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, highs, lows, closes = params[0], columns[HIGH], columns[LOW], columns[CLOSE]
    count, up, down, reach, adx = int(state[0]), state[1], state[2], state[3], state[4]
    high, low, close = state[5], state[6], state[7]
    for row in range(lo, hi):
        count += 1
        if count > 1:
            rise, fall = highs[row] - high, low - lows[row]
            up = _smooth(up, rise if rise > 0 and rise > fall else 0.0, count - 1, n)
            down = _smooth(down, fall if fall > 0 and fall > rise else 0.0, count - 1, n)
            reach = _smooth(reach, true_range(highs[row], lows[row], close), count - 1, n)
        high, low, close = highs[row], lows[row], closes[row]
        if count > n:
            plus = 100 * up / reach if reach > 0 else 0.0
            minus = 100 * down / reach if reach > 0 else 0.0
            if plus + minus > 0:
                adx = wilder(100 * abs(plus - minus) / (plus + minus), adx, count - n, n)
            elif count - n == n:
                adx /= n
            out[1, row], out[2, row] = plus, minus
            out[0, row] = adx if count >= 2 * n else np.nan
    state[0], state[1], state[2], state[3], state[4] = count, up, down, reach, adx
    state[5], state[6], state[7] = high, low, close


@formula
def aroon(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, highs, lows, count = int(params[0]), columns[HIGH], columns[LOW], int(state[0])
    size = 2 + 2 * (n + 1)
    tops, bottoms = state[1 : 1 + size], state[1 + size :]
    for row in range(lo, hi):
        count += 1
        _, top = dated_extreme(highs[row], count, n + 1, 1, tops)
        _, bottom = dated_extreme(lows[row], count, n + 1, -1, bottoms)
        if count > n:
            up = 100 * (n - (count - top)) / n
            down = 100 * (n - (count - bottom)) / n
            out[0, row], out[1, row], out[2, row] = up, down, up - down
    state[0] = count


LONG, SAR, EXTREME, STEP, OLD_HIGH, OLD_LOW = range(1, 7)


@formula
def parabolic(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """Wilder's stop and reverse; the first side as TA-Lib takes it, by the first move."""
    step, most, highs, lows = params[0], params[1], columns[HIGH], columns[LOW]
    count = int(state[0])
    for row in range(lo, hi):
        high, low, count = highs[row], lows[row], count + 1
        if count == 2:
            _begin(high, low, step, state)
        if count > 1:
            out[0, row] = _follow(high, low, step, most, step, 0.0, state)
        state[OLD_HIGH], state[OLD_LOW] = high, low
    state[0] = count


@formula
def extended_parabolic(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """Below 0 while short. ``params``: where to begin (0: as ``sar``; below 0: short), how much
    further a turn goes, and of each side the first step, the step and the most."""
    begin, away, highs, lows = params[0], params[1], columns[HIGH], columns[LOW]
    first = (min(params[2], params[4]), min(params[5], params[7]))
    step, most = (min(params[3], params[4]), min(params[6], params[7])), (params[4], params[7])
    count = int(state[0])
    for row in range(lo, hi):
        high, low, count = highs[row], lows[row], count + 1
        if count == 2:
            _begin(high, low, 0.0, state)
            if begin != 0:
                state[LONG], state[SAR] = (1.0 if begin > 0 else 0.0), abs(begin)
                state[EXTREME] = high if begin > 0 else low
            state[STEP] = first[0] if state[LONG] else first[1]
        if count > 1:
            now = 0 if state[LONG] else 1
            found = _follow(high, low, step[now], most[now], first[1 - now], away, state)
            out[0, row] = found if state[LONG] else -found
        state[OLD_HIGH], state[OLD_LOW] = high, low
    state[0] = count


@formula
def _begin(high, low, step, state):  # type: ignore[no-untyped-def]
    rise, fall = high - state[OLD_HIGH], state[OLD_LOW] - low
    state[LONG] = 0.0 if fall > 0 and fall > rise else 1.0
    state[EXTREME], state[SAR] = (high, state[OLD_LOW]) if state[LONG] else (low, state[OLD_HIGH])
    state[STEP] = step
    state[OLD_HIGH], state[OLD_LOW] = high, low


@formula
def _follow(high, low, step, most, first, away, state):  # type: ignore[no-untyped-def]
    """In the mirror (sign -1) a short position is a long one. ``first``: the step of the other side
    after a turn, which goes ``away`` as a fraction of the price."""
    sign = 1.0 if state[LONG] else -1.0
    worst, best = (low, high) if state[LONG] else (-high, -low)
    old_worst, old_best = (
        (state[OLD_LOW], state[OLD_HIGH]) if state[LONG] else (-state[OLD_HIGH], -state[OLD_LOW])
    )
    sar, far = sign * state[SAR], sign * state[EXTREME]
    if worst <= sar:  # it turns: the extreme so far is where the other side begins
        told = max(far, old_best, best)
        state[LONG] = 0.0 if state[LONG] else 1.0
        told += abs(told) * away
        state[STEP], state[EXTREME] = first, sign * worst
        state[SAR] = sign * max(told + first * (worst - told), old_best, best)
        return sign * told
    if best > far:
        far = best
        state[STEP] = min(state[STEP] + step, most)
    state[EXTREME] = sign * far
    state[SAR] = sign * min(sar + state[STEP] * (far - sar), old_worst, worst)
    return sign * sar


@formula
def supertrend(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, factor, highs = params[0], params[1], columns[HIGH]
    lows, closes = columns[LOW], columns[CLOSE]
    count, last, average = int(state[0]), state[1], state[2]
    upper, lower, side = state[3], state[4], state[5]
    for row in range(lo, hi):
        high, low, close = highs[row], lows[row], closes[row]
        count += 1
        if count > 1:
            average = wilder(true_range(high, low, last), average, count - 1, n)
        if count > n:
            middle, reach = (high + low) / 2, factor * average
            above, under = middle + reach, middle - reach
            if side == 0.0:
                upper, lower, side = above, under, 1.0
            else:
                upper = above if above < upper or last > upper else upper
                lower = under if under > lower or last < lower else lower
                if (side > 0 and close < lower) or (side < 0 and close > upper):
                    side = -side
            out[0, row], out[1, row] = (lower if side > 0 else upper), side
        last = close
    state[0], state[1], state[2] = count, last, average
    state[3], state[4], state[5] = upper, lower, side


@formula
def ichimoku(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """As known at the bar: what charts draw ahead or behind stands at the bar that made it."""
    highs, lows, count, middles = columns[HIGH], columns[LOW], int(state[0]), state[1:4]
    for row in range(lo, hi):
        count += 1
        start = 4
        for k in range(3):
            n = int(params[k])
            size = 1 + n
            top = extreme(highs[row], count, n, 1, state[start : start + size])
            bottom = extreme(lows[row], count, n, -1, state[start + size : start + 2 * size])
            middles[k] = (top + bottom) / 2 if count >= n else np.nan
            start += 2 * size
        out[0, row], out[1, row] = middles[0], middles[1]
        out[2, row], out[3, row] = (middles[0] + middles[1]) / 2, middles[2]
    state[0] = count


_STEPS = (("first", 0.02), ("step", 0.02), ("most", 0.2))

INDICATORS = (
    Indicator(
        "adx",
        directional,
        (bars("n", 14, 2),),
        {"": "0 … 100", "plus_di": "0 … 100", "minus_di": "0 … 100"},
        lambda p: 8,
        lambda p: 2 * int(p[0]),
        "Wilder, New Concepts in Technical Trading Systems, 1978",
    ),
    Indicator(
        "aroon",
        aroon,
        (bars("n", 14),),
        {"up": "0 … 100", "down": "0 … 100", "osc": "-100 … 100"},
        lambda p: 1 + 2 * dated_extreme_size(p[0] + 1),
        lambda p: int(p[0]) + 1,
        "Chande, TASC 1995/9",
    ),
    Indicator(
        "sar",
        parabolic,
        (number("step", 0.02, 0.0001, 1), number("most", 0.2, 0.0001, 1)),
        {"": "price"},
        lambda p: 7,
        lambda p: 2,
        "Wilder, New Concepts in Technical Trading Systems, 1978",
    ),
    Indicator(
        "sarext",
        extended_parabolic,
        (
            number("begin", 0, -1e9, 1e9),
            number("away", 0, 0, 1),
            *(number(f"{name}_long", least, 0, 1) for name, least in _STEPS),
            *(number(f"{name}_short", least, 0, 1) for name, least in _STEPS),
        ),
        {"": "price, below 0 while short"},
        lambda p: 7,
        lambda p: 2,
        "the same with a side each; TA-Lib SAREXT",
    ),
    Indicator(
        "supertrend",
        supertrend,
        (bars("n", 10), number("factor", 3, 0.01, 100)),
        {"": "price", "side": "1 up, -1 down"},
        lambda p: 6,
        lambda p: int(p[0]) + 1,
        "Seban, 2008: bands of the average true range that only tighten",
    ),
    Indicator(
        "ichimoku",
        ichimoku,
        (bars("conversion", 9), bars("base", 26), bars("span", 52)),
        {"conversion": "price", "base": "price", "span_a": "price", "span_b": "price"},
        lambda p: 4 + 2 * sum(extreme_size(n) for n in p[:3]),
        lambda p: int(max(p[:3])),
        "Hosoda, Ichimoku Kinko Hyo, 1969",
    ),
)
