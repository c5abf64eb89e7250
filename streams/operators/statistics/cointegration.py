"""Do two prices that each wander stay together? The test of Engle and Granger.

Engle and Granger 1987, Co-Integration and Error Correction, Econometrica 55: one series is
regressed on the other with an intercept; they are cointegrated if the residuals have no unit root.
As the slope was chosen to make these look stationary, MacKinnon's values for two series apply.
"""

import math
from typing import NamedTuple

from streams.operators.statistics.regression import FloatArray, line
from streams.operators.statistics.unit_root import dickey_fuller, p_value


class Cointegration(NamedTuple):
    """y = intercept + hedge x + residuals; ``p_value``: of their wandering apart."""

    hedge: float
    intercept: float
    residuals: FloatArray
    statistic: float
    lags: int
    p_value: float


def engle_granger(y: FloatArray, x: FloatArray, max_lag: int) -> Cointegration | None:
    """None where x does not vary, or y is x but for rounding: then there is nothing to trade."""
    fit = line(y, x)
    if fit is None:
        return None
    left, all_of = float(fit.residuals @ fit.residuals), float(((y - y.mean()) ** 2).sum())
    if left <= 1e-12 * all_of:
        return None
    found = dickey_fuller(fit.residuals, max_lag, constant=False)
    statistic = found.statistic
    if math.isnan(statistic):
        return None
    p = p_value(statistic, 2)
    return Cointegration(fit.slope, fit.intercept, fit.residuals, statistic, found.lags, p)
