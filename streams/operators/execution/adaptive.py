"""Adaptive: rests at the touch and earns the spread; crosses it as the schedule falls behind.

The schedule is even. What is due rests at the best price of the own side and follows it. What lags
more than ``patience`` slices behind is taken from the book, so the order is done in time.
"""

from dataclasses import dataclass

from streams.operators.execution.market_view import MarketView
from streams.operators.execution.params import within
from streams.operators.execution.parent import Parent
from streams.operators.execution.slicing import (
    Action,
    Place,
    Withdraw,
    due_slices,
    resting,
    stale,
    take,
    touch,
)


@dataclass(frozen=True, slots=True)
class Adaptive:
    slices: int = 20
    patience: float = 1.0

    def check(self) -> None:
        within("slices", self.slices, 1, 100_000)
        within("patience", self.patience, 0, 100_000)

    def refuses(self, parent: Parent) -> str:
        return ""

    def step(self, parent: Parent, view: MarketView, now: int) -> list[Action]:
        begun = due_slices(parent, self.slices, now)
        due = parent.size * begun // self.slices
        must = self._must(parent, begun)
        if parent.done < must:
            return self._cross(parent, view, must)
        price = touch(parent, view)
        moved = stale(parent, price)
        more = due - parent.done - parent.working
        if moved or more <= 0:
            return moved
        return [Place(more, price, passive=True, post_only=True)]

    def _must(self, parent: Parent, begun: int) -> int:
        """What should be filled by now at the latest."""
        slices = max(begun - 1 - self.patience, 0.0)
        return min(int(parent.size * slices / self.slices), parent.size)

    def _cross(self, parent: Parent, view: MarketView, must: int) -> list[Action]:
        """Takes the lag from what is free; what rests is in its way only when nothing is free."""
        lag = must - parent.done
        if parent.free < lag:
            held = [n for n, child in resting(parent) if not child.cancelling]
            return [Withdraw(name, "behind schedule") for name in held]
        taking = sum(child.leaves for child in parent.open.values() if not child.passive)
        return take(parent, view, parent.done + parent.working + lag - taking)
