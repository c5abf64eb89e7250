"""Less of another rule, the deeper what the strategy made stands below its highest."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from streams.operators.strategies.parameters import money, number
from streams.operators.strategies.sizing.sizing import Case


@dataclass(frozen=True, slots=True)
class Drawdown:
    """``base × max(floor, 1 - drawdown / (limit × capital))`` (the linear rule of Grossman and Zhou
    1993, Optimal Investment Strategies for Controlling Drawdowns). The equity curve is made of the
    strategy's own fills in this instrument, or in all members of its group: what it paid, with
    fees, and what it holds at the mid. So slippage counts, and what was refused or not filled does
    not. Fills count from the clock record after them, and what the strategy holds is valued at each
    vector. A fee in the instrument's base currency counts at the price of the fill, one in a third
    currency does not; members of a group must have one quote currency. With floor = 0 a strategy
    that has lost the limit stays out for good, as it was told to."""

    base: Any  # the rule that is scaled down: a Sizing
    limit: float = number(0.1, 1e-6, 1, "drawdown at which nothing is held, of the capital")
    floor: float = number(0.0, 0, 1, "of the base that is always held")
    capital: Decimal = money("0", "quote currency; 0: the account's")
    kind: str = "drawdown"
    hears = True

    def check(self) -> None:
        if self.base.kind == self.kind:
            raise ValueError("base: a drawdown of a drawdown makes no sense; use another kind")

    @property
    def half_life_ns(self) -> int:
        return int(self.base.half_life_ns)

    @property
    def balances(self) -> bool:
        return bool(self.base.balances)

    def units(self, case: Case) -> Decimal:
        limit = float(self.capital or case.capital) * self.limit
        left = 1 - case.drawdown / limit if limit > 0 else 0.0
        units: Decimal = self.base.units(case)
        return units * Decimal(f"{max(self.floor, left):.12g}")
