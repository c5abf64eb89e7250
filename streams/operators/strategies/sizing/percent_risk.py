"""So much that a stop that is hit costs a given part of the capital."""

from dataclasses import dataclass
from decimal import Decimal

from streams.operators.strategies.parameters import money, number
from streams.operators.strategies.sizing.sizing import Case, share


@dataclass(frozen=True, slots=True)
class PercentRisk:
    """``capital × risk / distance``, the distance from the mid to the strategy's stop, or ``stop``
    of the price where it gives none (Tharp 1998, Trade Your Way to Financial Freedom). A gap
    through the stop costs more than ``risk``."""

    risk: float = number(0.01, 1e-6, 0.5, "part of the capital that a stop costs")
    stop: float = number(0.02, 1e-6, 1, "distance of the stop, of the price, where none is given")
    most: float = number(1.0, 0, 100, "largest position, of the capital")
    capital: Decimal = money("0", "quote currency; 0: the account's")
    kind: str = "percent_risk"
    half_life_ns = 0
    hears = False
    balances = False

    def units(self, case: Case) -> Decimal:
        distance = float(case.stop / case.price) if case.stop else self.stop
        return share(self.capital, case, self.risk / distance, self.most)
