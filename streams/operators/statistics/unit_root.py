"""The augmented Dickey-Fuller test: does a series wander, or come back?

    Δx(t) = [c +] γ x(t-1) + Σ δ(k) Δx(t-k) + e(t)

The statistic is the t-value of γ; the more negative, the less it wanders. The number of lags is the
one with the least AIC among 0 … ``max_lag``, all judged on the same rows (Said and Dickey 1984).
Under the hypothesis of a unit root the statistic has no t-distribution; p-values are MacKinnon's.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from streams.operators.statistics.regression import FloatArray, least_squares, singular

# MacKinnon 1994, Approximate Asymptotic Distribution Functions for Unit-Root and Cointegration
# Tests, J. Business & Economic Statistics 12, tables 3 and 4; with a constant, by the number of
# series: (where the left tail ends, least, most, polynomial of the left tail, of the rest)
_P = {
    1: (-1.61, -18.83, 2.74, (2.1659, 1.4412, 0.038269), (1.7339, 0.93202, -0.12745, -0.010368)),
    2: (-2.62, -18.86, 0.92, (2.92, 1.5012, 0.039796), (2.1945, 0.64695, -0.29198, -0.042377)),
}
# MacKinnon 2010, Critical Values for Cointegration Tests, Queen's Economics Department Working
# Paper 1227, table 2, with a constant: level → polynomial in 1 / observations
_CRITICAL: dict[int, dict[float, tuple[float, ...]]] = {
    1: {
        0.01: (-3.43035, -6.5393, -16.786, -79.433),
        0.05: (-2.86154, -2.8903, -4.234, -40.040),
        0.10: (-2.56677, -1.5384, -2.809, 0.0),
    },
    2: {
        0.01: (-3.89644, -10.9519, -33.527, 0.0),
        0.05: (-3.33613, -6.1101, -6.823, 0.0),
        0.10: (-3.04445, -4.2412, -2.720, 0.0),
    },
}


class Adf(NamedTuple):
    """``statistic``: NaN where the series does not vary; ``rows`` that the last regression had."""

    statistic: float
    lags: int
    rows: int


def dickey_fuller(x: FloatArray, max_lag: int, constant: bool = True) -> Adf:
    """Raises ValueError where there are too few values for so many lags."""
    least = 2 * max_lag + 6
    if len(x) < least:
        raise ValueError(f"{len(x)} values: a test with {max_lag} lags needs at least {least}")
    y, columns = _columns(x, max_lag, constant)
    lags = _best_lag(y, columns, max_lag, int(constant))
    y, columns = _columns(x, lags, constant)
    fit = least_squares(y, columns)
    level = int(constant)  # behind the constant stands x(t-1)
    if fit is None or not fit.errors[level] > 0:
        return Adf(math.nan, lags, len(y))
    return Adf(float(fit.coefficients[level] / fit.errors[level]), lags, len(y))


def _columns(x: FloatArray, lags: int, constant: bool) -> tuple[FloatArray, FloatArray]:
    moved = np.diff(x)
    rows = len(moved) - lags
    before = [moved[lags - k : lags - k + rows] for k in range(1, lags + 1)]
    ones = [np.ones(rows)] if constant else []
    return moved[lags:], np.column_stack([*ones, x[lags : lags + rows], *before])


def _best_lag(y: FloatArray, columns: FloatArray, max_lag: int, before: int) -> int:
    """Least AIC; the columns of fewer lags are the first ones, so one decomposition does for all:
    each further column takes the square of its part of y off what is not explained."""
    q, r = np.linalg.qr(columns)
    if singular(r):
        return 0
    explained = np.cumsum((q.T @ y) ** 2)
    left = float(y @ y) - explained[before:]
    if not left[-1] > 0:
        return 0
    parameters = np.arange(before + 1, before + 2 + max_lag)
    return int(np.argmin(len(y) * np.log(left / len(y)) + 2 * parameters))


def p_value(statistic: float, series: int = 1) -> float:
    """Of a statistic with a constant; ``series``: 1, or 2 for residuals of one on another. 1 where
    the statistic is not a number."""
    ends, least, most, tail, rest = _P[series]
    if math.isnan(statistic) or statistic > most:
        return 1.0
    if statistic < least:
        return 0.0
    at = _polynomial(tail if statistic <= ends else rest, statistic)
    return 0.5 * math.erfc(-at / math.sqrt(2))


def critical_value(level: float, rows: int, series: int = 1) -> float:
    """The statistic below which a unit root is refused at 0.01, 0.05 or 0.1."""
    return _polynomial(_CRITICAL[series][level], 1 / rows)


def _polynomial(coefficients: tuple[float, ...], at: Any) -> float:
    return float(sum(c * at**power for power, c in enumerate(coefficients)))
