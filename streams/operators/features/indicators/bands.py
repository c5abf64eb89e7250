"""More averages and channels."""

import numpy as np

from streams.kernels import formula
from streams.operators.features.indicators.indicator import (
    CLOSE,
    HIGH,
    LOW,
    VOLUME,
    Indicator,
    Params,
    bars,
)
from streams.operators.features.indicators.rolling import exponential, mean, place, wilder


@formula
def acceleration_bands(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, highs, lows, closes = int(params[0]), columns[HIGH], columns[LOW], columns[CLOSE]
    count = int(state[0])
    for row in range(lo, hi):
        high, low, count = highs[row], lows[row], count + 1
        wide = 4 * (high - low) / (high + low) if high + low != 0 else 0.0
        out[0, row] = mean(high * (1 + wide), count, n, state[1 : 2 + n])
        out[1, row] = mean(closes[row], count, n, state[2 + n : 3 + 2 * n])
        out[2, row] = mean(low * (1 - wide), count, n, state[3 + 2 * n :])
    state[0] = count


@formula
def average_range(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, highs, lows, count = int(params[0]), columns[HIGH], columns[LOW], int(state[0])
    for row in range(lo, hi):
        count += 1
        out[0, row] = mean(highs[row] - lows[row], count, n, state[1:])
    state[0] = count


@formula
def running_average(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count, average = params[0], columns[int(params[1])], int(state[0]), state[1]
    for row in range(lo, hi):
        count += 1
        average = wilder(values[row], average, count, n)
        out[0, row] = average if count >= n else np.nan
    state[0], state[1] = count, average


@formula
def volume_weighted(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, volumes = int(params[0]), columns[int(params[1])], columns[VOLUME]
    count = int(state[0])
    for row in range(lo, hi):
        count += 1
        money = mean(values[row] * volumes[row], count, n, state[1 : 2 + n])
        volume = mean(volumes[row], count, n, state[2 + n :])
        if count >= n:
            out[0, row] = money / volume if volume > 0 else values[row]
    state[0] = count


@formula
def zero_lag(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count, average = params[0], columns[int(params[1])], int(state[0]), state[1]
    lag = (int(n) - 1) // 2
    for row in range(lo, hi):
        count += 1
        state[2 + place(count, lag + 1)] = values[row]
        if count > lag:
            ahead = 2 * values[row] - state[2 + place(count + 1, lag + 1)]
            average = exponential(ahead, average, count - lag, n)
            out[0, row] = average if count - lag >= n else np.nan
    state[0], state[1] = count, average


def _whole(p: Params) -> int:
    return int(p[0])


_ANY = {"": "as the input"}

INDICATORS = (
    Indicator(
        "accbands",
        acceleration_bands,
        (bars("n", 20),),
        {"upper": "price", "middle": "price", "lower": "price"},
        lambda p: 4 + 3 * int(p[0]),
        _whole,
        "Headley, Big Trends in Trading, 2002",
    ),
    Indicator(
        "adr",
        average_range,
        (bars("n", 14),),
        {"": "price"},
        lambda p: 2 + int(p[0]),
        _whole,
        "the mean of high - low",
    ),
    Indicator(
        "rma",
        running_average,
        (bars("n", 30),),
        _ANY,
        lambda p: 2,
        _whole,
        "Wilder, New Concepts in Technical Trading Systems, 1978",
        any_input=True,
    ),
    Indicator(
        "vwma",
        volume_weighted,
        (bars("n", 30),),
        _ANY,
        lambda p: 3 + 2 * int(p[0]),
        _whole,
        "the mean weighted by the volume of bars",
        any_input=True,
    ),
    Indicator(
        "zlema",
        zero_lag,
        (bars("n", 30),),
        _ANY,
        lambda p: 3 + int(p[0]) // 2,
        lambda p: int(p[0]) + (int(p[0]) - 1) // 2,
        "Ehlers and Way, 2010: of 2x - x (n-1)/2 bars before",
        any_input=True,
    ),
)
