"""Prices that others look at: pivots of the session before, and where volume was traded."""

import math

from streams.kernels import formula, inlined_formula
from streams.operators.features.indicators.indicator import (
    CLOSE,
    HIGH,
    LOW,
    TS,
    VOLUME,
    Indicator,
    bars,
    number,
)
from streams.operators.features.indicators.rolling import extreme, place, total


@formula
def _sessions(columns, row, seconds, state):  # type: ignore[no-untyped-def]
    """High, low and close of the session before; of the first one so far while there is none.
    ``state``: the session, its high, low and close, and those of the one before."""
    high, low, close = columns[HIGH, row], columns[LOW, row], columns[CLOSE, row]
    now = math.floor(columns[TS, row] / seconds) + 1.0  # never 0, which no session was
    first = state[0] == 0.0 or state[7] == 1.0
    if now != state[0]:
        if state[0] != 0.0:
            first = False
            state[4], state[5], state[6] = state[1], state[2], state[3]
        state[0], state[1], state[2] = now, high, low
    state[1], state[2], state[3] = max(state[1], high), min(state[2], low), close
    state[7] = 1.0 if first else 2.0
    if first:
        state[4], state[5], state[6] = state[1], state[2], state[3]
    return state[4], state[5], state[6]


@formula
def pivots(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for row in range(lo, hi):
        high, low, close = _sessions(columns, row, params[0], state)
        middle, span = (high + low + close) / 3, high - low
        out[0, row] = middle
        out[1, row], out[4, row] = 2 * middle - low, 2 * middle - high
        out[2, row], out[5, row] = middle + span, middle - span
        out[3, row], out[6, row] = high + 2 * (middle - low), low - 2 * (high - middle)


@formula
def fibonacci_pivots(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for row in range(lo, hi):
        high, low, close = _sessions(columns, row, params[0], state)
        middle, span = (high + low + close) / 3, high - low
        out[0, row] = middle
        out[1, row], out[4, row] = middle + 0.382 * span, middle - 0.382 * span
        out[2, row], out[5, row] = middle + 0.618 * span, middle - 0.618 * span
        out[3, row], out[6, row] = middle + span, middle - span


@formula
def camarilla_pivots(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for row in range(lo, hi):
        high, low, close = _sessions(columns, row, params[0], state)
        span = 1.1 * (high - low)
        for k in range(4):
            reach = span / (12, 6, 4, 2)[k]
            out[k, row], out[4 + k, row] = close + reach, close - reach


@formula
def volume_profile(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """Each bar's volume stands at its typical price, in one of so many equal bins between the
    extremes of the window. O(bins) a bar; O(n) too where an extreme changed, and once a round, so
    that rounding does not grow. ``state``: the count, the extremes of which the bins were made, the
    sum of volume, two windows for the extremes, the prices, the volumes, the bin of each, and the
    bins between two that are never chosen."""
    n, bins, share = int(params[0]), int(params[1]), params[2]
    highs, lows, closes, volumes = columns[HIGH], columns[LOW], columns[CLOSE], columns[VOLUME]
    count, wide = int(state[0]), 1 + n
    tops, bottoms, sums = state[4:], state[4 + wide :], state[4 + 2 * wide :]
    window = state[4 + 3 * wide : 4 + 3 * wide + 3 * n]
    profile = state[4 + 3 * wide + 3 * n :]
    profile[0] = profile[bins + 1] = -1.0
    for row in range(lo, hi):
        price, volume, count = (highs[row] + lows[row] + closes[row]) / 3, volumes[row], count + 1
        top, bottom = extreme(price, count, n, 1, tops), extreme(price, count, n, -1, bottoms)
        whole, at = total(volume, count, n, sums), place(count, n)
        step = (top - bottom) / bins
        scale = 1 / step if step > 0 else 0.0
        gone, left = window[n + at], int(window[2 * n + at])
        window[at], window[n + at] = price, volume
        if count >= n:
            if top != state[1] or bottom != state[2] or at == n - 1:
                _fill(window, n, bottom, scale, profile, bins)
                state[1], state[2] = top, bottom
            else:
                found = min(int((price - bottom) * scale), bins - 1) + 1
                profile[left] = max(profile[left] - gone, 0.0)
                profile[found] += volume
                window[2 * n + at] = found
            peak, first, last = _value_area(profile, bins, share * whole)
            out[0, row] = bottom + (peak - 0.5) * step
            out[1, row], out[2, row] = bottom + last * step, bottom + (first - 1) * step
    state[0] = count


@formula
def _fill(window, n, bottom, scale, profile, bins):  # type: ignore[no-untyped-def]
    """The bins from all prices and volumes."""
    for k in range(n):
        window[2 * n + k] = min(int((window[k] - bottom) * scale), bins - 1) + 1
    profile[1 : bins + 1] = 0.0
    for k in range(n):
        profile[int(window[2 * n + k])] += window[n + k]


@formula
def _value_area(profile, bins, wanted):  # type: ignore[no-untyped-def]
    """The fullest bin, and the bins about it that hold so much: at each step the fuller neighbour
    is added."""
    peak, held = _fullest(profile, bins)
    first = last = peak
    while held < wanted and last - first < bins - 1:
        below, above = profile[first - 1], profile[last + 1]
        held += max(above, below)
        last, first = last + (above >= below), first - (above < below)
    return peak, first, last


@inlined_formula
def _fullest(profile, bins):  # type: ignore[no-untyped-def]
    """(the first of the fullest bins, its volume). Two halves side by side."""
    half = bins // 2
    peak, held, second, most = 1, profile[1], bins - half + 1, profile[bins - half + 1]
    for k in range(2, bins - half + 1):
        peak, held = (k, profile[k]) if profile[k] > held else (peak, held)
        second, most = (half + k, profile[half + k]) if profile[half + k] > most else (second, most)
    return (second, most) if most > held else (peak, held)


_SESSION = number("seconds", 86_400, 60, 1e9)
_SEVEN = dict.fromkeys(("", "r1", "r2", "r3", "s1", "s2", "s3"), "price")

INDICATORS = (
    Indicator(
        "pivots",
        pivots,
        (_SESSION,),
        _SEVEN,
        lambda p: 8,
        lambda p: 1,
        "floor traders': of the session (so many seconds, UTC) before",
    ),
    Indicator(
        "pivots_fibonacci",
        fibonacci_pivots,
        (_SESSION,),
        _SEVEN,
        lambda p: 8,
        lambda p: 1,
        "the same at 38.2, 61.8 and 100 % of the range",
    ),
    Indicator(
        "pivots_camarilla",
        camarilla_pivots,
        (_SESSION,),
        dict.fromkeys(("r1", "r2", "r3", "r4", "s1", "s2", "s3", "s4"), "price"),
        lambda p: 8,
        lambda p: 1,
        "Stott, 1989: the close ± 1.1 ranges / 12, 6, 4 and 2",
    ),
    Indicator(
        "volume_profile",
        volume_profile,
        (bars("n", 50, 2), bars("bins", 24), number("share", 0.7, 0, 1)),
        {"": "price of the most volume", "high": "price", "low": "price"},
        lambda p: 9 + 6 * int(p[0]) + int(p[1]),
        lambda p: int(p[0]),
        "Steidlmayer's market profile: point of control, value area",
    ),
)
