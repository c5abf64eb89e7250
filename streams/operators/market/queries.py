"""What can be asked of a book: its levels, what is displayed up to a price, what a size would cost.

All of it on integers, exact; ``side`` is BID or ASK of ``book.py``.
"""

from typing import NamedTuple

from streams.kernels import kernel
from streams.operators.market.book import ASK, BID, BookState
from streams.operators.market.levels import below, best_place, price_at, size_at, table


class Level(NamedTuple):
    price: int
    size: int


def levels(state: BookState, side: int, most: int | None = None) -> list[Level]:
    """Price and size, best first; all when ``most`` is None."""
    prices, sizes = table(state.levels, side, most)
    return list(map(Level, prices.tolist(), sizes.tolist()))


@kernel
def size_to(state, side, price):  # type: ignore[no-untyped-def]
    """The size displayed at ``price`` and better."""
    sign = 1 if side == BID else -1
    total, at = 0, best_place(state.levels, side)
    while at >= 0 and sign * (price_at(state.levels, side, at) - price) >= 0:
        total += size_at(state.levels, side, at)
        at = below(state.levels, side, at)
    return total


@kernel
def sweep(state, side, size):  # type: ignore[no-untyped-def]
    """Taking ``size`` from a side, best price first: (size that is there, the worst price paid, and
    the sum of price × size as a float64, for an average); (0, 0, 0.0) on an empty side."""
    filled, worst, paid = 0, 0, 0.0
    at = best_place(state.levels, side)
    while at >= 0 and filled < size:
        taken = min(size_at(state.levels, side, at), size - filled)
        worst = price_at(state.levels, side, at)
        paid += float(worst) * float(taken)
        filled += taken
        at = below(state.levels, side, at)
    return filled, worst, paid


def spread(state: BookState) -> int | None:
    """Best ask less best bid: 0 is locked, less is crossed; None when a side is empty."""
    bid, ask = levels(state, BID, 1), levels(state, ASK, 1)
    return ask[0].price - bid[0].price if bid and ask else None
