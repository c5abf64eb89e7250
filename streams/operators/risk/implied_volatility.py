"""The volatility at which an option is worth its price, by a solver that cannot run away.

The price is brought to its time value, that of the option out of the money (put-call parity), in
units of ``sqrt(forward × strike)`` without discounting: a function ``value(x, s)`` of
``x = -|ln(forward/strike)|`` and the deviation ``s = v √T`` alone, which rises in ``s`` from 0 to
``exp(x/2)`` (Jäckel, "By implication", 2006). Its logarithm is solved by Newton's method, in
``1/s²`` below the point of inflection ``s = sqrt(2|x|)``, where it is nearly a line, and in ``s``
above; a bracket that only shrinks catches each step that would leave it and halves it instead.

There is no answer for a price below what exercise is worth, at or above what any volatility could
give, or at expiry: then it is NaN, a value that spreads and cannot be taken for a volatility.
"""

import math

import numpy as np

from streams.kernels import kernel
from streams.operators.risk.normal import below, density
from streams.operators.risk.options import FloatArray, Floats, Options

_MOST_STEPS = 200  # halving alone ends after about 60


def implied_volatility(options: Options, price: Floats) -> FloatArray:
    """A year, a row an option; NaN where there is none. 0 where the price is exactly that of
    exercise."""
    prices = np.empty(len(options))
    prices[:] = price
    out = np.empty(len(options))
    _implied(
        options.call,
        options.future,
        options.underlying,
        options.strike,
        options.years,
        options.rate,
        options.dividend_yield,
        prices,
        out,
    )
    return out


@kernel
def _implied(call, future, underlying, strike, years, rate, dividend_yield, price, out):  # type: ignore[no-untyped-def]
    for i in range(len(underlying)):
        t, k = years[i], strike[i]
        b = 0.0 if future[i] else rate[i] - dividend_yield[i]
        forward = underlying[i] * math.exp(b * t)
        exercised = max(forward - k, 0.0) if call[i] else max(k - forward, 0.0)
        time_value = price[i] * math.exp(rate[i] * t) - exercised
        x = -abs(math.log(forward / k))
        beta = time_value / math.sqrt(forward * k)
        out[i] = math.nan
        if t > 0.0 and 0.0 <= beta < math.exp(0.5 * x):
            out[i] = _deviation(x, beta) / math.sqrt(t) if beta > 0.0 else 0.0


@kernel
def _value(x, s):  # type: ignore[no-untyped-def]
    h = x / s
    return math.exp(0.5 * x) * below(h + 0.5 * s) - math.exp(-0.5 * x) * below(h - 0.5 * s)


@kernel
def _deviation(x, beta):  # type: ignore[no-untyped-def]
    inflection = math.sqrt(-2.0 * x)
    s = inflection if x < 0.0 else beta * math.sqrt(2.0 * math.pi)
    low, high = 0.0, max(s, 1.0)
    while _value(x, high) < beta and high < 1e3:
        high *= 2.0
    left = x < 0.0 and _value(x, inflection) > beta
    for _ in range(_MOST_STEPS):
        value = _value(x, s)
        if value < beta:
            low = s
        else:
            high = s
        following = 0.5 * (low + high)
        if value > 0.0:
            slope = math.exp(0.5 * x) * density(x / s + 0.5 * s)
            if slope > 0.0:
                guess = _newton(s, math.log(value / beta), slope / value, left)
                if low < guess < high:
                    following = guess
        if abs(following - s) <= 4e-16 * s:
            return following
        s = following
    return s


@kernel
def _newton(s, error, slope, left):  # type: ignore[no-untyped-def]
    """The next deviation; -1, which no bracket holds, where the step in 1/s² leaves its domain."""
    if not left:
        return s - error / slope
    inverse = 1.0 / (s * s) + 2.0 * error / (slope * s * s * s)
    return 1.0 / math.sqrt(inverse) if inverse > 0.0 else -1.0
