"""Features of the book and of trades are what their papers say, by pandas, scipy and plain sums."""

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from config.errors import ConfigError
from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from streams.operators.features.indicators import indicator
from streams.operators.features.indicators.asked import parse
from streams.operators.features.indicators.fold import Program, over
from streams.operators.features.indicators.indicator import COLUMNS, OF_BARS
from streams.operators.features.indicators.library import GROUPS
from streams.operators.features.indicators.rolling import total
from tests.features.series import micro

BARS = micro(600)
TABLE = pd.DataFrame(BARS.T, columns=list(COLUMNS))
MID = (TABLE.bid_1 + TABLE.ask_1) / 2
ALL = tuple(parse(i.name) for g in ("book", "trades", "liquidity") for i in GROUPS[g])


def one(text: str, output: str = "", columns: Any = BARS) -> np.ndarray:
    asked = parse(text)
    found: np.ndarray = over((asked,), columns)[list(asked.indicator.outputs).index(output)]
    return found


def sums(name: str, n: int) -> pd.Series:
    return TABLE[name].rolling(n).sum()


def same(found: np.ndarray, wanted: Any, rtol: float = 1e-9) -> None:
    wanted = np.asarray(wanted, float)
    assert np.isfinite(wanted).sum() > 400
    np.testing.assert_allclose(found, wanted, rtol=rtol, atol=1e-9)


def sizes(side: str, levels: int) -> pd.DataFrame:
    return TABLE[[f"{side}_size_{n + 1}" for n in range(levels)]]


def test_sums_over_bars_are_what_pandas_adds_up() -> None:
    t, seconds = TABLE, sums("book_seconds", 10)
    weighed = {
        name: (t[name] * t.book_seconds).rolling(10).sum() for name in ("spread", "imbalance")
    }
    left = (t.bid_removed + t.ask_removed).rolling(10).sum()
    cancelled = (left - sums("volume", 10)).clip(lower=0)
    flow = sum(t[f"ofi_{n}"] for n in (1, 2, 3)).rolling(10).sum()
    queue = (sizes("bid", 3).sum(axis=1) + sizes("ask", 3).sum(axis=1)).rolling(10).mean() / 6
    wanted = {
        ("quoted_spread(10)", ""): weighed["spread"] / seconds,
        ("queue_imbalance(10)", ""): weighed["imbalance"] / seconds,
        ("book_rate(10)", ""): sums("book_changes", 10) / seconds,
        ("cancel_rate(10)", ""): cancelled / seconds,
        ("cancel_rate(10)", "share"): cancelled / left,
        ("ofi(10)", ""): sums("ofi_1", 10),
        ("ofi(10, 3)", ""): flow,
        ("ofi(10, 3)", "norm"): flow / queue,
        ("signed_volume(10)", ""): sums("bought", 10) - sums("sold", 10),
        ("tick_rule(10)", "share"): sums("tick_rule", 10) / sums("volume", 10),
        ("lee_ready(10)", "share"): sums("lee_ready", 10) / sums("volume", 10),
        ("effective_spread(10)", ""): 2e4 * sums("cost", 10) / sums("traded_mid", 10),
        ("trade_rate(10)", ""): sums("trades", 10) / (t.ts - t.ts.shift(10)),
        ("since_trade", ""): t.ts - t.last_trade,
        ("hawkes(0.5, 0.1, 0.2, 0.3)", "buys"): 0.5
        + t.buys_100ms
        + 0.2 * t.buys_1s
        + 0.03 * t.buys_10s,
    }
    for (text, output), series in wanted.items():
        same(one(text, output), series)


