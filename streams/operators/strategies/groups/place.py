"""What a strategy has in its group: what it wanted of each member, and what it remembers."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from streams.operators.strategies.groups.alignment import Alignment
from streams.operators.strategies.groups.config import GroupConfig
from streams.operators.strategies.instance import settle
from streams.operators.strategies.kind import NoState
from streams.operators.strategies.place import Place
from streams.operators.strategies.ring import Ring
from streams.operators.strategies.sizing.comovement import Comovement
from streams.operators.strategies.sizing.meter import Meter


class GroupPlace:
    """``own``: the strategy's state; ``legs``: a place for each member; ``peak``: of the sum of
    their equity curves; ``since``: when it began to want a position; ``ticked``: the last clock
    record; ``fault``: why it was switched off. ``comovement``: of the members, where the sizing
    balances them."""

    def __init__(self, group: GroupConfig) -> None:
        config, members = group.config, len(group.members)
        self.own = config.kind.state()
        width = members * (1 + len(config.columns))
        self.ring = Ring(config.kind.history(config.params), width)
        self.legs = [_leg() for _ in range(members)]
        self.scales = [0] * members
        self.alignment = Alignment(members, group.stale_ns)
        self._balances = config.sizing.balances
        self.comovement = Comovement(members, config.sizing.half_life_ns)
        self.peak = 0.0
        self.since = self.ticked = 0
        self.fault = ""

    @property
    def held(self) -> tuple[float, ...]:
        legs = zip(self.legs, self.scales, strict=True)
        return tuple(leg.target / 10.0**scale for leg, scale in legs)

    @property
    def drawdown(self) -> float:
        """Of all members together, below the highest: quote currency, not negative."""
        return self.peak - sum(leg.meter.pnl for leg in self.legs)

    def see(self, ts: int, mids: list[float], silent: bool) -> None:
        if self._balances and not silent:
            self.comovement.see(ts, mids)
        for leg, mid in zip(self.legs, mids, strict=True):
            leg.meter.see(ts, mid)
        self._climb()

    def settle(self, members: Sequence[str], now: int) -> None:
        """A clock record: what became of orders counts from here on; of equal ones the first."""
        if now > self.ticked:
            self.ticked = now
            for member, leg in zip(members, self.legs, strict=True):
                settle(leg, member, now)
            self._climb()

    def _climb(self) -> None:
        self.peak = max(self.peak, sum(leg.meter.pnl for leg in self.legs))

    def pack(self) -> dict[str, Any]:
        return {
            "own": asdict(self.own),
            "ring": self.ring.pack(),
            "legs": [leg.pack() for leg in self.legs],
            "alignment": self.alignment.pack(),
            **{name: getattr(self, name) for name in _PLAIN},
            **({"comovement": self.comovement.pack()} if self._balances else {}),
        }

    def unpack(self, packed: dict[str, Any], same_version: bool) -> None:
        """A state of another shape, of a strategy that was rewritten, begins anew."""
        if packed["own"].keys() == asdict(self.own).keys():
            self.own = type(self.own)(**packed["own"])
        if self.ring.fits(packed["ring"]):
            self.ring.unpack(packed["ring"])
        for leg, values in zip(self.legs, packed["legs"], strict=True):
            leg.unpack(values, same_version)
        self.alignment.unpack(packed["alignment"])
        if self._balances and "comovement" in packed:
            self.comovement.unpack(packed["comovement"])
        for name in _PLAIN:
            setattr(self, name, packed.get(name, getattr(self, name)))
        if not same_version:
            self.fault = ""


_PLAIN = ("scales", "peak", "since", "ticked", "fault")


def _leg() -> Place:
    return Place(NoState(), Ring(0, 1), Meter())
