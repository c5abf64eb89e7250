"""Equal risk contributions: how much of each instrument, so that each has a like part in the risk.

The risk of weights w with the covariance S is sqrt(w'Sw); instrument i contributes w_i (Sw)_i to
its square. Maillard, Roncalli and Teiletche 2010, The Properties of Equally Weighted Risk
Contribution Portfolios, Journal of Portfolio Management 36(4), show that there is one portfolio of
positive weights in which all contributions are equal: what minimises

    1/2 x'Sx - 1/n sum(ln x_i)

up to its scale. It is found one coordinate after another, each by the root of a quadratic equation
(Griveau-Billion, Richard and Roncalli 2013, A Fast Algorithm for Computing High-dimensional Risk
Parity Portfolios, eq. 2; x_i is the deviation times the weight here, so S are correlations):

    x_i = (-c + sqrt(c² + 4 / n)) / 2,  c = sum over j ≠ i of S_ij x_j

until every x_i (Sx)_i is 1/n. The contributions depend on x and the correlations alone, so weights
are x over the deviations. Where some weights cancel all risk, there is no least: then there is no
such portfolio.
"""

import math

import numpy as np

from streams.operators.statistics.regression import FloatArray

_CLOSE = 1e-11  # of a contribution
_CYCLES = 1000  # enough for two instruments with a correlation of -0.99


def equal_risk(covariance: FloatArray) -> FloatArray | None:
    """Positive weights of a variance of 1, which contribute the same each. None where there are
    none, or an instrument does not move."""
    deviations = np.sqrt(np.diag(covariance))
    if not (np.isfinite(covariance).all() and deviations.min() > 0):
        return None
    found = _descend(covariance / np.outer(deviations, deviations))
    return None if found is None else found / deviations


def _descend(correlations: FloatArray) -> FloatArray | None:
    n = len(correlations)
    # what is right where all correlations are 1
    x: FloatArray = np.full(n, 1 / n)
    for _ in range(_CYCLES):
        for i in range(n):
            others = float(correlations[i] @ x) - x[i]
            x[i] = (math.sqrt(others * others + 4 / n) - others) / 2
        parts = x * (correlations @ x)
        if np.abs(n * parts - 1).max() < _CLOSE:
            whole: FloatArray = x / math.sqrt(parts.sum())
            return whole
    return None
