"""Neural trend: a model says which way, and is followed for as long as it stays sure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from streams.operators.period import Period
from streams.operators.strategies.kind import strategy
from streams.operators.strategies.parameters import flag, number, span, text
from streams.operators.strategies.view import View
from streams.operators.strategies.wants import Signal


@dataclass(frozen=True, slots=True)
class NeuralTrend:
    model: str = text("p_up", "column of the probability of a rise")
    min_confidence: float = number(0.7, 0.5, 1, "probability of its side at which it enters")
    exit: float = number(0.5, 0, 1, "probability of its side below which it leaves")
    confirm: int = number(1, 1, 1000, "vectors in a row that must be as sure before it enters")
    hold: Period = span(0, "longest time in a position; 0s: as long as the model is sure")
    stop: float = number(0.0, 0, 10_000, "basis points against it at which it leaves; 0: none")
    allow_short: bool = flag(True, "whether it may be short, or only flat")

    def check(self) -> None:
        if self.exit > self.min_confidence:
            raise ValueError(
                f"exit {self.exit} must not lie above min_confidence {self.min_confidence}"
            )


@dataclass(slots=True)
class Sure:
    """``side`` that the model has been sure of for ``count`` vectors; ``over``: the side of a
    position that ended by time or stop, which is not taken again before the model was unsure."""

    side: int = 0
    count: int = 0
    over: int = 0


@strategy(
    "neural_trend",
    needs=lambda p: {"p": p.model},
    may_lack=("p",),
    state=Sure,
    fails="A model that is sure and wrong: what it has not seen in training looks to it like "
    "something that it has. A model that is not calibrated, whose 0.7 is no seven in ten, makes "
    "min_confidence mean nothing; look at its evaluation before, and at its drift while it trades.",
    source="Gu, Kelly and Xiu 2020, Empirical Asset Pricing via Machine Learning, Review of "
    "Financial Studies 33; Niculescu-Mizil and Caruana 2005, Predicting Good Probabilities with "
    "Supervised Learning (why 0.7 must mean seven in ten)",
)
def neural_trend(params: NeuralTrend, view: View) -> Iterable[Signal]:
    """The model's column is p, its probability of a rise; that of a fall is 1 - p. It enters the
    side whose probability is at least ``min_confidence`` on ``confirm`` vectors in a row, and
    stays until that probability is below ``exit``: between the two it does nothing, so that a
    model that wavers does not make it trade. When the other side is as sure it turns at once.

    It also leaves after ``hold``, and when the mid is ``stop`` basis points worse than at the
    entry; then it takes that side again only after the model was less than ``min_confidence`` sure
    of it.

    The model is a table ``[models.NAME]`` that tells a probability: ``onnx`` for a network (or
    anything else) from the registry, or one that learns online. While it says nothing (it warms up,
    or failed and has no fallback) nothing is entered, and time and stop go on. The rules that it
    follows had a model that never spoke; their inputs (returns over 5, 10, 20 and 50 bars, volume
    over its mean) are for the model's own ``inputs`` to say.
    """
    p, state = view["p"], view.state
    _count(params, state, p)
    out = _out(params, view, p)
    side = state.side if state.count >= params.confirm else 0
    if side not in (0, view.wanted, state.over) and (side > 0 or params.allow_short):
        way = "rise" if side > 0 else "fall"
        yield view.target(side, f"{params.model}: a {way} at {_of(side, p):.3f}", probability=p)
    elif out:
        yield view.target(0, out, probability=p)


def _of(side: float, p: float) -> float:
    return p if side > 0 else 1 - p


def _count(params: NeuralTrend, state: Sure, p: float) -> None:
    sides = [side for side in (1, -1) if _of(side, p) >= params.min_confidence]
    side = sides[0] if len(sides) == 1 else 0  # both: min_confidence is 0.5 and so is p
    state.count = state.count + 1 if side == state.side else 1
    state.side = side
    if side != state.over and not math.isnan(p):
        state.over = 0


def _out(params: NeuralTrend, view: View, p: float) -> str:
    """Why a position is left; nothing where there is none, or no reason."""
    side = view.wanted
    if not side:
        return ""
    if _of(side, p) < params.exit:
        return f"{params.model}: no longer sure, {_of(side, p):.3f}"
    against = (view.entry - view.mid) / view.entry * side * 1e4
    late = bool(params.hold) and view.held_ns >= params.hold
    if not late and not (params.stop and against >= params.stop):
        return ""
    if view.state.side == side:
        view.state.over = int(side)
    return f"held for {view.held_ns / 1e9:g} s" if late else f"{against:.1f} bp against it"
