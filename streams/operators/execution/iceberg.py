"""Iceberg: one visible piece at a time; the next is shown when it is gone.

``display`` in units of the instrument, where the order itself has no display size. ``jitter``
makes each piece up to that part smaller, by a draw that depends on the order alone: equal pieces
give an iceberg away. An order with a limit rests at its limit; one without follows the touch.
"""

from dataclasses import dataclass
from decimal import Decimal

from streams.operators.execution.market_view import MarketView
from streams.operators.execution.params import at_least, within
from streams.operators.execution.parent import Parent
from streams.operators.execution.slicing import (
    Action,
    Place,
    draw,
    resting,
    share,
    stale,
    touch,
)


@dataclass(frozen=True, slots=True)
class Iceberg:
    display: Decimal = Decimal(0)
    jitter: float = 0.0

    def check(self) -> None:
        at_least("display", float(self.display), 0)
        within("jitter", self.jitter, 0, 0.9)

    def refuses(self, parent: Parent) -> str:
        return "" if self._shown(parent) > 0 else "an iceberg needs a display size"

    def step(self, parent: Parent, view: MarketView, now: int) -> list[Action]:
        price = parent.limit or touch(parent, view)
        if resting(parent):
            return stale(parent, price)
        shown = self._shown(parent)
        piece = shown - share(shown, self.jitter * draw(parent, parent.slices))
        return [Place(piece, price, passive=True)]

    def _shown(self, parent: Parent) -> int:
        return parent.order.display_size or parent.units(self.display)
