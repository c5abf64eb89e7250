"""Option prices by the textbook and at the edges, and implied volatility back from prices."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.operators.risk.greeks import greeks
from streams.operators.risk.implied_volatility import implied_volatility
from streams.operators.risk.options import on_future, on_spot

sides = st.booleans()
prices = st.floats(10, 1000)
strikes = st.floats(0.4, 2.5)  # of the underlying
years = st.floats(0.02, 5)
rates = st.floats(-0.05, 0.2)
volatilities = st.floats(0.05, 2)


def test_a_textbook_option() -> None:
    # Hull, Options, Futures, and Other Derivatives, example 15.6
    for call, price in ((True, 4.76), (False, 0.81)):
        assert greeks(on_spot(call, 42, 40, 0.5, 0.1), 0.2).price[0] == pytest.approx(
            price, abs=0.005
        )
    # and 18.6: a put on a future
    assert greeks(on_future(False, 20, 20, 4 / 12, 0.09), 0.25).price[0] == pytest.approx(
        1.12, abs=0.005
    )


@settings(deadline=None)
@given(sides, prices, st.floats(0.5, 2), years, rates, rates)
def test_without_time_or_volatility_an_option_is_worth_its_exercise(
    call: bool, spot: float, strike: float, t: float, r: float, q: float
) -> None:
    k = strike * spot
    for found, left in (
        (greeks(on_spot(call, spot, k, 0.0, r, q), 0.5), 0.0),
        (greeks(on_spot(call, spot, k, t, r, q), 0.0), t),
    ):
        worth = spot * math.exp(-q * left) - k * math.exp(-r * left)
        assert found.price[0] == pytest.approx(max(worth if call else -worth, 0), abs=1e-9 * spot)
        assert found.gamma[0] == found.vega[0] == found.vanna[0] == found.volga[0] == 0
        for figure in (found.delta, found.theta, found.rho):
            assert np.isfinite(figure).all()
    near = greeks(on_spot(call, spot, k, t, r, q), 1e-6)
    at = greeks(on_spot(call, spot, k, t, r, q), 0.0)
    if abs(math.log(spot / k) + (r - q) * t) > 1e-3:
        assert at.delta[0] == pytest.approx(near.delta[0], abs=1e-6)
        assert at.theta[0] == pytest.approx(near.theta[0], abs=1e-4 * spot)


def test_at_the_money_at_expiry_delta_is_half() -> None:
    found = greeks(on_spot([True, False], 100, 100, 0, 0.05), 0.3)
    np.testing.assert_array_equal(found.delta, [0.5, -0.5])


@settings(deadline=None, max_examples=300)
@given(sides, prices, strikes, years, rates, rates, volatilities, st.booleans())
def test_implied_volatility_comes_back_from_the_price(
    call: bool, u: float, strike: float, t: float, r: float, q: float, v: float, future: bool
) -> None:
    k = strike * u
    of = on_future(call, u, k, t, r) if future else on_spot(call, u, k, t, r, q)
    made = greeks(of, v)
    found = implied_volatility(of, made.price)
    # the price knows the volatility to so many digits; what lies below cannot come back
    lost = 1e-14 * (u + k) * math.exp(abs(r) * t + abs(q) * t) / max(made.vega[0], 1e-300)
    if lost < 1e-4:
        assert found[0] == pytest.approx(v, rel=1e-11, abs=4 * lost)
        again = greeks(of, found).price
        np.testing.assert_allclose(again, made.price, rtol=1e-9, atol=1e-13 * (u + k))


@pytest.mark.parametrize("strike", [20.0, 50.0, 99.9, 100.0, 100.1, 200.0, 500.0])
@pytest.mark.parametrize("v", [0.01, 0.1, 1.0, 5.0])
def test_the_solver_holds_far_from_the_money_and_at_extreme_volatility(
    strike: float, v: float
) -> None:
    of = on_future([True, False], 100.0, strike, 1.0, 0.0)
    price = greeks(of, v).price
    out_of_the_money = price[0 if strike >= 100 else 1]
    found = implied_volatility(of, price)[0 if strike >= 100 else 1]
    if out_of_the_money > 1e-12:
        assert found == pytest.approx(v, rel=1e-6)


def test_a_price_that_no_volatility_gives_has_none() -> None:
    def implied(call: bool, price: float, t: float = 1.0) -> float:
        return float(implied_volatility(on_future(call, 100, 90, t, 0.0), price)[0])

    assert math.isnan(implied(True, 9.99))
    assert implied(True, 10.0) == 0
    assert implied(True, 10.01) > 0
    assert math.isnan(implied(True, 100.0))
    assert implied(True, 99.9) > 5
    assert math.isnan(implied(False, -0.01))
    assert math.isnan(implied(False, 90.0))
    assert math.isnan(implied(True, 15.0, t=0.0))
    assert math.isnan(implied(True, math.nan))


def test_columns_are_repeated_and_a_bad_row_is_named() -> None:
    of = on_spot([True, False, True], 100, [90, 100, 110], 0.5, 0.01)
    many = greeks(of, [0.2, 0.3, 0.4])
    for i, (call, strike, v) in enumerate([(True, 90, 0.2), (False, 100, 0.3), (True, 110, 0.4)]):
        one = greeks(on_spot(call, 100, strike, 0.5, 0.01), v)
        assert many.price[i] == one.price[0]
        assert many.volga[i] == one.volga[0]
    for kwargs, words in (
        ({"spot": [1, 0]}, "option 1: underlying 0"),
        ({"strike": -1}, "option 0: strike -1"),
        ({"years": -0.1}, "option 0: years"),
        ({"rate": math.nan}, "option 0: rate nan"),
    ):
        good = {"call": True, "spot": 1, "strike": 1, "years": 1, "rate": 0}
        with pytest.raises(ValueError, match=words):
            on_spot(**{**good, **kwargs})  # type: ignore[arg-type]
    for v in (-0.1, math.nan):
        with pytest.raises(ValueError, match="option 0: volatility"):
            greeks(of, v)
