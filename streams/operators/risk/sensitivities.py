"""Greeks of what an account holds, by what it moves with, in the units of a trading desk.

In the account's currency, for a position of n units of underlying price S (Haug, *The Complete
Guide to Option Pricing Formulas*, 2nd ed. 2007, chapter 2, which gives gamma for a move of 1 %,
vega for a point and theta for a day beside the plain derivatives):

    delta = n Δ S              the underlying that it stands for, in money (dollar delta)
    gamma = n Γ S² / 100       what Δ changes by when the underlying moves 1 %, times S
    vega  = n ν / 100          P&L of one point of volatility (0.20 to 0.21)
    theta = n Θ / 365          P&L of a day that passes

What is not an option has a delta alone, its notional, and moves with itself: a hedge in the
underlying and the options on it stand in one row.
"""

import math
from dataclasses import dataclass

import numpy as np

from streams.operators.risk.account import Account
from streams.operators.risk.greeks import greeks
from streams.operators.risk.modelled import held, line_of
from streams.operators.risk.options import FloatArray, Options
from streams.operators.risk.revaluation import Line, LinearLine, OptionLine


@dataclass(frozen=True, slots=True)
class Sensitivities:
    """A place an option (its volatility), and one an underlying; NaN where a mark, a rate or a
    volatility that it needs is unknown. Empty while no option is held."""

    options: tuple[str, ...] = ()
    implied_volatility: tuple[float, ...] = ()
    underlyings: tuple[str, ...] = ()
    delta: tuple[float, ...] = ()
    gamma: tuple[float, ...] = ()
    vega: tuple[float, ...] = ()
    theta: tuple[float, ...] = ()


NONE = Sensitivities()
_UNKNOWN = np.full(4, math.nan)


def sensitivities(account: Account) -> Sensitivities:
    """Of everything that is held, once an option is among it."""
    holdings = dict(held(account))
    options = [name for name in holdings if account.instrument(name).option]
    if not options:
        return NONE
    lines = {name: line_of(account, name) for name in holdings}
    rows = _of_one(lines)
    summed: dict[str, FloatArray] = {}
    for name, quantity in holdings.items():
        option = account.instrument(name).option
        moved_by = option.valuation.underlying if option else name
        summed.setdefault(moved_by, np.zeros(4))
        summed[moved_by] += quantity * rows.get(name, _UNKNOWN)
    return Sensitivities(
        tuple(options),
        tuple(getattr(lines[name], "volatility", math.nan) for name in options),
        tuple(summed),
        *(tuple(float(row[n]) for row in summed.values()) for n in range(4)),
    )


def _of_one(lines: dict[str, Line | None]) -> dict[str, FloatArray]:
    """Delta, gamma, vega and theta of one of each instrument whose line is known."""
    rows = {n: np.array([x.value, 0, 0, 0]) for n, x in lines.items() if isinstance(x, LinearLine)}
    options = [line for line in lines.values() if isinstance(line, OptionLine)]
    if options:
        rows |= dict(zip((line.instrument for line in options), _of_options(options), strict=True))
    return rows


def _of_options(lines: list[OptionLine]) -> FloatArray:
    def column(name: str) -> FloatArray:
        return np.array([float(getattr(line, name)) for line in lines])

    call, future = (np.array([getattr(x, name) for x in lines]) for name in ("call", "future"))
    price, units = column("price"), column("units")
    terms = (column(name) for name in ("strike", "years", "rate", "dividend_yield"))
    found = greeks(Options(call, future, price, *terms), column("volatility"))
    gamma = found.gamma * price**2 / 100
    of_one = (found.delta * price, gamma, found.vega / 100, found.theta / 365)
    return np.column_stack(of_one) * units[:, None]
