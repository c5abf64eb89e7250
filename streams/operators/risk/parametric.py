"""Value at risk and expected shortfall from moments: normal, EWMA and Cornish-Fisher.

The portfolio's loss ``L`` has mean ``m`` and standard deviation ``s``; ``z`` is the standard normal
quantile at the confidence ``a``, ``f`` the density there.

- Normal: ``VaR = m + s z``, ``CVaR = m + s f / (1-a)`` (Jorion, *Value at Risk*, 3rd ed. 2007,
  chapter 5; McNeil, Frey and Embrechts, 2015, section 2.3).
- EWMA: the same with ``m = 0`` and weights that decay by ``decay`` a period (RiskMetrics Technical
  Document, 4th ed. 1996, chapter 5).
- Cornish-Fisher: z is corrected for the losses' skewness S and excess kurtosis K,
  ``z + (z²-1) S/6 + (z³-3z) K/24 - (2z³-5z) S²/36`` (Zangari, RiskMetrics Monitor 1996; Favre and
  Galeano 2002). The mean of that beyond the quantile is, in closed form,
  ``f/(1-a) × [1 + z S/6 + (z²-1) K/24 - (2z²-1) S²/36]`` (Maillard, "A user's guide to the
  Cornish Fisher expansion", 2012). It is a quantile function only where it rises
  throughout; outside that domain its figures mean nothing, and it is an error to ask.

No covariance matrix is made: the covariance of each holding with the portfolio is all that the
derivatives need (Garman, "Improving on VaR", 1996; for Cornish-Fisher: Boudt, Peterson and Croux,
"Estimation and decomposition of downside risk for portfolios with non-normal returns", 2008), so
the time grows with instruments × returns only.
"""

import math
from typing import NamedTuple

import numpy as np

from streams.kernels import allocating, kernel
from streams.operators.risk.normal import density, quantile
from streams.operators.risk.scenarios import ewma_weights
from streams.operators.risk.tail import FloatArray, TailRisk, losses

_FAR = 4.0  # standard deviations within which the Cornish-Fisher expansion must rise


class OutsideDomain(ValueError):
    """Skewness and kurtosis for which the Cornish-Fisher expansion is no quantile function."""


class _Expansion(NamedTuple):
    """A figure in standard deviations, and its derivatives by skewness and excess kurtosis."""

    value: float
    by_skew: float
    by_kurtosis: float


def normal_risk(returns: FloatArray, exposures: FloatArray, confidence: float) -> TailRisk:
    """Of a normal distribution with the sample's mean and variance (over T - 1)."""
    if len(returns) < 2:
        raise ValueError(f"{len(returns)} returns have no variance")
    weights = np.full(len(returns), 1 / (len(returns) - 1))
    return _normal(returns, returns.mean(axis=0), weights, exposures, confidence)


def ewma_risk(
    returns: FloatArray, exposures: FloatArray, confidence: float, decay: float
) -> TailRisk:
    """Of a normal distribution around zero, with exponentially weighted variance."""
    weights = ewma_weights(len(returns), decay)
    return _normal(returns, np.zeros(len(exposures)), weights, exposures, confidence)


def _normal(
    returns: FloatArray,
    mean: FloatArray,
    weights: FloatArray,
    exposures: FloatArray,
    confidence: float,
) -> TailRisk:
    z, tail = _points(confidence)
    deviations = returns - mean
    lost = losses(deviations, exposures)
    deviation = math.sqrt(float(np.sum(weights * lost * lost)))
    slope = _with_portfolio(deviations, weights * lost)
    slope = slope / deviation if deviation > 0 else np.zeros(len(exposures))
    average = -float(np.sum(mean * exposures))
    return TailRisk(
        var=average + z * deviation,
        cvar=average + tail * deviation,
        exposures=exposures,
        marginal_var=z * slope - mean,
        marginal_cvar=tail * slope - mean,
    )


