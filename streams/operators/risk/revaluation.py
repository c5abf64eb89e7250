"""What a portfolio would win or lose if prices and volatilities moved: a row a scenario.

A linear line moves with its price. An option is valued anew at the moved price, volatility and
time (full), or by its Greeks at today's: delta, gamma, vega, theta, vanna and volga, the second
order of a Taylor series (Jorion, *Value at Risk*, 3rd ed. 2007, chapter 10). Greeks are quick and
add up to an explanation; for large moves, near expiry above all, only full valuation is right.

The result also is what ``var.measure`` takes for portfolios with options: P&L in the place of
returns, with an exposure of one each. Figures are float64: estimates, not money.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from streams.operators.risk.greeks import greeks
from streams.operators.risk.options import Options

FloatArray = npt.NDArray[np.float64]


class Revaluation(StrEnum):
    """How options are valued in a scenario."""

    FULL = "full"
    GREEKS = "greeks"


@dataclass(frozen=True, slots=True)
class LinearLine:
    """A holding whose P&L is ``value`` times the return of its price. ``value``: signed notional
    in the base currency. (An inverse contract is one too, once its coin is converted.)"""

    instrument: str
    sector: str
    value: float

    @property
    def moved_by(self) -> str:
        return self.instrument


@dataclass(frozen=True, slots=True)
class OptionLine:
    """``units``: signed number of options × multiplier × rate to the base currency. ``price`` is
    the underlying's, ``volatility`` the implied one."""

    instrument: str
    underlying: str
    sector: str
    units: float
    call: bool
    future: bool
    price: float
    strike: float
    years: float
    rate: float
    dividend_yield: float
    volatility: float

    @property
    def moved_by(self) -> str:
        return self.underlying


Line: TypeAlias = LinearLine | OptionLine


def pnl(
    lines: Sequence[Line],
    price_moves: FloatArray,
    volatility_moves: FloatArray,
    years: FloatArray,
    revaluation: Revaluation = Revaluation.FULL,
) -> FloatArray:
    """P&L by scenario (row) and line (column). ``price_moves``: fractions of the price that the
    line moves by; ``volatility_moves``: added to the volatility (0.01 is a point), which stops at
    zero; ``years`` that pass in each scenario. Raises ValueError on a move that takes an
    option's underlying to zero or below."""
    columns = []
    for place, line in enumerate(lines):
        moves = price_moves[:, place]
        match line:
            case LinearLine():
                columns.append(line.value * moves)
            case OptionLine() if revaluation is Revaluation.FULL:
                columns.append(_full(line, moves, volatility_moves[:, place], years))
            case OptionLine():
                columns.append(_by_greeks(line, moves, volatility_moves[:, place], years))
    return np.column_stack(columns) if columns else np.zeros((len(price_moves), 0))


def _options(line: OptionLine, prices: FloatArray, left: FloatArray) -> Options:
    count = len(prices)

    def same(value: float) -> FloatArray:
        return np.full(count, value)

    return Options(
        np.full(count, line.call),
        np.full(count, line.future),
        prices,
        same(line.strike),
        left,
        same(line.rate),
        same(line.dividend_yield),
    )


def _full(
    line: OptionLine, moves: FloatArray, volatility_moves: FloatArray, years: FloatArray
) -> FloatArray:
    """The first row is today."""
    prices = line.price * np.concatenate(([1.0], 1 + moves))
    left = np.maximum(line.years - np.concatenate(([0.0], years)), 0)
    volatility = np.maximum(line.volatility + np.concatenate(([0.0], volatility_moves)), 0)
    value = greeks(_options(line, prices, left), volatility).price
    return np.asarray(line.units * (value[1:] - value[0]))


def _by_greeks(
    line: OptionLine, moves: FloatArray, volatility_moves: FloatArray, years: FloatArray
) -> FloatArray:
    today = _options(line, np.array([line.price]), np.array([line.years]))
    g = greeks(today, line.volatility)
    d_price = line.price * moves
    d_volatility = np.maximum(volatility_moves, -line.volatility)
    d_years = np.minimum(years, line.years)
    change = (
        g.delta * d_price
        + g.gamma * d_price**2 / 2
        + g.vega * d_volatility
        + g.vanna * d_price * d_volatility
        + g.volga * d_volatility**2 / 2
        + g.theta * d_years
    )
    return np.asarray(line.units * change)
