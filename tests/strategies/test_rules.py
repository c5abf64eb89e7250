"""The rules of each strategy on vectors made by hand: when it enters, when it leaves, and why."""

from pathlib import Path

import numpy as np
import pytest

from config.errors import ConfigError
from research.strategies.laws import say
from schemas.frames import FeatureFrame, Vectors
from schemas.inbox import Signal
from streams.operators.strategies.config import StrategyConfig
from tests.strategies.made import configured, signals

SECOND = 10**9


def vectors(config: StrategyConfig, mids: list[float], **columns: list[float]) -> FeatureFrame:
    """A second apart; prices in cents. A column by its name in the strategy's view."""
    n = len(mids)
    names = tuple(config.columns[name] for name in columns)
    values = np.array(list(columns.values()), float).T.ravel()
    cents = np.round(np.array(mids) * 100).astype(np.int64)
    ts = np.arange(1, n + 1) * SECOND
    return FeatureFrame("X:Y", 2, 3, "test", names, Vectors(ts, cents - 1, cents + 1, values))


def sides(said: list[Signal]) -> list[tuple[int, int]]:
    """(second, sign of the position wanted) of each signal."""
    return [(s.ts_event // SECOND, int(np.sign(s.target or 0))) for s in said]


def test_momentum_enters_on_an_unusual_rise_and_leaves_when_it_is_usual_again(
    tmp_path: Path,
) -> None:
    config, _ = configured("momentum", tmp_path, "window = 10\nexit = 0.5")
    roc = [0.0, 1.0] * 5 + [9.0, 9.0, 0.5, -9.0]
    n = len(roc)
    frame = vectors(config, [100.0] * n, roc=roc, rsi=[50.0] * n, macd=[1.0] * 13 + [-1.0])
    said = signals(say(config, [frame]))
    assert sides(said) == [(11, 1), (13, 0), (14, -1)]
    window = np.array(roc[1:11])
    z = (window[-1] - window.mean()) / window.std(ddof=1)
    assert said[0].features["z"] == pytest.approx(z)
    assert f"z {z:.2f}" in said[0].reason


@pytest.mark.parametrize(
    ("rsi", "macd", "enters"), [(50.0, 1.0, True), (70.0, 1.0, False), (50.0, -1.0, False)]
)
def test_momentum_wants_rsi_and_macd_to_agree(
    rsi: float, macd: float, enters: bool, tmp_path: Path
) -> None:
    config, _ = configured("momentum", tmp_path, "window = 10")
    frame = vectors(config, [100.0] * 10, roc=[0.0] * 9 + [5.0], rsi=[rsi] * 10, macd=[macd] * 10)
    assert bool(say(config, [frame])) == enters


def test_momentum_that_is_overbought_is_left(tmp_path: Path) -> None:
    config, _ = configured("momentum", tmp_path, "window = 10")
    roc, rsi = [0.0] * 9 + [5.0, 9.0], [50.0] * 10 + [71.0]
    frame = vectors(config, [100.0] * 11, roc=roc, rsi=rsi, macd=[1.0] * 11)
    assert sides(signals(say(config, [frame]))) == [(10, 1), (11, 0)]


def test_prices_that_stand_still_have_no_momentum(tmp_path: Path) -> None:
    config, _ = configured("momentum", tmp_path, "window = 10")
    frame = vectors(config, [100.0] * 12, roc=[0.0] * 12, rsi=[50.0] * 12, macd=[1.0] * 12)
    assert say(config, [frame]) == []


@pytest.mark.parametrize(("leaves", "second"), [("band", 3), ("mean", 4)])
def test_mean_reversion_buys_below_the_band_and_leaves_on_the_way_back(
    leaves: str, second: int, tmp_path: Path
) -> None:
    config, _ = configured("mean_reversion", tmp_path, f'leaves = "{leaves}"')
    mids = [100.0, 90.0, 97.0, 100.0, 110.0, 110.0]
    n = len(mids)
    bands = {"upper": [105.0] * n, "mean": [100.0] * n, "lower": [95.0] * n}
    frame = vectors(config, mids, **bands, rsi=[50.0, 15.0, 15.0, 50.0, 60.0, 85.0])
    said = signals(say(config, [frame]))
    assert sides(said) == [(2, 1), (second, 0), (6, -1)]
    assert said[0].features["confidence"] == pytest.approx(0.6 * 10 * 5 / 95 + 0.4 * 0.5)


def test_rsi_2_buys_setbacks_in_a_rise_and_sells_rallies_in_a_fall(tmp_path: Path) -> None:
    config, _ = configured("rsi_2", tmp_path)
    mids = [100.0, 100.0, 103.0, 98.0, 98.0, 95.0]
    trend, out = [99.0] * 6, [101.0, 101.0, 101.0, 97.0, 97.0, 97.0]
    frame = vectors(config, mids, rsi=[50.0, 4.0, 90.0, 90.0, 96.0, 20.0], trend=trend, out=out)
    assert sides(signals(say(config, [frame]))) == [(2, 1), (3, 0), (5, -1), (6, 0)]


def test_breakout_follows_the_channel_before_the_bar_and_gives_up_at_its_stop(
    tmp_path: Path,
) -> None:
    config, _ = configured(
        "breakout", tmp_path, sizing='kind = "percent_risk"\nrisk = 0.001\nmost = 10.0'
    )
    mids = [100.0, 102.0, 104.0, 99.0, 97.0, 89.0, 93.5]  # stops at 98, then at 93
    high = [101.0, 102.5, 104.5, 104.5, 104.5, 104.5, 104.5]
    low = [90.0] * 7
    exits = {"exit_high": [99.0] * 7, "exit_low": [95.0] * 7}
    frame = vectors(config, mids, high=high, low=low, **exits, atr=[2.0] * 7)
    said = signals(say(config, [frame]))
    assert sides(said) == [(2, 1), (5, 0), (6, -1), (7, 0)]
    assert "102 broke 101" in said[0].reason
    assert said[0].target == 25_000  # 100 a stop that is 4 away


def test_parameters_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    for kind, keys in (("breakout", "exit = 60"), ("momentum", "exit = 3.0")):
        with pytest.raises(ConfigError, match=r"strategies\.mine: exit"):
            configured(kind, tmp_path, keys)
