"""Differences of averages, and other swings about zero."""

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
)
from streams.operators.features.indicators.rolling import (
    exponential,
    extreme,
    extreme_size,
    mean,
    place,
    weighted,
    wilder,
)


@formula
def absolute_oscillator(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    fast, slow, values, count = params[0], params[1], columns[int(params[2])], int(state[0])
    near, far = state[1], state[2]
    for row in range(lo, hi):
        count += 1
        near = exponential(values[row], near, count, fast)
        far = exponential(values[row], far, count, slow)
        out[0, row] = near - far if count >= max(fast, slow) else np.nan
    state[0], state[1], state[2] = count, near, far


@formula
def awesome(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    fast, slow, smooth = int(params[0]), int(params[1]), int(params[2])
    highs, lows, count = columns[HIGH], columns[LOW], int(state[0])
    first, second, third = state[1:], state[2 + fast :], state[3 + fast + slow :]
    for row in range(lo, hi):
        count += 1
        middle = (highs[row] + lows[row]) / 2
        near, far = mean(middle, count, fast, first), mean(middle, count, slow, second)
        since = count - max(fast, slow) + 1
        if since > 0:
            out[0, row] = near - far
            out[1, row] = near - far - mean(near - far, since, smooth, third)
    state[0] = count


@inlined_formula
def _twice(value, count, first, second, state):  # type: ignore[no-untyped-def]
    """An exponential average of an exponential average; ``state`` is both."""
    state[0] = exponential(value, state[0], count, first)
    if count >= first:
        state[1] = exponential(state[0], state[1], count - first + 1, second)
    return state[1]


@formula
def true_strength(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    first, second, values = params[0], params[1], columns[int(params[2])]
    count, last = int(state[0]), state[1]
    for row in range(lo, hi):
        count += 1
        if count > 1:
            moved = _twice(values[row] - last, count - 1, first, second, state[2:4])
            path = _twice(abs(values[row] - last), count - 1, first, second, state[4:6])
            if count >= first + second:
                out[0, row] = 100 * moved / path if path > 0 else 0.0
        last = values[row]
    state[0], state[1] = count, last


@formula
def stochastic_momentum(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, fast, slow, smooth = int(params[0]), params[1], params[2], params[3]
    highs, lows, closes, count = columns[HIGH], columns[LOW], columns[CLOSE], int(state[0])
    size, signal = 1 + n, state[1]
    for row in range(lo, hi):
        count += 1
        top = extreme(highs[row], count, n, 1, state[6 : 6 + size])
        bottom = extreme(lows[row], count, n, -1, state[6 + size :])
        since = count - n + 1
        if since > 0:
            away = _twice(closes[row] - (top + bottom) / 2, since, slow, fast, state[2:4])
            span = _twice(top - bottom, since, slow, fast, state[4:6])
            since -= int(slow + fast) - 2
        if since > 0:
            index = 200 * away / span if span > 0 else 0.0
            signal = exponential(index, signal, since, smooth)
            out[0, row] = index
            out[1, row] = signal if since >= smooth else np.nan
    state[0], state[1] = count, signal


@inlined_formula
def _change(value, count, n, ring):  # type: ignore[no-untyped-def]
    """In percent over n values; ``ring`` keeps them."""
    at = place(count, n)
    then, ring[at] = ring[at], value
    return 100 * (value / then - 1) if then != 0 else 0.0


@formula
def coppock(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    smooth, short, long = int(params[0]), int(params[1]), int(params[2])
    values, count = columns[int(params[3])], int(state[0])
    for row in range(lo, hi):
        count += 1
        rise = _change(values[row], count, short, state[1 : 1 + short])
        rise += _change(values[row], count, long, state[1 + short : 1 + short + long])
        since = count - max(short, long)
        if since > 0:
            out[0, row] = weighted(rise, since, smooth, state[1 + short + long :])
    state[0] = count


@formula
def detrended(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count = int(params[0]), columns[int(params[1])], int(state[0])
    back = n // 2 + 1
    for row in range(lo, hi):
        count += 1
        average = mean(values[row], count, n, state[1 : 2 + n])
        then = state[2 + n + place(count + 1, back + 1)]
        state[2 + n + place(count, back + 1)] = values[row]
        out[0, row] = then - average if count > max(n - 1, back) else np.nan
    state[0] = count


@formula
def kdj(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, slow_k, slow_d = int(params[0]), params[1], params[2]
    highs, lows, closes, count = columns[HIGH], columns[LOW], columns[CLOSE], int(state[0])
    size, k, d = 1 + n, state[1], state[2]
    for row in range(lo, hi):
        count += 1
        top = extreme(highs[row], count, n, 1, state[3 : 3 + size])
        bottom = extreme(lows[row], count, n, -1, state[3 + size :])
        since = count - n + 1
        if since > 0:
            raw = 100 * (closes[row] - bottom) / (top - bottom) if top > bottom else 0.0
            k = wilder(raw, k, since, slow_k)
            since -= int(slow_k) - 1
        if since > 0:
            d = wilder(k, d, since, slow_d)
            if since >= slow_d:
                out[0, row], out[1, row], out[2, row] = k, d, 3 * k - 2 * d
    state[0], state[1], state[2] = count, k, d


@formula
def elder_ray(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, highs, lows, closes = params[0], columns[HIGH], columns[LOW], columns[CLOSE]
    count, average = int(state[0]), state[1]
    for row in range(lo, hi):
        count += 1
        average = exponential(closes[row], average, count, n)
        if count >= n:
            out[0, row], out[1, row] = highs[row] - average, lows[row] - average
    state[0], state[1] = count, average


@formula
def quick_stick(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, opens, closes, count = int(params[0]), columns[OPEN], columns[CLOSE], int(state[0])
    for row in range(lo, hi):
        count += 1
        out[0, row] = mean(closes[row] - opens[row], count, n, state[1:])
    state[0] = count


@formula
def range_change(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, back, highs, lows = params[0], int(params[1]), columns[HIGH], columns[LOW]
    count, average = int(state[0]), state[1]
    for row in range(lo, hi):
        count += 1
        average = exponential(highs[row] - lows[row], average, count, n)
        if count >= n:
            change = _change(average, count - int(n) + 1, back, state[2:])
            out[0, row] = change if count >= n + back else np.nan
    state[0], state[1] = count, average


@formula
def mass_index(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, window, highs, lows = params[0], int(params[1]), columns[HIGH], columns[LOW]
    count = int(state[0])
    for row in range(lo, hi):
        count += 1
        twice = _twice(highs[row] - lows[row], count, n, n, state[1:3])
        since = count - 2 * int(n) + 2
        if since > 0:
            ratio = state[1] / twice if twice > 0 else 1.0
            out[0, row] = window * mean(ratio, since, window, state[3:])
    state[0] = count


def _most(p: Params) -> int:
    return int(max(p[0], p[1]))


_ANY = {"": "as the input"}

INDICATORS = (
    Indicator(
        "apo",
        absolute_oscillator,
        (bars("fast", 12), bars("slow", 26)),
        _ANY,
        lambda p: 3,
        _most,
        "the fast exponential average minus the slow one",
        any_input=True,
    ),
    Indicator(
        "ao",
        awesome,
        (bars("fast", 5), bars("slow", 34), bars("smooth", 5)),
        {"": "price", "ac": "price"},
        lambda p: 4 + int(sum(p[:3])),
        lambda p: _most(p) + int(p[2]) - 1,
        "Williams, New Trading Dimensions, 1998: awesome and accelerator oscillator",
    ),
    Indicator(
        "tsi",
        true_strength,
        (bars("first", 25), bars("second", 13)),
        {"": "-100 … 100"},
        lambda p: 6,
        lambda p: int(p[0] + p[1]),
        "Blau, TASC 1991/11",
        any_input=True,
    ),
    Indicator(
        "smi",
        stochastic_momentum,
        (bars("n", 13), bars("fast", 2), bars("slow", 25), bars("signal", 9)),
        {"": "-100 … 100", "signal": "-100 … 100"},
        lambda p: 6 + 2 * extreme_size(p[0]),
        lambda p: int(sum(p)) - 3,
        "Blau, TASC 1993/1: where the close is in the range, smoothed twice",
    ),
    Indicator(
        "coppock",
        coppock,
        (bars("smooth", 10), bars("short", 11), bars("long", 14)),
        {"": "percent"},
        lambda p: 3 + int(sum(p[:3])),
        lambda p: int(max(p[1], p[2]) + p[0]),
        "Coppock, Barron's, 1962",
        any_input=True,
    ),
    Indicator(
        "dpo",
        detrended,
        (bars("n", 20),),
        _ANY,
        lambda p: 4 + int(p[0]) + int(p[0]) // 2,
        lambda p: max(int(p[0]), int(p[0]) // 2 + 2),
        "the input n/2 + 1 bars before, minus the mean of the last n",
        any_input=True,
    ),
    Indicator(
        "kdj",
        kdj,
        (bars("n", 9), bars("slow_k", 3), bars("slow_d", 3)),
        {"k": "0 … 100", "d": "0 … 100", "j": "percent"},
        lambda p: 3 + 2 * extreme_size(p[0]),
        lambda p: int(p[0] + p[1] + p[2]) - 2,
        "Lane's stochastic with Wilder's averages; j = 3k - 2d",
    ),
    Indicator(
        "eri",
        elder_ray,
        (bars("n", 13),),
        {"bull": "price", "bear": "price"},
        lambda p: 2,
        lambda p: int(p[0]),
        "Elder, Trading for a Living, 1993: high and low from the average",
    ),
    Indicator(
        "qstick",
        quick_stick,
        (bars("n", 10),),
        {"": "price"},
        lambda p: 2 + int(p[0]),
        lambda p: int(p[0]),
        "Chande and Kroll, The New Technical Trader, 1994",
    ),
    Indicator(
        "cvi",
        range_change,
        (bars("n", 10), bars("back", 10)),
        {"": "percent"},
        lambda p: 2 + int(p[1]),
        lambda p: int(p[0] + p[1]),
        "Chaikin's volatility: the change of the average range",
    ),
    Indicator(
        "massi",
        mass_index,
        (bars("n", 9), bars("window", 25)),
        {"": "ratio, summed"},
        lambda p: 4 + int(p[1]),
        lambda p: 2 * int(p[0]) + int(p[1]) - 2,
        "Dorsey, TASC 1992/6",
    ),
)
