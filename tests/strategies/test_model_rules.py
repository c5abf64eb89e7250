"""The rules of strategies that follow a model's column, on vectors made by hand."""

from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigError
from research.strategies.laws import say
from schemas.inbox import Signal
from tests.strategies.made import configured, signals
from tests.strategies.test_rules import sides, vectors

NAN = float("nan")


def said(kind: str, folder: Path, keys: str, mids: list[float], **columns: Any) -> list[Signal]:
    config, _ = configured(kind, folder, keys)
    return signals(say(config, [vectors(config, mids, **columns)]))


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        ([0.5, 0.5, 0.55, 0.9, 0.45, 0.9], [(3, 1), (5, -1)]),
        ([0.5, 0.5, 0.54, 0.9, 0.45, 0.9], [(5, -1)]),
        ([0.5, 0.5, 0.60, 0.9, 0.46, 0.9], [(3, 1), (5, 0)]),
        ([NAN] * 6, []),
    ],
)
def test_ma_cross_takes_the_crosses_that_its_model_agrees_with(
    p: list[float], expected: list[tuple[int, int]], tmp_path: Path
) -> None:
    fast, slow = [9.0, 9.0, 11.0, 12.0, 9.0, 9.0], [10.0] * 6
    made = said("ma_cross", tmp_path, "", [100.0] * 6, fast=fast, slow=slow, p_up=p)
    assert sides(made) == expected


def test_ma_cross_says_which_average_crossed_and_what_the_model_thinks(tmp_path: Path) -> None:
    keys = 'average = "kama"\nfast = 4\nslow = 9\nmodel = "tree"'
    tree = '[models.tree]\nkind = "hoeffding_tree"\n'
    config, _ = configured("ma_cross", tmp_path, f"{keys}\n{tree}")
    assert config.columns == {"fast": "kama_4_2_30", "slow": "kama_9_2_30", "p_up": "tree"}
    columns = {"fast": [1.0, 3.0], "slow": [2.0, 2.0], "p_up": [0.2, 0.875]}
    (signal,) = signals(say(config, [vectors(config, [100.0] * 2, **columns)]))
    assert signal.reason == "fast KAMA crossed above slow, tree 0.875"
    assert signal.probability == 0.875


def test_ma_cross_that_may_not_be_short_is_flat_instead(tmp_path: Path) -> None:
    fast, keys = [9.0, 11.0, 9.0], "allow_short = false"
    made = said(
        "ma_cross", tmp_path, keys, [100.0] * 3, fast=fast, slow=[10.0] * 3, p_up=[0.7, 0.7, 0.1]
    )
    assert sides(made) == [(2, 1), (3, 0)]


def test_neural_trend_enters_when_the_model_is_sure_and_stays_until_it_is_not(
    tmp_path: Path,
) -> None:
    p = [0.69, 0.70, 0.55, 0.50, 0.49, 0.60, 0.30, 0.45, 0.72, NAN, 0.1]
    made = said("neural_trend", tmp_path, "", [100.0] * len(p), p=p)
    assert sides(made) == [(2, 1), (5, 0), (7, -1), (9, 1), (11, -1)]
    assert made[0].reason == "p_up: a rise at 0.700"
    assert made[1].reason == "p_up: no longer sure, 0.490"
    assert made[2].probability == 0.30


def test_neural_trend_waits_until_the_model_was_sure_often_enough(tmp_path: Path) -> None:
    p = [0.8, 0.8, 0.6, 0.8, 0.8, 0.8]
    assert sides(said("neural_trend", tmp_path, "confirm = 3", [100.0] * 6, p=p)) == [(6, 1)]


