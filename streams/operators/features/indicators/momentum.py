"""How fast and how far prices move."""

from typing import Any

import numpy as np

from streams.kernels import formula, inlined_formula
from streams.operators.features.indicators.indicator import (
    CLOSE,
    HIGH,
    LOW,
    OPEN,
    Count,
    Indicator,
    Parameter,
    Params,
    bars,
)
from streams.operators.features.indicators.rolling import (
    exponential,
    extreme,
    extreme_size,
    mean,
    mean_distance,
    place,
    true_range,
    wilder,
)


@formula
def momentum(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count = int(params[0]), columns[int(params[1])], int(state[0])
    for row in range(lo, hi):
        count += 1
        at = 1 + place(count, n)
        out[0, row] = values[row] - state[at] if count > n else np.nan
        state[at] = values[row]
    state[0] = count


@formula
def rate_of_change(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count = int(params[0]), columns[int(params[1])], int(state[0])
    for row in range(lo, hi):
        count += 1
        at = 1 + place(count, n)
        then = state[at]
        if count > n:
            out[0, row] = 100 * (values[row] / then - 1) if then != 0 else 0.0
        state[at] = values[row]
    state[0] = count


@inlined_formula
def _gain_and_loss(move, gain, loss, count, n):  # type: ignore[no-untyped-def]
    """Wilder's averages of both."""
    return wilder(max(move, 0.0), gain, count, n), wilder(max(-move, 0.0), loss, count, n)


@formula
def rsi(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count = params[0], columns[int(params[1])], int(state[0])
    gain, loss, last = state[1], state[2], state[3]
    for row in range(lo, hi):
        value, count = values[row], count + 1
        if count > 1:
            gain, loss = _gain_and_loss(value - last, gain, loss, count - 1, n)
        last = value
        if count > n:
            out[0, row] = 100 * gain / (gain + loss) if gain + loss > 0 else 0.0
    state[0], state[1], state[2], state[3] = count, gain, loss, last


@formula
def cmo(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count = params[0], columns[int(params[1])], int(state[0])
    gain, loss, last = state[1], state[2], state[3]
    for row in range(lo, hi):
        value, count = values[row], count + 1
        if count > 1:
            gain, loss = _gain_and_loss(value - last, gain, loss, count - 1, n)
        last = value
        if count > n:
            out[0, row] = 100 * (gain - loss) / (gain + loss) if gain + loss > 0 else 0.0
    state[0], state[1], state[2], state[3] = count, gain, loss, last


@formula
def macd(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    fast, slow = min(params[0], params[1]), max(params[0], params[1])
    smooth = params[2]
    values, count = columns[int(params[3])], int(state[0])
    near, far, signal = state[1], state[2], state[3]
    for row in range(lo, hi):
        count += 1
        if count > slow - fast:  # both are seeded at the same bar
            near = exponential(values[row], near, count - (slow - fast), fast)
        far = exponential(values[row], far, count, slow)
        if count >= slow:
            out[0, row] = near - far
            since = count - slow + 1
            signal = exponential(near - far, signal, since, smooth)
            if since >= smooth:
                out[1, row] = signal
                out[2, row] = near - far - signal
    state[0], state[1], state[2], state[3] = count, near, far, signal


@formula
def ppo(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    fast, slow, values, count = params[0], params[1], columns[int(params[2])], int(state[0])
    near, far = state[1], state[2]
    for row in range(lo, hi):
        count += 1
        near = exponential(values[row], near, count, fast)
        far = exponential(values[row], far, count, slow)
        if count >= max(fast, slow):
            out[0, row] = 100 * (near - far) / far if far != 0 else 0.0
    state[0], state[1], state[2] = count, near, far


@formula
def stochastic(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, slow_k, slow_d = int(params[0]), int(params[1]), int(params[2])
    highs, lows, closes, count = columns[HIGH], columns[LOW], columns[CLOSE], int(state[0])
    size = 1 + n
    tops, bottoms = state[1 : 1 + size], state[1 + size : 1 + 2 * size]
    first, second = state[1 + 2 * size :], state[2 + 2 * size + slow_k :]
    for row in range(lo, hi):
        count += 1
        top = extreme(highs[row], count, n, 1, tops)
        bottom = extreme(lows[row], count, n, -1, bottoms)
        if count >= n:
            raw = 100 * (closes[row] - bottom) / (top - bottom) if top > bottom else 0.0
            k = mean(raw, count - n + 1, slow_k, first)
            if count >= n + slow_k - 1:
                out[0, row] = k
                out[1, row] = mean(k, count - n - slow_k + 2, slow_d, second)
    state[0] = count


@formula
def stochastic_rsi(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, window, smooth = int(params[0]), int(params[1]), int(params[2])
    values, count = columns[int(params[3])], int(state[0])
    gain, loss, last = state[1], state[2], state[3]
    size = 1 + window
    tops, bottoms, ring = state[4 : 4 + size], state[4 + size : 4 + 2 * size], state[4 + 2 * size :]
    for row in range(lo, hi):
        value, count = values[row], count + 1
        if count > 1:
            gain = wilder(max(value - last, 0.0), gain, count - 1, n)
            loss = wilder(max(last - value, 0.0), loss, count - 1, n)
        last = value
        since = count - n
        if since > 0:
            strength = 100 * gain / (gain + loss) if gain + loss > 0 else 0.0
            top = extreme(strength, since, window, 1, tops)
            bottom = extreme(strength, since, window, -1, bottoms)
            if since >= window:
                k = 100 * (strength - bottom) / (top - bottom) if top > bottom else 0.0
                out[0, row] = k
                out[1, row] = mean(k, since - window + 1, smooth, ring)
    state[0], state[1], state[2], state[3] = count, gain, loss, last


@formula
def williams(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, highs, lows, closes = int(params[0]), columns[HIGH], columns[LOW], columns[CLOSE]
    count, size = int(state[0]), 1 + n
    tops, bottoms = state[1 : 1 + size], state[1 + size :]
    for row in range(lo, hi):
        count += 1
        top = extreme(highs[row], count, n, 1, tops)
        bottom = extreme(lows[row], count, n, -1, bottoms)
        if count >= n:
            out[0, row] = -100 * (top - closes[row]) / (top - bottom) if top > bottom else 0.0
    state[0] = count


@formula
def cci(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """A mean deviation needs the whole window: O(n) a bar."""
    n, highs, lows, closes = int(params[0]), columns[HIGH], columns[LOW], columns[CLOSE]
    count, ring = int(state[0]), state[1:]
    for row in range(lo, hi):
        price = (highs[row] + lows[row] + closes[row]) / 3
        count += 1
        ring[place(count, n)] = price
        if count >= n:
            average, distance = mean_distance(ring, n)
            away = price - average
            flat = away == 0 or distance == 0
            out[0, row] = 0.0 if flat else away / (0.015 * distance)
    state[0] = count


@formula
def ultimate(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    highs, lows, closes = columns[HIGH], columns[LOW], columns[CLOSE]
    count, last = int(state[0]), state[1]
    for row in range(lo, hi):
        close, count = closes[row], count + 1
        if count > 1:
            pressure = close - min(lows[row], last)
            reach = true_range(highs[row], lows[row], last)
            whole, start = 0.0, 2
            for k in range(3):
                n = int(params[k])
                up = mean(pressure, count - 1, n, state[start : start + 1 + n])
                span = mean(reach, count - 1, n, state[start + 1 + n : start + 2 + 2 * n])
                whole += (4.0, 2.0, 1.0)[k] * (up / span if span != 0 else 0.0)
                start += 2 + 2 * n
            if count > max(params[0], params[1], params[2]):
                out[0, row] = 100 * whole / 7
        last = close
    state[0], state[1] = count, last


@formula
def balance_of_power(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    opens, highs, lows, closes = columns[OPEN], columns[HIGH], columns[LOW], columns[CLOSE]
    for row in range(lo, hi):
        span = highs[row] - lows[row]
        out[0, row] = (closes[row] - opens[row]) / span if span > 0 else 0.0


_N = bars("n", 14)
_FAST, _SLOW = bars("fast", 12), bars("slow", 26)


def _single(name: str, run: Any, n: Parameter, state: Count, unit: str, source: str) -> Indicator:
    """Of one column, defined once n bars lie behind."""
    return Indicator(
        name, run, (n,), {"": unit}, state, lambda p: int(p[0]) + 1, source, any_input=True
    )


def _ring(p: Params) -> int:
    return 1 + int(p[0])


INDICATORS = (
    _single("mom", momentum, bars("n", 10), _ring, "as the input", "minus n bars before"),
    _single("roc", rate_of_change, bars("n", 10), _ring, "percent", "the change over n bars"),
    _single(
        "rsi",
        rsi,
        bars("n", 14, 2),
        lambda p: 4,
        "0 … 100",
        "Wilder, New Concepts in Technical Trading Systems, 1978",
    ),
    _single(
        "cmo",
        cmo,
        bars("n", 14, 2),
        lambda p: 4,
        "-100 … 100",
        "Chande and Kroll, The New Technical Trader, 1994, with Wilder's averages",
    ),
    Indicator(
        "macd",
        macd,
        (_FAST, _SLOW, bars("signal", 9)),
        {"": "as the input", "signal": "as the input", "hist": "as the input"},
        lambda p: 4,
        lambda p: int(max(p[:2]) + p[2]) - 1,
        "Appel, The Moving Average Convergence-Divergence Trading Method, 1979",
        any_input=True,
    ),
    Indicator(
        "ppo",
        ppo,
        (_FAST, _SLOW),
        {"": "percent"},
        lambda p: 3,
        lambda p: int(max(p[:2])),
        "MACD as a percentage of the slow average",
        any_input=True,
    ),
    Indicator(
        "stoch",
        stochastic,
        (_N, bars("slow_k", 3), bars("slow_d", 3)),
        {"k": "0 … 100", "d": "0 … 100"},
        lambda p: 3 + 2 * extreme_size(p[0]) + int(p[1] + p[2]),
        lambda p: int(p[0] + p[1] + p[2]) - 2,
        "Lane, TASC 1984",
    ),
    Indicator(
        "stoch_rsi",
        stochastic_rsi,
        (bars("n", 14, 2), bars("window", 14), bars("smooth", 3)),
        {"k": "0 … 100", "d": "0 … 100"},
        lambda p: 5 + 2 * extreme_size(p[1]) + int(p[2]),
        lambda p: int(p[0] + p[1] + p[2]) - 1,
        "Chande and Kroll, The New Technical Trader, 1994",
        any_input=True,
    ),
    Indicator(
        "willr",
        williams,
        (_N,),
        {"": "-100 … 0"},
        lambda p: 1 + 2 * extreme_size(p[0]),
        lambda p: int(p[0]),
        "Williams %R, 1973",
    ),
    Indicator(
        "cci",
        cci,
        (bars("n", 20, 2),),
        {"": "mean deviations / 0.015"},
        lambda p: 1 + int(p[0]),
        lambda p: int(p[0]),
        "Lambert, Commodities 1980/10",
    ),
    Indicator(
        "ultosc",
        ultimate,
        (bars("short", 7), bars("middle", 14), bars("long", 28)),
        {"": "0 … 100"},
        lambda p: 8 + 2 * int(p[0] + p[1] + p[2]),
        lambda p: int(max(p)) + 1,
        "Williams, TASC 1985",
    ),
    Indicator(
        "bop",
        balance_of_power,
        (),
        {"": "-1 … 1"},
        lambda p: 1,
        lambda p: 1,
        "Livshin, TASC 2001/8: (close - open) / (high - low)",
    ),
)
