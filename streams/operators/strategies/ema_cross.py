"""EMA crossover, gated by the model."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from streams.operators.strategies.kind import strategy
from streams.operators.strategies.parameters import flag, number
from streams.operators.strategies.view import View
from streams.operators.strategies.wants import Signal


@dataclass(frozen=True, slots=True)
class EmaCross:
    threshold: float = number(0.5, 0, 1, "least probability for a position")
    allow_short: bool = flag(True, "whether it may be short, or only flat")


@dataclass(slots=True)
class Seen:
    """``side``: sign of ema_fast - ema_slow last seen, 0 before the first."""

    side: int = 0


@strategy(
    "ema_cross",
    needs={"spread": "ema_spread", "p_up": "p_up"},
    may_lack=("p_up",),
    state=Seen,
    fails="Sideways markets: each cross is late and the next one takes it back, so it pays the "
    "spread and fees both ways. A model that has learnt nothing (p_up about 0.5) lets half of the "
    "crosses through.",
    source="Murphy 1999, Technical Analysis of the Financial Markets, ch. 9",
)
def ema_cross(params: EmaCross, view: View) -> Iterable[Signal]:
    """When the fast EMA rises above the slow one it wants to be long, when it falls below, short
    (or flat where ``allow_short`` is false). It opens a position only if the model agrees: p_up >=
    threshold for long, p_up <= 1 - threshold for short; otherwise, and while the model warms up,
    the cross only closes what is open.

    It says which *position* it wants; the risk gate makes the order that is missing, so a refused
    or partly filled order never leaves the two apart.
    """
    spread, p_up = view["spread"], view["p_up"]
    side = (spread > 0) - (spread < 0)
    before = view.state.side
    view.state.side = side or before
    if not side or before in (0, side):
        return
    where = "above" if side > 0 else "below"
    reason = f"fast EMA crossed {where} slow, p_up {p_up:.3f}"
    yield view.target(side if _agrees(params, side, p_up) else 0, reason, probability=p_up)


def _agrees(params: EmaCross, side: int, p_up: float) -> bool:
    if math.isnan(p_up) or (side < 0 and not params.allow_short):
        return False
    return (p_up if side > 0 else 1 - p_up) >= params.threshold
