"""VaR and expected shortfall against scipy, numpy, definitions and derivatives."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from streams.operators.risk import var as measures
from streams.operators.risk.normal import below, density, quantile
from streams.operators.risk.parametric import OutsideDomain, _check_domain
from streams.operators.risk.random_numbers import bits
from streams.operators.risk.scenarios import (
    ewma_covariance,
    ewma_weights,
    sample_covariance,
    simulate,
)
from streams.operators.risk.tail import TooFewScenarios, empirical, losses, tail_of
from streams.operators.risk.var import Method, VarConfig, after_trade, incremental, measure, over

seeds = st.integers(0, 10**6)
confidences = st.sampled_from([0.9, 0.95, 0.975, 0.99])


def market(seed: int, count: int = 300, n: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Returns that move together, skewed and with fat tails, and a long and short portfolio."""
    rng = np.random.default_rng(seed)
    common = rng.gamma(20, 1, (count, 1)) / 20 - 1
    returns = 0.03 * common * rng.uniform(0.5, 1.5, n) + 0.01 * rng.standard_t(8, (count, n))
    return returns, rng.uniform(-1000, 2000, n)


def config(method: Method, confidence: float = 0.95) -> VarConfig:
    return VarConfig(method, confidence, decay=0.97, scenarios=2000)


