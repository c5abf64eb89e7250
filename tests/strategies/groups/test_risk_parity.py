"""A risk parity portfolio of a group: what it holds, against covariances made in the open."""

import math
from pathlib import Path

import numpy as np
import pytest

from config.errors import ConfigError
from research.strategies.group_sample import SECOND, FloatArray, messages
from research.strategies.laws import LAWS, Law
from streams.operators.strategies.groups.config import GroupConfig
from streams.operators.strategies.sizing.meter import YEAR_S
from tests.strategies.groups.made import bars, configured, heard, say, second, stage, targets
from tests.strategies.made import contributions

HALF_LIFE = 200
PARITY = f'kind = "risk_parity"\nhalf_life = "{HALF_LIFE}s"\ntarget = 0.12\nmost = 100.0'


def mix(folder: Path, keys: str = 'every = "60s"', sizing: str = PARITY) -> GroupConfig:
    return configured("constant_mix", folder, keys, sizing=sizing)


def moving(rows: int, seed: int = 3) -> FloatArray:
    """Four members, of which two move together, and two against each other."""
    rng = np.random.default_rng(seed)
    moves = rng.normal(size=(rows, 4)) * 0.001
    moves[:, 1] = 3 * moves[:, 0] + 0.3 * moves[:, 1]
    moves[:, 3] = moves[:, 3] - 0.5 * moves[:, 2]
    prices: FloatArray = np.round(100 * np.exp(moves.cumsum(axis=0)), 4)
    return prices


def forgetting(prices: FloatArray) -> FloatArray:
    """The covariance a second, summed in the open."""
    returns, found = np.diff(np.log(prices), axis=0), np.zeros((4, 4))
    for n, each in enumerate(returns, 1):
        weight = max(1 - 0.5 ** (1 / HALF_LIFE), 1 / n)
        found = (1 - weight) * found + weight * np.outer(each, each)
    return found


def test_all_members_contribute_the_same_risk_and_together_the_target(tmp_path: Path) -> None:
    group, prices = mix(tmp_path), moving(301)
    said = say(group, bars(group, prices))
    last = second(said[-1])
    held = targets(said)
    weights = np.array([held[name] for name in group.members]) * prices[last] / 100_000
    risk = forgetting(prices[: last + 1]) * YEAR_S
    assert last > 200
    assert contributions(weights, risk) == pytest.approx(0.25, abs=1e-4), "but for whole lots"
    assert math.sqrt(weights @ risk @ weights) == pytest.approx(0.12, rel=1e-4)


def test_nothing_is_held_until_there_are_more_bars_than_members(tmp_path: Path) -> None:
    group = mix(tmp_path)
    said = say(group, bars(group, moving(40)))
    assert [second(s) for s in said] == [5] * 4, "the first four returns are not enough"


def test_it_is_sized_anew_when_its_time_has_come(tmp_path: Path) -> None:
    group = mix(tmp_path, 'every = "30s"')
    said = say(group, bars(group, moving(100)))
    assert sorted({second(s) for s in said}) == [5, 35, 65, 95]


def test_without_the_rule_the_money_is_parted_as_it_says(tmp_path: Path) -> None:
    sizing = 'kind = "fixed"\nnotional = "10000"'
    group = mix(tmp_path, 'every = "30s"\nparts = [0.1, 0.2, 0.3, 0.4]', sizing)
    prices = moving(40)
    held = targets(say(group, bars(group, prices)))
    money = np.array([held[name] for name in group.members]) * prices[30]
    assert money == pytest.approx([1000, 2000, 3000, 4000], rel=1e-3)


def test_parts_that_make_no_whole_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="1 in all"):
        mix(tmp_path, "parts = [0.5, 0.6, 0.1, 0.1]")


def test_what_is_short_stays_short_and_hedges(tmp_path: Path) -> None:
    """Pairs, with the rule: both legs move as much, on their sides."""
    group = configured("pairs", tmp_path, "period = 40\nretest = 30\nentry = 1.0", sizing=PARITY)
    held = [s for s in say(group, messages(group, 800)) if s.target]
    sides = {s.ts_event // SECOND: set() for s in held}  # type: dict[int, set[bool]]
    for s in held:
        sides[s.ts_event // SECOND].add((s.target or 0) > 0)
    assert {True, False} in sides.values()


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_every_law_holds(law: Law, tmp_path: Path) -> None:
    group = mix(tmp_path, 'every = "20s"')
    assert not law(group, messages(group, 150))


def test_a_snapshot_holds_what_was_measured(tmp_path: Path) -> None:
    group, prices = mix(tmp_path), moving(150)
    whole = say(group, bars(group, prices))
    first, then = stage(group), stage(group)
    found = heard(first, bars(group, prices[:60]))
    then.restore(first.snapshot())
    assert found + heard(then, bars(group, prices[60:], 60)) == whole


def test_instruments_are_not_named_where_the_group_says_them(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the group's members share the risk"):
        mix(tmp_path, sizing=f"{PARITY}\ncovers = ['X:A']")


def test_a_strategy_on_books_has_no_volatility(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="on books measures none"):
        configured("cross_venue", tmp_path, sizing=PARITY, members=("A:BTC-USD", "B:BTC-USD"))