@pytest.mark.parametrize(
    ("keys", "mids", "out", "why"),
    [
        ('hold = "2s"', [100.0] * 6, 3, "held for 2 s"),
        ("stop = 100.0", [100.0, 99.5, 99.01, 99.0, 99.0, 99.0], 4, "100.0 bp against it"),
    ],
)
def test_neural_trend_ended_by_time_or_stop_waits_until_the_model_was_unsure(
    keys: str, mids: list[float], out: int, why: str, tmp_path: Path
) -> None:
    made = said("neural_trend", tmp_path, keys, mids, p=[0.8, 0.8, 0.8, 0.8, 0.6, 0.8])
    assert sides(made) == [(1, 1), (out, 0), (6, 1)]
    assert made[1].reason == why


def test_time_goes_on_while_a_model_says_nothing(tmp_path: Path) -> None:
    mids, keys = [100.0] * 5, 'hold = "2s"'
    made = said("neural_trend", tmp_path, keys, mids, p=[0.8, 0.8, NAN, NAN, 0.8])
    assert sides(made) == [(1, 1), (3, 0), (5, 1)]
    made = said("neural_arbitrage", tmp_path, keys, mids, forecast=[50.0, NAN, NAN, NAN, NAN])
    assert sides(made) == [(1, 1), (3, 0)]


def test_neural_trend_that_may_not_be_short_is_flat_instead(tmp_path: Path) -> None:
    made = said("neural_trend", tmp_path, "allow_short = false", [100.0] * 3, p=[0.9, 0.1, 0.1])
    assert sides(made) == [(1, 1), (2, 0)]


COSTS = 12.0  # bp: bid and ask are a cent from 100.00, and 5 bp are paid each way


def test_neural_arbitrage_enters_only_what_is_left_after_costs(tmp_path: Path) -> None:
    forecast = [21.9, 22.0, 22.1, -22.1]
    made = said("neural_arbitrage", tmp_path, "", [100.0] * 4, forecast=forecast)
    assert sides(made) == [(3, 1), (4, -1)]
    assert made[0].features["costs"] == pytest.approx(COSTS)
    assert made[0].features["net"] == pytest.approx(22.1 - COSTS)
    assert made[0].features["price"] == pytest.approx(100.221)
    assert made[0].reason == "+22.1 bp foreseen, 12.0 bp costs"


def test_neural_arbitrage_leaves_where_the_price_was_foreseen_or_the_forecast_turns(
    tmp_path: Path,
) -> None:
    mids = [100.0, 100.49, 100.5, 100.0, 100.0]
    made = said("neural_arbitrage", tmp_path, "", mids, forecast=[50.0, 0.0, 0.0, 50.0, -1.0])
    assert sides(made) == [(1, 1), (3, 0), (4, 1), (5, 0)]
    assert made[1].reason == "the mid came to 100.5, as foreseen"
    assert made[3].reason == "the forecast has turned"


def test_neural_arbitrage_holds_as_long_as_the_model_foresees_and_renews_what_is_worth_it(
    tmp_path: Path,
) -> None:
    keys, mids = 'hold = "3s"', [100.0] * 8
    made = said("neural_arbitrage", tmp_path, keys, mids, forecast=[50.0] + [5.0] * 7)
    assert sides(made) == [(1, 1), (4, 0)]
    assert made[1].reason == "held for 3 s"
    renewed = [50.0, 5.0, 5.0, 50.0, 5.0, 5.0, 5.0, 5.0]
    made = said("neural_arbitrage", tmp_path, keys, mids, forecast=renewed)
    assert sides(made) == [(1, 1), (7, 0)]


def test_thresholds_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    for kind, keys, says in (
        ("ma_cross", "fast = 30", "fast 30 must be shorter"),
        ("neural_trend", "exit = 0.8", "must not lie above min_confidence"),
        ("neural_trend", 'model = "gone"', "no feature 'gone'"),
        ("enhanced_momentum", "exit = 0.6", "must lie below entry"),
        ("enhanced_momentum", "model_weight = 0.8", "together"),
    ):
        with pytest.raises(ConfigError, match=says):
            configured(kind, tmp_path, keys)
