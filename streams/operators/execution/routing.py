"""Smart order routing: which venues get how much of an order, an exact small optimisation.

A unit at price p of a venue costs, for a buy (side 1) or a sell (-1), in quote currency

    p (side + fee + drift x latency + miss x (1 - fill ratio))

so a venue's fee, its distance and how often it fails to fill what it showed are all money. Every
order to a venue may cost a fixed sum on top, and a venue may want a least size; then splitting pays
only where it saves more. For a given set of venues the cheapest split takes each one's least size
and goes on with the cheapest unit anywhere, because a venue's units only get dearer; all sets are
tried, which is exact. Integers throughout: costs are in 1e-9 of the smallest price x size.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from streams.operators.execution.impact import Levels

PPB = 10**9
MOST_VENUES = 10  # sets to try are two to this power


class Venue(NamedTuple):
    """``levels`` that an order would trade with, best first, at scales common to all venues;
    ``penalty`` of a unit in 1e-9 of its price; ``fixed`` cost of an order, in 1e-9 of the smallest
    price x size; ``least`` size of an order."""

    name: str
    levels: Levels
    penalty: int
    fixed: int = 0
    least: int = 1


class Route(NamedTuple):
    """``size`` for a venue, and the ``worst`` price that it should pay there."""

    venue: str
    size: int
    worst: int


class Split(NamedTuple):
    """All routes; ``cost`` of what is filled, negative for a sale's proceeds."""

    routes: tuple[Route, ...]
    filled: int
    cost: int


def split(venues: Sequence[Venue], side: int, size: int, limit: int | None = None) -> Split:
    """The split that fills most of ``size`` within the limit, and that for the least cost. Of equal
    ones the first is taken, in the order of the venues."""
    shown = [v for v in (_within(venue, side, limit) for venue in venues) if v.levels]
    best = Split((), 0, 0)
    for chosen in _sets(shown):
        found = _cheapest(chosen, side, size)
        if found and (-found.filled, found.cost) < (-best.filled, best.cost):
            best = found
    return best


def penalty(fee: float, drift: float, latency_s: float, miss: float, fill_ratio: float) -> int:
    """Of a unit, in 1e-9 of its price: ``drift`` is the part of the price that is lost a second,
    ``miss`` what it costs to look elsewhere for what was not filled."""
    return round((fee + drift * latency_s + miss * (1 - fill_ratio)) * PPB)


def _within(venue: Venue, side: int, limit: int | None) -> Venue:
    if limit is None:
        return venue
    levels = [level for level in venue.levels if side * (level[0] - limit) <= 0]
    return venue._replace(levels=levels)


def _sets(venues: list[Venue]) -> Iterator[tuple[Venue, ...]]:
    """All sets of venues; only the whole one, where no venue asks for more than its units' cost."""
    if all(venue.fixed == 0 and venue.least <= 1 for venue in venues):
        yield tuple(venues)
        return
    venues = venues[:MOST_VENUES]
    for bits in range(1, 2 ** len(venues)):
        yield tuple(venue for number, venue in enumerate(venues) if bits >> number & 1)


def _cheapest(venues: tuple[Venue, ...], side: int, size: int) -> Split | None:
    """With each of these venues its least size; None where that cannot be."""
    taken = [venue.least if venue.fixed or venue.least > 1 else 0 for venue in venues]
    depth = [sum(there for _, there in venue.levels) for venue in venues]
    if sum(taken) > size or any(t > d for t, d in zip(taken, depth, strict=True)):
        return None
    left = size - sum(taken)
    for _, _, number, there in sorted(_units(venues, taken, side)):
        more = min(there, left)
        taken[number] += more
        left -= more
    return _priced(venues, taken, side)


def _units(
    venues: tuple[Venue, ...], taken: list[int], side: int
) -> Iterator[tuple[int, int, int, int]]:
    """(cost of a unit, its place in its venue, the venue's, how many) of what is not taken."""
    for number, venue in enumerate(venues):
        skip = taken[number]
        for place, (price, there) in enumerate(venue.levels):
            used = min(skip, there)
            skip -= used
            if there > used:
                yield price * (side * PPB + venue.penalty), place, number, there - used


def _priced(venues: tuple[Venue, ...], taken: list[int], side: int) -> Split:
    routes, cost = [], 0
    for venue, size in zip(venues, taken, strict=True):
        left, worst = size, 0
        for price, there in venue.levels:
            if left <= 0:
                break
            used = min(there, left)
            cost, worst, left = (
                cost + used * price * (side * PPB + venue.penalty),
                price,
                left - used,
            )
        if size:
            routes.append(Route(venue.name, size, worst))
            cost += venue.fixed
    return Split(tuple(routes), sum(taken), cost)
