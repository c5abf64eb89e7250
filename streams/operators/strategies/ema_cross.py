"""EMA crossover, gated by a model: ``ma_cross`` on the two EMAs that every vector has."""

from collections.abc import Iterable
from dataclasses import dataclass

from streams.operators.strategies.crossing import Gate, Seen, cross
from streams.operators.strategies.kind import strategy
from streams.operators.strategies.parameters import flag, number, text
from streams.operators.strategies.view import View
from streams.operators.strategies.wants import Signal


@dataclass(frozen=True, slots=True)
class EmaCross:
    model: str = text("p_up", "column of the probability of a rise")
    threshold: float = number(0.5, 0, 1, "least probability for a position")
    allow_short: bool = flag(True, "whether it may be short, or only flat")


@strategy(
    "ema_cross",
    needs=lambda p: {"spread": "ema_spread", "p_up": p.model},
    may_lack=("p_up",),
    state=Seen,
    fails="Sideways markets: each cross is late and the next one takes it back, so it pays the "
    "spread and fees both ways. A model that has learnt nothing (p_up about 0.5) lets half of the "
    "crosses through.",
    source="Murphy 1999, Technical Analysis of the Financial Markets, ch. 9",
)
def ema_cross(params: EmaCross, view: View) -> Iterable[Signal]:
    """When the fast EMA rises above the slow one it wants to be long, when it falls below, short
    (or flat where ``allow_short`` is false). It opens a position only if the model agrees: its
    probability >= threshold for long, <= 1 - threshold for short; otherwise, and while the model
    warms up, the cross only closes what is open. The lengths are those of ``[features]``.

    It says which *position* it wants; the risk gate makes the order that is missing, so a refused
    or partly filled order never leaves the two apart.
    """
    gate = Gate(params.model, view["p_up"], params.threshold, params.allow_short)
    yield from cross(view, view["spread"], "EMA", gate)
