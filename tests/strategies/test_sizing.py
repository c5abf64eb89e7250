"""How large a position is: numbers worked out by hand, and laws of risk."""

import math
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from config.errors import ConfigError
from streams.operators.period import Period
from streams.operators.strategies.sizing.drawdown import Drawdown
from streams.operators.strategies.sizing.fixed import Fixed
from streams.operators.strategies.sizing.kelly import Kelly
from streams.operators.strategies.sizing.meter import YEAR_S, Meter
from streams.operators.strategies.sizing.percent_risk import PercentRisk
from streams.operators.strategies.sizing.risk_parity import RiskParity
from streams.operators.strategies.sizing.sizing import Case
from streams.operators.strategies.sizing.volatility_target import VolatilityTarget
from tests.strategies.made import configured, contributions

CASE = Case(Decimal(50), 1.0, capital=Decimal(100_000), volatility=0.4)
SECOND = 10**9
PARITY = 'kind = "risk_parity"\ncovers = '


def test_a_fixed_sum_buys_what_it_buys() -> None:
    assert Fixed(notional=Decimal(1000)).units(CASE) == 20
    assert Fixed(units_each=Decimal("0.5")).units(CASE) == Decimal("0.5")


def test_a_stop_that_is_hit_costs_the_risk() -> None:
    rule = PercentRisk(risk=0.01, stop=0.05, most=10.0)
    units = rule.units(CASE._replace(stop=Decimal(2)))
    assert units == 500
    assert units * 2 == Decimal(100_000) * Decimal("0.01")
    assert rule.units(CASE) == 400  # 5 % of 50 is 2.5
    assert PercentRisk(risk=0.1, stop=0.01, most=1.0).units(CASE) == 2000  # all of the capital


def test_twice_the_volatility_is_half_the_position() -> None:
    rule = VolatilityTarget(target=0.2)
    assert rule.units(CASE) == 1000
    assert rule.units(CASE._replace(volatility=0.8)) == 500
    assert rule.units(CASE._replace(volatility=math.nan)) == 0
    assert rule.units(CASE._replace(volatility=0.0)) == 0


def test_kelly_is_edge_over_odds() -> None:
    likely = CASE._replace(probability=0.6)
    assert Kelly(fraction=1.0).units(likely) == 400  # 0.6 - 0.4 of the capital
    assert Kelly(fraction=0.5).units(likely) == 200
    assert Kelly(fraction=1.0, payoff=2.0).units(likely) == 800  # 0.6 - 0.4 / 2
    assert Kelly().units(likely._replace(direction=-1.0)) == 0  # no edge on that side
    assert Kelly(fraction=1.0).units(CASE._replace(direction=-1.0, probability=0.4)) == 400
    assert Kelly().units(CASE) == 0  # no probability is no reason to trade


def test_full_kelly_grows_faster_than_any_other_fraction() -> None:
    wins, payoff = 0.55, 1.5
    full = float(Kelly(fraction=1.0, payoff=payoff).units(CASE._replace(probability=wins))) / 2000

    def growth(f: float) -> float:
        return wins * math.log1p(payoff * f) + (1 - wins) * math.log1p(-f)

    others = np.linspace(0.0, 0.9, 1000)
    assert abs(others[np.argmax([growth(f) for f in others])] - full) < 1e-3


COVERED = ("X:A", "X:B", "X:C", "X:D")


def parity(correlations: tuple[float, ...], volatilities: list[float]) -> np.ndarray:
    """Weights, of the capital, that the rule gives each instrument by itself."""
    rule = RiskParity(COVERED, correlations, target=0.12, most=100.0)
    rule.check()
    cases = zip(COVERED, volatilities, strict=True)
    units = [rule.units(CASE._replace(instrument=name, volatility=v)) for name, v in cases]
    return np.array([float(each * CASE.price / CASE.capital) for each in units])


def covariance(correlations: tuple[float, ...], volatilities: list[float]) -> np.ndarray:
    found = np.eye(4)
    found[np.triu_indices(4, 1)] = correlations
    return np.outer(volatilities, volatilities) * (found + found.T - np.eye(4))


def test_instruments_that_do_not_see_each_other_contribute_the_same_risk() -> None:
    correlations, volatilities = (0.8, 0.1, -0.2, 0.3, 0.0, -0.5), [0.1, 0.25, 0.6, 0.9]
    weights, risk = parity(correlations, volatilities), covariance(correlations, volatilities)
    assert contributions(weights, risk) == pytest.approx(0.25, abs=1e-8)
    assert math.sqrt(weights @ risk @ weights) == pytest.approx(0.12)


