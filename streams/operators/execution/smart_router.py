"""Smart order router: a parent order for a basket → child orders on its venues.

A basket stands for one thing on several venues. Its parent orders (``algo = "sor"``, instrument
``BASKET:`` and its name) enter the basket's own log, where the books of its members stand, so there
is one order between quotes and orders. What always holds is said in ``algos.py``: a parent is never
filled beyond its size, nor at a worse price than its limit, and ends with one report.

It is split at once, by ``routing.py``, over the venues whose books are firm and fresh; what is not
filled is split again at each clock record until time is up. An IOC parent is split once. The part
of what was sent that a venue filled is learnt, and counts in the next split. At each clock record
the accounts are told a mark of the basket: the best bid and offer of its members.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.enums import ExecType, MarketState, TimeInForce
from schemas.execution import ApprovedOrder, CancelRequest
from schemas.frames import TapeFrame
from schemas.inbox import Mark
from schemas.ledger import Decision, Fill, OrderUpdate
from schemas.records import Clock, Status
from streams import canonical
from streams.operator import Output
from streams.operators.execution import orders, params, routing, shown_book
from streams.operators.execution.params import Terms
from streams.operators.execution.parent import Child, Parent, resolved
from streams.operators.execution.parents import Parents
from streams.operators.execution.shown_book import ShownBook
from streams.operators.execution.slicing import Place
from streams.operators.execution.venue_quotes import Costs, Offer, offers
from streams.operators.risk.instruments import BASKET

ALGO, PREFIX = "sor", f"{BASKET}:"


@dataclass(frozen=True, slots=True)
class SmartRouterConfig:
    """``baskets``: name → members; ``accounts`` that marks go to; ``stale_ns`` of event time: an
    older book is not traded with; ``weight`` of the newest order in a venue's fill ratio."""

    baskets: Mapping[str, tuple[str, ...]]
    accounts: tuple[str, ...]
    stale_ns: int
    costs: Costs = field(default_factory=Costs)
    terms: Terms = field(default_factory=Terms)
    weight: float = 0.1


