"""One strategy at work in its group: members' vectors → moments → what it says of them."""

import math
from typing import Any

from schemas.inbox import Signal
from schemas.ledger import Decision, Fill, OrderUpdate
from streams.operators.strategies.groups.alignment import Aligned, Row
from streams.operators.strategies.groups.config import GroupConfig
from streams.operators.strategies.groups.emit import hold_signals
from streams.operators.strategies.groups.place import GroupPlace
from streams.operators.strategies.groups.view import GroupView, Leg
from streams.operators.strategies.groups.wants import Hold
from streams.operators.strategies.instance import Fault, note, where
from streams.operators.strategies.moment import Moment


class GroupInstance:
    """It is called where every member shows two sides and has all that the strategy needs; where a
    member is silent, with what it last showed."""

    def __init__(self, group: GroupConfig) -> None:
        self.group, self.config = group, group.config
        self._names = tuple(self.config.columns)
        may_lack = self.config.kind.may_lack
        self._sure = [n for n, name in enumerate(self._names) if name not in may_lack]
        self._member = {name: n for n, name in enumerate(group.members)}
        self._place = GroupPlace(group)

    def step(self, instrument: str, row: Row) -> list[Signal] | Fault:
        """Takes a member's next vector, whose book has two sides."""
        member, place = self._member[instrument], self._place
        place.scales[member] = row.size_scale
        aligned = place.alignment.see(member, row)
        if aligned is None:
            return []
        mids = [(each.bid + each.ask) / 2 / 10.0**each.price_scale for each in aligned.rows]
        place.see(aligned.ts, mids, bool(aligned.silent))
        if place.fault or not all(self._knows(each) for each in aligned.rows):
            return []
        if not aligned.silent:
            rows = zip(mids, aligned.rows, strict=True)
            place.ring.add([value for mid, each in rows for value in (mid, *each.values)])
        try:
            return self._say(aligned)
        except Exception as error:  # noqa: BLE001  # a user's code may raise anything
            place.fault = f"{type(error).__name__}: {error}{where(error, self.config)}"
            return Fault(self.config.name, self.group.group, place.fault)

    def hear(self, fact: Fill | OrderUpdate | Decision) -> None:
        """What became of an order, for the sizing; it waits for the clock."""
        mine = self.config.hears and fact.strategy == self.config.name
        if mine and fact.instrument in self._member:
            note(self._place.legs[self._member[fact.instrument]], fact)

    def tick(self, now: int) -> None:
        """Each member's clock reaches the group."""
        self._place.settle(self.group.members, now)

    def _knows(self, row: Row) -> bool:
        return not any(math.isnan(row.values[n]) for n in self._sure)

    def _say(self, aligned: Aligned) -> list[Signal]:
        config, place = self.config, self._place
        legs = [self._leg(n, aligned) for n in range(len(aligned.rows))]
        view = GroupView(aligned.ts, legs, ("mid", *self._names), place)
        moments, said = [self._moment(n, aligned) for n in range(len(legs))], list[Signal]()
        for wish in config.kind.run(config.params, view) or ():
            if not isinstance(wish, Hold):
                raise ValueError(f"{wish!r} is nothing that it may say: use view.hold or view.flat")
            said += hold_signals(config, place, moments, wish, bool(aligned.silent))
        return said

    def _leg(self, member: int, aligned: Aligned) -> Leg:
        row = aligned.rows[member]
        unit = 10.0**row.price_scale
        values = dict(zip(self._names, row.values, strict=True))
        silent = member in aligned.silent
        return Leg(self.group.members[member], row.bid / unit, row.ask / unit, values, silent)

    def _moment(self, member: int, aligned: Aligned) -> Moment:
        row, columns = aligned.rows[member], self.config.columns.values()
        return Moment(
            *(self.group.members[member], aligned.ts, row.bid, row.ask),
            *(row.price_scale, row.size_scale),
            dict(zip(columns, row.values, strict=True)),
        )

    def pack(self) -> dict[str, Any]:
        return {
            "version": self.config.kind.version,
            "members": list(self.group.members),
            "columns": list(self.config.columns.values()),
            "place": self._place.pack(),
        }

    def unpack(self, packed: dict[str, Any]) -> None:
        """A group whose members, or whose vectors, were changed since begins anew."""
        same = list(self.group.members), list(self.config.columns.values())
        if (packed["members"], packed["columns"]) == same:
            version = packed["version"] == self.config.kind.version
            self._place.unpack(packed["place"], version)
