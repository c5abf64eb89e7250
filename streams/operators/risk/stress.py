"""Stress: what named scenarios would do to a portfolio, however unlikely they are.

A scenario is a list of shocks, each for an instrument, a sector or everything; for a line the most
specific shock alone counts (its own instrument, then what it moves with, then its sector, then
all), and a line that none names is not moved. Historical replays are scenarios made of returns
that were: the whole move, or step by step, where the worst point may lie before the end.
(Basel Committee, *Stress testing principles*, 2018; Jorion, *Value at Risk*, 3rd ed. 2007,
chapter 14.)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from streams.operators.risk.revaluation import Line, Revaluation, pnl

FloatArray = npt.NDArray[np.float64]


class Scope(StrEnum):
    """What a shock hits."""

    INSTRUMENT = "instrument"
    SECTOR = "sector"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Shock:
    """``price``: a fraction, -0.2 for 20 % down, of an option's underlying; ``volatility_points``:
    hundredths a year, added to implied volatilities. ``name`` of the instrument or sector; empty
    for all. Raises ValueError on what cannot be."""

    scope: Scope
    name: str = ""
    price: float = 0.0
    volatility_points: float = 0.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.price) and np.isfinite(self.volatility_points)):
            raise ValueError(f"a shock of {self.price} and {self.volatility_points} points")
        if self.price <= -1:
            raise ValueError(f"a price shock of {self.price}: a price cannot lose all or more")
        if bool(self.name) == (self.scope is Scope.ALL):
            raise ValueError(f"a shock of scope {self.scope} with the name {self.name!r}")


@dataclass(frozen=True, slots=True)
class Scenario:
    """``days`` pass while it happens. Raises ValueError on two shocks for the same."""

    name: str
    shocks: tuple[Shock, ...]
    days: float = 0.0

    def __post_init__(self) -> None:
        seen = [(shock.scope.value, shock.name) for shock in self.shocks]
        twice = [key for place, key in enumerate(seen) if key in seen[:place]]
        if twice:
            raise ValueError(f"scenario {self.name}: two shocks for {' '.join(twice[0]).strip()}")


@dataclass(frozen=True, slots=True, eq=False)
class StressResult:
    """P&L in the base currency, ``by_line`` in the order of the lines; they sum to ``pnl``."""

    scenario: str
    pnl: float
    by_line: FloatArray


class UnknownMove(LookupError):
    """A replay has no returns of something that is held."""


_UNMOVED = Shock(Scope.INSTRUMENT, "nothing")


def stress(
    lines: Sequence[Line],
    scenarios: Sequence[Scenario],
    revaluation: Revaluation = Revaluation.FULL,
) -> list[StressResult]:
    """A result a scenario, in their order."""
    moved = pnl(lines, *moves(lines, scenarios), revaluation)
    return [
        StressResult(scenario.name, float(row.sum()), row)
        for scenario, row in zip(scenarios, moved, strict=True)
    ]


def moves(
    lines: Sequence[Line], scenarios: Sequence[Scenario]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What ``revaluation.pnl`` takes: moves of prices and of volatilities by scenario and line,
    and the years that pass. They depend on what the lines are, not on what they are worth."""
    shocks = [_shocks(scenario, lines) for scenario in scenarios]
    shape = (len(scenarios), len(lines))
    prices = np.array([[s.price for s in row] for row in shocks]).reshape(shape)
    points = np.array([[s.volatility_points for s in row] for row in shocks]).reshape(shape)
    return prices, points / 100, np.array([s.days for s in scenarios]) / 365


def worst(results: Sequence[StressResult]) -> StressResult:
    """The largest loss; the first where several are. Raises ValueError where there are none."""
    return min(results, key=lambda result: result.pnl)


def replay(
    name: str, lines: Sequence[Line], instruments: Sequence[str], returns: FloatArray
) -> tuple[Scenario, ...]:
    """A scenario for each row of returns, of all moves up to and with it: the last is the whole.
    Raises UnknownMove where a line moves with something that has no returns."""
    missing = [line.moved_by for line in lines if line.moved_by not in instruments]
    if missing:
        names = ", ".join(sorted(dict.fromkeys(missing)))
        raise UnknownMove(f"replay {name}: no returns of {names}")
    moves = np.cumprod(1 + returns, axis=0) - 1
    return tuple(
        Scenario(
            f"{name} {step}",
            tuple(
                Shock(Scope.INSTRUMENT, instrument, float(move))
                for instrument, move in zip(instruments, row, strict=True)
            ),
        )
        for step, row in enumerate(moves, start=1)
    )


def _shocks(scenario: Scenario, lines: Sequence[Line]) -> list[Shock]:
    """The one that counts for each line."""
    table = {(shock.scope, shock.name): shock for shock in scenario.shocks}
    return [_shock_of(line, table) for line in lines]


def _shock_of(line: Line, table: dict[tuple[Scope, str], Shock]) -> Shock:
    keys = (
        (Scope.INSTRUMENT, line.instrument),
        (Scope.INSTRUMENT, line.moved_by),
        (Scope.SECTOR, line.sector),
        (Scope.ALL, ""),
    )
    return next((table[key] for key in keys if key in table), _UNMOVED)
