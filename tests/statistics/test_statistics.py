"""Statistics of several series, against statsmodels, closed forms and made processes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS
from statsmodels.tools import add_constant
from statsmodels.tsa.adfvalues import mackinnoncrit, mackinnonp
from statsmodels.tsa.stattools import adfuller, coint

from streams.operators.statistics import kalman
from streams.operators.statistics.cointegration import engle_granger
from streams.operators.statistics.mean_reversion import mean_reversion
from streams.operators.statistics.principal import eigenportfolios
from streams.operators.statistics.regression import FloatArray, least_squares, line
from streams.operators.statistics.unit_root import critical_value, dickey_fuller, p_value

seeds = st.integers(0, 2**32 - 1)


def walk(seed: int, rows: int = 200) -> FloatArray:
    return np.random.default_rng(seed).normal(size=rows).cumsum() + 100


def reverting(seed: int, rows: int, b: float, mean: float = 0.0) -> FloatArray:
    noise = np.random.default_rng(seed).normal(size=rows)
    made = [mean]
    for each in noise:
        made.append(mean + b * (made[-1] - mean) + each)
    return np.array(made[1:])


@given(seed=seeds, columns=st.integers(1, 5))
@settings(deadline=None, max_examples=25)
def test_least_squares_is_that_of_statsmodels(seed: int, columns: int) -> None:
    rng = np.random.default_rng(seed)
    y, x = rng.normal(size=40), rng.normal(size=(40, columns))
    expected, found = OLS(y, x).fit(), least_squares(y, x)
    assert found is not None
    assert found.coefficients == pytest.approx(expected.params)
    assert found.errors == pytest.approx(expected.bse)
    assert found.residuals == pytest.approx(expected.resid)


def test_a_line_has_an_intercept() -> None:
    x = np.arange(10.0)
    found = line(3 + 2 * x, x)
    assert found is not None
    assert (found.intercept, found.slope) == pytest.approx((3, 2))


def test_what_depends_on_itself_has_no_line() -> None:
    assert line(np.arange(5.0), np.full(5, 7.0)) is None
    assert least_squares(np.arange(2.0), np.ones((2, 2))) is None


@given(seed=seeds, lags=st.integers(0, 8), constant=st.booleans(), wanders=st.booleans())
@settings(deadline=None, max_examples=40)
def test_the_unit_root_test_is_that_of_statsmodels(
    seed: int, lags: int, constant: bool, wanders: bool
) -> None:
    x = walk(seed, 120) if wanders else reverting(seed, 120, 0.7)
    regression = "c" if constant else "n"
    statistic, _, used, rows, *_ = adfuller(
        x, maxlag=lags, regression=regression, autolag="AIC", result_object=False
    )
    found = dickey_fuller(x, lags, constant)
    assert found.statistic == pytest.approx(statistic, rel=1e-6)
    assert (found.lags, found.rows) == (used, rows)


@pytest.mark.parametrize("series", [1, 2])
@pytest.mark.parametrize(
    "statistic", [-30.0, -18.0, -4.1, -3.3, -2.62, -2.0, -1.61, 0.5, 0.95, 3.0]
)
def test_p_values_are_mackinnons(statistic: float, series: int) -> None:
    expected = mackinnonp(statistic, regression="c", N=series)
    assert p_value(statistic, series) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("series", [1, 2])
@pytest.mark.parametrize("rows", [50, 250, 10**9])
def test_critical_values_are_mackinnons(rows: int, series: int) -> None:
    found = [critical_value(level, rows, series) for level in (0.01, 0.05, 0.10)]
    assert found == pytest.approx(mackinnoncrit(N=series, regression="c", nobs=rows).tolist())


def test_the_paper_says_so_too() -> None:
    """MacKinnon 2010, table 2, for two series and many rows: 1 %, 5 %, 10 %."""
    found = [critical_value(level, 10**12, 2) for level in (0.01, 0.05, 0.10)]
    assert found == pytest.approx([-3.89644, -3.33613, -3.04445])


@given(seed=seeds, lags=st.integers(0, 5))
@settings(deadline=None, max_examples=25)
def test_cointegration_is_that_of_statsmodels(seed: int, lags: int) -> None:
    x = walk(seed)
    y = 5 + 1.5 * x + reverting(seed + 1, len(x), 0.8)
    statistic, p, _ = coint(y, x, maxlag=lags, autolag="aic")
    found = engle_granger(y, x, lags)
    assert found is not None
    assert found.statistic == pytest.approx(statistic, rel=1e-6)
    assert found.p_value == pytest.approx(p, rel=1e-4, abs=1e-12)
    expected = OLS(y, add_constant(x)).fit()
    assert (found.intercept, found.hedge) == pytest.approx(tuple(expected.params))


def test_walks_that_know_nothing_of_each_other_are_rarely_called_cointegrated() -> None:
    called = 0
    for seed in range(300):
        found = engle_granger(walk(seed), walk(10_000 + seed), 2)
        assert found is not None
        called += found.p_value < 0.05
    assert 4 <= called <= 30, "about 5 %"


def test_a_copy_is_no_pair() -> None:
    assert engle_granger(2 * walk(1) + 1, walk(1), 1) is None
    assert engle_granger(walk(1), np.full(200, 3.0), 1) is None


def test_too_few_values_are_told() -> None:
    with pytest.raises(ValueError, match="needs at least 16"):
        dickey_fuller(np.arange(10.0), 5)


def test_a_filters_step_is_the_closed_form() -> None:
    """The textbook's matrices, step by step."""
    rng = np.random.default_rng(5)
    delta, noise = 1e-3, 0.5
    state, p = np.zeros(2), np.zeros((2, 2))
    hedge = kalman.UNKNOWN
    for x in rng.normal(10, 2, 50):
        y = 1.3 * x + 2 + rng.normal()
        row = np.array([x, 1.0])
        prior = p + delta / (1 - delta) * np.eye(2)
        variance = row @ prior @ row + noise
        gain = prior @ row / variance
        error = y - row @ state
        state, p = state + gain * error, prior - np.outer(gain, row) @ prior
        hedge, found, deviation = kalman.step(hedge, y, x, delta, noise)
        assert (found, deviation) == pytest.approx((error, math.sqrt(variance)))
        assert hedge[:2] == pytest.approx(tuple(state))
        assert hedge[2:] == pytest.approx((p[0, 0], p[0, 1], p[1, 1]), abs=1e-12)


