"""The rule of every crossover: the side changes where a line crosses zero, gated by a model."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from streams.operators.strategies.view import View
from streams.operators.strategies.wants import Signal


@dataclass(slots=True)
class Seen:
    """``side``: sign of fast - slow last seen, 0 before the first."""

    side: int = 0


@dataclass(frozen=True, slots=True)
class Gate:
    """``model``: the column of ``probability`` of a rise, which is NaN while it warms up."""

    model: str
    probability: float
    threshold: float
    allow_short: bool

    def lets(self, side: int) -> bool:
        if math.isnan(self.probability) or (side < 0 and not self.allow_short):
            return False
        return (self.probability if side > 0 else 1 - self.probability) >= self.threshold


def cross(view: View, spread: float, average: str, gate: Gate) -> Iterable[Signal]:
    """``spread``: fast less slow average; the view's state is ``Seen``."""
    side = (spread > 0) - (spread < 0)
    before = view.state.side
    view.state.side = side or before
    if not side or before in (0, side):
        return
    where = "above" if side > 0 else "below"
    p = gate.probability
    reason = f"fast {average} crossed {where} slow, {gate.model} {p:.3f}"
    yield view.target(side if gate.lets(side) else 0, reason, probability=p)
