"""How large a position is: one rule for each ``[strategies.NAME.sizing]``, chosen by ``kind``.

A rule is a frozen dataclass of its parameters with one pure function. What it gives is an exact
number of units of the instrument, never negative; the direction is the strategy's.
"""

import math
from decimal import Decimal
from typing import NamedTuple, Protocol


class Case(NamedTuple):
    """What is known when a size is asked for. ``price``: the mid; ``direction``: -1 … 1;
    ``probability``: of the price rising, NaN: unknown; ``stop``: distance of the price at which the
    idea is wrong, None: none was given; ``capital``: the account's, in quote currency;
    ``volatility``: a year, NaN: unknown; ``drawdown``: of what the strategy made by its fills,
    quote currency, 0 where the sizing does not hear of them; ``instrument``: empty: several."""

    price: Decimal
    direction: float
    probability: float = math.nan
    stop: Decimal | None = None
    capital: Decimal = Decimal(0)
    volatility: float = math.nan
    drawdown: float = 0.0
    instrument: str = ""


class Sizing(Protocol):
    """``half_life_ns``: of the volatility that it asks for, 0: it asks for none. ``hears``: it asks
    for what was traded, so the strategy is told of its fills. ``balances``: it says how much
    of each member of a group is held, not the strategy."""

    @property
    def kind(self) -> str: ...

    @property
    def half_life_ns(self) -> int: ...

    @property
    def hears(self) -> bool: ...

    @property
    def balances(self) -> bool: ...

    def units(self, case: Case) -> Decimal:
        """For a position of direction 1."""
        ...


def units_of(notional: Decimal, price: Decimal) -> Decimal:
    """How much a sum buys."""
    return notional / price if price > 0 else Decimal(0)


def share(capital: Decimal, case: Case, fraction: float, most: float) -> Decimal:
    """Units for a fraction of the capital (the account's, where 0), at most ``most`` of it; none
    where the fraction is not a number. A computed float leaves with 12 significant digits."""
    if not fraction > 0 or math.isinf(fraction):
        return Decimal(0)
    notional = (capital or case.capital) * Decimal(f"{min(fraction, most):.12g}")
    return units_of(notional, case.price)
