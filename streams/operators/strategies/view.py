"""What a strategy sees of a moment: one feature vector, what it did before, and what it keeps.

Prices here are floats, for arithmetic; what leaves is rounded to the instrument's decimals, bids
down and asks up.
"""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.enums import Side
from schemas.records import Disclosure
from streams.operators.strategies.place import Place
from streams.operators.strategies.wants import Cancel, Order, Price, Quote, Target

if TYPE_CHECKING:
    from streams.operators.strategies.kind import Kind

FloatArray = npt.NDArray[np.float64]
# what a strategy is called at: a feature vector; and if it looks between vectors: other best
# prices; the first of them after the book was lost; a trade; a clock record that told of orders
VECTOR, TOP, BACK, TRADE, TOLD = "vector", "top", "back", "trade", "told"


class Print(NamedTuple):
    """A trade; ``side`` is the aggressor's: 1 buy, -1 sell, 0 unknown."""

    price: float
    size: float
    side: int


class Standing(NamedTuple):
    """A quote that stands. ``known``: the gate told of it, so it may be cancelled by itself."""

    price: Decimal
    size: Decimal
    known: bool


class View:
    """``ts``: the vector's time, ns UTC. ``state``: the strategy's own, kept in snapshots.
    ``others``: by name, the direction that each strategy that it asks wants now. ``event``: what it
    is called at, a vector unless it ``watches``; ``trade``: the one that it is called at."""

    __slots__ = (
        *("_disclosed", "_follows", "_hears", "_place", "_scales", "_values"),
        *("ask", "bid", "event", "instrument", "mid", "others", "trade", "ts"),
    )

    def __init__(
        self,
        instrument: str,
        ts: int,
        bid: float,
        ask: float,
        values: dict[str, float],
        place: Place,
        kind: "Kind",
        scales: tuple[int, int],
        disclosed: list[Disclosure],
        others: Mapping[str, float],
        event: str = VECTOR,
        trade: Print | None = None,
    ) -> None:
        self.instrument, self.ts, self.bid, self.ask = instrument, ts, bid, ask
        self.mid = (bid + ask) / 2
        self._follows, self._disclosed = kind.follows, disclosed
        self._values, self._place, self._hears, self._scales = values, place, kind.hears, scales
        self.others, self.event, self.trade = others, event, trade

    def __getitem__(self, name: str) -> float:
        """A feature by the name that the strategy's ``needs`` give it."""
        try:
            return self._values[name]
        except KeyError:
            there = ", ".join(self._values) or "nothing"
            raise LookupError(
                f"view[{name!r}]: this strategy needs {there}; add {name!r} to its needs"
            ) from None

    @property
    def state(self) -> Any:
        return self._place.own

    @property
    def wanted(self) -> float:
        """The direction it wanted last: of -1 … 1."""
        return self._place.direction

    @property
    def entry(self) -> float:
        """The mid when it last began to want this side; NaN where it wants none."""
        return self._place.entry

    @property
    def held_ns(self) -> int:
        """For how long it has wanted this side; 0 where it wants none."""
        return self.ts - self._place.since if self._place.direction else 0

    @property
    def position(self) -> Decimal:
        """What it holds by its fills, in units, as of the last clock record."""
        self._told("position")
        return self._place.position

    @property
    def quotes(self) -> dict[str, Standing]:
        """``bid`` and ``ask``: what it quoted last, as far as it is not known to have ended."""
        self._told("quotes")
        price, size = self._scales
        return {
            side: Standing(Decimal(at).scaleb(-price), Decimal(units).scaleb(-size), known)
            for side, (_, at, units, known) in self._place.quotes.items()
        }

    def working(self, side: int) -> Decimal:
        """Units that all its quotes of a side (1: bids, -1: asks) may still trade, also those that
        it wants gone but that are not known to have ended."""
        self._told("working")
        both = self._place.working.values()
        return sum((side * units for units in both if side * units > 0), Decimal(0))

    @property
    def disclosed(self) -> list[Disclosure]:
        """What became known, since it was last called, of those whom it follows; oldest first."""
        if not self._follows:
            raise LookupError("view.disclosed: write @strategy(…, follows=True) to be told of it")
        return self._disclosed

    @property
    def blocked(self) -> str:
        """Why nothing can be traded now (HALTED, AUCTION, CLOSED, STALE); empty: it can."""
        return " and ".join(sorted(self._place.blocks.values()))

    @property
    def step(self) -> Decimal:
        """The last decimal of the instrument's prices."""
        return Decimal(1).scaleb(-self._scales[0])

    def _told(self, name: str) -> None:
        if not self._hears:
            raise LookupError(f"view.{name}: write @strategy(…, hears=True) to be told of fills")

    @property
    def seen(self) -> int:
        """How many vectors ``history`` holds."""
        return self._place.ring.count

    def history(self, name: str = "mid") -> FloatArray:
        """The last values of a feature or of the mid, oldest first, this moment's last."""
        names = ("mid", *self._values)
        if name not in names:
            raise LookupError(f"view.history({name!r}): there are {', '.join(names)}")
        return self._place.ring.column(names.index(name))

    def target(
        self,
        direction: float,
        reason: str,
        *,
        probability: float = math.nan,
        stop: float | None = None,
        **numbers: float,
    ) -> Target:
        """Wants a position: 1 is all that the sizing allows, 0 none, -1 short. ``numbers`` are kept
        beside the features that it saw."""
        return Target(direction, reason, probability, stop, numbers)

    def quote(
        self,
        bid: Price | None,
        ask: Price | None,
        reason: str,
        *,
        bid_size: Price | None = None,
        ask_size: Price | None = None,
        **numbers: float,
    ) -> Quote:
        """Wants post-only limit orders at these prices, and no other."""
        return Quote(bid, ask, reason, bid_size, ask_size, numbers)

    def order(
        self,
        side: int,
        price: Price,
        reason: str,
        *,
        size: Price | None = None,
        post_only: bool = False,
        **numbers: float,
    ) -> Order:
        """Wants a limit order; ``side`` is 1 to buy, -1 to sell."""
        return Order(Side.BUY if side > 0 else Side.SELL, price, reason, size, post_only, numbers)

    def cancel(self, reason: str) -> Cancel:
        """Wants all its orders in this instrument gone."""
        return Cancel(reason)
