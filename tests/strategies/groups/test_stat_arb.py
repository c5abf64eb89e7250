"""Statistical arbitrage: residuals of a made market in which one member parts from its factor."""

from pathlib import Path

import numpy as np
import pytest

from streams.operators.strategies.groups.residuals import Residual, residuals
from streams.operators.strategies.groups.stat_arb import StatArb, _side
from tests.strategies.groups.made import FloatArray, bars, configured, say, second, targets

MEMBERS = tuple(f"X:{name}" for name in "ABCDEF")
ROWS = 260


def market(jump: float = 0.0, member: int = 0, index: bool = False) -> FloatArray:
    """Six members follow one walk, each with a part that comes back; at 250 that of one jumps.
    With ``index`` the first one is nothing but the walk."""
    rng = np.random.default_rng(8)
    common = rng.normal(0, 2e-3, ROWS).cumsum()
    own = np.zeros((ROWS, len(MEMBERS)))
    for row in range(1, ROWS):
        own[row] = own[row - 1] * 0.7 + rng.normal(0, 3e-4, len(MEMBERS))
    own[250:, member] += jump
    own[:, 0] *= not index
    found: FloatArray = 100 * np.exp(common[:, None] * np.linspace(0.8, 1.2, 6) + own)
    return found


def test_the_papers_thresholds_are_the_defaults() -> None:
    """Avellaneda and Lee 2010, section 4: enter at 1.25, close long at 0.50, short at 0.75."""
    params = StatArb()
    assert (params.open, params.close_long, params.close_short) == (1.25, 0.5, 0.75)
    assert (params.period, params.correlation) == (60, 252)


@pytest.mark.parametrize(
    ("before", "s", "after"),
    [
        *((0, -1.3, 1), (0, -1.2, 0), (0, 1.3, -1), (0, 1.2, 0)),
        *((1, -0.6, 1), (1, -0.4, 0), (1, 1.3, -1)),
        *((-1, 0.8, -1), (-1, 0.7, 0), (-1, -1.3, 1)),
    ],
)
def test_a_side_is_taken_and_left_as_the_paper_says(before: int, s: float, after: int) -> None:
    found = Residual(np.zeros(1), s, 10.0)
    assert _side(StatArb(), before, found) == after


def test_what_comes_back_too_slowly_is_left_alone() -> None:
    assert _side(StatArb(), 1, Residual(np.zeros(1), -3.0, 31.0)) == 0
    assert _side(StatArb(), 1, None) == 0


def test_a_score_is_how_far_the_last_value_is_from_the_mean() -> None:
    """The closed form of the paper's appendix: s = -a / (1 - b) / sqrt(var(e) / (1 - b²))."""
    rng = np.random.default_rng(2)
    factor = rng.normal(size=60)
    own = np.zeros(61)
    for row in range(60):
        own[row + 1] = 0.6 * own[row] + rng.normal()
    returns = np.column_stack([2 * factor + np.diff(own), factor + rng.normal(size=60)])
    x = np.column_stack([np.ones(60), factor])
    expected, means = [], []
    for n in range(2):
        beta = np.linalg.lstsq(x, returns[:, n], rcond=None)[0]
        total = (returns[:, n] - x @ beta).cumsum()
        b, a = np.polyfit(total[:-1], total[1:], 1)
        noise = total[1:] - a - b * total[:-1]
        means.append(a / (1 - b))
        expected.append((beta[1], np.sqrt(noise.var() / (1 - b * b)), -1 / np.log(b)))
    found = residuals(returns, factor[:, None])
    for each, (beta_, deviation, time), mean in zip(found, expected, means, strict=True):
        assert each is not None
        assert each.betas[0] == pytest.approx(beta_)
        assert each.s == pytest.approx((np.mean(means) - mean) / deviation)
        assert each.time == pytest.approx(time)


@pytest.mark.parametrize("factor", ["pca", "first"])
def test_the_member_that_fell_is_bought_against_the_factor(factor: str, tmp_path: Path) -> None:
    is_index = factor == "first"
    fell = "X:D" if is_index else "X:A"
    made = market(-3e-3, MEMBERS.index(fell), is_index)
    keys = f'factor = "{factor}"\ncorrelation = 200\nopen = 1.4'
    group = configured("stat_arb", tmp_path, keys, MEMBERS)
    said = [s for s in say(group, bars(group, made)) if second(s) == 250]
    held = targets(said)
    assert held[fell] > 0
    assert any(f"long {fell}" in s.reason for s in said)
    others = sum(units * made[250, MEMBERS.index(n)] for n, units in held.items() if n != fell)
    assert others < 0, "what the factor moves is hedged"


def test_a_quiet_market_of_one_factor_gives_nothing_before_it_has_seen_enough(
    tmp_path: Path,
) -> None:
    group = configured("stat_arb", tmp_path, "correlation = 200", MEMBERS)
    said = say(group, bars(group, market()))
    assert said
    assert min(map(second, said)) >= 200


def test_too_many_factors_are_told(tmp_path: Path) -> None:
    group = configured("stat_arb", tmp_path, "correlation = 60\nfactors = 6", MEMBERS)
    with pytest.raises(AssertionError, match="take fewer"):
        say(group, bars(group, market()))