def test_the_shape_of_the_book_is_what_its_levels_say() -> None:
    t, bids, asks = TABLE, sizes("bid", 5), sizes("ask", 5)
    same(
        one("imbalance(5)"),
        (bids.sum(axis=1) - asks.sum(axis=1)) / (bids + asks.values).sum(axis=1),
    )
    middle = (t.bid_1 * t.ask_size_1 + t.ask_1 * t.bid_size_1) / (t.bid_size_1 + t.ask_size_1)
    same(one("weighted_mid"), middle)
    same(one("weighted_mid", "bps"), 1e4 * (middle - MID) / MID)
    prices = {side: t[[f"{side}_{n + 1}" for n in range(5)]] for side in ("bid", "ask")}
    away = {side: prices[side].sub(MID, axis=0).abs() for side in prices}
    for side, levels in (("bid", bids), ("ask", asks)):
        depth = levels.cumsum(axis=1)
        slope = [
            np.linalg.lstsq(a[:, None], d, rcond=None)[0][0]
            for a, d in zip(away[side].values, depth.values, strict=True)
        ]
        same(one("depth_slope(5)", side), slope)
    bid, ask = (bids / away["bid"].values).sum(axis=1), (asks / away["ask"].values).sum(axis=1)
    same(one("book_pressure(5)"), (bid - ask) / (bid + ask))


def test_slopes_are_those_of_scipy() -> None:
    for text, x, y in (
        ("kyle_lambda(40)", TABLE.bought - TABLE.sold, TABLE.close.diff()),
        ("ofi_impact(40)", TABLE.ofi_1, MID.diff()),
    ):
        for at in (40, 41, 80, 300, 599):
            line = stats.linregress(x[at - 39 : at + 1], y[at - 39 : at + 1])
            assert one(text)[at] == pytest.approx(line.slope, rel=1e-9)
            assert one(text, "r2")[at] == pytest.approx(line.rvalue**2, rel=1e-9)


def test_realised_spread_and_impact_add_up_to_the_effective_spread() -> None:
    t, after = TABLE, 3
    impact = MID * t.signed.shift(after) - t.signed_mid.shift(after)
    cost, traded = t.cost.shift(after), t.traded_mid.shift(after)
    weight = traded.rolling(10).sum()
    same(one("price_impact(10, 3)"), 2e4 * impact.rolling(10).sum() / weight, 1e-7)
    realised = 2e4 * (cost - impact).rolling(10).sum() / weight
    same(one("realised_spread(10, 3)"), realised, 1e-7)
    effective = one("effective_spread(10)")[:-after]
    same(effective[9:], (one("price_impact(10, 3)") + one("realised_spread(10, 3)"))[12:], 1e-7)


def test_what_bars_tell_of_liquidity_is_what_the_papers_define() -> None:
    t, close = TABLE, TABLE.close
    illiquid = 1e6 * (close / close.shift() - 1).abs() / t.notional
    same(one("amihud(20)"), illiquid.rolling(20).mean())
    move = close.diff()
    covariance = move.rolling(30).cov(move.shift(), ddof=0)
    same(one("roll(30)"), 2 * np.sqrt((-covariance).clip(lower=0)), 1e-6)
    same(one("corwin_schultz(20)"), 1e4 * corwin_schultz().rolling(20).mean())
    z = stats.norm.cdf(move / move.rolling(25).std(ddof=0))
    signed = (2 * z - 1) * t.volume
    same(one("bvc(10, 25)"), signed.rolling(10).sum(), 1e-7)
    same(one("bvc(10, 25)", "share"), signed.rolling(10).sum() / t.volume.rolling(10).sum(), 1e-7)
    same(one("vpin(10, 700, 25)"), vpin(2 * z - 1, 10, 700.0), 1e-7)


def corwin_schultz() -> pd.Series:
    """Equations 14 and 18 of the paper, bar by bar, the second bar moved by the gap between."""
    spreads = [math.nan]
    rows = list(zip(TABLE.high, TABLE.low, TABLE.close, strict=True))
    for (high, low, close), (next_high, next_low, _) in itertools.pairwise(rows):
        if next_low > close:
            next_high, next_low = next_high - (next_low - close), close
        elif next_high < close:
            next_high, next_low = close, next_low + (close - next_high)
        beta = math.log(high / low) ** 2 + math.log(next_high / next_low) ** 2
        gamma = math.log(max(high, next_high) / min(low, next_low)) ** 2
        k = 3 - 2 * 2**0.5
        alpha = ((2 * beta) ** 0.5 - beta**0.5) / k - (gamma / k) ** 0.5
        spreads.append(max(2 * (math.exp(alpha) - 1) / (1 + math.exp(alpha)), 0.0))
    return pd.Series(spreads)


