"""All candlestick patterns of TA-Lib, bar for bar as it finds them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import talib
import talib.abstract

from connectors.binance import capture_form
from connectors.events import TradeEvent
from streams.operators.features.indicators.asked import parse
from streams.operators.features.indicators.fold import over
from streams.operators.features.indicators.library import GROUPS
from tests.features.series import bars

NAMES = [indicator.name for indicator in GROUPS["candlesticks"]]


def ticks(count: int, seed: int) -> Any:
    """Candles in whole ticks: bodies of none to a few, gaps and shadows of all kinds. What is equal
    is so exactly, and no rounding decides."""
    rng = np.random.default_rng(seed)
    body = rng.integers(-3, 4, count) * rng.choice([0, 1, 1, 2, 4], count)
    gap = rng.integers(-2, 3, count) * rng.choice([0, 0, 1, 2], count)
    close = 10_000_000 + np.cumsum(body + gap)
    open_ = close - body
    top, bottom = np.maximum(open_, close), np.minimum(open_, close)
    high = top + rng.integers(0, 4, count) * rng.choice([0, 0, 1, 2], count)
    low = bottom - rng.integers(0, 4, count) * rng.choice([0, 0, 1, 2], count)
    return np.array([open_, high, low, close], np.float64)


def whole(prices: Any) -> Any:
    return np.concatenate([prices, bars(prices.shape[1])[4:]])


TICKS = ticks(100_000, 5)
FOUND = dict(zip(NAMES, over(tuple(map(parse, NAMES)), whole(TICKS)), strict=True))

# candles (open, high, low, close) that end in a pattern too rare for chance, behind quiet ones
RARE = {
    "cdl3starsinsouth": [(50, 51, 20, 40), (44, 45, 25, 38), (37, 37, 36, 36)],
    "cdlconcealbabyswall": [
        *[(50, 50, 40, 40), (40, 40, 30, 30), (28, 33, 22, 22), (34, 34, 20, 20)]
    ],
    "cdlmathold": [
        *[
            (40, 56, 39, 55),
            (58, 59, 55, 56),
            (55.5, 56, 53, 54),
            (54, 54, 52, 52.5),
            (53, 70, 52, 69),
        ]
    ],
    "cdlupsidegap2crows": [(40, 56, 39, 55), (59, 60, 57, 57), (61, 62, 55, 56)],
}


def test_there_is_every_pattern_that_ta_lib_has() -> None:
    assert sorted(NAMES) == sorted(n.lower() for n in talib.get_functions() if n[:3] == "CDL")


@pytest.mark.parametrize("name", NAMES)
def test_a_pattern_is_found_where_ta_lib_finds_it(name: str) -> None:
    wanted, found = getattr(talib, name.upper())(*TICKS), FOUND[name]
    behind = talib.abstract.Function(name.upper()).lookback
    assert np.isnan(found[:behind]).all()
    np.testing.assert_array_equal(found[behind:], wanted[behind:])
    assert wanted.any() or name in RARE


@pytest.mark.parametrize("name", RARE)
def test_a_rare_pattern_is_found_where_it_is_drawn(name: str) -> None:
    quiet = [(45, 49, 41, 45 + n % 2 * 2) for n in range(20)]
    prices = np.array(quiet + RARE[name], np.float64).T.copy()
    wanted = getattr(talib, name.upper())(*prices)
    assert wanted[-1] != 0
    np.testing.assert_array_equal(over((parse(name),), whole(prices))[0, 15:], wanted[15:])


def test_prices_that_are_no_whole_ticks_make_the_same_patterns() -> None:
    prices = bars(50_000, 4)[:4]
    for name, found in zip(NAMES, over(tuple(map(parse, NAMES)), whole(prices)), strict=True):
        wanted = getattr(talib, name.upper())(*prices)
        np.testing.assert_array_equal(found[20:], wanted[20:], err_msg=name)


@pytest.mark.parametrize("name", [n for n in NAMES if parse(n).params])
def test_how_far_a_candle_must_reach_into_another_can_be_said(name: str) -> None:
    prices = TICKS[:, :20_000]
    for into in (0.1, 0.8):
        wanted = getattr(talib, name.upper())(*prices, penetration=into)
        found = over((parse(f"{name}({into})"),), whole(prices))[0]
        np.testing.assert_array_equal(found[20:], wanted[20:])


def test_patterns_of_a_recorded_session_are_those_of_ta_lib(recorded: Path) -> None:
    """In whole ticks, bars of ten trades each: with flat candles and many that are alike."""
    trades = [
        event.price
        for piece in capture_form.pieces(recorded / "binance" / "usdm_btcusdt_20240808.gz")
        for event in piece.found
        if isinstance(event, TradeEvent)
    ]
    ten = np.array(trades[: len(trades) // 10 * 10], np.float64).reshape(-1, 10)
    prices = np.array([ten[:, 0], ten.max(axis=1), ten.min(axis=1), ten[:, -1]])
    fired = 0
    for name, found in zip(NAMES, over(tuple(map(parse, NAMES)), whole(prices)), strict=True):
        wanted = getattr(talib, name.upper())(*prices)
        np.testing.assert_array_equal(found[20:], wanted[20:], err_msg=name)
        fired += bool(wanted[20:].any())
    assert fired > 30
