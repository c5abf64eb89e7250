"""What can be asked of a book: its levels, what is displayed up to a price, what a size would cost.

All of it on integers, exact; ``side`` is BID or ASK of ``book.py``.
"""

from typing import NamedTuple

from streams.kernels import kernel
from streams.operators.market.book import ASK, BID, BookState
from streams.operators.market.levels import below


class Level(NamedTuple):
    price: int
    size: int


def levels(state: BookState, side: int, most: int | None = None) -> list[Level]:
    """Price and size, best first; all when ``most`` is None."""
    sign, found = (1 if side == BID else -1), list[Level]()
    at = below(state.size[side], state.count[side])
    while at >= 0 and (most is None or len(found) < most):
        found.append(Level(int(sign * state.price[side, at]), int(state.size[side, at])))
        at = below(state.size[side], at)
    return found


@kernel
def size_to(state, side, price):  # type: ignore[no-untyped-def]
    """The size displayed at ``price`` and better."""
    sign = 1 if side == BID else -1
    total = 0
    at = below(state.size[side], state.count[side])
    while at >= 0 and state.price[side, at] >= sign * price:
        total += state.size[side, at]
        at = below(state.size[side], at)
    return total


@kernel
def sweep(state, side, size):  # type: ignore[no-untyped-def]
    """Taking ``size`` from a side, best price first: (size that is there, the worst price paid, and
    the sum of price × size as a float64, for an average); (0, 0, 0.0) on an empty side."""
    sign = 1 if side == BID else -1
    filled, worst, paid = 0, 0, 0.0
    at = below(state.size[side], state.count[side])
    while at >= 0 and filled < size:
        taken = min(state.size[side, at], size - filled)
        worst = sign * state.price[side, at]
        paid += float(worst) * float(taken)
        filled += taken
        at = below(state.size[side], at)
    return filled, worst, paid


def spread(state: BookState) -> int | None:
    """Best ask less best bid: 0 is locked, less is crossed; None when a side is empty."""
    bid, ask = levels(state, BID, 1), levels(state, ASK, 1)
    return ask[0].price - bid[0].price if bid and ask else None
