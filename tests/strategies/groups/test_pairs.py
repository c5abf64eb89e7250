"""Pairs: made prices whose hedge and spread are known."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from schemas.inbox import Signal
from streams.operators.strategies.groups.config import GroupConfig
from streams.operators.strategies.groups.instance import GroupInstance
from tests.strategies.groups.made import (
    FIXED,
    FloatArray,
    bars,
    configured,
    reverting,
    say,
    second,
    stage,
    targets,
    walk,
)

TWO = ("X:A", "X:B")
HEDGE = 1.5
PERIOD = 100


def prices(rows: int = 400, seed: int = 1, jump: tuple[int, int, float] = (0, 0, 0)) -> FloatArray:
    """a = 20 + 1.5 b + a spread that comes back; from one row to another it is off by so much."""
    b, spread = walk(rows, seed), reverting(rows, seed + 1, pull=0.5)
    spread[jump[0] : jump[1]] += jump[2]
    return np.column_stack([20 + HEDGE * b + spread, b])


def pair(folder: Path, sizing: str = FIXED, **keys: Any) -> GroupConfig:
    all_keys = {"period": PERIOD, "retest": 50, "entry": 3.0, "stop": 50.0, **keys}
    text = "\n".join(f"{name} = {value!r}" for name, value in all_keys.items())
    return configured("pairs", folder, text, TWO, sizing)


def around(signals: list[Signal], first: int, last: int) -> list[Signal]:
    return [s for s in signals if first <= second(s) <= last]


def test_it_enters_where_the_spread_parts_and_leaves_where_it_is_back(tmp_path: Path) -> None:
    group = pair(tmp_path)
    said = say(group, bars(group, prices(jump=(200, 220, 0.6))))
    entry = around(said, 200, 200)
    assert [(s.instrument, s.side) for s in entry] == [("X:A", "SELL"), ("X:B", "BUY")]
    assert entry[0].features["z"] > 3
    out = around(said, 220, 220)
    assert [(s.instrument, s.target) for s in out] == [("X:A", 0), ("X:B", 0)]
    assert "the spread is back" in out[0].reason


def test_the_hedge_is_found_and_both_sides_cost_what_the_sizing_says(tmp_path: Path) -> None:
    group, made = pair(tmp_path), prices(jump=(200, 220, -0.6))
    entry = around(say(group, bars(group, made)), 200, 200)
    assert entry[0].features["hedge"] == pytest.approx(HEDGE, abs=0.05)
    assert entry[0].features["p_value"] < 0.01
    held = targets(entry)
    assert held["X:A"] > 0 > held["X:B"]
    assert held["X:B"] / held["X:A"] == pytest.approx(-entry[0].features["hedge"], rel=1e-4)
    cost = held["X:A"] * made[200, 0] - held["X:B"] * made[200, 1]
    assert cost == pytest.approx(10_000, rel=1e-3)


def test_two_walks_are_no_pair(tmp_path: Path) -> None:
    group = pair(tmp_path, entry=0.6, significance=0.001)
    apart = np.column_stack([walk(400, 11), walk(400, 12)])
    assert say(group, bars(group, apart)) == []


def test_what_is_no_pair_any_more_is_dropped(tmp_path: Path) -> None:
    """The spread begins to run away slowly: a later test says so, and both are closed."""
    made = prices(jump=(200, 400, 0.6))
    made[200:, 0] += np.arange(200) * 0.05
    group = pair(tmp_path)
    said = say(group, bars(group, made))
    out = [s for s in around(said, 201, 400) if s.target == 0]
    assert [s.instrument for s in out[:2]] == list(TWO)
    assert "no longer cointegrated" in out[0].reason
    assert not around(said, second(out[0]) + 1, 400)


def test_a_stop_gives_up_until_the_next_test(tmp_path: Path) -> None:
    group = pair(tmp_path, retest=1000, stop=5.0)
    made = prices(jump=(200, 210, 0.5))
    made[205:210, 0] += 3
    said = say(group, bars(group, made))
    assert [s.target == 0 for s in around(said, 200, 400)] == [False, False, True, True]
    assert "given up" in said[-1].reason


def test_a_silent_member_is_not_traded_anew(tmp_path: Path) -> None:
    """From 195 to 240 nothing is heard of b, while a runs away."""
    group, made = pair(tmp_path, stale_after="3s"), prices(jump=(200, 240, 0.6))
    rows = bars(group, made)
    heard = [m for n, m in enumerate(rows) if n % 2 == 0 or not 195 <= n // 2 < 240]
    assert not around(say(group, heard), 195, 240)
    assert around(say(group, rows), 200, 200)


def test_a_position_in_a_silent_member_is_closed_when_its_time_is_up(tmp_path: Path) -> None:
    group = pair(tmp_path, stale_after="3s", most_bars=15)
    rows = bars(group, prices(jump=(200, 300, 0.6)))
    heard = [m for n, m in enumerate(rows) if n % 2 == 0 or n // 2 < 205]
    out = around(say(group, heard), 201, 300)
    assert [(s.instrument, s.target) for s in out] == [("X:A", 0), ("X:B", 0)]
    assert "held for 15 bars" in out[0].reason


def test_money_is_hedged_where_prices_are_logarithms(tmp_path: Path) -> None:
    b, spread = walk(400, 3), reverting(400, 4, pull=0.5, deviation=1e-4)
    spread[200:220] += 2e-3
    made = np.column_stack([np.exp(0.5 + 0.8 * np.log(b) + spread), b])
    group = pair(tmp_path, prices="log")
    held = targets(around(say(group, bars(group, made)), 200, 200))
    money = held["X:A"] * made[200, 0], held["X:B"] * made[200, 1]
    assert money[1] / money[0] == pytest.approx(-0.8, abs=0.05)
    assert money[1] - money[0] == pytest.approx(10_000, rel=1e-3)


def test_a_kalman_hedge_follows_and_rebalances(tmp_path: Path) -> None:
    """While the spread stays wide the hedge moves; a position is resized by a tenth at least."""
    group = pair(tmp_path, hedge="kalman", delta=1e-7, rebalance=0.05)
    made = prices(600, jump=(200, 206, 1.0))
    said = say(group, bars(group, made))
    entry = around(said, 200, 200)
    assert [(s.instrument, s.side) for s in entry] == [("X:A", "SELL"), ("X:B", "BUY")]
    assert entry[0].features["hedge"] == pytest.approx(HEDGE, abs=0.1)
    assert targets(said) == {"X:A": 0, "X:B": 0}


def test_the_best_of_several_pairs_are_taken_each_member_once(tmp_path: Path) -> None:
    b, d = walk(400, 5), walk(400, 6)
    first, other = (reverting(400, n, pull=0.5) for n in (7, 8))
    first[200:220] += 0.6
    other[200:220] += 0.6
    made = np.column_stack([5 + b + first, b, 9 + 2 * d + other, d])
    text = f"period = {PERIOD}\nretest = 50\nentry = 3\nstop = 50\nmost_pairs = 2"
    group = configured("pairs", tmp_path, text)
    said = [s for s in say(group, bars(group, made)) if second(s) == 200]
    held = targets(said)
    assert list(held) == ["X:A", "X:B", "X:C", "X:D"]
    cost = [abs(held[name]) * made[200, n] for n, name in enumerate(held)]
    assert cost[0] + cost[1] == pytest.approx(5000, rel=1e-3)
    assert cost[2] + cost[3] == pytest.approx(5000, rel=1e-3)


def test_volatility_for_the_sizing_is_that_of_the_position(tmp_path: Path) -> None:
    sizing = 'kind = "volatility_target"\ntarget = 0.1\nmost = 100'
    group, made = pair(tmp_path, sizing), prices(jump=(200, 220, 0.6))
    held = targets(around(say(group, bars(group, made)), 200, 200))
    moved = np.diff(made[101:201] @ np.array([held["X:A"], held["X:B"]]))
    a_year = float(moved.std(ddof=1)) * math.sqrt(365.25 * 86_400)
    assert a_year == pytest.approx(0.1 * 100_000, rel=0.01)


def test_the_state_is_that_of_a_run_that_was_never_stopped(tmp_path: Path) -> None:
    group = pair(tmp_path, hedge="kalman")
    rows = bars(group, prices(jump=(200, 220, 0.6)))
    whole, first, then = stage(group), stage(group), stage(group)
    for message in rows:
        whole.apply(message)
    for message in rows[:405]:
        first.apply(message)
    then.restore(first.snapshot())
    for message in rows[405:]:
        then.apply(message)
    assert then.snapshot() == whole.snapshot()


def test_other_members_begin_anew(tmp_path: Path) -> None:
    one = GroupInstance(pair(tmp_path))
    one.unpack({**one.pack(), "members": ["X:A", "X:Z"], "place": None})
    assert one.pack()["members"] == list(TWO)
