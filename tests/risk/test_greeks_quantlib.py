"""Option prices and Greeks against QuantLib."""

import math

import pytest
import QuantLib as ql
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.operators.risk.greeks import greeks
from streams.operators.risk.options import on_future, on_spot

sides = st.booleans()
prices = st.floats(10, 1000)
strikes = st.floats(0.4, 2.5)  # of the underlying
years = st.floats(0.02, 5)
rates = st.floats(-0.05, 0.2)
volatilities = st.floats(0.05, 2)


def calculator(
    call: bool, strike: float, forward: float, deviation: float, discount: float
) -> ql.BlackCalculator:
    payoff = ql.PlainVanillaPayoff(ql.Option.Call if call else ql.Option.Put, strike)
    return ql.BlackCalculator(payoff, forward, deviation, discount)


def volga(call: bool, k: float, forward: float, v: float, t: float, discount: float) -> float:
    """The slope of QuantLib's vega: its own volga (1.44) is that divided by the square root of the
    time to expiry."""
    root, step = math.sqrt(t), 1e-5
    up, down = (
        calculator(call, k, forward, w * root, discount).vega(t) for w in (v + step, v - step)
    )
    return (up - down) / (2 * step)


@settings(deadline=None, max_examples=300)
@given(sides, prices, strikes, years, rates, rates, volatilities)
def test_black_scholes_merton_is_quantlibs(
    call: bool, spot: float, strike: float, t: float, r: float, q: float, v: float
) -> None:
    k = strike * spot
    found = greeks(on_spot(call, spot, k, t, r, q), v)
    forward, root = spot * math.exp((r - q) * t), v * math.sqrt(t)
    oracle = calculator(call, k, forward, root, math.exp(-r * t))
    expected = {
        "price": oracle.value(),
        "delta": oracle.delta(spot),
        "gamma": oracle.gamma(spot),
        "vega": oracle.vega(t),
        "theta": oracle.theta(spot, t),
        "rho": oracle.rho(t),
        "vanna": oracle.vanna(spot, t),
    }
    for name, value in expected.items():
        got = getattr(found, name)[0]
        assert got == pytest.approx(value, rel=1e-9, abs=1e-9 * spot), name
    assert found.volga[0] == pytest.approx(
        volga(call, k, forward, v, t, math.exp(-r * t)), rel=1e-5, abs=1e-5 * spot
    )


@settings(deadline=None, max_examples=200)
@given(sides, prices, strikes, years, rates, volatilities)
def test_black_76_is_quantlibs(
    call: bool, future: float, strike: float, t: float, r: float, v: float
) -> None:
    k, root = strike * future, v * math.sqrt(t)
    found = greeks(on_future(call, future, k, t, r), v)
    oracle = calculator(call, k, future, root, math.exp(-r * t))
    higher = calculator(call, k, future, root, math.exp(-(r + 1e-6) * t)).value()
    lower = calculator(call, k, future, root, math.exp(-(r - 1e-6) * t)).value()
    expected = {
        "price": oracle.value(),
        "delta": oracle.delta(future),
        "gamma": oracle.gamma(future),
        "vega": oracle.vega(t),
        "theta": oracle.theta(future, t),
        "vanna": oracle.vanna(future, t),
    }
    for name, value in expected.items():
        got = getattr(found, name)[0]
        assert got == pytest.approx(value, rel=1e-9, abs=1e-9 * future), name
    discount = math.exp(-r * t)
    assert found.volga[0] == pytest.approx(
        volga(call, k, future, v, t, discount), rel=1e-5, abs=1e-5 * future
    )
    assert found.rho[0] == pytest.approx((higher - lower) / 2e-6, rel=1e-5, abs=1e-7 * future)
