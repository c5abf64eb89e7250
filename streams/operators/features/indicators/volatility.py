"""How far prices swing. Annualise nothing: a figure is of one bar."""

import math

import numpy as np

from streams.kernels import formula, inlined_formula
from streams.operators.features.indicators.indicator import (
    CLOSE,
    HIGH,
    LOW,
    OPEN,
    Indicator,
    bars,
    number,
)
from streams.operators.features.indicators.rolling import (
    deviation,
    exponential,
    extreme,
    extreme_size,
    log_change,
    mean,
    true_range,
    wilder,
)
from streams.operators.features.indicators.steps import DEVIATION, LOG_RETURN, WITHIN_BAR


@formula
def range_of_bar(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    highs, lows, closes = columns[HIGH], columns[LOW], columns[CLOSE]
    count, last = int(state[0]), state[1]
    for row in range(lo, hi):
        count += 1
        out[0, row] = true_range(highs[row], lows[row], last) if count > 1 else np.nan
        last = closes[row]
    state[0], state[1] = count, last


@formula
def average_true_range(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, highs, lows, closes = params[0], columns[HIGH], columns[LOW], columns[CLOSE]
    count, last, average = int(state[0]), state[1], state[2]
    for row in range(lo, hi):
        count += 1
        if count > 1:
            average = wilder(true_range(highs[row], lows[row], last), average, count - 1, n)
        last = closes[row]
        if count > n:
            out[0, row] = average
            out[1, row] = 100 * average / last if last != 0 else 0.0
    state[0], state[1], state[2] = count, last, average


@formula
def spread_of_window(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, spreads, count = int(params[0]), columns[int(params[2]) + 1], int(state[0])
    for row in range(lo, hi):
        count += 1
        out[0, row] = spreads[row] if count >= n else np.nan
    state[0] = count


@formula
def z_score(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, values, found = int(params[0]), columns[int(params[1])], columns[int(params[2]) :]
    count = int(state[0])
    for row in range(lo, hi):
        count += 1
        if count >= n:
            average, spread = found[0, row], found[1, row]
            out[0, row] = (values[row] - average) / spread if spread > 0 else 0.0
    state[0] = count


@formula
def bollinger(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, factor, values, count = int(params[0]), params[1], columns[int(params[2])], int(state[0])
    found = columns[int(params[3]) :]
    for row in range(lo, hi):
        count += 1
        if count >= n:
            average, reach = found[0, row], factor * found[1, row]
            out[0, row], out[1, row], out[2, row] = average + reach, average, average - reach
            out[3, row] = (values[row] - average + reach) / (2 * reach) if reach > 0 else 0.5
            out[4, row] = 2 * reach / average if average != 0 else 0.0
    state[0] = count


@formula
def keltner(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, period, factor = params[0], params[1], params[2]
    highs, lows, closes = columns[HIGH], columns[LOW], columns[CLOSE]
    count, last, average, middle = int(state[0]), state[1], state[2], state[3]
    for row in range(lo, hi):
        count += 1
        if count > 1:
            average = wilder(true_range(highs[row], lows[row], last), average, count - 1, period)
        last = closes[row]
        middle = exponential(last, middle, count, n)
        if count > period and count >= n:
            reach = factor * average
            out[0, row], out[1, row], out[2, row] = middle + reach, middle, middle - reach
    state[0], state[1], state[2], state[3] = count, last, average, middle


@formula
def donchian(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, highs, lows, count = int(params[0]), columns[HIGH], columns[LOW], int(state[0])
    size = 1 + n
    tops, bottoms = state[1 : 1 + size], state[1 + size :]
    for row in range(lo, hi):
        count += 1
        top = extreme(highs[row], count, n, 1, tops)
        bottom = extreme(lows[row], count, n, -1, bottoms)
        if count >= n:
            out[0, row], out[1, row], out[2, row] = top, (top + bottom) / 2, bottom
    state[0] = count


@formula
def realised(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, returns, count = int(params[0]), columns[int(params[2])], int(state[0])
    for row in range(lo, hi):
        count += 1
        if count > 1:
            squared = mean(returns[row] ** 2, count - 1, n, state[1:])
            out[0, row] = math.sqrt(max(squared, 0.0)) if count > n else np.nan
    state[0] = count


@formula
def exponential_volatility(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    decay, returns, count, variance = params[0], columns[int(params[2])], int(state[0]), state[1]
    for row in range(lo, hi):
        back, count = returns[row], count + 1
        if count > 1:
            variance = back * back if count == 2 else decay * variance + (1 - decay) * back * back
        out[0, row] = math.sqrt(variance) if count > 1 else np.nan
    state[0], state[1] = count, variance


@formula
def parkinson(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, highs, lows, count = int(params[0]), columns[HIGH], columns[LOW], int(state[0])
    for row in range(lo, hi):
        count += 1
        wide = math.log(highs[row] / lows[row]) if lows[row] > 0 else 0.0
        variance = mean(wide * wide / (4 * math.log(2.0)), count, n, state[1:])
        out[0, row] = math.sqrt(max(variance, 0.0)) if count >= n else np.nan
    state[0] = count


@formula
def garman_klass(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, count = int(params[0]), int(state[0])
    opens, highs, lows, closes = columns[OPEN], columns[HIGH], columns[LOW], columns[CLOSE]
    for row in range(lo, hi):
        count += 1
        wide = math.log(highs[row] / lows[row]) if lows[row] > 0 else 0.0
        moved = math.log(closes[row] / opens[row]) if opens[row] > 0 and closes[row] > 0 else 0.0
        of_bar = wide * wide / 2 - (2 * math.log(2.0) - 1) * moved * moved
        variance = mean(of_bar, count, n, state[1:])
        out[0, row] = math.sqrt(max(variance, 0.0)) if count >= n else np.nan
    state[0] = count


@inlined_formula
def _rogers_satchell(up, down, moved):  # type: ignore[no-untyped-def]
    """Of the logs of high, low and close over the open."""
    return up * (up - moved) + down * (down - moved)


@formula
def rogers_satchell(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, logs, count = int(params[0]), columns[int(params[1]) :], int(state[0])
    for row in range(lo, hi):
        count += 1
        of_bar = _rogers_satchell(logs[0, row], logs[1, row], logs[2, row])
        variance = mean(of_bar, count, n, state[1:])
        out[0, row] = math.sqrt(max(variance, 0.0)) if count >= n else np.nan
    state[0] = count


@formula
def yang_zhang(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, count, last = int(params[0]), int(state[0]), state[1]
    opens, closes, logs = columns[OPEN], columns[CLOSE], columns[int(params[1]) :]
    size = 3 + 2 * n
    nights, days = state[2 : 2 + size], state[2 + size : 2 + 2 * size]
    within = state[2 + 2 * size :]
    weight = 0.34 / (1.34 + (n + 1) / (n - 1))
    for row in range(lo, hi):
        count += 1
        if count > 1:
            night, day = log_change(opens[row], last), logs[2, row]
            of_bar = _rogers_satchell(logs[0, row], logs[1, row], day)
            _, of_night = deviation(night, count - 1, n, nights)
            _, of_day = deviation(day, count - 1, n, days)
            inner = mean(of_bar, count - 1, n, within)
            if count > n:
                sample = n / (n - 1)  # these two are variances of a sample
                variance = sample * (of_night**2 + weight * of_day**2) + (1 - weight) * inner
                out[0, row] = math.sqrt(max(variance, 0.0))
        last = closes[row]
    state[0], state[1] = count, last


_N = bars("n", 14)
_WINDOW = bars("n", 20, 2)


def _ring(p: tuple[float, ...]) -> int:
    return 2 + int(p[0])


def _count(p: tuple[float, ...]) -> int:
    return 1


def _whole(p: tuple[float, ...]) -> int:
    return int(p[0])


def _one_more(p: tuple[float, ...]) -> int:
    return int(p[0]) + 1


_LOG = {"": "log return"}

INDICATORS = (
    Indicator("tr", range_of_bar, (), {"": "price"}, lambda p: 2, lambda p: 2, "Wilder, 1978"),
    Indicator(
        "atr",
        average_true_range,
        (_N,),
        {"": "price", "percent": "percent of the close"},
        lambda p: 3,
        _one_more,
        "Wilder, New Concepts in Technical Trading Systems, 1978",
    ),
    Indicator(
        "stddev",
        spread_of_window,
        (_WINDOW,),
        {"": "as the input"},
        _count,
        _whole,
        "over n",
        any_input=True,
        step=DEVIATION,
    ),
    Indicator(
        "zscore",
        z_score,
        (_WINDOW,),
        {"": "standard deviations"},
        _count,
        _whole,
        "(x - mean) / deviation over n",
        any_input=True,
        step=DEVIATION,
    ),
    Indicator(
        "bbands",
        bollinger,
        (_WINDOW, number("factor", 2, 0.01, 100)),
        {
            "upper": "as the input",
            "middle": "as the input",
            "lower": "as the input",
            "percent": "0 at the lower band, 1 at the upper",
            "width": "fraction of the middle",
        },
        _count,
        _whole,
        "Bollinger on Bollinger Bands, 2001",
        any_input=True,
        step=DEVIATION,
    ),
    Indicator(
        "keltner",
        keltner,
        (bars("n", 20), bars("period", 10), number("factor", 2, 0.01, 100)),
        {"upper": "price", "middle": "price", "lower": "price"},
        lambda p: 4,
        lambda p: int(max(p[0], p[1] + 1)),
        "Keltner, 1960, with the average true range (Raschke)",
    ),
    Indicator(
        "donchian",
        donchian,
        (bars("n", 20),),
        {"upper": "price", "middle": "price", "lower": "price"},
        lambda p: 1 + 2 * extreme_size(p[0]),
        _whole,
        "Donchian's channel",
    ),
    Indicator(
        "realised",
        realised,
        (_WINDOW,),
        _LOG,
        _ring,
        _one_more,
        "root of the mean squared log return",
        any_input=True,
        step=LOG_RETURN,
    ),
    Indicator(
        "ewma_vol",
        exponential_volatility,
        (number("decay", 0.94, 0.01, 0.9999),),
        _LOG,
        lambda p: 2,
        lambda p: 2,
        "RiskMetrics Technical Document, 4th ed. 1996",
        any_input=True,
        step=LOG_RETURN,
    ),
    Indicator(
        "parkinson", parkinson, (_WINDOW,), _LOG, _ring, _whole, "Parkinson, J. Business 1980"
    ),
    Indicator(
        "garman_klass",
        garman_klass,
        (_WINDOW,),
        _LOG,
        _ring,
        _whole,
        "Garman and Klass, J. Business 1980",
    ),
    Indicator(
        "rogers_satchell",
        rogers_satchell,
        (_WINDOW,),
        _LOG,
        _ring,
        _whole,
        "Rogers and Satchell, Ann. Appl. Prob. 1991",
        step=WITHIN_BAR,
    ),
    Indicator(
        "yang_zhang",
        yang_zhang,
        (_WINDOW,),
        _LOG,
        lambda p: 2 + 2 * (3 + 2 * int(p[0])) + 1 + int(p[0]),
        _one_more,
        "Yang and Zhang, J. Business 2000",
        step=WITHIN_BAR,
    ),
)
