"""Ensembles: members think and do not trade, weights learn from the past, ties are defined."""

import math
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from config.errors import ConfigError
from config.keys import REPLAY_KEY
from config.operators import operator_configs
from research.strategies.laws import LAWS, Law, say, survives_a_restart, with_fills
from schemas.frames import FeatureFrame, Vectors, cut_features
from schemas.inbox import Signal
from schemas.records import DeadLetter
from streams.operators.strategies.config import StrategyConfig
from streams.operators.strategies.ensemble import Ensemble, ensemble
from streams.operators.strategies.hedge import first, learnt
from streams.operators.strategies.kind import NoParams, strategy
from streams.operators.strategies.sizing.fixed import Fixed
from streams.operators.strategies.view import View
from streams.operators.strategies.wants import Signal as Said
from tests.strategies.made import configured, sample, signals, toml
from tests.strategies.test_rules import sides

SECOND = 10**9
NAMES = ("a", "b", "c")
MINE = '[strategies.mine]\nkind = "ensemble"\naccount = "paper"\ninstruments = ["*"]\n'
SIZING = '[strategies.{}.sizing]\nkind = "fixed"\nnotional = "10000"\n'


@strategy("follow", needs={"x": "x"})
def follow(params: NoParams, view: View) -> Iterable[Said]:
    """Wants what its column says, and fails where that is no direction."""
    yield view.target(view["x"], "its column says so")


def member(name: str, instruments: str = "*") -> StrategyConfig:
    sizing = Fixed(notional=Decimal(1000))
    return StrategyConfig(name, follow, NoParams(), "paper", (instruments,), sizing, {"x": name})


def of(count: int, **keys: Any) -> StrategyConfig:
    """An ensemble of members that want what the columns a, b, c say."""
    names = NAMES[:count]
    params = Ensemble(of=names, **{"rate": 0.0, "spread_out": 0.0, **keys})
    members = tuple(map(member, names))
    return StrategyConfig(
        *("mine", ensemble, params, "paper", ("*",), Fixed(notional=Decimal(1000)), {}),
        asked=members,
    )


def frame(mids: list[float], *votes: list[float]) -> FeatureFrame:
    n = len(mids)
    cents = np.round(np.array(mids) * 100).astype(np.int64)
    values = np.array(votes, float).T.ravel()
    ts = np.arange(1, n + 1) * SECOND
    return FeatureFrame(
        "X:Y", 2, 6, "test", NAMES[: len(votes)], Vectors(ts, cents - 1, cents + 1, values)
    )


def said(config: StrategyConfig, mids: list[float], *votes: list[float]) -> list[Signal]:
    return signals(say(config, [frame(mids, *votes)]))


def test_it_enters_where_enough_weight_agrees_and_leaves_where_too_little_does() -> None:
    a, b, c = [1, 1, 1, 0, -1, -1], [0, 1, 0, 0, -1, -1], [0, 0, 0, 0, 0, -1]
    made = said(of(3), [100.0] * 6, a, b, c)
    assert sides(made) == [(2, 1), (4, 0), (5, -1)]
    assert made[0].features["strength"] == pytest.approx(2 / 3)
    assert (made[0].features["vote_b"], made[0].features["weight_b"]) == (1.0, pytest.approx(1 / 3))
    assert {signal.strategy for signal in made} == {"mine"}, "members do not trade"


def test_weights_that_are_given_count() -> None:
    made = said(of(2, weights=(3.0, 1.0)), [100.0] * 2, [0, 1], [0, -1])
    assert sides(made) == [(2, 1)]
    assert made[0].features["strength"] == pytest.approx(0.5)


@pytest.mark.parametrize("fusion", ["weighted", "majority"])
def test_a_tie_never_enters_and_leaves_what_is_held(fusion: str) -> None:
    a, b = [1, 1, 1, -1], [-1, 1, -1, -1]
    assert sides(said(of(2, fusion=fusion), [100.0] * 4, a, b)) == [(2, 1), (3, 0), (4, -1)]
    kept = of(2, fusion=fusion, exit=0.0)
    assert sides(said(kept, [100.0] * 4, a, b)) == [(2, 1), (4, -1)]


