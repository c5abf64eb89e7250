"""Prices as one number a bar, and where they lie in a window."""

import math

import numpy as np

from streams.kernels import formula, inlined_formula
from streams.operators.features.indicators.indicator import (
    CLOSE,
    HIGH,
    LOW,
    OPEN,
    Indicator,
    Params,
    bars,
    number,
)
from streams.operators.features.indicators.rolling import (
    dated_extreme,
    dated_extreme_size,
    mean_distance,
    place,
)


@formula
def prices(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    opens, highs, lows, closes = columns[OPEN], columns[HIGH], columns[LOW], columns[CLOSE]
    for row in range(lo, hi):
        high, low, close = highs[row], lows[row], closes[row]
        out[0, row] = (high + low + close + opens[row]) / 4
        out[1, row] = (high + low) / 2
        out[2, row] = (high + low + close) / 3
        out[3, row] = (high + low + 2 * close) / 4


@formula
def heikin_ashi(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    opens, highs, lows, closes = columns[OPEN], columns[HIGH], columns[LOW], columns[CLOSE]
    count, opened, closed = state[0], state[1], state[2]
    for row in range(lo, hi):
        opened = (opens[row] + closes[row]) / 2 if count == 0 else (opened + closed) / 2
        closed = (opens[row] + highs[row] + lows[row] + closes[row]) / 4
        count += 1
        out[0, row], out[3, row] = opened, closed
        out[1, row] = max(highs[row], opened, closed)
        out[2, row] = min(lows[row], opened, closed)
    state[0], state[1], state[2] = count, opened, closed


@formula
def extremes(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count = int(params[0]), columns[int(params[1])], int(state[0])
    size = 2 + 2 * n
    tops, bottoms = state[1 : 1 + size], state[1 + size :]
    for row in range(lo, hi):
        count += 1
        top, high_at = dated_extreme(values[row], count, n, 1, tops)
        bottom, low_at = dated_extreme(values[row], count, n, -1, bottoms)
        if count >= n:
            span = top - bottom
            out[0, row], out[1, row], out[2, row] = bottom, top, (top + bottom) / 2
            out[3, row] = (values[row] - bottom) / span if span > 0 else 0.5
            out[4, row], out[5, row] = count - low_at, count - high_at
    state[0] = count


@formula
def mean_deviation(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """It needs the whole window: O(n) a bar."""
    n, values, count, ring = int(params[0]), columns[int(params[1])], int(state[0]), state[1:]
    for row in range(lo, hi):
        count += 1
        ring[place(count, n)] = values[row]
        _, distance = mean_distance(ring, n)
        out[0, row] = distance if count >= n else np.nan
    state[0] = count


def order_size(p: Params) -> int:
    return 4 + 3 * int(p[0])


@inlined_formula
def arrange(value, count, n, state):  # type: ignore[no-untyped-def]
    """Keeps the last n values in order: ``state`` is a ring of them, they sorted, and room. All are
    moved at each value, several at once: no branch depends on where it lies, which no processor
    foresees."""
    ring, order, rest, at = state[:n], state[n : 2 * n + 1], state[2 * n + 1 :], place(count, n)
    if count == 1:
        order[:] = np.inf
        rest[0] = -np.inf
    gone, ring[at] = ring[at] if count > n else np.inf, value
    for k in range(n):  # what is below it, and behind it what is above
        rest[k + 1] = order[k] if order[k] < gone else order[k + 1]
    for k in range(n):
        below = rest[k + 1] if rest[k + 1] < value else value
        order[k] = rest[k] if rest[k] > below else below


@formula
def quantile(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count = int(params[0]), columns[int(params[2])], int(state[0])
    at = min(max(math.ceil(params[1] * n / 100), 1), n) - 1
    for row in range(lo, hi):
        count += 1
        arrange(values[row], count, n, state[1:])
        out[0, row] = state[1 + n + at] if count >= n else np.nan
    state[0] = count


@formula
def rank(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """Among the n bars before. O(n) a bar, several values at once: to keep them in order took four
    times as long."""
    n, values, count, ring = int(params[0]), columns[int(params[1])], int(state[0]), state[1:]
    for row in range(lo, hi):
        value, reached = values[row], 0
        for k in range(n):
            reached += 1 if ring[k] <= value else 0
        out[0, row] = 100 * reached / n if count >= n else np.nan
        count += 1
        ring[place(count, n)] = value
    state[0] = count


def _extremes_size(p: Params) -> int:
    return 1 + 2 * dated_extreme_size(p[0])


def _whole(p: Params) -> int:
    return int(p[0])


INDICATORS = (
    Indicator(
        "price",
        prices,
        (),
        dict.fromkeys(("average", "median", "typical", "weighted"), "price"),
        lambda p: 0,
        lambda p: 1,
        "TA-Lib AVGPRICE, MEDPRICE, TYPPRICE, WCLPRICE",
    ),
    Indicator(
        "heikin_ashi",
        heikin_ashi,
        (),
        dict.fromkeys(("open", "high", "low", "close"), "price"),
        lambda p: 3,
        lambda p: 1,
        "Valcu, TASC 2004/2; TA-Lib HA",
    ),
    Indicator(
        "extremes",
        extremes,
        (bars("n", 14),),
        {
            "min": "as the input",
            "max": "as the input",
            "mid": "as the input",
            "place": "0 at the least, 1 at the most",
            "since_min": "bars",
            "since_max": "bars",
        },
        _extremes_size,
        _whole,
        "TA-Lib MIN, MAX, MIDPOINT, MININDEX, MAXINDEX",
        any_input=True,
    ),
    Indicator(
        "avgdev",
        mean_deviation,
        (bars("n", 14),),
        {"": "as the input"},
        lambda p: 1 + int(p[0]),
        _whole,
        "the mean distance from the mean",
        any_input=True,
    ),
    Indicator(
        "percentile",
        quantile,
        (bars("n", 30), number("percent", 50, 0, 100)),
        {"": "as the input"},
        order_size,
        _whole,
        "of the last n, by the nearest rank; 50 is the median",
        any_input=True,
    ),
    Indicator(
        "rank",
        rank,
        (bars("n", 100),),
        {"": "0 … 100"},
        lambda p: 1 + int(p[0]),
        lambda p: int(p[0]) + 1,
        "how many of the n bars before are not above; TA-Lib PERCENTRANK",
        any_input=True,
    ),
)
