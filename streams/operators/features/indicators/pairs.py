"""Two columns together: ``corr(60, of=close, with=volume)``."""

import math

from streams.kernels import formula
from streams.operators.features.indicators.indicator import Indicator, Params, bars, number
from streams.operators.features.indicators.rolling import pairs, pairs_size


@formula
def correlation(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, first, second = int(params[0]), columns[int(params[1])], columns[int(params[2])]
    count = int(state[0])
    for row in range(lo, hi):
        count += 1
        _, _, xx, xy, yy = pairs(first[row], second[row], count, n, state[1:])
        if count >= n:
            scale = math.sqrt(xx * yy)
            out[0, row] = max(min(xy / scale, 1.0), -1.0) if scale > 0 else 0.0
            out[1, row] = xy / (n - 1)
    state[0] = count


@formula
def beta(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """Of the simple returns of the second column on those of the first."""
    n, first, second = int(params[0]), columns[int(params[1])], columns[int(params[2])]
    count, x, y = int(state[0]), state[1], state[2]
    for row in range(lo, hi):
        count += 1
        if count > 1:
            dx = first[row] / x - 1 if x != 0 else 0.0
            dy = second[row] / y - 1 if y != 0 else 0.0
            _, _, xx, xy, _ = pairs(dx, dy, count - 1, n, state[3:])
            if count > n:
                out[0, row] = xy / xx if xx > 0 else 0.0
        x, y = first[row], second[row]
    state[0], state[1], state[2] = count, x, y


@formula
def cointegration(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """Least squares of the first column on the second, over n bars."""
    n, first, second = int(params[0]), columns[int(params[1])], columns[int(params[2])]
    count = int(state[0])
    for row in range(lo, hi):
        count += 1
        x, y = second[row], first[row]
        of_x, of_y, xx, xy, yy = pairs(x, y, count, n, state[1:])
        if count >= n:
            ratio = xy / xx if xx > 0 else 0.0
            residual = y - of_y - ratio * (x - of_x)
            spread = math.sqrt(max(yy - ratio * xy, 0.0) / (n - 2))
            out[0, row], out[1, row] = ratio, residual
            out[2, row] = residual / spread if spread > 1e-12 * (1 + abs(y)) else 0.0
    state[0] = count


@formula
def kalman_hedge(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """first = ratio × second + level + noise; ratio and level walk at random. ``state``: begun,
    both, and their covariance (three of four, it is symmetric)."""
    step, noise = params[0] / (1 - params[0]), params[1]
    first, second = columns[int(params[2])], columns[int(params[3])]
    begun, ratio, level = state[0], state[1], state[2]
    aa, ab, bb = state[3], state[4], state[5]
    for row in range(lo, hi):
        x, y = second[row], first[row]
        if begun == 0.0:
            begun, aa, bb = 1.0, 1.0, 1.0
        aa, bb = aa + step, bb + step
        of_a, of_b = aa * x + ab, ab * x + bb
        variance = x * of_a + of_b + noise
        surprise = y - ratio * x - level
        gain_a, gain_b = of_a / variance, of_b / variance
        ratio, level = ratio + gain_a * surprise, level + gain_b * surprise
        aa, ab, bb = aa - gain_a * of_a, ab - gain_a * of_b, bb - gain_b * of_b
        out[0, row], out[1, row] = ratio, level
        out[2, row] = surprise / math.sqrt(variance)
    state[0], state[1], state[2] = begun, ratio, level
    state[3], state[4], state[5] = aa, ab, bb


def _size(p: Params) -> int:
    return 1 + pairs_size(p[0])


def _whole(p: Params) -> int:
    return int(p[0])


INDICATORS = (
    Indicator(
        "corr",
        correlation,
        (bars("n", 30, 2),),
        {"": "-1 … 1", "cov": "product of both inputs"},
        _size,
        _whole,
        "Pearson's; the covariance over n - 1; TA-Lib CORREL",
        any_input=True,
        other="volume",
    ),
    Indicator(
        "beta",
        beta,
        (bars("n", 20, 2),),
        {"": "ratio"},
        lambda p: 3 + pairs_size(p[0]),
        lambda p: int(p[0]) + 1,
        "slope of the second's returns on the first's; TA-Lib BETA",
        any_input=True,
        other="volume",
    ),
    Indicator(
        "coint",
        cointegration,
        (bars("n", 60, 3),),
        {"ratio": "ratio", "residual": "as the input", "z": "standard deviations"},
        _size,
        _whole,
        "Engle and Granger, Econometrica 1987: residual of least squares over n bars",
        any_input=True,
        other="volume",
    ),
    Indicator(
        "kalman_hedge",
        kalman_hedge,
        (number("delta", 0.0001, 1e-9, 0.5), number("noise", 0.001, 1e-12, 1e9)),
        {"ratio": "ratio", "level": "as the input", "z": "standard deviations"},
        lambda p: 6,
        lambda p: 1,
        "Chan, Algorithmic Trading, 2013, ch. 3",
        any_input=True,
        other="volume",
    ),
)
