"""Enhanced momentum on vectors made by hand; the numbers of the rules that it follows."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from research.strategies.laws import say
from schemas.inbox import Signal
from streams.operators.strategies.enhanced_momentum import (
    EnhancedMomentum,
    confidence,
    enhanced_momentum,
)
from streams.operators.strategies.library import KINDS
from streams.operators.strategies.place import Place
from streams.operators.strategies.ring import Ring
from streams.operators.strategies.sizing.meter import Meter
from streams.operators.strategies.view import View
from tests.strategies.made import configured, signals
from tests.strategies.test_rules import sides, vectors

WINDOW = 10
KEYS = f"window = {WINDOW}\nmin_confidence = 0.0\n"


def trends(*last: float, flat: int = 2 * WINDOW) -> list[float]:
    """Fast averages less slow ones that alternate for a while."""
    return [(-1.0) ** n for n in range(flat)] + list(last)


def said(folder: Path, keys: str, *fast: list[float], **columns: Any) -> list[Signal]:
    config, _ = configured("enhanced_momentum", folder, keys)
    n = len(fast[0])
    given: dict[str, Any] = {"stddev": [1.0] * n, "efficiency": [0.5] * n, "model": [0.5] * n}
    for at in range(3):
        given |= {f"fast_{at}": fast[min(at, len(fast) - 1)], f"slow_{at}": [0.0] * n}
    given |= columns
    return signals(say(config, [vectors(config, [100.0] * n, **given)]))


def strength_of(window: list[float]) -> float:
    """The formulas of Baz et al. 2015, written down anew; all three horizons alike."""
    z = window[-1] / np.std(window, ddof=1)
    return float(z * math.exp(-(z**2) / 4) / 0.89)


def test_it_enters_on_a_strong_trend_and_leaves_when_it_is_over(tmp_path: Path) -> None:
    fast = trends(2.0, 1.0, 0.1, -2.0)
    made = said(tmp_path, KEYS + "entry = 0.9", fast)
    assert sides(made) == [(21, 1), (23, 0), (24, -1)]
    expected = strength_of(fast[21 - WINDOW : 21])
    assert made[0].features["strength"] == pytest.approx(expected)
    assert made[0].features["confidence"] == pytest.approx(0.8 * expected + 0.2 * 0.5)


def test_the_response_is_largest_at_the_root_of_two_and_shrinks_beyond(tmp_path: Path) -> None:
    made = said(tmp_path, KEYS + "entry = 0.9", trends(9.0))
    z = 9.0 / np.std(trends(9.0)[-WINDOW:], ddof=1)
    assert z > 2, "a trend that ran so far is no reason to enter"
    assert made == []
    assert strength_of([0.0] * 3 + [2.0]) == pytest.approx(2 * math.exp(-1) / 0.89)


@pytest.mark.parametrize(
    ("keys", "agree", "efficiency", "enters"),
    [
        ("agree = 2", 3, 0.5, True),
        ("agree = 3", 2, 0.5, False),
        ("agree = 2", 2, 0.5, True),
        ("efficiency = 0.5", 3, 0.5, True),
        ("efficiency = 0.51", 3, 0.5, False),
    ],
)
def test_its_filters_keep_it_out(
    keys: str, agree: int, efficiency: float, enters: bool, tmp_path: Path
) -> None:
    rise, fall = trends(2.0), trends(-0.2)
    fast = [rise if n < agree else fall for n in range(3)]
    keys = KEYS + "entry = 0.3\n" + keys
    made = said(tmp_path, keys, *fast, efficiency=[efficiency] * len(rise))
    assert ((21, 1) in sides(made)) == enters


def test_it_waits_for_its_window_and_is_silent_where_prices_stand_still(tmp_path: Path) -> None:
    assert said(tmp_path, KEYS, trends(2.0, flat=WINDOW - 2)) == []
    n = 2 * WINDOW
    assert said(tmp_path, KEYS, [0.0] * n, stddev=[0.0] * n) == []


def test_a_confidence_that_is_too_small_takes_nothing(tmp_path: Path) -> None:
    fast, keys = trends(2.0), f"window = {WINDOW}\nentry = 0.9\nmodel_weight = 0.5\n"
    base = strength_of(fast[-WINDOW:])
    for p in (0.9, 0.1):
        mixed = 0.5 * base + 0.5 * p
        for least, enters in ((mixed - 0.001, True), (mixed + 0.001, False)):
            made = said(tmp_path, f"{keys}min_confidence = {least}", fast, model=[p] * len(fast))
            assert bool(made) == enters


def view(**values: float) -> View:
    place = Place(None, Ring(0, 1), Meter())
    return View("X:Y", 1, 99.0, 101.0, values, place, KINDS["enhanced_momentum"], (2, 2), [], {})


BOTH = EnhancedMomentum(sentiment="news")


def test_the_golden_mixture_of_trend_sentiment_and_model() -> None:
    assert confidence(BOTH, view(sentiment=0.5, model=0.7), 0.8, 1) == (pytest.approx(0.765), "")


def test_a_short_reads_model_and_sentiment_from_its_own_side() -> None:
    assert confidence(BOTH, view(sentiment=-0.5, model=0.3), 0.8, -1)[0] == pytest.approx(0.765)


def test_news_that_contradict_halve_the_confidence_and_are_told() -> None:
    mixed = 0.8 * 0.5 + 0.3 * 0.2 + 0.2 * 0.7
    sure, doubt = confidence(BOTH, view(sentiment=-0.6, model=0.7), 0.8, 1)
    assert sure == pytest.approx(mixed / 2)
    assert doubt == ", but the news say otherwise"
    assert confidence(BOTH, view(sentiment=-0.5, model=0.7), 0.8, 1)[1] == ""


def test_what_is_not_configured_or_silent_has_no_weight() -> None:
    nothing = EnhancedMomentum(model="", sentiment="")
    assert confidence(nothing, view(), 0.8, 1)[0] == pytest.approx(0.8)
    silent = view(sentiment=math.nan, model=math.nan)
    assert confidence(BOTH, silent, 0.8, 1)[0] == pytest.approx(0.8)
    assert set(enhanced_momentum.needs(nothing)).isdisjoint({"model", "sentiment"})
