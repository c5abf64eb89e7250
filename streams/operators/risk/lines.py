"""What an account, or one of its strategies, has in an instrument, and what that may become.

An exposure is the worst that the open orders can lead to: all buys filled and no sell, or all
sells and no buy. So an order that is approved can never carry a position over a limit, whichever
orders fill and in whatever order.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

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
    ``part`` is what the scopes' sums hold of it now; ``last``: what ``exposed`` was asked last, and
    its answer, for what an order would make of a line is asked again once it is approved."""

    pnl: ProfitAndLoss
    buying: int = 0
    selling: int = 0
    part: Part = NOTHING
    last: tuple[tuple[Any, ...], Part] = ((), NOTHING)

    @property
    def position(self) -> int:
        return self.pnl.held.quantity

    @property
    def scale(self) -> int:
        return self.pnl.held.size_scale

    def units(self, size: int, scale: int) -> int:
        """A size of no more decimals than the line's, as the line counts."""
        finer = self.scale - scale
        return size * 10**finer if finer else size

    def widen(self, scale: int) -> None:
        """Counts in more decimals from now on."""
        factor = 10 ** max(scale - self.scale, 0)
        self.pnl.held.widen(factor, scale)
        self.buying, self.selling = self.buying * factor, self.selling * factor
        self.last = ((), NOTHING)

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

    def exposed(self, unit: Decimal, rate: Decimal, more: int = 0) -> Part:
        """Its part with ``more`` (signed, scaled) working on top; profit as it was. ``unit``: what
        one is worth in the account's currency (18 places, so that products with whole numbers are
        exact); ``rate``: the part of a notional that is margin."""
        held, profit = self.pnl.held, self.part.pnl
        position, buying, selling = held.quantity, self.buying, self.selling
        if more > 0:
            buying += more
        else:
            selling -= more
        asked = (unit, position, buying, selling, profit)
        if asked != self.last[0]:
            step = unit.scaleb(-held.size_scale)
            gross = max(position + buying, selling - position) * step
            margin = gross if rate == 1 else times(gross, rate)
            part = Part(gross, position * step, buying * step, selling * step, margin, profit)
            self.last = (asked, part)
        return self.last[1]
