"""Statistics of returns and small models are what pandas, numpy, arch and statsmodels make of them,
or the loop that their paper writes down."""

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from arch import arch_model
from arch.unitroot import VarianceRatio
from scipy import stats

from streams.operators.features.indicators.asked import parse
from streams.operators.features.indicators.fold import over
from tests.features.series import bars

BARS = bars(1500, 7)
OPEN, HIGH, LOW, CLOSE, VOLUME, BOUGHT, NOTIONAL, _, TIME = BARS
SERIES, LAST = pd.Series(CLOSE), len(CLOSE)
RETURNS = np.log(SERIES / SERIES.shift())
SQUARES = RETURNS**2


def one(text: str, output: str = "", columns: np.ndarray = BARS) -> np.ndarray:
    asked = parse(text)
    return over((asked,), columns)[list(asked.indicator.outputs).index(output)]


def signs(length: int) -> pd.Series:
    """Words of rises (1) and the rest (0), the last the lowest bit."""
    rose = (SERIES.diff() > 0).astype(float).where(SERIES.diff().notna())
    return sum(rose.shift(k) * 2**k for k in range(length))


def entropy(words: np.ndarray) -> float:
    shares = np.unique(words, return_counts=True)[1] / len(words)
    return -(shares * np.log2(shares)).sum() / 3


def hurst(n: int) -> pd.Series:
    logs, scales = np.log(SERIES), range(5)
    spread = [((logs - logs.shift(2**k)) ** 2).rolling(n).mean() ** 0.5 for k in scales]
    return sum((k - 2) * np.log2(spread[k]) for k in scales) / 10


_BIPOWER = (RETURNS * RETURNS.shift()).abs()
ORACLE = {
    ("log_return(5)", ""): np.log(SERIES / SERIES.shift(5)),
    ("variation(20)", ""): SQUARES.rolling(20).sum(),
    ("variation(20)", "up"): SQUARES.where(~(RETURNS <= 0), 0).rolling(20).sum(),
    ("variation(20)", "down"): SQUARES.where(~(RETURNS >= 0), 0).rolling(20).sum(),
    ("variation(20)", "bipower"): _BIPOWER.rolling(19).sum() * math.pi / 2,
    ("moments(60)", "skew"): RETURNS.rolling(60).skew(),
    ("moments(60)", "kurtosis"): RETURNS.rolling(60).kurt(),
    ("autocorr(60, 1)", ""): RETURNS.rolling(60).corr(RETURNS.shift(1)),
    ("autocorr(60, 3)", ""): RETURNS.rolling(60).corr(RETURNS.shift(3)),
    ("hurst(200)", ""): hurst(200),
    ("entropy(100, 3)", ""): signs(3).rolling(100).apply(entropy, raw=True),
    ("corr(30)", ""): SERIES.rolling(30).corr(pd.Series(VOLUME)),
    ("corr(30)", "cov"): SERIES.rolling(30).cov(pd.Series(VOLUME)),
    ("linreg(20)", "r2"): SERIES.rolling(20).corr(pd.Series(np.arange(1500.0))) ** 2,
    ("extremes(20)", "place"): (SERIES - SERIES.rolling(20).min())
    / (SERIES.rolling(20).max() - SERIES.rolling(20).min()),
}


@pytest.mark.parametrize(("text", "output"), ORACLE)
def test_a_statistic_of_a_window_is_what_pandas_makes_of_it(text: str, output: str) -> None:
    found, wanted = one(text, output), ORACLE[text, output].to_numpy()
    defined = ~np.isnan(found)
    assert defined.sum() > 1200
    assert not np.isnan(wanted[defined]).any()
    np.testing.assert_allclose(found[defined], wanted[defined], rtol=1e-8, atol=1e-10)


def test_a_variance_ratio_and_its_z_are_those_of_arch() -> None:
    for at in range(100, LAST, 97):
        logs = np.log(CLOSE[at - 100 : at + 1])
        wanted = VarianceRatio(logs, 4, trend="c", debiased=True, robust=False, overlap=True)
        assert one("variance_ratio(100, 4)")[at] == pytest.approx(wanted.vr, rel=1e-9)
        assert one("variance_ratio(100, 4)", "z")[at] == pytest.approx(wanted.stat, rel=1e-7)


def test_a_random_walk_has_no_memory_and_a_trend_has() -> None:
    walk = bars(20_000, 5)
    assert one("hurst(5000)", "", walk)[-1] == pytest.approx(0.5, abs=0.05)
    assert one("variance_ratio(5000, 4)", "", walk)[-1] == pytest.approx(1, abs=0.1)
    assert one("entropy(5000, 3)", "", walk)[-1] == pytest.approx(1, abs=0.01)
    walk[3] = np.exp(np.cumsum(np.cumsum(np.random.default_rng(1).normal(0, 1e-6, 20_000))))
    assert one("hurst(5000)", "", walk)[-1] > 0.9