def test_a_majority_counts_heads_and_not_how_much_each_wants() -> None:
    votes = [0, 0.1], [0, 0.1], [0, -1]
    assert sides(said(of(3, fusion="majority"), [100.0] * 2, *votes)) == [(2, 1)]
    assert said(of(3), [100.0] * 2, *votes) == []


def test_who_was_right_gains_weight_by_the_numbers_of_hedge() -> None:
    keys = {"rate": math.log(2), "move": 100.0}
    a, b = [1, 1, 1], [-1, -1, -1]
    (signal,) = said(of(2, **keys), [100.0, 101.0, 102.0], a, b)
    assert signal.ts_event == 2 * SECOND
    assert signal.features["weight_a"] == pytest.approx(0.8)  # 1/2 × 2 against 1/2 × 1/2
    assert signal.features["strength"] == pytest.approx(0.6)


def test_a_member_is_scored_by_what_it_wanted_before_the_move() -> None:
    """The one who turns at the very vector of the move has no part in it."""
    keys = {"rate": math.log(2), "move": 100.0, "min_confidence": 0.3}
    made = said(of(2, **keys), [100.0, 101.0], [0, 1], [1, 0])
    assert sides(made) == [(1, 1)]
    assert said(of(2, **keys), [100.0, 100.0, 101.0], [0, 0, 1], [0, 0, 0.0])[0].features[
        "weight_a"
    ] == pytest.approx(0.5)


def test_costs_take_weight_from_one_that_always_turns() -> None:
    keys = {"rate": math.log(2), "move": 100.0, "cost": 50.0, "min_confidence": 0.3}
    made = said(of(2, **keys), [100.0] * 3, [0, 1, -1], [0, 0, -1])
    weight = 0.5 * 2**-0.5 / (0.5 * 2**-0.5 + 0.5)
    assert made[0].features["weight_a"] == pytest.approx(weight)


def test_weights_last_through_a_restart_in_whatever_order_members_are_named() -> None:
    rng = np.random.default_rng(4)
    config = of(3, rate=0.5, min_confidence=0.1, exit=0.1)
    params = replace(config.params, of=("c", "a", "b"))
    config = replace(config, params=params, asked=tuple(map(member, params.of)))
    rows = 40
    mids = (100 + rng.normal(0, 0.1, rows).cumsum()).tolist()
    whole = frame(mids, *rng.choice([-1.0, 0.0, 1.0], (3, rows)).tolist())
    assert len(signals(say(config, [whole]))) > 5
    assert survives_a_restart(config, [cut_features(whole, n, n + 1) for n in range(rows)]) == []


def test_weight_that_is_shared_out_lets_a_loser_come_back() -> None:
    weights = first(("a", "b"), (1.0, 1.0))
    for _ in range(1000):
        weights = learnt(weights, {"a": 1.0, "b": -1.0}, 1.0, 0.02)
    assert weights["b"] >= 0.01
    assert sum(weights.values()) == pytest.approx(1)


@pytest.mark.parametrize("seed", range(5))
def test_hedge_falls_short_of_the_best_by_no_more_than_its_bound(seed: int) -> None:
    rng, rate, steps = np.random.default_rng(seed), 0.1, 400
    names = tuple("abcde")
    gains = np.clip(rng.normal(rng.normal(0, 0.2, len(names)), 1.0, (steps, len(names))), -1, 1)
    weights, gained = first(names, [1.0] * len(names)), 0.0
    for row in gains:
        given = dict(zip(names, row.tolist(), strict=True))
        gained += sum(weights[name] * given[name] for name in names)
        weights = learnt(weights, given, rate, 0.0)
    assert gained >= gains.sum(0).max() - math.log(len(names)) / rate - rate * steps / 2


