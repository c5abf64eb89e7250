"""How often orders come that reach so far from the mid, learnt from the trades of the market.

The models of market making suppose that orders which would fill a quote at a distance d from the
mid, in basis points, come as a Poisson process of intensity

    lambda(d) = A exp(-k d)         orders a second, on each side

(Avellaneda and Stoikov 2008, eq. 12). Of the orders that reach the best price, at the distance h,
those beyond it are then spread exponentially, whatever h is, and independently of how many come.
So k and A are estimated apart, each by maximum likelihood (Fernandez-Tapia 2015, Modeling,
optimization and estimation for the on-line control of trading algorithms in limit-order markets,
thesis, Paris 6, on the calibration of A and k; hftbacktest's tutorial of the GLFT model measures
the same distances and fits a line to the logarithm of their counts, which weighs the rarest most):

    k = ln(1 + 1 / e) / tick        e: mean number of ticks by which orders went beyond the best
                                    price; the likelihood of a geometric distribution, as prices
                                    are whole ticks; 1 / (e tick) where ticks are small
    A = orders / 2 / integral of exp(-k h) over the time that was watched

Sums forget by half in ``memory`` of event time, so each step is a few multiplications. An order
that walks through several prices comes as several trades of one side and one event time: it counts
once, by the furthest, from the best price as it stood before the first. Trades that do not reach
the best price that was shown, between the quotes or of a book that has moved on, reach no quote.

As long as fewer than ``enough`` orders are remembered, those that were given stand for the rest.
"""

import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple


@dataclass(slots=True)
class Arrivals:
    """``orders``: that reached the best price; ``beyond``: sum of the ticks that they went further;
    ``exposure``: seconds, each times exp(-k h); all three forget. ``upto``: event time that they
    are of, ns, 0 while the book is not known; ``half``: h since then. ``last``: event time, side,
    best price and ticks (-1: none) of the order that traded last."""

    orders: float = 0.0
    beyond: float = 0.0
    exposure: float = 0.0
    upto: int = 0
    half: float = 0.0
    last: list[Any] = field(default_factory=list)


class Intensity(NamedTuple):
    """``k``: per basis point; ``a``: orders a second, a side."""

    k: float
    a: float


def intensity(of: Arrivals, given: Intensity, enough: float, tick: float) -> Intensity:
    """``tick`` in basis points."""
    lacking = max(enough - of.orders, 0.0)
    orders = lacking + of.orders
    ticks = lacking / math.expm1(given.k * tick) + of.beyond
    beyond = max(ticks, 0.5) / orders  # where none went further, half a tick of one order
    return Intensity(math.log1p(1 / beyond) / tick, orders / (lacking / given.a + 2 * of.exposure))


def passed(of: Arrivals, ts: int, k: float, memory_ns: int) -> None:
    """Time passes, at the best prices as they were."""
    if of.upto and ts > of.upto:
        kept = 0.5 ** ((ts - of.upto) / memory_ns)
        seconds = (1 - kept) * memory_ns / 1e9 / math.log(2)
        of.orders, of.beyond = of.orders * kept, of.beyond * kept
        of.exposure = of.exposure * kept + seconds * math.exp(-k * of.half)
    of.upto = max(of.upto, ts) if of.upto else of.upto


def quoted(of: Arrivals, ts: int, half: float) -> None:
    """The best prices are now so far from the mid, basis points."""
    of.upto, of.half = max(of.upto, ts), half


def lost(of: Arrivals) -> None:
    """Nobody knows what the market does until it is quoted again."""
    of.upto, of.last = 0, []


def traded(of: Arrivals, ts: int, side: int, best: float, price: float, tick: float) -> None:
    """A trade by an order of this side (1: buys), which met the ``best`` price of the other;
    ``tick`` in price."""
    if of.last[:2] != [ts, side]:
        of.last = [ts, side, best, -1.0]
    ticks = round(side * (price - of.last[2]) / tick, 6)
    before = of.last[3]
    if ticks > before and ticks >= 0:
        of.orders += before < 0
        of.beyond += ticks - max(before, 0.0)
        of.last[3] = ticks
