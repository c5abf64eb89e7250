"""From how much is due to orders: the interface of the algorithms, and what they share.

An algorithm looks at its parent, the market and the time, and says what it wants placed or
cancelled. The stage clips every wish: to what is free of the parent, to its slice sizes and its
participation, to its limit price. So an algorithm may ask for too much, and nothing comes of it.
"""

import hashlib
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Protocol, TypeAlias

from streams.operators.execution.impact import walk
from streams.operators.execution.market_view import MarketView
from streams.operators.execution.parent import Child, Parent
from streams.operators.risk.money import EXACT


@dataclass(frozen=True, slots=True)
class Place:
    """A limit order: at once or not at all, or ``passive``: it rests until it is taken back. With
    ``post_only`` it must not trade on arrival."""

    size: int
    price: int
    passive: bool = False
    post_only: bool = False


@dataclass(frozen=True, slots=True)
class Withdraw:
    """An open child is to be taken back."""

    child: str
    reason: str


Action: TypeAlias = Place | Withdraw


class Algorithm(Protocol):
    """A frozen dataclass of an algorithm's parameters."""

    def check(self) -> None:
        """Raises ValueError where the parameters make no sense."""
        ...

    def refuses(self, parent: Parent) -> str:
        """Why it cannot work this order; empty when it can."""
        ...

    def step(self, parent: Parent, view: MarketView, now: int) -> list[Action]:
        """What to do now. The market's book is firm and the time lies between start and end."""
        ...


def due_slices(parent: Parent, slices: int, now: int, jitter: float = 0.0) -> int:
    """How many of so many equal intervals have begun; each begins up to ``jitter`` of an interval
    late, by a draw that depends on the order and the interval alone."""
    start, end = parent.terms.start, parent.terms.end
    begun = min((now - start) * slices // (end - start), slices - 1)
    late = share(end - start, jitter * draw(parent, begun)) if jitter else 0
    return begun + ((now - start) * slices >= begun * (end - start) + late)


def draw(parent: Parent, number: int) -> float:
    """Uniform in [0, 1), the same whenever it is drawn."""
    text = f"{parent.order.account}|{parent.order.signal_id}|{number}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=6).digest(), "big") / 2**48


def share(size: int, part: float) -> int:
    """A part in 0 … 1 of a size, rounded down. The part counts with 12 decimals: 0.3 of 10 is 3."""
    exact = EXACT.multiply(Decimal(size), Decimal(str(round(min(max(part, 0.0), 1.0), 12))))
    return int(exact.to_integral_value(ROUND_FLOOR))


def take(parent: Parent, view: MarketView, due: int) -> list[Action]:
    """Takes what is due and neither done nor out, as far as the book shows it within the limit."""
    wanted = due - parent.done - parent.working
    if wanted <= 0:
        return []
    found = walk(view.book.far(parent.order.side), wanted, parent.side, parent.limit)
    return [Place(found.filled, found.worst)] if found.filled else []


def touch(parent: Parent, view: MarketView) -> int:
    """The best price to rest at: that of the own side, within the limit."""
    best = view.book.near(parent.order.side)[0][0]
    return best if parent.limit is None or parent.within_limit(best) else parent.limit


def stale(parent: Parent, price: int) -> list[Action]:
    """Withdraws passive children that rest at another price."""
    return [
        Withdraw(name, f"rests at {child.price}, should at {price}")
        for name, child in resting(parent)
        if child.price != price and not child.cancelling
    ]


def resting(parent: Parent) -> list[tuple[str, Child]]:
    return [(name, child) for name, child in parent.open.items() if child.passive]