def test_a_filter_follows_a_hedge_that_moves() -> None:
    rng = np.random.default_rng(2)
    hedge = kalman.UNKNOWN
    for n in range(2000):
        true = 1.0 if n < 1000 else 2.0
        x = float(rng.normal(0, 3))
        hedge, _, _ = kalman.step(hedge, true * x + 1 + rng.normal() * 0.1, x, 1e-4, 0.01)
    assert hedge.slope == pytest.approx(2, abs=0.05)
    assert hedge.intercept == pytest.approx(1, abs=0.1)


def test_a_known_process_is_recovered() -> None:
    found = mean_reversion(reverting(3, 50_000, 0.9, mean=5.0))
    assert found is not None
    assert found.half_life == pytest.approx(math.log(2) / -math.log(0.9), rel=0.05)
    assert found.mean == pytest.approx(5, abs=0.2)
    assert found.deviation == pytest.approx(1 / math.sqrt(1 - 0.81), rel=0.03)


def test_what_does_not_come_back_has_no_half_life() -> None:
    assert mean_reversion(np.exp(np.arange(20.0) / 5)) is None
    assert mean_reversion(np.full(20, 1.0)) is None
    assert mean_reversion(np.tile([1.0, -1.0], 10)) is None


def test_eigenportfolios_do_not_move_together_and_have_a_sign() -> None:
    rng = np.random.default_rng(4)
    market = rng.normal(size=400)
    returns = np.column_stack([b * market + rng.normal(size=400) for b in (3.0, 2.0, -1.0, 1.0)])
    found = eigenportfolios(returns, 2)
    assert found is not None
    assert found.explained[0] > found.explained[1]
    assert np.corrcoef(found.returns.T)[0, 1] == pytest.approx(0, abs=1e-9)
    values = np.linalg.eigvalsh(np.corrcoef(returns.T))[::-1]
    assert found.explained == pytest.approx(values[:2] / 4)
    standard = found.portfolios * returns.std(axis=0, ddof=1)
    assert all(row[np.abs(row).argmax()] > 0 for row in standard)
    assert np.sign(found.portfolios[0]).tolist() == [1, 1, -1, 1]


def test_an_instrument_that_does_not_move_has_no_eigenportfolios() -> None:
    assert eigenportfolios(np.column_stack([np.ones(9), np.arange(9.0)]), 1) is None
