"""Prices and volume together, bar for bar."""

import numpy as np

from streams.kernels import formula
from streams.operators.features.indicators.indicator import (
    CLOSE,
    HIGH,
    LOW,
    VOLUME,
    Indicator,
    bars,
)
from streams.operators.features.indicators.rolling import exponential, mean


@formula
def force(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, closes, volumes, count = params[0], columns[CLOSE], columns[VOLUME], int(state[0])
    last, average = state[1], state[2]
    for row in range(lo, hi):
        count += 1
        if count > 1:
            average = exponential((closes[row] - last) * volumes[row], average, count - 1, n)
        last = closes[row]
        out[0, row] = average if count > n else np.nan
    state[0], state[1], state[2] = count, last, average


@formula
def facilitation(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    highs, lows, volumes = columns[HIGH], columns[LOW], columns[VOLUME]
    for row in range(lo, hi):
        volume = volumes[row]
        out[0, row] = (highs[row] - lows[row]) / volume if volume > 0 else 0.0


@formula
def volume_indices(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    closes, volumes, count = columns[CLOSE], columns[VOLUME], state[0]
    close, volume, trend = state[1], state[2], state[3]
    fewer, more = (state[4], state[5]) if count else (1000.0, 1000.0)
    for row in range(lo, hi):
        if count and close != 0:
            change = closes[row] / close - 1
            trend += volumes[row] * change
            if volumes[row] < volume:
                fewer += fewer * change
            elif volumes[row] > volume:
                more += more * change
        count += 1
        close, volume = closes[row], volumes[row]
        out[0, row], out[1, row], out[2, row] = fewer, more, trend
    state[0], state[1], state[2], state[3] = count, close, volume, trend
    state[4], state[5] = fewer, more


@formula
def relative_volume(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, volumes, count, usual = int(params[0]), columns[VOLUME], int(state[0]), state[1]
    for row in range(lo, hi):
        if count >= n:
            out[0, row] = volumes[row] / usual if usual > 0 else 0.0
        count += 1
        usual = mean(volumes[row], count, n, state[2:])
    state[0], state[1] = count, usual


@formula
def williams_accumulation(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    highs, lows, closes = columns[HIGH], columns[LOW], columns[CLOSE]
    count, last, total = state[0], state[1], state[2]
    for row in range(lo, hi):
        close = closes[row]
        if count and close > last:
            total += close - min(lows[row], last)
        elif count and close < last:
            total += close - max(highs[row], last)
        count, last = count + 1, close
        out[0, row] = total
    state[0], state[1], state[2] = count, last, total


INDICATORS = (
    Indicator(
        "efi",
        force,
        (bars("n", 13),),
        {"": "price × volume"},
        lambda p: 3,
        lambda p: int(p[0]) + 1,
        "Elder, Trading for a Living, 1993: the force index",
    ),
    Indicator(
        "marketfi",
        facilitation,
        (),
        {"": "price / volume"},
        lambda p: 0,
        lambda p: 1,
        "Williams, Trading Chaos, 1995: range over volume",
    ),
    Indicator(
        "volume_index",
        volume_indices,
        (),
        {"negative": "index from 1000", "positive": "index from 1000", "trend": "volume"},
        lambda p: 6,
        lambda p: 1,
        "Fosback, Stock Market Logic, 1976; TA-Lib NVI, PVI, PVT",
    ),
    Indicator(
        "rvol",
        relative_volume,
        (bars("n", 20),),
        {"": "fraction of the usual"},
        lambda p: 3 + int(p[0]),
        lambda p: int(p[0]) + 1,
        "volume over the mean of the n bars before",
    ),
    Indicator(
        "wad",
        williams_accumulation,
        (),
        {"": "price, summed"},
        lambda p: 3,
        lambda p: 1,
        "Williams, How I Made One Million Dollars, 1973",
    ),
)
