"""Price and Greeks of European options: Black-Scholes-Merton and Black-76 in one kernel.

Generalised Black-Scholes (Haug, *The Complete Guide to Option Pricing Formulas*, 2nd ed. 2007,
sections 1.1 and 2.2) with cost of carry ``b``: rate less yield on spot (Merton 1973), 0 on futures
(Black 1976). With ``D = exp(-rT)``, ``C = exp((b-r)T)``, ``w`` 1 for a call and -1 for a put:

    d1 = (ln(S/K) + (b + v²/2) T) / (v √T)          d2 = d1 - v √T
    price = w (S C N(w d1) - K D N(w d2))

Units: delta and gamma a unit of the underlying; vega a 1.00 of volatility (a vol point is 0.01);
theta a year, as time passes (negative where value melts); rho a 1.00 of the rate, the yield or the
future's price held; vanna is delta's change a 1.00 of volatility, volga vega's.

At expiry or without volatility an option is worth what its forward is beyond the strike,
discounted; what has a limit there takes it, and gamma, vega, vanna and volga are 0.
"""

import math
from dataclasses import dataclass

import numpy as np

from streams.kernels import inlined, kernel
from streams.operators.risk.normal import below, density
from streams.operators.risk.options import FloatArray, Floats, Options


@dataclass(frozen=True, slots=True, eq=False)
class Greeks:
    """A row an option; units above."""

    price: FloatArray
    delta: FloatArray
    gamma: FloatArray
    vega: FloatArray
    theta: FloatArray
    rho: FloatArray
    vanna: FloatArray
    volga: FloatArray


def greeks(options: Options, volatility: Floats) -> Greeks:
    """``volatility`` a year, 0.2 for 20 %. Raises ValueError on one that is negative or no
    number."""
    volatilities = np.empty(len(options))
    volatilities[:] = volatility
    wrong = np.flatnonzero(~(np.isfinite(volatilities) & (volatilities >= 0)))
    if len(wrong):
        raise ValueError(f"option {wrong[0]}: volatility {volatilities[wrong[0]]}")
    out = np.empty((8, len(options)))
    _greeks(
        options.call,
        options.future,
        options.underlying,
        options.strike,
        options.years,
        options.rate,
        options.dividend_yield,
        volatilities,
        out,
    )
    return Greeks(*out)


@inlined
def _d1(moneyness, deviation):  # type: ignore[no-untyped-def]
    """Infinite without deviation, 0 at the money."""
    if deviation > 0.0:
        return moneyness / deviation + 0.5 * deviation
    return math.copysign(math.inf, moneyness) if moneyness != 0.0 else 0.0


@kernel
def _greeks(call, future, underlying, strike, years, rate, dividend_yield, volatility, out):  # type: ignore[no-untyped-def]
    for i in range(len(underlying)):
        spot, k, t, r, v = underlying[i], strike[i], years[i], rate[i], volatility[i]
        b = 0.0 if future[i] else r - dividend_yield[i]
        w = 1.0 if call[i] else -1.0
        root = math.sqrt(t)
        deviation = v * root
        discount, carried = math.exp(-r * t), math.exp((b - r) * t)
        d1 = _d1(math.log(spot / k) + b * t, deviation)
        d2 = d1 - deviation
        n1, n2 = w * carried * below(w * d1), w * discount * below(w * d2)
        price = max(spot * n1 - k * n2, 0.0)  # cancellation may leave less
        gamma = vega = melt = vanna = volga = 0.0
        f = carried * density(d1) if deviation > 0.0 else 0.0
        if f > 0.0:
            gamma = f / (spot * deviation)
            vega = spot * f * root
            melt = spot * f * v / (2.0 * root)
            vanna = -f * d2 / v
            volga = vega * d1 * d2 / v
        out[0, i] = price
        out[1, i] = n1
        out[2, i] = gamma
        out[3, i] = vega
        out[4, i] = -melt - (b - r) * spot * n1 - r * k * n2
        out[5, i] = -t * price if future[i] else t * k * n2
        out[6, i] = vanna
        out[7, i] = volga