def cornish_fisher_risk(returns: FloatArray, exposures: FloatArray, confidence: float) -> TailRisk:
    """Of the sample's first four moments. Raises OutsideDomain."""
    if len(returns) < 4:
        raise ValueError(f"{len(returns)} returns have no kurtosis")
    mean, count = returns.mean(axis=0), len(returns)
    deviations = returns - mean
    lost = losses(deviations, exposures)
    m2, m3, m4 = (float(np.mean(lost**power)) for power in (2, 3, 4))
    average, deviation = -float(np.sum(mean * exposures)), math.sqrt(m2)
    if deviation == 0:
        flat = np.zeros(len(exposures))
        return TailRisk(average, average, exposures, flat - mean, flat - mean)
    skew, kurtosis = m3 / deviation**3, m4 / m2**2 - 3
    _check_domain(skew, kurtosis)
    # derivatives of the moments by exposure, and from them of deviation, skewness and kurtosis
    d2, d3, d4 = (p * _with_portfolio(deviations, lost ** (p - 1) / count) for p in (2, 3, 4))
    d_deviation = d2 / (2 * deviation)
    d_skew = (d3 - 3 * skew * m2 * d_deviation) / deviation**3
    d_kurtosis = (d4 - 4 * (kurtosis + 3) * m2 * deviation * d_deviation) / m2**2
    unbiased = math.sqrt(count / (count - 1))
    figures = [
        (
            average + unbiased * deviation * e.value,
            unbiased * (e.value * d_deviation)
            + unbiased * deviation * (e.by_skew * d_skew + e.by_kurtosis * d_kurtosis)
            - mean,
        )
        for e in _expansions(confidence, skew, kurtosis)
    ]
    (var, marginal_var), (cvar, marginal_cvar) = figures
    return TailRisk(var, cvar, exposures, marginal_var, marginal_cvar)


def _points(confidence: float) -> tuple[float, float]:
    """Quantile of the standard normal, and the mean beyond it."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence} must lie between 0 and 1")
    z = float(quantile(confidence))
    return z, _density(z) / (1 - confidence)


@kernel
def _density(z):  # type: ignore[no-untyped-def]
    return density(z)


def _expansions(confidence: float, skew: float, kurtosis: float) -> tuple[_Expansion, _Expansion]:
    """The corrected quantile, and the mean beyond it."""
    z, tail = _points(confidence)
    s1, k1, s2 = (z * z - 1) / 6, (z**3 - 3 * z) / 24, (2 * z**3 - 5 * z) / 36
    at = _Expansion(z + s1 * skew + k1 * kurtosis - s2 * skew**2, s1 - 2 * s2 * skew, k1)
    s1, k1, s2 = tail * z / 6, tail * (z * z - 1) / 24, tail * (2 * z * z - 1) / 36
    beyond = _Expansion(tail + s1 * skew + k1 * kurtosis - s2 * skew**2, s1 - 2 * s2 * skew, k1)
    return at, beyond


def _check_domain(skew: float, kurtosis: float) -> None:
    """The expansion's derivative by z, ``a z² + b z + c``, must be positive for all but one in
    15,000 of the distribution: at both ends, and at its vertex where that lies between."""
    a, b, c = kurtosis / 8 - skew**2 / 6, skew / 3, 1 - kurtosis / 8 + 5 * skew**2 / 36
    vertex = -b / (2 * a) if a > 0 else 0.0
    places = (-_FAR, _FAR, min(max(vertex, -_FAR), _FAR))
    if any(a * z * z + b * z + c <= 0 for z in places):
        raise OutsideDomain(
            f"skewness {skew:.3g} and excess kurtosis {kurtosis:.3g} lie outside the domain of "
            "the Cornish-Fisher expansion; use historical VaR"
        )


@allocating
def _with_portfolio(deviations, weighted):  # type: ignore[no-untyped-def]
    """Each holding's loss a unit times the weighted figure of the portfolio, summed."""
    out = np.zeros(deviations.shape[1])
    for t in range(deviations.shape[0]):
        for i in range(deviations.shape[1]):
            out[i] -= weighted[t] * deviations[t, i]
    return out
