"""What an account, or one of its strategies, has in an instrument, and what that may become.

An exposure is the worst that the open orders can lead to: all buys filled and no sell, or all
sells and no buy. So an order that is approved can never carry a position over a limit, whichever
orders fill and in whatever order.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from streams.operators.risk.instruments import Instrument
from streams.operators.risk.money import ZERO, times
from streams.operators.risk.pnl import ProfitAndLoss


class Part(NamedTuple):
    """A line's share of a scope's sums, in the account's currency. ``net`` is signed; ``up`` and
    ``down``: what working buys and sells would add and take."""

    gross: Decimal = ZERO
    net: Decimal = ZERO
    up: Decimal = ZERO
    down: Decimal = ZERO
    margin: Decimal = ZERO
    pnl: Decimal = ZERO


NOTHING = Part()


@dataclass(slots=True)
class Line:
    """``buying`` and ``selling``: what working orders may still trade, scaled as what is held.
    ``part`` is what the scopes' sums hold of it now."""

    pnl: ProfitAndLoss
    buying: int = 0
    selling: int = 0
    part: Part = NOTHING

    @property
    def position(self) -> int:
        return self.pnl.held.quantity

    @property
    def scale(self) -> int:
        return self.pnl.held.size_scale

    def worst(self, more: int = 0) -> int:
        """Scaled position of the largest size that may come of it, with ``more`` (signed) on top
        of what works."""
        highest = self.position + self.buying + max(more, 0)
        lowest = self.position - self.selling + min(more, 0)
        return highest if highest >= -lowest else lowest

    def shortest(self, more: int = 0) -> int:
        """Scaled size of the largest short position that may come of it."""
        return max(0, -(self.position - self.selling + min(more, 0)))

    def reduces(self, sign: int, more: int) -> bool:
        """Whether an order of this side (1: buy), with all that works there and ``more`` (unsigned)
        on top, can only bring the position nearer to zero."""
        working = self.buying if sign > 0 else self.selling
        return self.position * sign < 0 and working + more <= abs(self.position)

    def exposed(self, unit: Decimal, instrument: Instrument, more: int) -> Part:
        """Its part with ``unit``, what one is worth in the account's currency (18 places, so that
        products with whole numbers are exact); profit as it was."""
        step = unit.scaleb(-self.scale)
        gross = abs(self.worst(more)) * step
        return Part(
            gross,
            self.position * step,
            (self.buying + max(more, 0)) * step,
            (self.selling - min(more, 0)) * step,
            gross if instrument.margin == 1 else times(gross, instrument.margin),
            self.part.pnl,
        )
