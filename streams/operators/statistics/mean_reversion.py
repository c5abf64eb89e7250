"""How fast and around what a series comes back: an Ornstein-Uhlenbeck process read from its steps.

    dx = speed (mean - x) dt + σ dW,  so that  x(t+1) = a + b x(t) + e,  b = exp(-speed)

One step is the unit of time.
"""

import math
from typing import NamedTuple

import numpy as np

from streams.operators.statistics.regression import FloatArray, line


class MeanReversion(NamedTuple):
    """``deviation``: of x about its mean in the long run."""

    speed: float
    mean: float
    deviation: float

    @property
    def half_life(self) -> float:
        """Steps until half of a distance is gone."""
        return math.log(2) / self.speed


def mean_reversion(x: FloatArray) -> MeanReversion | None:
    """None where it does not come back (b is not in 0 … 1), or does not vary. Avellaneda and Lee
    2010, Statistical Arbitrage in the US Equities Market, Quantitative Finance 10, appendix."""
    fit = line(x[1:], x[:-1])
    if fit is None or not 0 < fit.slope < 1:
        return None
    variance = float(np.var(fit.residuals))
    if not variance > 0:
        return None
    return MeanReversion(
        -math.log(fit.slope),
        fit.intercept / (1 - fit.slope),
        math.sqrt(variance / (1 - fit.slope**2)),
    )