def test_a_cointegration_is_least_squares_of_statsmodels() -> None:
    found = {output: one("coint(60)", output) for output in ("ratio", "residual", "z")}
    for at in range(59, LAST, 211):
        window = slice(at - 59, at + 1)
        fit = sm.OLS(CLOSE[window], sm.add_constant(VOLUME[window])).fit()
        assert found["ratio"][at] == pytest.approx(fit.params[1], rel=1e-7, abs=1e-12)
        assert found["residual"][at] == pytest.approx(fit.resid[-1], rel=1e-7)
        assert found["z"][at] == pytest.approx(fit.resid[-1] / math.sqrt(fit.mse_resid), rel=1e-7)


def test_mean_reversion_is_an_autoregression_of_statsmodels() -> None:
    rng, columns, price = np.random.default_rng(3), BARS.copy(), 100.0
    for n in range(LAST):
        price += 0.2 * (100 - price) + rng.normal(0, 0.3)
        columns[3, n] = price
    half, z = (one("reversion(200)", output, columns) for output in ("half_life", "z"))
    for at in range(200, LAST, 173):
        now, before = columns[3, at - 199 : at + 1], columns[3, at - 200 : at]
        fit = sm.OLS(now, sm.add_constant(before)).fit()
        assert half[at] == pytest.approx(-math.log(2) / math.log(fit.params[1]), rel=1e-6)
        assert z[at] == pytest.approx(fit.resid[-1] / math.sqrt(fit.mse_resid), rel=1e-6)
    assert half[200:].mean() == pytest.approx(math.log(2) / -math.log(0.8), rel=0.2)


def test_a_local_level_is_the_filter_of_statsmodels() -> None:
    model = sm.tsa.UnobservedComponents(CLOSE, "llevel")
    model.ssm.initialize_known(np.array([CLOSE[0]]), np.array([[1e9]]))
    wanted = model.filter([1.0, 0.01]).filtered_state[0]
    np.testing.assert_allclose(one("kalman(0.01)")[5:], wanted[5:], rtol=1e-6)


def test_a_hedge_ratio_is_the_two_state_filter_of_its_book() -> None:
    """Against matrices, as the book writes them; and on prices of which the ratio is known."""
    columns, rng = BARS.copy(), np.random.default_rng(2)
    columns[0] = 3 * CLOSE + 5 + rng.normal(0, 0.1, LAST)
    text = "kalman_hedge(0.0001, 0.01, of=open, with=close)"
    ratio, level, z = (one(text, output, columns) for output in ("ratio", "level", "z"))
    state, cover = np.zeros(2), np.eye(2)
    for n in range(200):
        cover = cover + np.eye(2) * 0.0001 / 0.9999
        seen = np.array([CLOSE[n], 1.0])
        variance = seen @ cover @ seen + 0.01
        surprise = columns[0, n] - seen @ state
        gain = cover @ seen / variance
        state, cover = state + gain * surprise, cover - np.outer(gain, seen) @ cover
        assert ratio[n] == pytest.approx(state[0], rel=1e-6)
        assert level[n] == pytest.approx(state[1], rel=1e-5, abs=1e-6)
        assert z[n] == pytest.approx(surprise / math.sqrt(variance), rel=1e-6, abs=1e-6)
    assert ratio[-1] == pytest.approx(3, abs=0.1)


def test_a_fractional_difference_of_one_is_a_difference_and_of_none_the_value() -> None:
    np.testing.assert_allclose(one("frac_diff(1, 0.001)")[1:], np.diff(CLOSE), atol=1e-12)
    np.testing.assert_array_equal(one("frac_diff(0, 0.001)"), CLOSE)


def test_a_fractional_difference_weighs_as_the_book_says() -> None:
    weights = [1.0]
    while True:  # AFML snippet 5.3
        weight = -weights[-1] / len(weights) * (0.4 - len(weights) + 1)
        if abs(weight) < 1e-4:
            break
        weights.append(weight)
    wanted = np.convolve(CLOSE, weights)[:LAST]
    found = one("frac_diff(0.4, 0.0001)")
    assert parse("frac_diff(0.4, 0.0001)").warm_up == len(weights)
    np.testing.assert_allclose(found[len(weights) :], wanted[len(weights) :], rtol=1e-9)


def test_a_cusum_filter_finds_the_events_of_the_book() -> None:
    events, up, down = [], 0.0, 0.0  # AFML snippet 2.4
    for n in range(1, LAST):
        up, down = max(0, up + RETURNS[n]), min(0, down + RETURNS[n])
        if down < -0.03:
            down = 0
            events.append((n, -1))
        elif up > 0.03:
            up = 0
            events.append((n, 1))
    found = one("cusum(0.03)")
    assert [(n, found[n]) for n in np.flatnonzero(found)] == events
    assert len(events) > 50


