"""What becomes of a trade of several legs: one may be filled and another not.

All legs leave at once, each filled at once or not at all, and nothing makes them succeed together.
After a while the part that every leg had is what was traded; what a leg had beyond that is given
back at the best price, again and again until it is gone. Until then nothing new is begun.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal

from streams.operators.strategies.groups.books import BookView
from streams.operators.strategies.groups.wants import Take


@dataclass(slots=True)
class Legging:
    """``planned``: signed units by leg, of a trade that is not settled yet; ``before``: positions
    when it began; ``asked``: when orders last left, ns UTC."""

    planned: list[Decimal] = field(default_factory=list)
    before: list[Decimal] = field(default_factory=list)
    asked: int = 0


def begin(state: Legging, view: BookView, planned: list[Decimal]) -> None:
    state.planned, state.asked = planned, view.ts
    state.before = [leg.position for leg in view.legs]


def settled(state: Legging, view: BookView, after_ns: int) -> Iterator[Take]:
    """Gives back what is left over; when nothing is, the trade is done (``planned`` is empty)."""
    if not state.planned or view.ts < state.asked + after_ns:
        return
    over = _left_over(state, view)
    if not any(over):
        state.planned = []
        return
    state.asked = view.ts
    for n, (leg, size) in enumerate(zip(view.legs, over, strict=True)):
        if size and leg.tradable:
            price = leg.bids[0][0] if size > 0 else leg.asks[0][0]
            side, reason = (-1 if size > 0 else 1), "a leg was filled alone: it is given back"
            yield view.take(n, side, price, abs(size), reason)


def _left_over(state: Legging, view: BookView) -> list[Decimal]:
    """What each leg had beyond the part that all had, to whole lots."""
    legs = list(zip(view.legs, state.before, state.planned, strict=True))
    had = [leg.position - before for leg, before, _ in legs]
    parts = [got / plan for got, (_, _, plan) in zip(had, legs, strict=True) if plan]
    part = max(min(parts), Decimal(0))
    return [
        to_lots(abs(got - part * plan), leg.lot) * (1 if got > part * plan else -1)
        for got, (leg, _, plan) in zip(had, legs, strict=True)
    ]


def to_lots(size: Decimal, lot: Decimal) -> Decimal:
    """Rounded down."""
    return (size / lot).to_integral_value(ROUND_FLOOR) * lot
