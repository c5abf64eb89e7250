"""What the venues of a basket offer for an order: their books at common scales, with costs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from schemas.enums import Side
from streams.operators.execution import routing
from streams.operators.execution.impact import Levels
from streams.operators.execution.routing import PPB, Venue
from streams.operators.execution.shown_book import ShownBook


@dataclass(frozen=True, slots=True)
class VenueCosts:
    """Of one venue: ``taker_fee`` as a part of notional, ``order_cost`` of any order in quote
    currency, ``latency_ns`` until an order arrives, ``least_size`` of an order in units."""

    taker_fee: Decimal = Decimal(0)
    order_cost: Decimal = Decimal(0)
    latency_ns: int = 0
    least_size: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Costs:
    """``venues`` by their name before the colon, ``other`` for the rest; ``drift``: the part of the
    price that is lost for each second of latency; ``miss``: the part of the price that what was
    not filled costs elsewhere."""

    venues: Mapping[str, VenueCosts] = field(default_factory=dict)
    other: VenueCosts = field(default_factory=VenueCosts)
    drift: float = 0.0
    miss: float = 0.0

    def of(self, instrument: str) -> VenueCosts:
        return self.venues.get(instrument.partition(":")[0], self.other)


class Offer(NamedTuple):
    """``venues`` at the common ``scales``."""

    venues: list[Venue]
    scales: tuple[int, int]


def offers(
    books: Mapping[str, ShownBook],
    ratios: Mapping[str, float],
    costs: Costs,
    side: Side,
    parent_scales: tuple[int, int],
) -> Offer:
    """``books`` by instrument, in the basket's order, each of them firm; ``ratios``: what part of
    what was sent each instrument filled so far."""
    all_scales = [parent_scales, *(book.scales for book in books.values())]
    scales = max(s[0] for s in all_scales), max(s[1] for s in all_scales)
    found = []
    for name, book in books.items():
        at, unit = costs.of(name), 10 ** (scales[1] - min(book.scales[1], parent_scales[1]))
        fee, seconds = float(at.taker_fee), at.latency_ns / 1e9
        venue = Venue(
            name,
            _levels(book.far(side), book.scales, scales, unit),
            routing.penalty(fee, costs.drift, seconds, costs.miss, ratios.get(name, 1.0)),
            int(at.order_cost.scaleb(sum(scales)) * PPB),
            max(_rounded_up(int(at.least_size.scaleb(scales[1])), unit), 1),
        )
        found.append(venue)
    return Offer(found, scales)


def _levels(levels: Levels, old: tuple[int, int], new: tuple[int, int], unit: int) -> Levels:
    """At the new scales; of each size only what venue and parent can both express."""
    price, size = 10 ** (new[0] - old[0]), 10 ** (new[1] - old[1])
    return [(p * price, s * size // unit * unit) for p, s in levels if s * size >= unit]


def _rounded_up(size: int, unit: int) -> int:
    return -(-size // unit) * unit
