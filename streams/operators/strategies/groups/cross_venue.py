"""Cross-venue arbitrage: one thing costs less here than there, by more than the fees."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from streams.operators.period import Period
from streams.operators.strategies.groups.books import BookLeg, BookView
from streams.operators.strategies.groups.kind import book_strategy
from streams.operators.strategies.groups.legging import Legging, begin, settled, to_lots
from streams.operators.strategies.groups.wants import Take
from streams.operators.strategies.parameters import number, span


@dataclass(frozen=True, slots=True)
class CrossVenue:
    least: float = number(1.0, 0, 10_000, "profit after fees that it trades for, basis points")
    inventory: float = number(3.0, 1, 1000, "largest position at a venue, in sizes")
    settle: Period = span(3, "event time until it looks at what was filled", 1)


class Match(NamedTuple):
    """``buy`` and ``sell``: legs; prices of the deepest levels that are reached; ``cost`` and
    ``proceeds`` after fees, quote currency."""

    buy: int
    sell: int
    size: Decimal
    ask: Decimal
    bid: Decimal
    cost: Decimal
    proceeds: Decimal

    @property
    def profit(self) -> Decimal:
        return self.proceeds - self.cost


@book_strategy(
    "cross_venue",
    state=Legging,
    fails="Who is slower than others buys what is gone. The legs are two orders: one may be filled "
    "alone, and giving it back costs more than the trade would have made. Positions pile up, long "
    "at the cheap venue and short at the dear one, until prices turn: moving them is not its part. "
    "Fees that are set too low in execution.routing are losses.",
    source="Shleifer and Vishny 1997, The Limits of Arbitrage; Makarov and Schoar 2020, Trading "
    "and Arbitrage in Cryptocurrency Markets (prices between venues)",
)
def cross_venue(params: CrossVenue, view: BookView) -> Iterable[Take]:
    """The members are one thing on several venues. At each change of a book it walks up the asks of
    one and down the bids of another, for every two of them, as long as a unit that is bought and
    sold leaves more than ``least`` after both venues' taker fees (execution.routing). Of all that
    it finds it takes what makes most: two limit orders at the deepest prices that it reached,
    filled at once or not at all. The size is what both books show, at most what the sizing
    allows, in lots that both can express; the orders' fixed costs come off the profit.

    After ``settle`` it looks at what was filled, and gives back what one leg had more than the
    other. Facts count from the next clock record on, so ``settle`` is more than its interval.
    """
    state: Legging = view.state
    yield from settled(state, view, params.settle)
    if state.planned:
        return
    found = [_match(params, view, buy, sell) for buy, sell in _crossed(view.legs)]
    good = [match for match in found if match]
    if not good:
        return
    best = max(good, key=lambda match: match.profit)  # the first of equal ones
    planned = [Decimal(0)] * len(view.legs)
    planned[best.buy], planned[best.sell] = best.size, -best.size
    begin(state, view, planned)
    numbers = {"profit": float(best.profit), "cost": float(best.cost)}
    there, here = view.legs[best.buy].instrument, view.legs[best.sell].instrument
    reason = f"{there} asks {best.ask}, {here} bids {best.bid}: {best.profit:f} after fees"
    yield view.take(best.buy, 1, best.ask, best.size, reason, **numbers)
    yield view.take(best.sell, -1, best.bid, best.size, reason, **numbers)


def _crossed(legs: list[BookLeg]) -> Iterable[tuple[int, int]]:
    """Those worth an exact look."""
    tradable = [n for n, leg in enumerate(legs) if leg.tradable]
    for buy in tradable:
        for sell in tradable:
            if legs[sell].bid > legs[buy].ask:
                yield buy, sell


def _match(params: CrossVenue, view: BookView, buy: int, sell: int) -> Match | None:
    cheap, dear = view.legs[buy], view.legs[sell]
    whole = _walk(params, view, buy, sell, _cap(params, view, cheap, dear))
    lot = max(cheap.lot, dear.lot)
    least = max(cheap.costs.least_size, dear.costs.least_size, lot)
    size = to_lots(whole.size, lot)
    if size < least:
        return None
    match = _walk(params, view, buy, sell, size)
    fixed = cheap.costs.order_cost + dear.costs.order_cost
    match = match._replace(cost=match.cost + fixed)
    return match if match.profit > match.cost * _least(params) else None


def _cap(params: CrossVenue, view: BookView, cheap: BookLeg, dear: BookLeg) -> Decimal:
    size = view.allowed(cheap.asks[0][0])
    most = size * Decimal(str(params.inventory))
    return max(min(size, most - cheap.position, most + dear.position), Decimal(0))


def _walk(params: CrossVenue, view: BookView, buy: int, sell: int, cap: Decimal) -> Match:
    """Up to ``cap`` units, level by level."""
    cheap, dear = view.legs[buy], view.legs[sell]
    pays, gets = 1 + cheap.costs.taker_fee, 1 - dear.costs.taker_fee
    found = Match(buy, sell, Decimal(0), Decimal(0), Decimal(0), Decimal(0), Decimal(0))
    asks, bids = cheap.asks, dear.bids
    while asks and bids and found.size < cap:
        (ask, offered), (bid, wanted) = asks[0], bids[0]
        if bid * gets - ask * pays <= ask * pays * _least(params):
            break
        size = min(offered, wanted, cap - found.size)
        cost, proceeds = found.cost + size * ask * pays, found.proceeds + size * bid * gets
        found = Match(buy, sell, found.size + size, ask, bid, cost, proceeds)
        asks = [(ask, offered - size)] * (offered > size) + asks[1:]
        bids = [(bid, wanted - size)] * (wanted > size) + bids[1:]
    return found


def _least(params: CrossVenue) -> Decimal:
    return Decimal(str(params.least)).scaleb(-4)