def test_one_that_fails_or_does_not_trade_the_instrument_has_no_vote() -> None:
    config = of(3)
    others = (*config.asked[:2], member("c", "OTHER:*"))
    messages = say(
        replace(config, asked=others), [frame([100.0] * 3, [0, 1, 1], [0, 7, 0], [-1, -1, -1])]
    )
    letter, signal = messages
    assert isinstance(letter, DeadLetter)
    assert letter.error.startswith("strategies.mine.of.b is switched off in X:Y: ValueError")
    assert isinstance(signal, Signal)
    assert signal.features["strength"] == 1.0


def members(folder: Path, keys: str = "", more: str = "") -> Any:
    text = (
        f"[models.p_up]\nwarm_up = 5\n[strategies.ema_cross]\nenabled = false\n{MINE}{keys}\n"
        + SIZING.format("mine")
        + more
    )
    return operator_configs(toml(text, folder), REPLAY_KEY)


TREND = (
    '[strategies.trend]\nkind = "neural_trend"\naccount = "paper"\ninstruments = ["*"]\n'
    "enabled = false\nmin_confidence = 0.55\n" + SIZING.format("trend")
)
TWO = 'of = ["ema_cross", "trend"]'


def test_a_member_that_is_not_enabled_thinks_and_does_not_trade(tmp_path: Path) -> None:
    configs = members(tmp_path, TWO, TREND)
    (config,) = configs.strategies.strategies
    assert [one.name for one in config.asked] == ["ema_cross", "trend"]
    assert config.reads == ("ema_spread", "p_up")
    made = signals(say(config, sample(configs.features)))
    assert {signal.strategy for signal in made} == {"mine"}
    assert {"ema_spread", "p_up", "vote_trend", "weight_ema_cross"} <= made[0].features.keys()


def test_a_member_wants_in_an_ensemble_what_it_wants_alone(tmp_path: Path) -> None:
    alone, features = configured("neural_trend", tmp_path)
    keys = "rate = 0.0\nmin_confidence = 1.0\nexit = 1.0\n" + 'of = ["trend"]'
    more = TREND.replace("0.55", "0.7")
    (config,) = members(tmp_path, keys, more).strategies.strategies
    messages = sample(features)
    expected = sides(signals(say(alone, messages)))
    assert len(expected) > 3
    assert sides(signals(say(config, messages))) == expected


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_every_law_holds_of_several_members_that_learn(law: Law, tmp_path: Path) -> None:
    configs = members(tmp_path, f"{TWO}\nrate = 0.5\nmin_confidence = 0.3", TREND)
    (config,) = configs.strategies.strategies
    messages = with_fills(config, sample(configs.features))
    assert len(say(config, messages)) > 3
    assert not law(config, messages)


@pytest.mark.parametrize(
    ("keys", "more", "says"),
    [
        (
            'of = ["ema_cros"]',
            "",
            r"strategies\.mine: there is no \[strategies\.ema_cros\]; did you",
        ),
        ("of = []", "", "at least one"),
        ('of = ["ema_cross", "ema_cross"]', "", "each once"),
        ("weights = [1.0, 2.0]", "", "give 1"),
        ("weights = [0.0]", "", "above 0"),
        ("exit = 0.9", "", "must not lie above"),
        ('of = ["mine"]', "", "asks others itself"),
    ],
)
def test_members_and_weights_that_cannot_be_are_refused(
    keys: str, more: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=says):
        members(tmp_path, keys, more)


def test_a_member_that_makes_a_market_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "maker.py").write_text(
        "from streams.operators.strategies.kind import NoParams, strategy\n\n\n"
        '@strategy("maker", hears=True)\n'
        "def maker(params: NoParams, view):\n    return ()\n"
    )
    more = TREND.replace("neural_trend", "maker").replace("min_confidence = 0.55\n", "")
    more += f'[user_strategies]\nfolder = "{folder}"\n'
    with pytest.raises(ConfigError, match="works with orders of its own"):
        members(tmp_path, 'of = ["trend"]', more)
