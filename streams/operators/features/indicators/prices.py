"""Prices as one number a bar, and where they lie in a window."""

import math

import numpy as np

from streams.kernels import inlined, kernel
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


@kernel
def prices(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    opens, highs, lows, closes = columns[OPEN], columns[HIGH], columns[LOW], columns[CLOSE]
    for row in range(lo, hi):
        high, low, close = highs[row], lows[row], closes[row]
        out[0, row] = (high + low + close + opens[row]) / 4
        out[1, row] = (high + low) / 2
        out[2, row] = (high + low + close) / 3
        out[3, row] = (high + low + 2 * close) / 4


@kernel
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


@kernel
def extremes(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count = int(params[0]), columns[int(params[1])], int(state[0])
    size = 2 + 2 * n
    tops, bottoms = state[1 : 1 + size], state[1 + size :]
    for row in range(lo, hi):
        count += 1
        top, high_at = dated_extreme(values[row], count, n, 1, tops)
        bottom, low_at = dated_extreme(values[row], count, n, -1, bottoms)
        out[:, row] = np.nan
        if count >= n:
            span = top - bottom
            out[0, row], out[1, row], out[2, row] = bottom, top, (top + bottom) / 2
            out[3, row] = (values[row] - bottom) / span if span > 0 else 0.5
            out[4, row], out[5, row] = count - low_at, count - high_at
    state[0] = count


@kernel
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
    return 1 + 2 * int(p[0])


@inlined
def _first_from(order, n, value):  # type: ignore[no-untyped-def]
    """Where the first of ``n`` values in order that is not below this one stands. Halved without a
    branch: none could foresee where a value lies."""
    first, size = 0, n
    while size > 1:
        half = size // 2
        first += half if order[first + half - 1] < value else 0
        size -= half
    return first


@kernel
def arrange(value, count, n, state):  # type: ignore[no-untyped-def]
    """Keeps the last n values in order: ``state`` is a ring of them, and they sorted. The
    new value moves from the place of the one that goes: at most n steps."""
    ring, order, at = state[:n], state[n:], place(count, n)
    hole = count - 1
    if count > n:
        hole = _first_from(order, n, ring[at])
    ring[at] = value
    last = min(count, n) - 1
    while hole < last and order[hole + 1] < value:
        order[hole] = order[hole + 1]
        hole += 1
    while hole > 0 and order[hole - 1] > value:
        order[hole] = order[hole - 1]
        hole -= 1
    order[hole] = value


@kernel
def quantile(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count = int(params[0]), columns[int(params[2])], int(state[0])
    at = min(max(math.ceil(params[1] * n / 100), 1), n) - 1
    for row in range(lo, hi):
        count += 1
        arrange(values[row], count, n, state[1:])
        out[0, row] = state[1 + n + at] if count >= n else np.nan
    state[0] = count


@kernel
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
