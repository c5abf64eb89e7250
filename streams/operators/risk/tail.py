"""Value at risk and expected shortfall of a set of scenarios, and what each holding adds to them.

A scenario is a row of returns; a holding's loss in it is ``-exposure × return``. With losses sorted
upwards, ``L(1) ≤ … ≤ L(T)``, confidence ``a`` and ``k = ceil(aT)``:

- VaR is ``L(k)``, the smallest loss that a share ``a`` of the scenarios does not exceed (McNeil,
  Frey and Embrechts, *Quantitative Risk Management*, 2nd ed. 2015, definition 2.8).
- Expected shortfall (CVaR) is the mean of the worst ``(1-a)T`` scenarios, the kth counted for the
  part of it that belongs to them (Acerbi and Tasche, "On the coherence of expected shortfall",
  2002). It is never less than VaR, and subadditive.

Marginal figures are derivatives by exposure; a component is exposure × marginal, and the components
sum to the whole (Euler's theorem; Tasche, "Capital allocation to business units", 2007). For VaR
the derivative is minus the return in the kth scenario itself, one draw that says little alone; for
CVaR it is a mean over the tail. Equal losses keep the order of the scenarios.

Figures are float64: estimates to compare with a limit, not money.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from streams.kernels import allocating, kernel

FloatArray = npt.NDArray[np.float64]


class TooFewScenarios(ValueError):
    """The tail that is asked for is thinner than one scenario, so it cannot be estimated."""


@dataclass(frozen=True, slots=True, eq=False)
class TailRisk:
    """Losses are positive, in the currency of ``exposures``; marginals are a unit of exposure."""

    var: float
    cvar: float
    exposures: FloatArray
    marginal_var: FloatArray
    marginal_cvar: FloatArray

    @property
    def component_var(self) -> FloatArray:
        """Sums to ``var``; negative where a holding hedges the others."""
        return self.exposures * self.marginal_var

    @property
    def component_cvar(self) -> FloatArray:
        """Sums to ``cvar``."""
        return self.exposures * self.marginal_cvar


def losses(returns: FloatArray, exposures: FloatArray) -> FloatArray:
    """Of the whole, a scenario each."""
    return np.asarray(_losses(returns, exposures))


def empirical(returns: FloatArray, exposures: FloatArray, confidence: float) -> TailRisk:
    """Raises TooFewScenarios where the tail holds less than one."""
    lost = losses(returns, exposures)
    place = _place(len(lost), confidence)
    tail = np.argsort(lost, kind="stable")[place:]
    weights = _tail_weights(len(lost), place, confidence)
    return TailRisk(
        var=float(lost[tail[0]]),
        cvar=float(_weighted(lost, tail, weights)),
        exposures=exposures,
        marginal_var=-returns[tail[0]],
        marginal_cvar=-_weighted_rows(returns, tail, weights),
    )


def tail_of(lost: FloatArray, confidence: float) -> tuple[float, float]:
    """VaR and expected shortfall of losses alone, without components: the fast way to ask what
    an order would do. Raises TooFewScenarios."""
    place = _place(len(lost), confidence)
    tail = np.sort(np.partition(lost, place)[place:])
    weights = _tail_weights(len(lost), place, confidence)
    return float(tail[0]), float(_weighted(tail, np.arange(len(tail)), weights))


def _place(count: int, confidence: float) -> int:
    """k - 1. What float arithmetic adds to a whole number of scenarios is taken off."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence} must lie between 0 and 1")
    if count * (1 - confidence) < 1 - 1e-9:
        least = math.ceil(1 / (1 - confidence) - 1e-9)
        raise TooFewScenarios(
            f"{count} scenarios have no tail at confidence {confidence}: it takes {least}"
        )
    return math.ceil(count * confidence - 1e-9) - 1


def _tail_weights(count: int, place: int, confidence: float) -> FloatArray:
    """Of L(k) … L(T) in the expected shortfall; they sum to one."""
    weights = np.ones(count - place)
    weights[0] = max(place + 1 - count * confidence, 0.0)
    return np.asarray(weights / weights.sum())


@allocating
def _losses(returns, exposures):  # type: ignore[no-untyped-def]
    """In one order of summing whatever the machine, which BLAS does not promise."""
    count, n = returns.shape
    out = np.empty(count)
    for t in range(count):
        total = 0.0
        for i in range(n):
            total -= returns[t, i] * exposures[i]
        out[t] = total
    return out


@kernel
def _weighted(values, rows, weights):  # type: ignore[no-untyped-def]
    total = 0.0
    for k in range(len(rows)):
        total += weights[k] * values[rows[k]]
    return total


@allocating
def _weighted_rows(matrix, rows, weights):  # type: ignore[no-untyped-def]
    out = np.zeros(matrix.shape[1])
    for k in range(len(rows)):
        for i in range(matrix.shape[1]):
            out[i] += weights[k] * matrix[rows[k], i]
    return out
