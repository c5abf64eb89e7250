"""What a strategy of a group sees of a moment: a vector of each member, and what it keeps."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from streams.operators.strategies.groups.place import GroupPlace
from streams.operators.strategies.groups.wants import Hold

FloatArray = npt.NDArray[np.float64]


class Leg:
    """A member: the best prices, and the features that the strategy needs. ``silent``: this is what
    it showed long ago."""

    __slots__ = ("_values", "ask", "bid", "instrument", "mid", "silent")

    def __init__(
        self, instrument: str, bid: float, ask: float, values: dict[str, float], silent: bool
    ) -> None:
        self.instrument, self.bid, self.ask, self.silent = instrument, bid, ask, silent
        self.mid = (bid + ask) / 2
        self._values = values

    def __getitem__(self, name: str) -> float:
        """A feature by the name that the strategy's ``needs`` give it."""
        try:
            return self._values[name]
        except KeyError:
            there = ", ".join(self._values) or "nothing"
            raise LookupError(
                f"leg[{name!r}]: this strategy needs {there}; add {name!r} to its needs"
            ) from None


class GroupView:
    """``ts``: the bar time, ns UTC. ``legs`` in the order of the group. ``state``: the strategy's
    own, kept in snapshots."""

    __slots__ = ("_names", "_place", "legs", "ts")

    def __init__(
        self, ts: int, legs: Sequence[Leg], names: tuple[str, ...], place: GroupPlace
    ) -> None:
        self.ts, self.legs = ts, legs
        self._names, self._place = names, place

    @property
    def state(self) -> Any:
        return self._place.own

    @property
    def silent(self) -> bool:
        """A member is: positions may only be reduced, and what else is wanted is cut to that. The
        moment is no part of ``history``."""
        return any(leg.silent for leg in self.legs)

    @property
    def held(self) -> tuple[float, ...]:
        """The position that it wanted last, in units of each member."""
        return self._place.held

    @property
    def since(self) -> int:
        """When it last began to want a position, ns UTC; 0 where it wants none."""
        return self._place.since

    @property
    def seen(self) -> int:
        """How many moments ``history`` holds."""
        return self._place.ring.count

    def history(self, leg: int, name: str = "mid") -> FloatArray:
        """The last values of a member's mid or feature, oldest first, this moment's last."""
        if name not in self._names:
            raise LookupError(f"view.history(…, {name!r}): there are {', '.join(self._names)}")
        return self._place.ring.column(leg * len(self._names) + self._names.index(name))

    def mids(self) -> FloatArray:
        """All mids, a row a moment, oldest first, a column a member."""
        ring = self._place.ring
        found: FloatArray = ring.rows[len(ring.rows) - ring.count :, :: len(self._names)].copy()
        return found

    def hold(
        self,
        weights: Sequence[float],
        reason: str,
        *,
        part: float = 1.0,
        probability: float = math.nan,
        volatility: float = math.nan,
        stop: float | None = None,
        resize: bool = False,
        **numbers: float,
    ) -> Hold:
        """Wants a position; see ``Hold``. ``numbers`` are kept beside the features that it saw."""
        made = tuple(float(weight) for weight in weights)
        return Hold(made, reason, part, probability, volatility, stop, resize, numbers)

    def flat(self, reason: str, **numbers: float) -> Hold:
        """Wants no position in any member."""
        return Hold((0.0,) * len(self.legs), reason, numbers=numbers)
