"""Equal risk contributions: what must hold of any covariance, and an optimiser as oracle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from streams.operators.statistics.equal_risk import equal_risk
from streams.operators.statistics.regression import FloatArray
from tests.strategies.made import contributions


def made(seed: int, members: int, rows: int) -> FloatArray:
    """A covariance of returns that share some of their moves."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(rows, 1)) * rng.uniform(-0.5, 2, members)
    returns = (common + rng.normal(size=(rows, members))) * 10 ** rng.uniform(-4, 0, members)
    found: FloatArray = np.cov(returns.T)
    return found


covariances = st.builds(
    made, st.integers(0, 10**6), members=st.integers(2, 12), rows=st.integers(20, 200)
)


@settings(deadline=None, max_examples=60)
@given(covariances)
def test_all_contribute_the_same_and_vary_by_one(covariance: FloatArray) -> None:
    weights = equal_risk(covariance)
    assert weights is not None
    assert weights.min() > 0
    assert contributions(weights, covariance) == pytest.approx(1 / len(weights), abs=1e-8)
    assert weights @ covariance @ weights == pytest.approx(1)


@settings(deadline=None, max_examples=60)
@given(covariances, st.integers(0, 10**6))
def test_the_order_and_the_units_of_instruments_change_nothing(
    covariance: FloatArray, seed: int
) -> None:
    rng, weights = np.random.default_rng(seed), equal_risk(covariance)
    order, units = rng.permutation(len(covariance)), 10 ** rng.uniform(-3, 3, len(covariance))
    other = equal_risk((covariance * np.outer(units, units))[np.ix_(order, order)])
    assert weights is not None
    assert other == pytest.approx((weights / units)[order])


@pytest.mark.parametrize("correlation", [-0.2, 0.0, 0.5, 0.99, 1.0])
def test_where_correlations_are_equal_it_is_inverse_volatility(correlation: float) -> None:
    deviations = np.array([0.1, 0.2, 0.5, 0.8, 2.0])
    correlations = np.full((5, 5), correlation) + (1 - correlation) * np.eye(5)
    weights = equal_risk(correlations * np.outer(deviations, deviations))
    assert weights is not None
    assert weights * deviations == pytest.approx(weights[0] * deviations[0])


def test_two_instruments_have_inverse_volatility_whatever_their_correlation() -> None:
    for correlation in (-0.98, -0.5, 0.7):
        weights = equal_risk(np.array([[1.0, 2 * correlation], [2 * correlation, 4.0]]))
        assert weights is not None
        assert weights[0] / weights[1] == pytest.approx(2)


def test_it_is_what_a_general_optimiser_finds() -> None:
    """The logarithmic barrier of Maillard, Roncalli and Teiletche 2010, section 3, minimised."""
    for seed in range(5):
        covariance = made(seed, 6, 60)
        scale = np.sqrt(np.diag(covariance))
        correlations = covariance / np.outer(scale, scale)
        found = minimize(
            lambda x, c=correlations: x @ c @ x / 2 - np.log(x).sum() / len(x),
            np.full(6, 0.4),
            jac=lambda x, c=correlations: c @ x - 1 / len(x) / x,
            bounds=[(1e-6, None)] * 6,
            method="L-BFGS-B",
            options={"ftol": 1e-15, "gtol": 1e-10},
        )
        oracle, weights = found.x / scale, equal_risk(covariance)
        assert weights is not None
        assert weights / weights.sum() == pytest.approx(oracle / oracle.sum(), rel=1e-5)


def test_the_four_assets_of_the_paper_have_its_weights() -> None:
    """Maillard, Roncalli and Teiletche 2010, section 4: volatilities of 10, 20, 30 and 40 %,
    correlations of 0.8 between the first two and -0.5 between the others: 38.4, 19.2, 24.3 and
    18.2 %, and a volatility of 10.3 %."""
    correlations = np.array([[1, 0.8, 0, 0], [0.8, 1, 0, 0], [0, 0, 1, -0.5], [0, 0, -0.5, 1.0]])
    volatilities = np.array([0.1, 0.2, 0.3, 0.4])
    weights = equal_risk(correlations * np.outer(volatilities, volatilities))
    assert weights is not None
    assert 100 * weights / weights.sum() == pytest.approx([38.4, 19.2, 24.3, 18.2], abs=0.05)
    assert 100 / weights.sum() == pytest.approx(10.3, abs=0.05)


def test_there_is_none_where_risks_cancel_or_one_does_not_move() -> None:
    assert equal_risk(np.array([[1.0, -1.0], [-1.0, 1.0]])) is None
    assert equal_risk(np.array([[1.0, 0.0], [0.0, 0.0]])) is None
    assert equal_risk(np.array([[1.0, np.nan], [np.nan, 1.0]])) is None
