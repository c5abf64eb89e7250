"""Which pairs of a group to trade: those that the test of Engle and Granger calls cointegrated."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from streams.operators.statistics.cointegration import engle_granger
from streams.operators.statistics.mean_reversion import mean_reversion
from streams.operators.statistics.regression import FloatArray


class Found(NamedTuple):
    """Member ``a`` = intercept + hedge × member ``b`` + spread. ``half_life`` of the spread, in
    rows; ``noise``: its variance."""

    a: int
    b: int
    hedge: float
    intercept: float
    p_value: float
    half_life: float
    noise: float


def tested(prices: FloatArray, a: int, b: int, lags: int) -> Found | None:
    """None where the two cannot be a pair: one moves against the other, or not at all, or the
    spread does not come back."""
    test = engle_granger(prices[:, a], prices[:, b], lags)
    if test is None or not test.hedge > 0:
        return None
    back = mean_reversion(test.residuals)
    half_life = back.half_life if back else math.inf
    noise = float(test.residuals.var())
    return Found(a, b, test.hedge, test.intercept, test.p_value, half_life, noise)


def select(
    prices: FloatArray,
    free: Sequence[int],
    lags: int,
    significance: float,
    half_life: float,
    most: int,
) -> list[Found]:
    """The best ``most`` pairs among these members, least p-value first; each member is in one at
    most. ``half_life``: the longest, in rows."""
    pairs = [tested(prices, a, b, lags) for a in free for b in free if a < b]
    fit = [p for p in pairs if p and p.p_value < significance and p.half_life <= half_life]
    chosen, taken = list[Found](), list[int]()
    for pair in sorted(fit, key=lambda p: (p.p_value, p.a, p.b)):
        if len(chosen) < most and pair.a not in taken and pair.b not in taken:
            chosen.append(pair)
            taken += [pair.a, pair.b]
    return chosen