class SmartRouter:
    """Operator: ``baskets`` → child signals, reports and marks on ``orders``."""

    def __init__(self, config: SmartRouterConfig) -> None:
        self._config = config
        self._basket_of = {m: name for name, members in config.baskets.items() for m in members}
        self._books: dict[str, ShownBook] = {}
        self._ratios: dict[str, float] = {}
        self._parents = Parents()
        self._now: dict[str, int] = {}
        self._ticked: dict[str, int] = {}

    def apply(self, message: Any) -> list[Output]:
        match message:
            case TapeFrame() if self._is_leg(message):
                self._fold(message)
            case Status() if message.instrument in self._books:
                self._books[message.instrument].hear(message.kind)
            case ApprovedOrder() if message.algo and not self._parents.knows(message):
                return self._accept(message)
            case CancelRequest():
                one = self._parents.cancelled(message)
                return self._parents.wind_down(one, message.ts_event) if one else []
            case Fill() | OrderUpdate() | Decision():
                self._hear(message)
            case Clock() if message.key in self._config.baskets:
                return self._tick(message.key, message.ts_event)
        return []

    def _is_leg(self, tape: TapeFrame) -> bool:
        """What groups are told of the same instrument is not the basket's."""
        basket = self._basket_of.get(tape.instrument, "")
        return bool(basket) and tape.basket in ("", basket)

    def _fold(self, tape: TapeFrame) -> None:
        shown_book.check(tape)
        book = self._books.setdefault(tape.instrument, ShownBook())
        book.fold(tape)
        self._advance(self._basket_of[tape.instrument], book.heard)

    def _advance(self, basket: str, now: int) -> None:
        self._now[basket] = max(self._now.get(basket, 0), now)

    def _accept(self, order: ApprovedOrder) -> list[Output]:
        basket = order.instrument.removeprefix(PREFIX)
        try:
            terms = self._terms(order, basket)
        except ValueError as error:
            text = str(error)
            return [orders.report(order, ExecType.REJECTED, order.ts_event, 0, text)]
        accepted = self._parents.add(order, terms)
        one = self._parents.of(order)
        if terms.start > order.ts_event:
            return accepted
        return [*accepted, *self._split(one, basket, order.ts_event)]

    def _terms(self, order: ApprovedOrder, basket: str) -> Terms:
        """Raises ValueError where the order cannot be worked."""
        if order.algo != ALGO or basket not in self._config.baskets:
            known = ", ".join(PREFIX + name for name in self._config.baskets) or "none"
            raise ValueError(f"{order.instrument}: use algo {ALGO} for one of {known}")
        terms = self._config.terms
        for name in order.params:
            if name not in params.names(terms):
                raise ValueError(f"{ALGO} has no parameter {name!r}")
        made = params.overlaid(terms, order.params)
        made.check()
        return resolved(made, order)

    def _hear(self, message: Fill | OrderUpdate | Decision) -> None:
        """A child of ours that ended tells how much its venue fills of what it shows."""
        child = self._parents.hear(message)
        if child is None:
            return
        before = self._ratios.get(child.instrument, 1.0)
        ratio = min(child.filled / child.size, 1.0)
        self._ratios[child.instrument] = before + self._config.weight * (ratio - before)

    def _tick(self, basket: str, now: int) -> list[Output]:
        """Each member's clock reaches its basket; the first of equal ones counts."""
        if now <= self._ticked.get(basket, -1):
            return []
        self._ticked[basket] = now
        self._advance(basket, now)
        outputs = self._marks(basket, now)
        for one in self._parents.on(PREFIX + basket):
            outputs += self._act(one, basket, now)
        return outputs

    def _act(self, one: Parent, basket: str, now: int) -> list[Output]:
        over = one.stopping or one.done >= one.size or now >= one.terms.end
        if over or (one.swept and not one.open):
            return self._parents.wind_down(one, now)
        if one.open or now < max(one.terms.start, one.retry_at):
            return []
        return self._split(one, basket, now)

    def _split(self, one: Parent, basket: str, now: int) -> list[Output]:
        one.swept = one.order.time_in_force is TimeInForce.IOC
        order, books = one.order, self._fresh(basket)
        offer = offers(
            books,
            self._ratios,
            self._config.costs,
            order.side,
            (order.price_scale, order.size_scale),
        )
        price, size = (
            10 ** (new - old)
            for new, old in zip(offer.scales, (order.price_scale, order.size_scale), strict=True)
        )
        limit = None if one.limit is None else one.limit * price
        found = routing.split(offer.venues, one.side, one.free * size, limit)
        return [
            self._send(one, books[route.venue], route, offer, size, now) for route in found.routes
        ]

    def _send(
        self, one: Parent, book: ShownBook, route: routing.Route, offer: Offer, size: int, now: int
    ) -> Output:
        price = route.worst // 10 ** (offer.scales[0] - book.scales[0])
        scale = book.scales[1]
        finer = scale - one.order.size_scale
        name = one.send(Child(route.venue, route.size // size, price, False, scale, finer))
        place = Place(route.size // 10 ** (offer.scales[1] - book.scales[1]), price)
        return orders.child_signal(one, name, route.venue, place, book.scales, now)

    def _fresh(self, basket: str) -> dict[str, ShownBook]:
        """The members' books that can be traded with."""
        oldest = self._now.get(basket, 0) - self._config.stale_ns
        members = ((m, self._books.get(m)) for m in self._config.baskets[basket])
        return {m: book for m, book in members if book and book.firm and book.heard >= oldest}

    def _marks(self, basket: str, now: int) -> list[Output]:
        """Nothing while the venues are crossed: there is no price to judge by."""
        books = self._fresh(basket).values()
        if not books:
            return []
        scale = max(book.scales[0] for book in books)
        bid = max(book.bids[0][0] * 10 ** (scale - book.scales[0]) for book in books)
        ask = min(book.asks[0][0] * 10 ** (scale - book.scales[0]) for book in books)
        if not 0 < bid <= ask:
            return []
        name, state = PREFIX + basket, MarketState.TRADING
        return [
            Output("orders", account, Mark(account, name, now, bid, ask, scale, state=state))
            for account in self._config.accounts
        ]

    def snapshot(self) -> bytes:
        books = {name: shown_book.pack(book) for name, book in self._books.items()}
        state = {"books": books, "ratios": self._ratios, "now": self._now, "ticked": self._ticked}
        return canonical.pack({**state, "parents": self._parents.pack()})

    def restore(self, state: bytes) -> None:
        packed = canonical.unpack(state)
        self._books = {name: shown_book.unpack(book) for name, book in packed["books"].items()}
        self._ratios, self._now, self._ticked = packed["ratios"], packed["now"], packed["ticked"]
        self._parents.unpack(packed["parents"])
