"""VWAP: slices as large as the volume that their interval usually has (volume-weighted average
price; Berkowitz, Logue, Noser 1988 for the benchmark).

The curve is learnt from the tape (``volume_curve.py``). ``catch_up`` is the part of what earlier
slices left open that an interval makes up for, beside its own slice: 1 is all at once, 0 waits for
the last interval, which always takes what is left.
"""

from dataclasses import dataclass
from math import ceil

from streams.operators.execution.market_view import MarketView
from streams.operators.execution.params import within
from streams.operators.execution.parent import Parent
from streams.operators.execution.slicing import Action, due_slices, share, take


@dataclass(frozen=True, slots=True)
class Vwap:
    slices: int = 20
    catch_up: float = 0.5

    def check(self) -> None:
        within("slices", self.slices, 1, 100_000)
        within("catch_up", self.catch_up, 0, 1)

    def refuses(self, parent: Parent) -> str:
        return ""

    def step(self, parent: Parent, view: MarketView, now: int) -> list[Action]:
        begun = due_slices(parent, self.slices, now)
        if begun > parent.step:
            parent.goal = self._goal(parent, view, begun)
            parent.step = begun
        return take(parent, view, parent.goal)

    def _goal(self, parent: Parent, view: MarketView, begun: int) -> int:
        if begun == self.slices:
            return parent.size
        before, due = (self._due(parent, view, n) for n in (begun - 1, begun))
        behind = max(before - parent.done - parent.working, 0)
        made_up = parent.done + parent.working + due - before + ceil(self.catch_up * behind)
        return max(min(due, made_up), parent.goal)

    def _due(self, parent: Parent, view: MarketView, slices: int) -> int:
        start, end = parent.terms.start, parent.terms.end
        until = start + (end - start) * slices // self.slices
        return share(parent.size, view.curve.share(start, until, end))
