"""Residuals: what an instrument did that the factors do not explain, and how far it has gone.

Avellaneda and Lee 2010, Statistical Arbitrage in the US Equities Market, Quantitative Finance 10,
section 3 and appendix: returns are regressed on the factors', the residuals added up, and the sum
read as an Ornstein-Uhlenbeck process. As the residuals of a regression sum to 0, its last value is
0 and the s-score is -mean / deviation. Means are centred over the instruments.
"""

import math
from typing import NamedTuple

import numpy as np

from streams.operators.statistics.mean_reversion import mean_reversion
from streams.operators.statistics.regression import FloatArray, least_squares


class Residual(NamedTuple):
    """``betas`` on the factors; ``s``-score; ``time``: rows in which a distance falls to 1/e."""

    betas: FloatArray
    s: float
    time: float


def residuals(returns: FloatArray, factors: FloatArray) -> list[Residual | None]:
    """By instrument (a column of ``returns``); ``factors``: a column each. None where the residual
    does not come back."""
    fits = [_fit(returns[:, n], factors) for n in range(returns.shape[1])]
    means = [mean for fit in fits if fit for mean in [fit[1]]]
    centre = sum(means) / len(means) if means else math.nan
    return [Residual(fit[0], (centre - fit[1]) / fit[2], fit[3]) if fit else None for fit in fits]


def _fit(returns: FloatArray, factors: FloatArray) -> tuple[FloatArray, float, float, float] | None:
    """Betas, mean, deviation, time."""
    fit = least_squares(returns, np.column_stack([np.ones(len(returns)), factors]))
    back = mean_reversion(np.cumsum(fit.residuals)) if fit else None
    if fit is None or back is None:
        return None
    return fit.coefficients[1:], back.mean, back.deviation, 1 / back.speed
