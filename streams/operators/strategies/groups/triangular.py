"""Triangular arbitrage: three currencies exchanged in a circle leave more than there was."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from streams.operators.period import Period
from streams.operators.strategies.groups.books import BookView
from streams.operators.strategies.groups.kind import book_strategy
from streams.operators.strategies.groups.legging import Legging, begin, settled, to_lots
from streams.operators.strategies.groups.wants import Take
from streams.operators.strategies.parameters import number, span, text


@dataclass(frozen=True, slots=True)
class Triangular:
    pairs: str = text("", 'what members exchange, as "BTC/USD ETH/USD ETH/BTC"; empty: by symbol')
    least: float = number(1.0, 0, 10_000, "profit after fees that it trades for, basis points")
    settle: Period = span(3, "event time until it looks at what was filled", 1)

    def check(self) -> None:
        if self.pairs:
            currencies(self.pairs.split())


class Exchange(NamedTuple):
    """One step: ``side`` 1 buys the base of a member with its quote, -1 sells it."""

    leg: int
    side: int


class Circle(NamedTuple):
    """``sizes`` of the steps; ``spent`` and ``received``: of the currency that it begins with."""

    steps: tuple[Exchange, ...]
    sizes: tuple[Decimal, ...]
    spent: Decimal
    received: Decimal


@book_strategy(
    "triangular",
    state=Legging,
    members=(3, 3),
    fails="Who is slower than others: the prices of a venue agree within microseconds, and three "
    "orders must all arrive. A leg that is filled alone is given back at a loss. Three taker fees "
    "are rarely less than what prices are off by. What is rounded away stays as a rest of a "
    "currency, counted as nothing.",
    source="Aiba, Hatano, Takayasu, Marumo and Shimizu 2002, Triangular Arbitrage as an "
    "Interaction among Foreign Exchange Rates, Physica A 310",
)
def triangular(params: Triangular, view: BookView) -> Iterable[Take]:
    """The three members exchange three currencies, each against each. At each change of a book it
    goes round both ways, beginning with the quote currency of the first member: what it buys it
    pays at the ask with the fee on top, what it sells it gets at the bid less the fee. The amount
    is what the three best levels show, at most what the sizing allows, and each step is rounded
    down to the member's lots. If what comes back is more than was spent, by ``least``, three limit
    orders leave at once, filled at once or not at all.

    After ``settle`` it looks at what was filled, and gives back what a leg had more than all had.
    """
    state: Legging = view.state
    yield from settled(state, view, params.settle)
    if state.planned or not all(leg.tradable for leg in view.legs):
        return
    names = params.pairs.split() or [leg.instrument.partition(":")[2] for leg in view.legs]
    found = [_circle(view, steps) for steps in ways(currencies(names))]
    good = [each for each in found if each and _pays(params, view, each)]
    if not good:
        return
    best = max(good, key=lambda circle: circle.received - circle.spent)
    planned = [Decimal(0)] * len(view.legs)
    for step, size in zip(best.steps, best.sizes, strict=True):
        planned[step.leg] = step.side * size
    begin(state, view, planned)
    profit = best.received - best.spent
    reason = f"{best.spent:f} go round and come back as {best.received:f}"
    for step, size in zip(best.steps, best.sizes, strict=True):
        price = _price(view, step)
        numbers = {"profit": float(profit), "spent": float(best.spent)}
        yield view.take(step.leg, step.side, price, size, reason, **numbers)


def currencies(names: list[str]) -> list[tuple[str, str]]:
    """(base, quote) of each member. Raises ValueError where they do not make a triangle."""
    pairs = [_split(name) for name in names]
    known = sorted({currency: 0 for pair in pairs for currency in pair})
    edges = {tuple(sorted(pair)): 0 for pair in pairs}
    if len(pairs) != 3 or len(known) != 3 or len(edges) != 3:
        raise ValueError(
            f"{', '.join(names)}: no triangle; three members must exchange three currencies, each "
            'against each: say what they exchange, as pairs = "BTC/USD ETH/USD ETH/BTC"'
        )
    return pairs


def _split(name: str) -> tuple[str, str]:
    for mark in ("/", "-", "_"):
        base, found, quote = name.partition(mark)
        if found and base and quote and base != quote:
            return base, quote
    raise ValueError(
        f'{name}: does not say what it exchanges; give pairs = "BTC/USD ETH/USD ETH/BTC"'
    )


def ways(pairs: list[tuple[str, str]]) -> list[tuple[Exchange, ...]]:
    """Both circles that begin with the quote currency of the first member."""
    start = pairs[0][1]
    firsts = [n for n, pair in enumerate(pairs) if start in pair]
    return [_round(pairs, first, start) for first in firsts]


def _round(pairs: list[tuple[str, str]], first: int, start: str) -> tuple[Exchange, ...]:
    leg, has, left, steps = first, start, [0, 1, 2], list[Exchange]()
    while True:
        base, quote = pairs[leg]
        steps.append(Exchange(leg, 1 if has == quote else -1))
        has = base if has == quote else quote
        left.remove(leg)
        if not left:
            return tuple(steps)
        leg = next(n for n in left if has in pairs[n])


def _price(view: BookView, step: Exchange) -> Decimal:
    leg = view.legs[step.leg]
    return (leg.asks if step.side > 0 else leg.bids)[0][0]


def _circle(view: BookView, steps: tuple[Exchange, ...]) -> Circle | None:
    """With the largest amount that the best levels take; None where a step rounds to nothing."""
    amount = min(_most(view, steps), view.allowed(Decimal(1)))
    sizes, spent = list[Decimal](), Decimal(0)
    for n, step in enumerate(steps):
        leg, price = view.legs[step.leg], _price(view, step)
        rate = price * (1 + step.side * leg.costs.taker_fee)
        size = to_lots(amount / rate if step.side > 0 else amount, leg.lot)
        if size < max(leg.costs.least_size, leg.lot):
            return None
        if not n:
            spent = size * rate if step.side > 0 else size
        amount = size if step.side > 0 else size * rate
        sizes.append(size)
    return Circle(steps, tuple(sizes), spent, amount)


def _most(view: BookView, steps: tuple[Exchange, ...]) -> Decimal:
    """How much of the first currency the best levels take: one unit of it is sent round."""
    one, limits = Decimal(1), list[Decimal]()
    for step in steps:
        leg, price = view.legs[step.leg], _price(view, step)
        rate = price * (1 + step.side * leg.costs.taker_fee)
        size = one / rate if step.side > 0 else one
        shown = (leg.asks if step.side > 0 else leg.bids)[0][1]
        limits.append(shown / size)
        one = size if step.side > 0 else one * rate
    return min(limits)


def _pays(params: Triangular, view: BookView, circle: Circle) -> bool:
    least = circle.spent * Decimal(str(params.least)).scaleb(-4)
    fixed = sum((leg.costs.order_cost for leg in view.legs), Decimal(0))
    return circle.received - circle.spent - fixed > least
