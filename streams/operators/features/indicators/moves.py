"""How much of the way that prices go leads anywhere, and which way."""

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
)
from streams.operators.features.indicators.rolling import (
    deviation,
    extreme,
    extreme_size,
    mean,
    place,
    true_range,
    wilder,
)


@formula
def ratio_of_change(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count = int(params[0]), columns[int(params[1])], int(state[0])
    for row in range(lo, hi):
        count += 1
        at = 1 + place(count, n)
        then, state[at] = state[at], values[row]
        if count > n:
            out[0, row] = values[row] / then if then != 0 else 0.0
    state[0] = count


@formula
def unsmoothed_momentum(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count, last = int(params[0]), columns[int(params[1])], int(state[0]), state[1]
    for row in range(lo, hi):
        count += 1
        if count > 1:
            move = values[row] - last
            whole = mean(move, count - 1, n, state[2 : 3 + n])
            path = mean(abs(move), count - 1, n, state[3 + n :])
            if count > n:
                out[0, row] = 100 * whole / path if path > 0 else 0.0
        last = values[row]
    state[0], state[1] = count, last


@formula
def efficiency(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """Also the vertical horizontal filter: the span of the window over the same path."""
    n, values, count, last = int(params[0]), columns[int(params[1])], int(state[0]), state[1]
    size = 1 + n
    tops, bottoms = state[2 : 2 + size], state[2 + size : 2 + 2 * size]
    moves, paths = state[2 + 2 * size : 3 + 2 * size + n], state[3 + 2 * size + n :]
    for row in range(lo, hi):
        count += 1
        top = extreme(values[row], count, n, 1, tops)
        bottom = extreme(values[row], count, n, -1, bottoms)
        if count > 1:
            move = values[row] - last
            whole = mean(move, count - 1, n, moves)
            path = mean(abs(move), count - 1, n, paths)
            if count > n:
                out[0, row] = min(abs(whole) / path, 1.0) if path > 0 else 1.0
                out[1, row] = (top - bottom) / (path * n) if path > 0 else 0.0
        last = values[row]
    state[0], state[1] = count, last


@formula
def intraday_momentum(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, opens, closes, count = int(params[0]), columns[OPEN], columns[CLOSE], int(state[0])
    for row in range(lo, hi):
        count += 1
        move = closes[row] - opens[row]
        up = mean(max(move, 0.0), count, n, state[1 : 2 + n])
        down = mean(max(-move, 0.0), count, n, state[2 + n :])
        if count >= n:
            out[0, row] = 100 * up / (up + down) if up + down > 0 else 50.0
    state[0] = count


@inlined_formula
def _sum(total, value, count, n):  # type: ignore[no-untyped-def]
    """Wilder's sum: of the first n - 1 values, then each takes an n-th of it out."""
    return total + value if count < n else total - total / n + value


@formula
def directional_index(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """What stands behind ``adx``: both movements, their index, and the mean of two of its
    averages n - 1 bars apart."""
    n, highs, lows, closes = int(params[0]), columns[HIGH], columns[LOW], columns[CLOSE]
    count, up, down, reach = int(state[0]), state[1], state[2], state[3]
    high, low, close, dx, adx, ring = state[4], state[5], state[6], state[7], state[8], state[9:]
    for row in range(lo, hi):
        count += 1
        if count > 1:
            rise, fall = highs[row] - high, low - lows[row]
            up = _sum(up, rise if rise > 0 and rise > fall else 0.0, count - 1, n)
            down = _sum(down, fall if fall > 0 and fall > rise else 0.0, count - 1, n)
            reach = _sum(reach, true_range(highs[row], lows[row], close), count - 1, n)
        high, low, close = highs[row], lows[row], closes[row]
        if count >= n:
            out[2, row], out[3, row] = up, down
        if count > n:
            dx = 100 * abs(up - down) / (up + down) if reach > 0 and up + down > 0 else dx
            out[0, row] = dx
            adx = wilder(dx, adx, count - n, n)
        if count >= 2 * n:
            before = ring[count % (n - 1)]
            ring[count % (n - 1)] = adx
            out[1, row] = (adx + before) / 2 if count >= 3 * n - 1 else np.nan
    state[0], state[1], state[2], state[3] = count, up, down, reach
    state[4], state[5], state[6], state[7], state[8] = high, low, close, dx, adx


@formula
def vortex(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, highs, lows, closes = int(params[0]), columns[HIGH], columns[LOW], columns[CLOSE]
    count, high, low, close = int(state[0]), state[1], state[2], state[3]
    for row in range(lo, hi):
        count += 1
        if count > 1:
            reach = true_range(highs[row], lows[row], close)
            up = mean(abs(highs[row] - low), count - 1, n, state[4 : 5 + n])
            down = mean(abs(lows[row] - high), count - 1, n, state[5 + n : 6 + 2 * n])
            span = mean(reach, count - 1, n, state[6 + 2 * n :])
            if count > n:
                out[0, row] = up / span if span > 0 else 0.0
                out[1, row] = down / span if span > 0 else 0.0
        high, low, close = highs[row], lows[row], closes[row]
    state[0], state[1], state[2], state[3] = count, high, low, close


@formula
def relative_volatility(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, window, values = params[0], int(params[1]), columns[int(params[2])]
    count, last, up, down = int(state[0]), state[1], state[2], state[3]
    for row in range(lo, hi):
        count += 1
        _, spread = deviation(values[row], count, window, state[4:])
        since = count - window + 1
        if since > 0:
            up = wilder(spread if values[row] > last else 0.0, up, since, n)
            down = wilder(spread if values[row] < last else 0.0, down, since, n)
            if since >= n:
                out[0, row] = 100 * up / (up + down) if up + down > 0 else 50.0
        last = values[row]
    state[0], state[1], state[2], state[3] = count, last, up, down


@formula
def fractals(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """The last swing high and low that stand out from the bars beside them; told when the last of
    these is over, never before. Until the first, the extreme of what was seen."""
    n, highs, lows, count = int(params[0]), columns[HIGH], columns[LOW], int(state[0])
    top, bottom, size = state[1], state[2], 2 * n + 1
    ups, downs = state[3 : 3 + size], state[3 + size :]
    for row in range(lo, hi):
        ups[count % size], downs[count % size] = highs[row], lows[row]
        count += 1
        if count <= size:
            top = highs[row] if count == 1 else max(top, highs[row])
            bottom = lows[row] if count == 1 else min(bottom, lows[row])
        middle = (count - 1 - n) % size
        peak, trough = count >= size, count >= size
        for k in range(size):
            if k != middle:
                peak = peak and ups[k] < ups[middle]
                trough = trough and downs[k] > downs[middle]
        top = ups[middle] if peak else top
        bottom = downs[middle] if trough else bottom
        out[0, row] = top if count >= size else np.nan
        out[1, row] = bottom if count >= size else np.nan
    state[0], state[1], state[2] = count, top, bottom


@formula
def log_return(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, count = int(params[0]), columns[int(params[1])], int(state[0])
    for row in range(lo, hi):
        count += 1
        at = 1 + place(count, n)
        then, state[at] = state[at], values[row]
        if count > n:
            out[0, row] = math.log(values[row] / then) if values[row] > 0 and then > 0 else 0.0
    state[0] = count


def _after(p: Params) -> int:
    return int(p[0]) + 1


_ANY_N = (bars("n", 10),)

INDICATORS = (
    Indicator(
        "log_return",
        log_return,
        (bars("n", 1),),
        {"": "log return"},
        _after,
        _after,
        "ln(x / x n bars before)",
        any_input=True,
    ),
    Indicator(
        "rocr",
        ratio_of_change,
        _ANY_N,
        {"": "ratio"},
        _after,
        _after,
        "x / x n bars before; TA-Lib ROCR",
        any_input=True,
    ),
    Indicator(
        "cmou",
        unsmoothed_momentum,
        (bars("n", 14),),
        {"": "-100 … 100"},
        lambda p: 4 + 2 * int(p[0]),
        _after,
        "Chande and Kroll, The New Technical Trader, 1994, with sums",
        any_input=True,
    ),
    Indicator(
        "efficiency",
        efficiency,
        _ANY_N,
        {"": "0 … 1", "vhf": "fraction of the path"},
        lambda p: 4 + 2 * extreme_size(p[0]) + 2 * int(p[0]),
        _after,
        "Kaufman, 1995: the move over the path; White, 1991: the span over it; TA-Lib ER, VHF",
        any_input=True,
    ),
    Indicator(
        "imi",
        intraday_momentum,
        (bars("n", 14),),
        {"": "0 … 100"},
        lambda p: 3 + 2 * int(p[0]),
        lambda p: int(p[0]),
        "Chande and Kroll, The New Technical Trader, 1994",
    ),
    Indicator(
        "dx",
        directional_index,
        (bars("n", 14, 2),),
        {"": "0 … 100", "adxr": "0 … 100", "plus_dm": "price", "minus_dm": "price"},
        lambda p: 8 + int(p[0]),
        lambda p: 3 * int(p[0]) - 1,
        "Wilder, New Concepts in Technical Trading Systems, 1978",
    ),
    Indicator(
        "vortex",
        vortex,
        (bars("n", 14),),
        {"plus": "fraction", "minus": "fraction"},
        lambda p: 7 + 3 * int(p[0]),
        _after,
        "Botes and Siepman, TASC 2010/1",
    ),
    Indicator(
        "rvi",
        relative_volatility,
        (bars("n", 14), bars("window", 10, 2)),
        {"": "0 … 100"},
        lambda p: 8 + 2 * int(p[1]),
        lambda p: int(p[0] + p[1]) - 1,
        "Dorsey, TASC 1993/6",
        any_input=True,
    ),
    Indicator(
        "fractal",
        fractals,
        (bars("n", 2),),
        {"high": "price", "low": "price"},
        lambda p: 5 + 4 * int(p[0]),
        lambda p: 2 * int(p[0]) + 1,
        "Williams, Trading Chaos, 1995: the last swing high and low",
    ),
)
