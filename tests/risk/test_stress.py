"""Scenarios against positions valued by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.operators.risk.greeks import greeks
from streams.operators.risk.options import on_future, on_spot
from streams.operators.risk.revaluation import LinearLine, OptionLine, Revaluation, pnl
from streams.operators.risk.stress import (
    Scenario,
    Scope,
    Shock,
    UnknownMove,
    replay,
    stress,
    worst,
)
from streams.operators.risk.var import VarConfig, measure

BTC = LinearLine("BTC", "coins", 1000.0)
ETH = LinearLine("ETH", "coins", -400.0)
OIL = LinearLine("OIL", "energy", 300.0)
CALL = OptionLine("BTC-C", "BTC", "coins", 2.0, True, False, 100.0, 110.0, 0.5, 0.03, 0.01, 0.6)
PUT = OptionLine("OIL-P", "OIL", "energy", -5.0, False, True, 70.0, 65.0, 0.25, 0.03, 0.0, 0.4)


def test_the_most_specific_shock_counts() -> None:
    scenario = Scenario(
        "crash",
        (
            Shock(Scope.ALL, price=-0.1),
            Shock(Scope.SECTOR, "coins", price=-0.3),
            Shock(Scope.INSTRUMENT, "ETH", price=-0.5),
        ),
    )
    (result,) = stress([BTC, ETH, OIL], [scenario])
    np.testing.assert_allclose(result.by_line, [-300, 200, -30])
    assert (result.scenario, result.pnl) == ("crash", pytest.approx(-130))


def test_what_no_shock_names_does_not_move() -> None:
    (result,) = stress([BTC, OIL, PUT], [Scenario("eth", (Shock(Scope.INSTRUMENT, "ETH"),))])
    np.testing.assert_array_equal(result.by_line, [0, 0, 0])
    (nothing,) = stress([], [Scenario("all", (Shock(Scope.ALL, price=-0.5),))])
    assert nothing.pnl == 0
    assert stress([BTC], []) == []


moves = st.floats(-0.6, 1.5)
points = st.floats(-80, 120)


@settings(deadline=None)
@given(moves, points, st.floats(0, 400))
def test_options_are_valued_anew(price: float, volatility: float, days: float) -> None:
    shock = Shock(Scope.ALL, price=price, volatility_points=volatility)
    (result,) = stress([CALL, PUT], [Scenario("s", (shock,), days)])
    call = [
        greeks(on_spot(True, p, 110, max(t, 0), 0.03, 0.01), max(v, 0)).price[0]
        for p, t, v in (
            (100, 0.5, 0.6),
            (100 * (1 + price), 0.5 - days / 365, 0.6 + volatility / 100),
        )
    ]
    put = [
        greeks(on_future(False, p, 65, max(t, 0), 0.03), max(v, 0)).price[0]
        for p, t, v in (
            (70, 0.25, 0.4),
            (70 * (1 + price), 0.25 - days / 365, 0.4 + volatility / 100),
        )
    ]
    expected = [2 * (call[1] - call[0]), -5 * (put[1] - put[0])]
    np.testing.assert_allclose(result.by_line, expected, rtol=1e-9, atol=1e-9)


@settings(deadline=None)
@given(st.floats(-0.02, 0.02), st.floats(-1, 1), st.floats(0, 0.5))
def test_greeks_tell_small_moves(price: float, volatility: float, days: float) -> None:
    scenario = Scenario("s", (Shock(Scope.ALL, "", price, volatility),), days)
    (full,) = stress([CALL, PUT, BTC], [scenario])
    (near,) = stress([CALL, PUT, BTC], [scenario], Revaluation.GREEKS)
    np.testing.assert_allclose(near.by_line, full.by_line, atol=5e-3)


def test_greeks_fail_for_large_moves_where_full_valuation_does_not() -> None:
    crash = Scenario("crash", (Shock(Scope.ALL, price=-0.9),))
    (full,) = stress([CALL], [crash])
    (near,) = stress([CALL], [crash], Revaluation.GREEKS)
    premium = 2 * greeks(on_spot(True, 100, 110, 0.5, 0.03, 0.01), 0.6).price[0]
    assert full.pnl == pytest.approx(-premium, abs=1e-4)  # a bought option loses no more
    assert abs(near.pnl) < 0.6 * premium  # the parabola turns up again too soon


def test_a_replay_goes_step_by_step_and_knows_the_worst_point() -> None:
    returns = np.array([[-0.2, 0.1], [-0.5, 0.0], [1.0, 0.1]])
    steps = replay("2020", [BTC, OIL, CALL], ["BTC", "OIL"], returns)
    results = stress([BTC, OIL], steps)
    moved = np.cumprod(1 + returns, axis=0) - 1
    np.testing.assert_allclose([r.pnl for r in results], moved @ [1000, 300])
    assert worst(results).scenario == "2020 2"
    with pytest.raises(UnknownMove, match=r"no returns of BTC$"):
        replay("2020", [BTC, CALL, OIL], ["OIL"], returns[:, 1:])


def test_var_of_options_takes_their_revaluation_for_returns() -> None:
    returns = np.random.default_rng(1).normal(0, 0.05, (500, 1))
    lines = [BTC, CALL]
    scenarios = pnl(lines, np.repeat(returns, 2, axis=1), np.zeros((500, 2)), np.full(500, 1 / 365))
    both = measure(scenarios, np.ones(2), VarConfig(confidence=0.95))
    assert both.component_var.sum() == pytest.approx(both.var)
    alone = measure(returns, np.array([1000.0]), VarConfig(confidence=0.95))
    assert both.var > alone.var
    insured = OptionLine("P", "BTC", "", 10.0, False, False, 100, 100, 0.5, 0.03, 0.01, 0.6)
    scenarios[:, 1:] = pnl([insured], returns, np.zeros((500, 1)), np.zeros(500))
    assert measure(scenarios, np.ones(2), VarConfig(confidence=0.95)).var < alone.var


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Shock(Scope.ALL, "x"), "scope all with the name 'x'"),
        (lambda: Shock(Scope.SECTOR), "scope sector"),
        (lambda: Shock(Scope.ALL, price=-1.0), "cannot lose all"),
        (lambda: Shock(Scope.ALL, price=math.nan), "shock of nan"),
        (
            lambda: Scenario("s", (Shock(Scope.SECTOR, "x"), Shock(Scope.SECTOR, "x", 0.1))),
            "scenario s: two shocks for sector x",
        ),
    ],
)
def test_shocks_that_cannot_be_are_refused(make: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()  # type: ignore[operator]
