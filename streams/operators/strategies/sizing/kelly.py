"""The part of the capital whose logarithm grows fastest, or a fraction of that."""

from dataclasses import dataclass
from decimal import Decimal

from streams.operators.strategies.parameters import money, number
from streams.operators.strategies.sizing.sizing import Case, share


@dataclass(frozen=True, slots=True)
class Kelly:
    """``fraction × (p - (1 - p) / payoff)`` of the capital, with p the probability that the side it
    takes wins, and a win ``payoff`` times a loss (Kelly 1956, A New Interpretation of Information
    Rate; Thorp 2006 on fractions of it). Nothing where there is no edge or no probability: it needs
    a strategy that gives one, and a model that is calibrated. Full Kelly (fraction = 1) halves the
    capital at some time with probability one half."""

    fraction: float = number(0.5, 1e-6, 1, "of the full Kelly size")
    payoff: float = number(1.0, 1e-3, 1000, "what a win makes, in multiples of what a loss costs")
    most: float = number(1.0, 0, 100, "largest position, of the capital")
    capital: Decimal = money("0", "quote currency; 0: the account's")
    kind: str = "kelly"
    half_life_ns = 0
    hears = False
    balances = False

    def units(self, case: Case) -> Decimal:
        wins = case.probability if case.direction > 0 else 1 - case.probability
        edge = wins - (1 - wins) / self.payoff
        return share(self.capital, case, self.fraction * edge, self.most)
