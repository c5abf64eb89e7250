"""One strategy at work on its group's books: each change of one → orders that take from them.

It acts on every row of a book, so what it says does not depend on how rows were batched. What
became of its orders counts from the next clock record on.
"""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from schemas.enums import Side, StatusKind
from schemas.frames import TapeFrame
from schemas.inbox import Signal
from schemas.ledger import Decision, Fill, OrderUpdate
from streams.operators.execution import shown_book
from streams.operators.execution.impact import Levels
from streams.operators.execution.shown_book import ShownBook
from streams.operators.execution.venue_quotes import VenueCosts
from streams.operators.strategies.groups.config import GroupConfig
from streams.operators.strategies.groups.emit import take_signal
from streams.operators.strategies.groups.wants import Take
from streams.operators.strategies.instance import Fault, note, settle, where
from streams.operators.strategies.kind import NoState
from streams.operators.strategies.moment import Moment
from streams.operators.strategies.place import Place
from streams.operators.strategies.ring import Ring
from streams.operators.strategies.sizing.meter import Meter
from streams.operators.strategies.sizing.sizing import Case

Quotes = list[tuple[Decimal, Decimal]]  # (price, size), best first


class BookLeg:
    """A member. ``costs`` of taking there; ``position``: by its fills, in units, as of the last
    clock record; ``tradable``: both sides are shown, and were lately."""

    __slots__ = ("_book", "costs", "instrument", "position", "tradable")

    def __init__(
        self, instrument: str, book: ShownBook, costs: VenueCosts, position: Decimal, tradable: bool
    ) -> None:
        self.instrument, self.costs, self.position = instrument, costs, position
        self._book, self.tradable = book, tradable

    @property
    def bids(self) -> Quotes:
        return _quotes(self._book.bids, self._book.scales)

    @property
    def asks(self) -> Quotes:
        return _quotes(self._book.asks, self._book.scales)

    @property
    def bid(self) -> float:
        """The best, for a first look; 0 without one."""
        return self._book.bids[0][0] / 10.0 ** self._book.scales[0] if self._book.bids else 0.0

    @property
    def ask(self) -> float:
        return self._book.asks[0][0] / 10.0 ** self._book.scales[0] if self._book.asks else 0.0

    @property
    def lot(self) -> Decimal:
        """The smallest size that can be told."""
        return Decimal(1).scaleb(-self._book.scales[1])


def _quotes(levels: Levels, scales: tuple[int, int]) -> Quotes:
    price, size = scales
    return [(Decimal(p).scaleb(-price), Decimal(s).scaleb(-size)) for p, s in levels]


class BookView:
    """``ts``: of the newest row of any member, ns UTC. ``state``: the strategy's own."""

    __slots__ = ("_group", "legs", "state", "ts")

    def __init__(self, ts: int, legs: list[BookLeg], state: Any, group: GroupConfig) -> None:
        self.ts, self.legs, self.state, self._group = ts, legs, state, group

    def allowed(self, price: Decimal) -> Decimal:
        """Units of something at this price that the sizing allows."""
        config = self._group.config
        return config.sizing.units(Case(price, 1.0, capital=config.capital))

    def take(
        self, leg: int, side: int, price: Decimal, size: Decimal, reason: str, **numbers: float
    ) -> Take:
        """Wants a limit order that is filled at once or not at all; ``side`` is 1 to buy, -1 to
        sell. ``numbers`` are kept with the signal."""
        made = {name: float(value) for name, value in numbers.items()}
        return Take(leg, Side.BUY if side > 0 else Side.SELL, price, size, reason, made)


class BookInstance:
    def __init__(self, group: GroupConfig) -> None:
        self.group, self.config = group, group.config
        self._member = {name: n for n, name in enumerate(group.members)}
        self._own = self.config.kind.state()
        self._books = [ShownBook() for _ in group.members]
        self._legs = [Place(NoState(), Ring(0, 1), Meter()) for _ in group.members]
        self._now, self._ticked, self._fault = 0, 0, ""

    def step(self, tape: TapeFrame, row: int) -> list[Signal] | Fault:
        """Takes a member's next book row."""
        book = self._books[self._member[tape.instrument]]
        book.take(tape, row)
        self._now = max(self._now, book.heard)
        if self._fault:
            return []
        try:
            return self._say()
        except Exception as error:  # noqa: BLE001  # a user's code may raise anything
            self._fault = f"{type(error).__name__}: {error}{where(error, self.config)}"
            return Fault(self.config.name, self.group.group, self._fault)

    def _say(self) -> list[Signal]:
        config, said = self.config, list[Signal]()
        legs = [self._leg(n) for n in range(len(self._books))]
        view = BookView(self._now, legs, self._own, self.group)
        for wish in config.kind.run(config.params, view) or ():
            if not isinstance(wish, Take):
                raise ValueError(f"{wish!r} is nothing that it may say: use view.take")
            said.append(take_signal(config, self._legs[wish.leg], self._moment(wish.leg), wish))
        return said

    def _leg(self, n: int) -> BookLeg:
        book = self._books[n]
        tradable = book.firm and book.heard >= self._now - self.group.stale_ns
        position = self._legs[n].position
        return BookLeg(self.group.members[n], book, self.group.costs[n], position, tradable)

    def _moment(self, n: int) -> Moment:
        """With the best prices of all members, that made it act."""
        book, best = self._books[n], {}
        for name, each in zip(self.group.members, self._books, strict=True):
            if each.firm:
                unit = 10.0 ** each.scales[0]
                best[f"bid {name}"], best[f"ask {name}"] = (
                    each.bids[0][0] / unit,
                    each.asks[0][0] / unit,
                )
        prices = book.bids[0][0], book.asks[0][0]
        return Moment(self.group.members[n], self._now, *prices, *book.scales, best)

    def hear(self, fact: Fill | OrderUpdate | Decision) -> None:
        """What became of an order; it waits for the clock."""
        if fact.strategy == self.config.name and fact.instrument in self._member:
            note(self._legs[self._member[fact.instrument]], fact)

    def tick(self, now: int) -> None:
        """Each member's clock reaches the group; the first of equal ones counts."""
        if now > self._ticked:
            self._ticked = now
            for member, leg in zip(self.group.members, self._legs, strict=True):
                settle(leg, member, now)

    def trouble(self, instrument: str, kind: StatusKind) -> None:
        if instrument in self._member:
            self._books[self._member[instrument]].hear(kind)

    def pack(self) -> dict[str, Any]:
        return {
            "version": self.config.kind.version,
            "members": list(self.group.members),
            "own": asdict(self._own),
            "books": [shown_book.pack(book) for book in self._books],
            "legs": [leg.pack() for leg in self._legs],
            "times": [self._now, self._ticked],
            "fault": self._fault,
        }

    def unpack(self, packed: dict[str, Any]) -> None:
        """A group whose members were changed since begins anew."""
        if packed["members"] != list(self.group.members):
            return
        same = packed["version"] == self.config.kind.version
        if packed["own"].keys() == asdict(self._own).keys():
            self._own = type(self._own)(**packed["own"])
        self._books = [shown_book.unpack(book) for book in packed["books"]]
        for leg, values in zip(self._legs, packed["legs"], strict=True):
            leg.unpack(values, same)
        self._now, self._ticked = packed["times"]
        self._fault = packed["fault"] if same else ""
