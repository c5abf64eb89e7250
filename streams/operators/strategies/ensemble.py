"""Ensemble: several strategies vote, and those that were right gain weight."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from streams.operators.strategies.hedge import first, learnt
from streams.operators.strategies.kind import strategy
from streams.operators.strategies.parameters import names, number, one_of, shares
from streams.operators.strategies.view import View
from streams.operators.strategies.wants import Signal

WEIGHTED, MAJORITY = "weighted", "majority"


@dataclass(frozen=True, slots=True)
class Ensemble:
    of: tuple[str, ...] = names(("ema_cross",), "its members: names of tables [strategies.NAME]")
    weights: tuple[float, ...] = shares("of the members at first, in their order; none: even")
    fusion: str = one_of(WEIGHTED, (WEIGHTED, MAJORITY), "by weight, or a head a vote")
    min_confidence: float = number(0.5, 0, 1, "strength of the vote at which it enters")
    exit: float = number(0.25, 0, 1, "strength of its side below which it leaves")
    rate: float = number(0.1, 0, 10, "how fast weights learn; 0: they stay as they are")
    move: float = number(10.0, 1e-6, 1e6, "basis points of a gain that count as a whole one")
    cost: float = number(0.0, 0, 1000, "basis points that a member pays to take a whole position")
    spread_out: float = number(0.01, 0, 1, "of all weight that is shared out evenly each vector")

    def check(self) -> None:
        if not self.of or len(dict.fromkeys(self.of)) < len(self.of):
            raise ValueError("of: name at least one other strategy, each once")
        if self.weights and (len(self.weights) != len(self.of) or min(self.weights) <= 0):
            raise ValueError(f"weights: give {len(self.of)}, one above 0 for each name in of")
        if self.exit > self.min_confidence:
            raise ValueError(
                f"exit {self.exit} must not lie above min_confidence {self.min_confidence}"
            )


@dataclass(slots=True)
class Weights:
    """``weight`` of each member, together 1; ``held``: what each wanted at the last ``mid``."""

    weight: dict[str, float] = field(default_factory=dict)
    held: dict[str, float] = field(default_factory=dict)
    mid: float = math.nan


@strategy(
    "ensemble",
    state=Weights,
    asks=lambda p: p.of,
    fails="Members that are alike: three that follow the trend are one, and it outvotes the rest. "
    "Weights follow what was right lately: where the market changes more often than they learn, "
    "they are always those of yesterday. Gains of members are those of mids: a member that trades "
    "much looks better than it is unless cost says what a position costs.",
    source="Freund and Schapire 1997, A Decision-Theoretic Generalization of On-Line Learning, J. "
    "Computer and System Sciences 55 (Hedge); Herbster and Warmuth 1998, Tracking the Best Expert, "
    "Machine Learning 32 (fixed share)",
)
def ensemble(params: Ensemble, view: View) -> Iterable[Signal]:
    """Members are other strategies of the configuration, by name. They think for it as they would
    alone, with their own parameters and features, and whether they trade themselves is another
    matter: a member with ``enabled = false`` thinks and does not trade. A model is a member through
    ``neural_trend``. One that does not trade the instrument, or has failed, has no vote; one that
    wants no position votes for none.

    The strength of the vote lies in -1 … 1. ``weighted``: the mean of the directions that the
    members want, by weight. ``majority``: members for the side that more are for, over all members;
    even numbers make no side, so the strength is 0. It enters the side of the strength when that is
    at least ``min_confidence``, leaves when the strength of its side is below ``exit``, and does
    nothing between the two. A tie therefore never enters, and leaves unless ``exit`` is 0.

    Weights learn by Hedge, from the past alone: with each vector a member gains g = what it wanted
    at the vector before × the move of the mid since, less ``cost`` × by how much it changes that
    now, over ``move`` and within -1 … 1; its weight is multiplied by exp(``rate`` g). Then all are
    scaled to a sum of 1 and ``spread_out`` of that is shared out evenly, so that a member that was
    wrong for long can come back. With ``rate = 0`` nothing of this happens.

    The rules that it follows left ties to the order of a hash table, and had weights that did not
    learn.
    """
    state = view.state
    if sorted(state.weight) != sorted(params.of):  # the first vector, or other members than before
        state.weight = first(params.of, params.weights or [1.0] * len(params.of))
    # a snapshot sorts them, and sums depend on the order
    state.weight = {name: state.weight[name] for name in params.of}
    if params.rate:
        gains = _gains(params, view)
        state.weight = learnt(state.weight, gains, params.rate, params.spread_out)
    state.held, state.mid = dict(view.others), view.mid
    strength = _vote(params, state)
    side = (strength > 0) - (strength < 0)
    if side and side != view.wanted and abs(strength) >= params.min_confidence:
        yield _say(view, side, f"members vote {strength:+.3f}", strength)
    elif view.wanted and strength * view.wanted < params.exit:
        yield _say(view, 0, f"members agree no longer, {strength:+.3f}", strength)


def _gains(params: Ensemble, view: View) -> dict[str, float]:
    """Of those that were there at the vector before."""
    held, mid = view.state.held, view.state.mid
    gained = {}
    for name, now in view.others.items():
        if name in held:
            moved = held[name] * (view.mid / mid - 1) * 1e4
            net = moved - params.cost * abs(now - held[name])
            gained[name] = min(max(net / params.move, -1.0), 1.0)
    return gained


def _vote(params: Ensemble, state: Weights) -> float:
    votes = state.held
    if not votes:
        return 0.0
    if params.fusion == WEIGHTED:
        there = sum(state.weight[name] for name in votes)
        return sum(state.weight[name] * vote for name, vote in votes.items()) / there
    rising, falling = (sum(vote * side > 0 for vote in votes.values()) for side in (1, -1))
    winners = (rising > falling) * rising - (falling > rising) * falling
    return winners / len(votes)


def _say(view: View, side: int, reason: str, strength: float) -> Signal:
    said = {f"weight_{name}": weight for name, weight in view.state.weight.items()}
    said |= {f"vote_{name}": vote for name, vote in view.others.items()}
    return view.target(side, reason, strength=strength, **said)
