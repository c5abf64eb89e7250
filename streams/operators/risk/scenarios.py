"""Scenarios of returns by Monte Carlo, and the covariances that they are drawn from.

Covariance: of a sample, or with weights that decay by ``decay`` a period around a mean of zero
(RiskMetrics Technical Document, 4th ed. 1996, chapter 5: 0.94 for daily, 0.97 for monthly data).
A scenario is ``mean + A z`` with ``A A' = covariance`` (Cholesky) and ``z`` independent normals;
with degrees of freedom ν it is a multivariate t, a normal mixture ``sqrt((ν-2)/W) A z`` with W
chi-squared, which keeps the covariance and fattens joint tails (McNeil, Frey and Embrechts,
*Quantitative Risk Management*, 2nd ed. 2015, section 6.2).
"""

import math

import numpy as np
import numpy.typing as npt

from streams.kernels import allocating, kernel
from streams.operators.risk.random_numbers import normal

FloatArray = npt.NDArray[np.float64]


def sample_covariance(returns: FloatArray) -> FloatArray:
    """Around the mean, over T - 1."""
    if len(returns) < 2:
        raise ValueError(f"{len(returns)} returns have no covariance")
    weights = np.full(len(returns), 1 / (len(returns) - 1))
    return np.asarray(_covariance(returns - returns.mean(axis=0), weights))


def ewma_covariance(returns: FloatArray, decay: float) -> FloatArray:
    """Around zero; the newest return, the last row, weighs most."""
    return np.asarray(_covariance(returns, ewma_weights(len(returns), decay)))


def ewma_weights(count: int, decay: float) -> FloatArray:
    """``(1 - decay) decay**k`` of the kth newest, oldest first, brought to a sum of one over a
    window of ``count``. Raises ValueError."""
    if count < 1 or not 0 < decay < 1:
        raise ValueError(f"decay {decay} over {count} returns: it lies between 0 and 1")
    weights = decay ** np.arange(count - 1, -1, -1.0)
    return np.asarray(weights / weights.sum())


def simulate(
    covariance: FloatArray,
    count: int,
    seed: int,
    mean: FloatArray | None = None,
    degrees_of_freedom: int | None = None,
) -> FloatArray:
    """``count`` scenarios, a row each; normal, or Student's t. Raises ValueError."""
    freedom = degrees_of_freedom or 0
    if degrees_of_freedom is not None and degrees_of_freedom < 3:
        raise ValueError(f"{degrees_of_freedom} degrees of freedom: a variance needs three")
    factor = np.zeros_like(covariance)
    if not _cholesky(covariance, factor):
        raise ValueError("the covariance has a negative eigenvalue")
    centre = np.zeros(len(covariance)) if mean is None else mean
    out = np.empty((count, len(covariance)))
    _simulate(factor, centre, np.uint64(seed & (2**64 - 1)), freedom, out)
    return out


@allocating
def _covariance(deviations, weights):  # type: ignore[no-untyped-def]
    """In one order of summing whatever the machine."""
    count, n = deviations.shape
    out = np.zeros((n, n))
    for t in range(count):
        for i in range(n):
            weighted = weights[t] * deviations[t, i]
            for j in range(i + 1):
                out[i, j] += weighted * deviations[t, j]
    for i in range(n):
        for j in range(i):
            out[j, i] = out[i, j]
    return out


@kernel
def _cholesky(matrix, out):  # type: ignore[no-untyped-def]
    """The lower factor; False where there is none. A direction without variance, as fewer returns
    than instruments leave many, gets a column of zeros."""
    n = matrix.shape[0]
    for j in range(n):
        rest = matrix[j, j]
        for k in range(j):
            rest -= out[j, k] * out[j, k]
        nothing = 1e-10 * abs(matrix[j, j])
        if rest < -nothing or math.isnan(rest):
            return False
        out[j, j] = math.sqrt(rest) if rest > nothing else 0.0
        for i in range(j + 1, n):
            total = matrix[i, j]
            for k in range(j):
                total -= out[i, k] * out[j, k]
            if out[j, j] > 0.0:
                out[i, j] = total / out[j, j]
            elif abs(total) > 1e-5 * math.sqrt(abs(matrix[i, i] * matrix[j, j])):
                return False
    return True


@allocating
def _simulate(factor, mean, seed, freedom, out):  # type: ignore[no-untyped-def]
    """Each scenario has its own stretch of counters: n normals, then those of the chi-squared."""
    count, n = out.shape
    z = np.empty(n)
    for s in range(count):
        start = s * (n + freedom)
        for i in range(n):
            z[i] = normal(seed, start + i)
        stretch = 1.0
        if freedom:
            chi_squared = 0.0
            for k in range(freedom):
                chi_squared += normal(seed, start + n + k) ** 2
            stretch = math.sqrt((freedom - 2) / chi_squared)
        for i in range(n):
            total = 0.0
            for k in range(i + 1):
                total += factor[i, k] * z[k]
            out[s, i] = mean[i] + stretch * total
