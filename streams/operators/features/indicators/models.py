"""Small models of a column that learn as it goes: mean reversion, levels, volatility, regimes.

What a value is compared with never knows that value: a model is asked first and learns then.
"""

import math

import numpy as np

from streams.kernels import formula
from streams.operators.features.indicators.indicator import (
    TS,
    Indicator,
    Params,
    bars,
    number,
)
from streams.operators.features.indicators.rolling import (
    dot,
    mean,
    pairs,
    pairs_size,
    place,
)
from streams.operators.features.indicators.steps import LOG_RETURN

DAY = 86_400


@formula
def mean_reversion(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """x = a + b x before + noise, by least squares over n bars. Where b is not between 0 and 1
    nothing comes back: half of a shock lives for longer than can be told (100 n)."""
    n, values, count, last = int(params[0]), columns[int(params[1])], int(state[0]), state[1]
    for row in range(lo, hi):
        value, count = values[row], count + 1
        if count > 1:
            of_x, of_y, xx, xy, yy = pairs(last, value, count - 1, n, state[2:])
            if count > n:
                b = xy / xx if xx > 0 else 1.0
                spread = math.sqrt(max(yy - b * xy, 0.0) / (n - 2))
                residual = value - of_y - b * (last - of_x)
                back = -math.log(2.0) / math.log(b) if 0 < b < 1 else 100.0 * n
                out[0, row] = min(back, 100.0 * n)
                out[1, row] = residual / spread if spread > 1e-12 * (1 + abs(value)) else 0.0
        last = value
    state[0], state[1] = count, last


@formula
def local_level(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """A level that walks at random, seen through noise; ``params[0]``: the variance of its steps
    over that of the noise. The scale of the noise is learnt from what surprises."""
    ratio, values = params[0], columns[int(params[1])]
    count, level, spread, scale = state[0], state[1], state[2], state[3]
    for row in range(lo, hi):
        value, surprise, seen = values[row], 0.0, 1.0
        if count == 0:
            level, spread = value, 1.0
        else:
            seen = spread + ratio + 1
            surprise = value - level
            level += (spread + ratio) / seen * surprise
            spread = (spread + ratio) / seen
        usual = math.sqrt(scale / (count - 1) * seen) if count > 1 else 0.0
        out[0, row] = level
        out[1, row] = surprise / usual if usual > 1e-12 * (1 + abs(value)) else 0.0
        scale += surprise * surprise / seen
        count += 1
    state[0], state[1], state[2], state[3] = count, level, spread, scale


def width(p: Params) -> int:
    """How many values the filter takes: the weights that are not below the threshold."""
    weight, k = 1.0, 0
    while abs(weight) >= p[1] and k < 10_000:
        k += 1
        weight *= (k - 1 - p[0]) / k
    return k


@formula
def fractional_difference(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """``state``: the count, the weights, that of the oldest value first, and a ring in which each
    value stands twice, so that the last ones lie in a row. O(width) a bar."""
    values, count, size = columns[int(params[2])], int(state[0]), (len(state) - 1) // 3
    weights, ring = state[1 : 1 + size], state[1 + size :]
    if count == 0:
        weights[size - 1] = 1.0
        for k in range(1, size):
            weights[size - 1 - k] = weights[size - k] * (k - 1 - params[0]) / k
    for row in range(lo, hi):
        count += 1
        at = place(count, size)
        ring[at] = ring[at + size] = values[row]
        whole = dot(weights, ring[at + 1 :], size)
        out[0, row] = whole if count >= size else np.nan
    state[0] = count


@formula
def cusum(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """Sums of rises and falls that begin anew at 0; an event where one passes the threshold."""
    threshold, returns, up, down = params[0], columns[int(params[2])], state[0], state[1]
    for row in range(lo, hi):
        up, down, event = max(up + returns[row], 0.0), min(down + returns[row], 0.0), 0.0
        if down < -threshold:
            down, event = 0.0, -1.0
        elif up > threshold:
            up, event = 0.0, 1.0
        out[0, row], out[1, row], out[2, row] = event, up, down
    state[0], state[1] = up, down


@formula
def garch(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """The volatility of the next bar: omega + alpha r² + beta (that of this one), where omega is
    such that the variance over the last n bars is where it comes back to."""
    n, alpha, returns = int(params[0]), params[1], columns[int(params[4])]
    beta = max(params[2] - alpha, 0.0)
    count, variance = int(state[0]), state[1]
    for row in range(lo, hi):
        count += 1
        if count > 1:
            square = returns[row] ** 2
            usual = mean(square, count - 1, n, state[2:])
            if count == n + 1:
                variance = usual
            if count > n:
                variance = (1 - alpha - beta) * usual + alpha * square + beta * variance
                out[0, row] = math.sqrt(max(variance, 0.0))
    state[0], state[1] = count, variance


@formula
def regime(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """Two states of the market, calm and wild, in which log returns are normal about 0. Forward
    filter; the variances follow what each state is held responsible for, at a rate."""
    n, stay, rate, returns = int(params[0]), params[1], params[2], columns[int(params[4])]
    count, wild, low, high = int(state[0]), state[1], state[2], state[3]
    calm, rough = math.sqrt(low), math.sqrt(high)
    for row in range(lo, hi):
        count += 1
        if count > 1:
            square = returns[row] ** 2
            if count <= n + 1:
                low += square / n
            if count == n + 1:  # half and twice what was usual
                low = max(low, 1e-16)
                low, high, wild = low / 2, low * 2, 0.5
            if count > n + 1:
                before = wild * stay + (1 - wild) * (1 - stay)
                likelier = math.exp(0.5 * square * (low - high) / (low * high)) * rough
                wild = before * calm / (before * calm + (1 - before) * likelier)
                low = max(low + rate * (1 - wild) * (square - low), 1e-18)
                high = max(high + rate * wild * (square - high), low)
            if count > n:
                calm, rough = math.sqrt(low), math.sqrt(high)
                out[0, row], out[1, row], out[2, row] = wild, calm, rough
    state[0], state[1], state[2], state[3] = count, wild, low, high


@formula
def season(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """The returns of each part of the day (UTC) so far. ``state``: three sums of each part."""
    seconds, returns, times = params[0], columns[int(params[2])], columns[TS]
    count, total = state[0], state[1]
    for row in range(lo, hi):
        back = returns[row]
        of_day = times[row] - DAY * math.floor(times[row] / DAY)
        at = 2 + 3 * int(of_day / seconds)
        seen = state[at]
        usual = math.sqrt(total / (count - 1)) if count > 1 else 0.0
        here = math.sqrt(state[at + 2] / seen) if seen > 0 else usual
        out[0, row] = state[at + 1] / seen if seen > 0 else 0.0
        out[1, row] = here / usual if usual > 0 else 1.0
        out[2, row] = back / here if here > 0 else 0.0
        if count:
            state[at] += 1
            state[at + 1] += back
            state[at + 2] += back * back
            total += back * back
        count += 1
    state[0], state[1] = count, total


def _after(p: Params) -> int:
    return int(p[0]) + 1


_LOG = {"": "log return"}

INDICATORS = (
    Indicator(
        "reversion",
        mean_reversion,
        (bars("n", 60, 3),),
        {"half_life": "bars", "z": "standard deviations"},
        lambda p: 2 + pairs_size(p[0]),
        _after,
        "AR(1) by least squares: Chan, Algorithmic Trading, 2013, ch. 2",
        any_input=True,
    ),
    Indicator(
        "kalman",
        local_level,
        (number("ratio", 0.01, 1e-9, 1e6),),
        {"": "as the input", "z": "standard deviations"},
        lambda p: 4,
        lambda p: 1,
        "local level: Durbin and Koopman, Time Series Analysis by State Space Methods, 2012, ch. 2",
        any_input=True,
    ),
    Indicator(
        "frac_diff",
        fractional_difference,
        (number("d", 0.4, 0, 2), number("threshold", 0.001, 0.00001, 0.5)),
        {"": "as the input"},
        lambda p: 1 + 3 * width(p),
        width,
        "fixed width: López de Prado, Advances in Financial Machine Learning (AFML), 2018, ch. 5",
        any_input=True,
    ),
    Indicator(
        "cusum",
        cusum,
        (number("threshold", 0.01, 1e-9, 10),),
        {"": "-1, 0, 1", "up": "log return", "down": "log return"},
        lambda p: 2,
        lambda p: 1,
        "symmetric filter: AFML ch. 2",
        any_input=True,
        step=LOG_RETURN,
    ),
    Indicator(
        "garch",
        garch,
        (bars("n", 500), number("alpha", 0.05, 0, 0.5), number("persistence", 0.95, 0, 0.9999)),
        _LOG,
        lambda p: 3 + int(p[0]),
        _after,
        "Bollerslev, J. Econometrics 1986; persistence: alpha + beta; omega by variance targeting",
        any_input=True,
        step=LOG_RETURN,
    ),
    Indicator(
        "regime",
        regime,
        (bars("n", 100), number("stay", 0.98, 0.5, 0.9999), number("rate", 0.01, 0, 0.5)),
        {"": "probability of the wild state", "calm": "log return", "wild": "log return"},
        lambda p: 4,
        _after,
        "Hamilton, Econometrica 1989: filtered; variances by recursive EM",
        any_input=True,
        step=LOG_RETURN,
    ),
    Indicator(
        "season",
        season,
        (number("seconds", 3600, 60, DAY),),
        {"mean": "log return", "volatility": "fraction of the day's", "z": "standard deviations"},
        lambda p: 5 + 3 * math.ceil(DAY / p[0]),
        lambda p: 1,
        "Andersen and Bollerslev, J. Empirical Finance 1997: by parts of the day in UTC",
        any_input=True,
        step=LOG_RETURN,
    ),
)
