"""POV: a fixed part of what trades (percentage of volume, participation).

``rate`` is a part of the volume that the bars have counted since the start; what others trade
decides when the order is done, so an end may come before. ``max_participation`` of the terms caps
any other algorithm in the same way.
"""

from dataclasses import dataclass

from streams.operators.execution.market_view import MarketView
from streams.operators.execution.params import within
from streams.operators.execution.parent import Parent
from streams.operators.execution.slicing import Action, share, take


@dataclass(frozen=True, slots=True)
class Pov:
    rate: float = 0.1

    def check(self) -> None:
        within("rate", self.rate, 1e-6, 1)

    def refuses(self, parent: Parent) -> str:
        return ""

    def step(self, parent: Parent, view: MarketView, now: int) -> list[Action]:
        traded = view.volume - (parent.volume_before or 0)
        return take(parent, view, min(share(traded, self.rate), parent.size))