def tame_market(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The next market in which Cornish-Fisher is defined, with a wide enough berth for small
    changes of the portfolio."""
    while True:
        returns, held = market(seed)
        lost = -(returns @ held)
        if abs(stats.skew(lost)) < 0.6 and 0.6 < stats.kurtosis(lost) < 5:
            return returns, held
        seed += 1


def test_the_normal_distribution_is_scipys() -> None:
    p = np.concatenate([np.linspace(0.0005, 0.9995, 999), 10.0 ** -np.arange(1, 300, 7)])
    np.testing.assert_allclose([quantile(x) for x in p], stats.norm.ppf(p), rtol=2e-14, atol=1e-15)
    assert quantile(0.0) == -math.inf
    assert quantile(1.0) == math.inf
    z = np.linspace(-35, 9, 333)
    np.testing.assert_allclose([below(x) for x in z], stats.norm.cdf(z), rtol=1e-12)
    np.testing.assert_allclose([density(x) for x in z], stats.norm.pdf(z), rtol=1e-12)


@settings(deadline=None)
@given(seeds, confidences, st.integers(100, 400))
def test_historical_is_the_quantile_and_the_mean_beyond_it(
    seed: int, confidence: float, count: int
) -> None:
    returns, held = market(seed, count)
    risk = empirical(returns, held, confidence)
    lost = -(returns @ held)
    np.testing.assert_allclose(risk.var, np.quantile(lost, confidence, method="inverted_cdf"))
    # Rockafellar and Uryasev 2000: the shortfall is the least of this over all thresholds
    excess = np.maximum(lost[:, None] - lost[None, :], 0).mean(axis=0)
    np.testing.assert_allclose(risk.cvar, np.min(lost + excess / (1 - confidence)), rtol=1e-9)
    np.testing.assert_allclose(tail_of(losses(returns, held), confidence), (risk.var, risk.cvar))


@settings(deadline=None, max_examples=40)
@given(seeds, confidences, st.sampled_from(Method))
def test_components_sum_to_the_whole_for_every_method(
    seed: int, confidence: float, method: Method
) -> None:
    returns, held = tame_market(seed)
    risk = measure(returns, held, config(method, confidence))
    np.testing.assert_allclose(risk.component_var.sum(), risk.var, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(risk.component_cvar.sum(), risk.cvar, rtol=1e-9, atol=1e-9)
    assert risk.cvar >= risk.var


@settings(deadline=None, max_examples=40)
@given(seeds, st.sampled_from(Method))
def test_marginals_are_derivatives(seed: int, method: Method) -> None:
    returns, held = tame_market(seed)
    risk = measure(returns, held, config(method))
    for i in range(len(held)):
        change = np.zeros(len(held))
        change[i] = 1e-4
        up = measure(returns, held + change, config(method))
        down = measure(returns, held - change, config(method))
        slope_var, slope_cvar = (up.var - down.var) / 2e-4, (up.cvar - down.cvar) / 2e-4
        np.testing.assert_allclose(risk.marginal_var[i], slope_var, atol=1e-6)
        np.testing.assert_allclose(risk.marginal_cvar[i], slope_cvar, atol=1e-6)


@settings(deadline=None, max_examples=50)
@given(seeds, confidences)
def test_two_portfolios_together_have_no_more_shortfall_than_apart(
    seed: int, confidence: float
) -> None:
    returns, one = market(seed)
    _, two = market(seed + 1)
    apart = empirical(returns, one, confidence).cvar + empirical(returns, two, confidence).cvar
    assert empirical(returns, one + two, confidence).cvar <= apart + 1e-9


@settings(deadline=None)
@given(seeds, confidences)
def test_normal_is_what_scipy_says_of_mean_and_covariance(seed: int, confidence: float) -> None:
    returns, held = market(seed)
    risk = measure(returns, held, config(Method.NORMAL, confidence))
    mean, deviation = -returns.mean(axis=0) @ held, math.sqrt(held @ np.cov(returns.T) @ held)
    loss = stats.norm(mean, deviation)
    np.testing.assert_allclose(risk.var, loss.ppf(confidence), rtol=1e-9)
    beyond = loss.expect(lambda x: x, lb=loss.ppf(confidence), conditional=True)
    np.testing.assert_allclose(risk.cvar, beyond, rtol=1e-6)


@settings(deadline=None)
@given(seeds)
def test_ewma_is_the_recursion_of_riskmetrics(seed: int) -> None:
    returns, held = market(seed, count=1500)
    variance = 0.0
    for loss in -(returns @ held):
        variance = 0.97 * variance + 0.03 * loss * loss
    risk = measure(returns, held, config(Method.EWMA))
    np.testing.assert_allclose(risk.var, stats.norm.ppf(0.95) * math.sqrt(variance), rtol=1e-9)
    covariance = ewma_covariance(returns, 0.97)
    np.testing.assert_allclose(held @ covariance @ held, variance, rtol=1e-9)


@settings(deadline=None, max_examples=40)
@given(seeds, confidences)
def test_cornish_fisher_is_its_quantile_function_integrated(seed: int, confidence: float) -> None:
    returns, held = tame_market(seed)
    lost = -(returns @ held)
    s, k = stats.skew(lost), stats.kurtosis(lost)

    def corrected(p: float) -> float:
        z = stats.norm.ppf(p)
        z += (z**2 - 1) * s / 6 + (z**3 - 3 * z) * k / 24 - (2 * z**3 - 5 * z) * s**2 / 36
        return float(lost.mean() + lost.std(ddof=1) * z)

    risk = measure(returns, held, config(Method.CORNISH_FISHER, confidence))
    np.testing.assert_allclose(risk.var, corrected(confidence), rtol=1e-9)
    total, _ = integrate.quad(corrected, confidence, 1, epsrel=1e-9)
    np.testing.assert_allclose(risk.cvar, total / (1 - confidence), rtol=1e-6)


@given(st.floats(-3, 3), st.floats(-2, 12))
def test_the_domain_of_cornish_fisher_is_where_the_expansion_rises(s: float, k: float) -> None:
    z = np.linspace(-4, 4, 2001)
    corrected = z + (z**2 - 1) * s / 6 + (z**3 - 3 * z) * k / 24 - (2 * z**3 - 5 * z) * s**2 / 36
    steps = np.diff(corrected)
    if steps.min() > 1e-6:
        _check_domain(s, k)
    elif steps.min() < -1e-6:
        with pytest.raises(OutsideDomain, match="use historical"):
            _check_domain(s, k)


def test_one_crash_among_quiet_days_is_outside_the_domain_of_cornish_fisher() -> None:
    returns = np.zeros((200, 1))
    returns[0] = -1.0
    with pytest.raises(OutsideDomain, match="use historical"):
        measure(returns, np.ones(1), config(Method.CORNISH_FISHER))


@pytest.mark.parametrize("method", Method)
def test_nothing_held_is_nothing_at_risk(method: Method) -> None:
    returns, held = market(1)
    risk = measure(returns, 0 * held, config(method))
    assert (risk.var, risk.cvar) == (0, 0)
    assert np.isfinite(risk.marginal_var).all()


def test_a_tail_thinner_than_a_scenario_is_an_error() -> None:
    returns, held = market(1, count=99)
    with pytest.raises(TooFewScenarios, match=r"99 scenarios have no tail.* it takes 100"):
        measure(returns, held, VarConfig(confidence=0.99))
    returns, held = market(1, count=100)
    risk = measure(returns, held, VarConfig(confidence=0.99))
    assert risk.cvar == pytest.approx(float(np.max(-(returns @ held))))
    with pytest.raises(ValueError, match="4 exposures, returns of 3"):
        measure(returns[:, :3], held, VarConfig())
    with pytest.raises(ValueError, match="EWMA needs a decay"):
        VarConfig(Method.EWMA)
    for method in (Method.HISTORICAL, Method.NORMAL):
        with pytest.raises(ValueError, match=r"confidence 1\.0"):
            measure(returns, held, config(method, 1.0))


@settings(deadline=None)
@given(seeds, st.floats(-500, 500))
def test_what_an_order_adds_is_measured_in_full(seed: int, change: float) -> None:
    returns, held = market(seed)
    step = np.array([0, change, 0, 0])
    after = after_trade(losses(returns, held), returns[:, 1], change, 0.95)
    before = empirical(returns, held, 0.95)
    added = incremental(returns, held, step, config(Method.HISTORICAL))
    np.testing.assert_allclose(np.subtract(after, (before.var, before.cvar)), added, atol=1e-9)


def test_several_periods_go_by_the_square_root() -> None:
    risk = measure(*market(3), config(Method.NORMAL))
    ten = over(risk, 10)
    assert ten.var == pytest.approx(risk.var * math.sqrt(10))
    np.testing.assert_allclose(ten.component_cvar.sum(), ten.cvar)


def test_covariances_are_numpys() -> None:
    returns, _ = market(5)
    np.testing.assert_allclose(sample_covariance(returns), np.cov(returns.T), rtol=1e-10)
    weights = ewma_weights(len(returns), 0.9)
    assert weights.sum() == pytest.approx(1)
    expected = (returns * weights[:, None]).T @ returns
    np.testing.assert_allclose(ewma_covariance(returns, 0.9), expected, rtol=1e-10)


def test_random_numbers_are_splitmix64() -> None:
    first = [int(bits(np.uint64(0), np.uint64(n))) for n in range(2)]
    assert first == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4]


def test_scenarios_are_the_same_however_many_and_follow_their_distribution() -> None:
    returns, _ = market(7)
    covariance = np.cov(returns.T)
    made = simulate(covariance, 40_000, seed=3)
    np.testing.assert_array_equal(made[:100], simulate(covariance, 100, seed=3))
    assert not np.array_equal(made[:100], simulate(covariance, 100, seed=4))
    scale = np.sqrt(np.diag(covariance))
    errors = (np.cov(made.T) - covariance) / np.outer(scale, scale)
    assert np.abs(errors).max() < 0.03
    assert stats.kstest(made[:, 0] / scale[0], "norm").pvalue > 0.01
    fat = simulate(covariance, 40_000, seed=3, degrees_of_freedom=5)
    errors = (np.cov(fat.T) - covariance) / np.outer(scale, scale)
    assert np.abs(errors).max() < 0.06
    standard = fat[:, 0] / scale[0] * math.sqrt(5 / 3)
    assert stats.kstest(standard, stats.t(5).cdf).pvalue > 0.01
    moved = simulate(covariance, 10, seed=3, mean=np.ones(4))
    np.testing.assert_allclose(moved - 1, made[:10], atol=1e-12)


@settings(deadline=None, max_examples=10)
@given(seeds)
def test_monte_carlo_comes_near_to_the_normal_it_draws_from(seed: int) -> None:
    returns, held = market(seed)
    returns = returns - returns.mean(axis=0)
    exact = measure(returns, held, config(Method.NORMAL))
    drawn = measure(returns, held, VarConfig(Method.MONTE_CARLO, 0.95, scenarios=40_000))
    assert drawn.var == pytest.approx(exact.var, rel=0.04)
    assert drawn.cvar == pytest.approx(exact.cvar, rel=0.04)
    weighted = VarConfig(Method.MONTE_CARLO, 0.95, decay=0.97, scenarios=40_000)
    recent = measure(returns, held, config(Method.EWMA))
    assert measure(returns, held, weighted).var == pytest.approx(recent.var, rel=0.04)


def test_fewer_returns_than_instruments_still_make_scenarios() -> None:
    returns, _ = market(2, count=5, n=9)
    covariance = np.cov(returns.T)
    made = simulate(covariance, 20_000, seed=1)
    scale = np.sqrt(np.diag(covariance))
    assert np.abs((np.cov(made.T) - covariance) / np.outer(scale, scale)).max() < 0.05
    for impossible in ([[1.0, 2.0], [2.0, 1.0]], [[0.0, 1.0], [1.0, 1.0]]):
        with pytest.raises(ValueError, match="negative eigenvalue"):
            simulate(np.array(impossible), 10, seed=1)
    with pytest.raises(ValueError, match="needs three"):
        simulate(covariance, 10, seed=1, degrees_of_freedom=2)


def test_the_seed_of_the_configuration_is_all_that_chance_there_is() -> None:
    returns, _ = market(2)
    by_seed = [
        measures.monte_carlo(returns, VarConfig(Method.MONTE_CARLO, seed=n, scenarios=500))
        for n in (1, 1, 2)
    ]
    np.testing.assert_array_equal(by_seed[0], by_seed[1])
    assert not np.array_equal(by_seed[0], by_seed[2])
