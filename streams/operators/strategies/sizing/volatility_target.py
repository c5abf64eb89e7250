"""So much that what it makes or loses varies by a given part of the capital a year."""

from dataclasses import dataclass
from decimal import Decimal

from streams.operators.period import Period
from streams.operators.strategies.parameters import money, number, span
from streams.operators.strategies.sizing.sizing import Case, share


@dataclass(frozen=True, slots=True)
class VolatilityTarget:
    """``capital × target / volatility / price`` (Moskowitz, Ooi and Pedersen 2012, eq. 5; Harvey
    and others 2018, The Impact of Volatility Targeting). The volatility is that of the mid over
    about ``half_life``; while it is unknown nothing is held. It reacts late to a jump, and the
    noise of prices over very short times counts as volatility."""

    target: float = number(0.2, 1e-6, 10, "volatility a year, of the capital")
    half_life: Period = span(3600, "in which a return counts half in the volatility", 1)
    most: float = number(1.0, 0, 100, "largest position, of the capital")
    capital: Decimal = money("0", "quote currency; 0: the account's")
    kind: str = "volatility_target"
    hears = False
    balances = False

    @property
    def half_life_ns(self) -> int:
        return self.half_life

    def units(self, case: Case) -> Decimal:
        if not case.volatility > 0:
            return Decimal(0)
        return share(self.capital, case, self.target / case.volatility, self.most)