def test_garch_with_targeted_variance_is_that_of_arch() -> None:
    """Returns that come again after 50 bars: the variance of the window is the same at each."""
    cycle = np.random.default_rng(5).normal(0, 0.01, 50)
    returns = np.tile(cycle, 10)
    columns = bars(501)
    columns[3] = 100 * np.exp(np.concatenate(([0.0], np.cumsum(returns))))
    usual, later = (cycle**2).mean(), returns[49:]
    wanted = np.zeros(len(later))
    arch_model(later, mean="Zero", rescale=False).volatility.compute_variance(
        np.array([0.05 * usual, 0.08, 0.87]),
        later,
        wanted,
        usual,
        np.array([[0, 1.0]] * len(later)),
    )
    found = one("garch(50, 0.08, 0.95)", "", columns)
    np.testing.assert_allclose(found[50:-1], np.sqrt(wanted[1:]), rtol=1e-9)


def test_a_regime_is_the_forward_filter_over_two_normal_states() -> None:
    """With fixed variances, against scipy's densities."""
    wild = one("regime(100, 0.95, 0)")
    low, high, now = SQUARES[1:101].mean() / 2, SQUARES[1:101].mean() * 2, 0.5
    for n in range(101, LAST):
        before = now * 0.95 + (1 - now) * 0.05
        a = (1 - before) * stats.norm.pdf(RETURNS[n], 0, math.sqrt(low))
        b = before * stats.norm.pdf(RETURNS[n], 0, math.sqrt(high))
        now = b / (a + b)
        assert wild[n] == pytest.approx(now, rel=1e-9)


def test_a_regime_knows_a_storm_from_a_calm() -> None:
    rng, columns = np.random.default_rng(1), bars(3000)
    storm = np.arange(3000) // 500 % 2 == 1
    columns[3] = 100 * np.exp(np.cumsum(rng.normal(0, np.where(storm, 0.004, 0.001))))
    wild, calm, rough = (one("regime", output, columns) for output in ("", "calm", "wild"))
    known = np.arange(3000) > 1000
    assert ((wild > 0.5) == storm)[known].mean() > 0.95
    assert calm[-1] == pytest.approx(0.001, rel=0.3)
    assert rough[-1] == pytest.approx(0.004, rel=0.3)


def test_a_season_knows_the_hour_that_is_always_wild_from_what_came_before() -> None:
    columns = bars(24 * 60 * 5)
    hours = columns[8] % 86_400 // 3600
    back = np.random.default_rng(1).normal(0, np.where(hours == 14, 0.01, 0.001))
    columns[3] = 100 * np.exp(np.cumsum(back))
    usual = one("season(3600)", "volatility", columns)
    late = np.arange(len(back)) > 2 * 24 * 60
    assert usual[late & (hours == 14)].min() > 3
    assert usual[late & (hours != 14)].max() < 1
    at = 6000  # learnt from bars before this one only
    mine = hours[1:at] == hours[at]
    returns = np.diff(np.log(columns[3]))
    here = math.sqrt((returns[: at - 1][mine] ** 2).mean())
    assert usual[at] == pytest.approx(here / math.sqrt((returns[: at - 1] ** 2).mean()), rel=1e-9)
    assert one("season(3600)", "z", columns)[at] == pytest.approx(returns[at - 1] / here, rel=1e-9)


def test_pivots_are_of_the_session_before() -> None:
    day = np.floor(TIME / 3600)
    for n in (300, 700, 1400):
        past = day == day[n] - 1
        high, low, close = HIGH[past].max(), LOW[past].min(), CLOSE[past][-1]
        middle, span = (high + low + close) / 3, high - low
        wanted = {
            ("pivots(3600)", ""): middle,
            ("pivots(3600)", "r1"): 2 * middle - low,
            ("pivots(3600)", "s1"): 2 * middle - high,
            ("pivots(3600)", "r2"): middle + span,
            ("pivots(3600)", "s2"): middle - span,
            ("pivots(3600)", "r3"): high + 2 * (middle - low),
            ("pivots(3600)", "s3"): low - 2 * (high - middle),
            ("pivots_fibonacci(3600)", "r1"): middle + 0.382 * span,
            ("pivots_fibonacci(3600)", "s2"): middle - 0.618 * span,
            ("pivots_camarilla(3600)", "r3"): close + span * 1.1 / 4,
            ("pivots_camarilla(3600)", "s4"): close - span * 1.1 / 2,
        }
        for (text, output), price in wanted.items():
            assert one(text, output)[n] == pytest.approx(price, rel=1e-12), (text, output)


def test_a_volume_profile_has_its_peak_and_value_area_where_volume_was() -> None:
    typical = (HIGH + LOW + CLOSE) / 3
    peak, high, low = (one("volume_profile(100, 20, 0.7)", o) for o in ("", "high", "low"))
    for n in range(99, LAST, 131):
        prices, sizes = typical[n - 99 : n + 1], VOLUME[n - 99 : n + 1]
        counts, edges = np.histogram(prices, 20, weights=sizes)
        most = int(counts.argmax())
        assert edges[most] < peak[n] < edges[most + 1]
        held = counts[(edges[:-1] >= low[n] - 1e-9) & (edges[1:] <= high[n] + 1e-9)].sum()
        assert 0.7 * counts.sum() <= held <= 0.7 * counts.sum() + counts.max()