def test_with_one_correlation_for_all_the_same_risk_is_inverse_volatility() -> None:
    volatilities = [0.1, 0.25, 0.6, 0.9]
    for one in (0.35, 0.0):
        weights = parity((one,) if one else (), volatilities)
        alone = 0.12 / np.sqrt(4 * (1 + 3 * one))
        assert weights * volatilities == pytest.approx(alone)


def test_a_drawdown_takes_the_position_back_in_proportion() -> None:
    rule = Drawdown(Fixed(units_each=Decimal(100)), limit=0.1, floor=0.2)
    sizes = [rule.units(CASE._replace(drawdown=d)) for d in (0.0, 5_000.0, 8_000.0, 50_000.0)]
    assert sizes == [100, 50, 20, 20]
    assert Drawdown(Fixed(units_each=Decimal(1))).units(CASE._replace(drawdown=10_000.0)) == 0


def test_the_meter_measures_volatility_a_year_whatever_the_bars_last() -> None:
    a_year = 0.3
    for seconds in (1, 60):
        rng, mid = np.random.default_rng(4), 1.0
        meter = Meter(half_life_ns=20_000 * seconds * SECOND)
        step = a_year * math.sqrt(seconds / YEAR_S)
        for n in range(20_000):
            meter.see(n * seconds * SECOND, mid)
            mid *= math.exp(rng.normal(0, step))
        assert meter.volatility == pytest.approx(a_year, rel=0.03)


def test_the_meter_keeps_the_equity_curve_of_what_was_filled() -> None:
    meter = Meter()
    meter.see(1, 100.0)
    meter.trade(2.0, 100.5, 0.2, held=2.0)  # a dearer price than the mid costs 1, the fee 0.2
    assert (meter.pnl, meter.drawdown) == pytest.approx((-1.2, 1.2))
    meter.see(2, 110.0)  # + 20
    meter.see(3, 104.0)  # - 12
    assert (meter.pnl, meter.drawdown) == pytest.approx((6.8, 12.0))
    meter.trade(-2.0, 103.0, 0.3, held=0.0)  # - 2, - 0.3
    meter.see(4, 1.0)
    assert (meter.pnl, meter.drawdown) == pytest.approx((4.5, 14.3))


@pytest.mark.parametrize(
    ("sizing", "says"),
    [
        ('kind = "kely"', "did you mean kelly"),
        ('notional = "1"', "lacks kind"),
        ('kind = "kelly"\nfractoin = 0.5', "did you mean fraction"),
        ('kind = "kelly"\nfraction = 1.5', "fraction 1.5"),
        ('kind = "fixed"', "either notional or units_each"),
        ('kind = "fixed"\nnotional = 5', "string"),
        ('kind = "risk_parity"', "covers does not name \\*"),
        (f"{PARITY}['X:A', 'X:A']", "twice"),
        (f"{PARITY}['X:A', 'X:B', 'X:C']\ncorrelations = [0.1, 0.2]", "have 3 pairs"),
        (f"{PARITY}['X:A', 'X:B', 'X:C']\ncorrelations = [-0.9]", "hold together"),
        (f"{PARITY}['X:A', 'X:B']\ncorrelations = [-1.0]", "cancel"),
        (f"{PARITY}['X:A', 'X:B']", "does not name \\*"),
        ('kind = "risk_parity"\ncorrelations = [0.5]', "name the instruments in covers"),
        ('kind = "drawdown"', "lacks base"),
        ('kind = "drawdown"\nbase = { kind = "kelly", payof = 1.0 }', "base.payof"),
    ],
)
def test_a_sizing_that_cannot_be_is_refused_by_name(sizing: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=says):
        configured("momentum", tmp_path, sizing=sizing)


def test_a_rule_may_stand_on_another(tmp_path: Path) -> None:
    text = 'kind = "drawdown"\nlimit = 0.2\nbase = { kind = "volatility_target", half_life = "5m" }'
    config, _ = configured("momentum", tmp_path, sizing=text)
    assert isinstance(config.sizing, Drawdown)
    assert config.sizing.half_life_ns == Period(300 * SECOND)
    assert config.capital == 100_000
