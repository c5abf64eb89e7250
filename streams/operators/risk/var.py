"""Value at risk and expected shortfall of a portfolio by the method of choice.

Exposures are signed notionals in one currency, returns simple and a period long (``returns.py``);
positions that are not linear come as their P&L in each scenario (``revaluation.pnl``), with an
exposure of one each. Every figure is for one period; ``over`` brings it to several.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from streams.operators.risk.parametric import cornish_fisher_risk, ewma_risk, normal_risk
from streams.operators.risk.scenarios import ewma_covariance, sample_covariance, simulate
from streams.operators.risk.tail import FloatArray, TailRisk, empirical, tail_of


class Method(StrEnum):
    """How losses are thought to be distributed."""

    HISTORICAL = "historical"
    NORMAL = "normal"
    CORNISH_FISHER = "cornish_fisher"
    EWMA = "ewma"
    MONTE_CARLO = "monte_carlo"


@dataclass(frozen=True, slots=True)
class VarConfig:
    """``decay`` a period, for EWMA, and for Monte Carlo where it is given: its covariance is then
    weighted too. ``scenarios``, ``seed`` and ``degrees_of_freedom`` (none: normal) are Monte
    Carlo's."""

    method: Method = Method.HISTORICAL
    confidence: float = 0.99
    decay: float | None = None
    scenarios: int = 10_000
    seed: int = 1
    degrees_of_freedom: int | None = None

    def __post_init__(self) -> None:
        if self.method is Method.EWMA and self.decay is None:
            raise ValueError("EWMA needs a decay; RiskMetrics takes 0.94 for days")


def measure(returns: FloatArray, exposures: FloatArray, config: VarConfig) -> TailRisk:
    """Raises ValueError where the returns do not allow an answer (TooFewScenarios,
    OutsideDomain): a figure that is not known is not zero."""
    if returns.shape[1] != len(exposures):
        raise ValueError(f"{len(exposures)} exposures, returns of {returns.shape[1]} instruments")
    match config.method:
        case Method.HISTORICAL:
            return empirical(returns, exposures, config.confidence)
        case Method.NORMAL:
            return normal_risk(returns, exposures, config.confidence)
        case Method.CORNISH_FISHER:
            return cornish_fisher_risk(returns, exposures, config.confidence)
        case Method.EWMA:
            return ewma_risk(returns, exposures, config.confidence, config.decay or 0.0)
        case Method.MONTE_CARLO:
            return empirical(monte_carlo(returns, config), exposures, config.confidence)


def monte_carlo(returns: FloatArray, config: VarConfig) -> FloatArray:
    """Scenarios around a mean of zero with the covariance of the returns. They do not depend on
    the exposures, so they are made once for each new row of returns."""
    covariance = (
        sample_covariance(returns)
        if config.decay is None
        else ewma_covariance(returns, config.decay)
    )
    return simulate(
        covariance, config.scenarios, config.seed, degrees_of_freedom=config.degrees_of_freedom
    )


def incremental(
    returns: FloatArray, exposures: FloatArray, change: FloatArray, config: VarConfig
) -> tuple[float, float]:
    """What VaR and CVaR grow by if the exposures change so: both portfolios measured in full
    (Jorion 2007, chapter 7), where a marginal figure times the change is only near."""
    before = measure(returns, exposures, config)
    after = measure(returns, exposures + change, config)
    return after.var - before.var, after.cvar - before.cvar


def after_trade(
    lost: FloatArray, instrument_returns: FloatArray, change: float, confidence: float
) -> tuple[float, float]:
    """VaR and CVaR by scenarios after a change of one exposure, given the portfolio's losses
    before (``tail.losses``): microseconds, for a check before an order."""
    return tail_of(lost - change * instrument_returns, confidence)


def over(risk: TailRisk, periods: float) -> TailRisk:
    """For a longer time, by the square root of it: right for independent returns of mean zero
    (RiskMetrics 1996, chapter 5), a convention for others."""
    scale = math.sqrt(periods)
    return TailRisk(
        risk.var * scale,
        risk.cvar * scale,
        risk.exposures,
        risk.marginal_var * scale,
        risk.marginal_cvar * scale,
    )