def vpin(sides: Any, n: int, bucket: float) -> list[float]:
    """Every unit of volume goes to a bucket in its turn."""
    found, poured, edges = [], 0.0, [0.0]
    flows: list[tuple[float, float, float]] = []  # from, to, side
    full: list[float] = []
    for volume, side in zip(TABLE.volume, sides, strict=True):
        if not math.isnan(side):
            flows.append((poured, poured + volume, side))
            poured += volume
        while edges[-1] + bucket <= poured:
            start, end = edges[-1], edges[-1] + bucket
            parts = [
                (min(b, end) - max(a, start)) * s for a, b, s in flows if a < end and b > start
            ]
            full.append(abs(sum(parts)) / bucket)
            edges.append(end)
        found.append(sum(full[-n:]) / n if len(full) >= n else math.nan)
    return found


def test_a_spread_is_found_again_in_prices_that_bounce() -> None:
    """Roll's and Corwin and Schultz's own model: a random walk, trades at bid or ask."""
    rng = np.random.default_rng(5)
    steps, spread = 400, 0.2
    prices = 100 + np.cumsum(rng.normal(0, 0.005, 2000 * steps)).reshape(2000, steps)
    prices += rng.choice([-spread / 2, spread / 2], prices.shape)
    columns = np.full((len(COLUMNS), 2000), np.nan)
    columns[0], columns[1], columns[2], columns[3] = (
        prices[:, 0],
        prices.max(axis=1),
        prices.min(axis=1),
        prices[:, -1],
    )
    mid = np.median(prices)
    assert one("corwin_schultz(1900)", columns=columns)[-1] * mid / 1e4 == pytest.approx(
        0.2, rel=0.25
    )
    columns[3] = prices.ravel()[:2000]
    assert one("roll(1900)", columns=columns)[-1] == pytest.approx(spread, rel=0.1)


def test_the_microprice_is_the_mid_plus_all_moves_that_are_to_come() -> None:
    """Stoikov (2018): with the steps between states as they were, a linear system says it."""
    rng = np.random.default_rng(3)
    columns, buckets = np.array(BARS[:, :1].repeat(20_000, axis=1)), 4
    share = rng.random(20_000)
    moves = 0.01 * (rng.random(20_000) < abs(share - 0.5)) * np.sign(share - 0.5)
    bid = 100 + np.concatenate(([0.0], np.cumsum(moves)[:-1]))
    columns[indicator.BID], columns[indicator.ASK] = bid, bid + 0.01
    columns[indicator.BID_SIZE], columns[indicator.ASK_SIZE] = share, 1 - share
    state = (share * buckets).astype(int)
    turned = buckets - 1 - state
    steps, drift = np.zeros((buckets, buckets)), np.zeros(buckets)
    for of, sign in ((state, 1), (turned, -1)):
        np.add.at(steps, (of[:-1], of[1:]), 1)
        np.add.at(drift, of[:-1], sign * np.diff(bid))
    count = steps.sum(axis=1)
    values = np.linalg.lstsq(np.eye(buckets) - steps / count[:, None], drift / count, rcond=None)[0]
    values -= values.mean()  # the solution that a mirror turns to its opposite
    found = one(f"microprice({buckets})", columns=columns) - (bid + 0.005)
    assert values[-1] > values[-2] > 0
    np.testing.assert_allclose(found[-200:], values[state[-200:]], atol=1e-5)


def test_hawkes_is_the_sum_over_all_trades_before() -> None:
    """Its columns are held to direct sums by ``test_columns``; here its weights are, by rates."""
    columns = BARS.copy()
    columns[indicator.BUYS : indicator.BUYS + 3] = 0
    columns[indicator.SELLS : indicator.SELLS + 3] = [[2.0], [3.0], [4.0]]
    buys, sells = over((parse("hawkes(1, 0.5, 0.25, 0.1)"),), columns)
    assert buys[0] == 1
    assert sells[0] == pytest.approx(1 + 0.5 / 0.1 * 2 + 0.25 / 1 * 3 + 0.1 / 10 * 4)


