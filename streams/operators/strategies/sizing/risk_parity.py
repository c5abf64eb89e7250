"""The same risk from each instrument of a group."""

import math
from dataclasses import dataclass
from decimal import Decimal

from streams.operators.period import Period
from streams.operators.strategies.parameters import money, number, span
from streams.operators.strategies.sizing.sizing import Case, share


@dataclass(frozen=True, slots=True)
class RiskParity:
    """``capital × target / (volatility × sqrt(n (1 + (n - 1) correlation)))`` for each of n
    instruments: all contribute the same to the risk, and together, all held, they vary by
    ``target`` a year. With one correlation between all pairs, equal risk contributions are weights
    in proportion to 1 / volatility (Maillard, Roncalli and Teiletche 2010, The Properties of
    Equally Weighted Risk Contribution Portfolios, section 2.2), so an instrument need not know the
    others, which may be folded elsewhere. Correlations that differ much, or change, make it
    wrong."""

    members: int = number(2, 1, 10_000, "instruments in the group")
    correlation: float = number(0.0, -1, 1, "between any two of them")
    target: float = number(0.1, 1e-6, 10, "volatility of the group a year, of the capital")
    half_life: Period = span(3600, "in which a return counts half in the volatility", 1)
    most: float = number(1.0, 0, 100, "largest position, of the capital")
    capital: Decimal = money("0", "quote currency; 0: the account's")
    kind: str = "risk_parity"
    cost = 0.0

    def check(self) -> None:
        if self._common <= 0:
            raise ValueError(
                f"correlation {self.correlation}: {self.members} members cannot all have less than "
                f"{-1 / (self.members - 1):.3g} with each other"
            )

    @property
    def half_life_ns(self) -> int:
        return self.half_life

    @property
    def _common(self) -> float:
        return self.members * (1 + (self.members - 1) * self.correlation)

    def units(self, case: Case) -> Decimal:
        if not case.volatility > 0:
            return Decimal(0)
        fraction = self.target / (case.volatility * math.sqrt(self._common))
        return share(self.capital, case, fraction, self.most)
