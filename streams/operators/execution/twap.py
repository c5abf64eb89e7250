"""TWAP: equal slices in equal intervals (time-weighted average price).

A slice that was not filled is made up for at the next look. ``jitter`` lets each slice come up to
that part of its interval late, so that nobody can read the clock from the orders.
"""

from dataclasses import dataclass

from streams.operators.execution.market_view import MarketView
from streams.operators.execution.params import within
from streams.operators.execution.parent import Parent
from streams.operators.execution.slicing import Action, due_slices, take


@dataclass(frozen=True, slots=True)
class Twap:
    slices: int = 10
    jitter: float = 0.0

    def check(self) -> None:
        within("slices", self.slices, 1, 100_000)
        within("jitter", self.jitter, 0, 0.9)

    def refuses(self, parent: Parent) -> str:
        return ""

    def step(self, parent: Parent, view: MarketView, now: int) -> list[Action]:
        begun = due_slices(parent, self.slices, now, self.jitter)
        return take(parent, view, parent.size * begun // self.slices)
