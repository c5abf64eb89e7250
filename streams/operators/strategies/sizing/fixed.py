"""The same size each time: a sum of quote currency, or so many units."""

from dataclasses import dataclass
from decimal import Decimal

from streams.operators.strategies.parameters import money
from streams.operators.strategies.sizing.sizing import Case, units_of


@dataclass(frozen=True, slots=True)
class Fixed:
    """``notional / price``, or ``units_each``. Says nothing of risk: where an instrument moves
    twice as much, so does what it makes or loses."""

    notional: Decimal = money("0", "quote currency a position; 0: units are given")
    units_each: Decimal = money("0", "units of the instrument a position; 0: a notional is given")
    kind: str = "fixed"
    half_life_ns = 0
    hears = False
    balances = False

    def check(self) -> None:
        if (self.notional > 0) == (self.units_each > 0):
            raise ValueError("give either notional or units_each, above 0")

    def units(self, case: Case) -> Decimal:
        return self.units_each or units_of(self.notional, case.price)
