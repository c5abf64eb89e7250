"""A hedge ratio that moves, as the hidden state of a Kalman filter.

    y(t) = slope(t) x(t) + intercept(t) + e(t),  e ~ N(0, noise)
    (slope, intercept)(t) = (slope, intercept)(t-1) + w(t),  w ~ N(0, delta / (1 - delta) I)

Chan 2013, Algorithmic Trading, ch. 3 (after Montana, Triantafyllopoulos and Tsagaris 2009). What y
is off by, before the state learns of it, over its standard deviation is a z-score that needs no
window.
"""

import math
from typing import NamedTuple


class Hedge(NamedTuple):
    """The state and its covariance (three numbers: it is symmetric)."""

    slope: float
    intercept: float
    p_slope: float
    p_both: float
    p_intercept: float


class Step(NamedTuple):
    """``error`` of the forecast of y, and its standard ``deviation``."""

    hedge: Hedge
    error: float
    deviation: float


UNKNOWN = Hedge(0.0, 0.0, 0.0, 0.0, 0.0)


def step(before: Hedge, y: float, x: float, delta: float, noise: float) -> Step:
    """The next pair of values; ``delta`` in 0 … 1 (not 1): how fast the hedge may move; ``noise``:
    variance of y about the line, above 0."""
    moves = delta / (1 - delta)
    a, b, d = before.p_slope + moves, before.p_both, before.p_intercept + moves
    error = y - (before.slope * x + before.intercept)
    gain_slope, gain_intercept = a * x + b, b * x + d
    variance = gain_slope * x + gain_intercept + noise
    k_slope, k_intercept = gain_slope / variance, gain_intercept / variance
    hedge = Hedge(
        before.slope + k_slope * error,
        before.intercept + k_intercept * error,
        a - k_slope * gain_slope,
        b - k_slope * gain_intercept,
        d - k_intercept * gain_intercept,
    )
    return Step(hedge, error, math.sqrt(variance))