@given(st.lists(st.integers(1, 90), min_size=1, max_size=9), st.integers(0, 99))
def test_bars_may_come_one_by_one_or_at_once_with_holes_in_the_book(
    pieces: list[int], seed: int
) -> None:
    columns, program = micro(sum(pieces), seed, holes=True), Program(ALL)
    state, found, at = program.empty_state(), [], 0
    for piece in pieces:
        found.append(program.fold(np.ascontiguousarray(columns[:, at : at + piece]), state))
        at += piece
    np.testing.assert_array_equal(np.concatenate(found, axis=1), over(ALL, columns))


def test_what_is_not_known_at_a_bar_is_nan_there_and_leaves_no_trace_behind() -> None:
    columns = micro(300, holes=True)
    dark = np.isnan(columns[indicator.BID])
    assert 10 < dark.sum() < 100
    for asked in ALL:
        found = over((asked,), columns)
        if asked.indicator.name in {i.name for i in GROUPS["book"]}:
            assert np.isnan(found[:, dark]).all(), asked.indicator.name
        known = found[:, ~dark]
        assert np.isfinite(known[:, 150:]).all(), asked.indicator.name
    mean = one("sma(20, of=spread)", columns=columns)
    spread = pd.Series(columns[indicator.SPREAD][~dark])
    same_ = spread.rolling(20).mean().to_numpy()
    np.testing.assert_allclose(mean[~dark], same_, rtol=1e-9)


def test_every_output_is_defined_from_its_warm_up_on_and_not_before() -> None:
    for asked in ALL:
        if asked.indicator.name != "vpin":  # which waits for volume
            whole = ~np.isnan(over((asked,), BARS)).any(axis=0)
            assert whole[asked.warm_up - 1 :].all(), asked.indicator.name
            assert not whole[: asked.warm_up - 1].any(), asked.indicator.name


def test_a_market_that_stands_still_makes_no_infinities() -> None:
    still = np.zeros((len(COLUMNS), 200))
    still[:4], still[indicator.TS] = 100.0, np.arange(200)
    still[indicator.BID], still[indicator.ASK] = 99.5, 100.5
    still[indicator.BID_SIZE], still[indicator.ASK_SIZE], still[indicator.DEPTH] = 1, 1, 1
    for asked in ALL:
        found = over((asked,), still)[:, asked.warm_up :]
        assert asked.indicator.name == "vpin" or np.isfinite(found).all(), asked.indicator.name


@given(st.lists(st.floats(-1e9, 1e9), max_size=50), st.integers(1, 12))
def test_a_running_total_loses_nothing(values: list[float], n: int) -> None:
    state = np.zeros(1 + n)
    for at in range(len(values)):
        found = total(values[at], at + 1, n, state)
        window = values[max(at + 1 - n, 0) : at + 1]
        assert found == pytest.approx(math.fsum(window), rel=1e-12, abs=1e-6)
        if not any(window):
            assert found == 0


@pytest.mark.parametrize(
    ("market", "indicators", "said"),
    [
        ("levels = 3", '["imbalance(5)"]', r"imbalance\(5\) needs market.levels of 5; there are 3"),
        ("levels = 3", '["sma(9, of=bid_size_4)"]', "needs market.levels of 4"),
        ("levels = 3", '["ofi(9, 11)"]', "levels 11: from 1 to 10"),
    ],
)
def test_levels_that_the_tape_has_not_are_refused(
    market: str, indicators: str, said: str, tmp_path: Path
) -> None:
    config = tmp_path / "few.toml"
    config.write_text(f"[market]\n{market}\n[features]\nindicators = {indicators}\n")
    with pytest.raises(ConfigError, match=said):
        load(config)


@pytest.mark.parametrize(
    ("indicators", "told"),
    [("[]", None), ('["ofi"]', None), ('["lee_ready"]', "time"), ('["ema(9, of=cost)"]', "time")],
)
def test_trades_go_to_the_tape_if_a_feature_is_made_of_them(
    indicators: str, told: str | None, tmp_path: Path
) -> None:
    config = tmp_path / "asks.toml"
    config.write_text(f"[features]\nindicators = {indicators}\n")
    assert operator_configs(load(config), REPLAY_KEY).builder.prints == told


def test_bars_alone_do_for_what_is_made_of_bars() -> None:
    asked = tuple(one for one in ALL if one.made_of == OF_BARS)
    np.testing.assert_array_equal(over(asked, BARS[:9]), over(asked, BARS))
