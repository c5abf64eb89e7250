"""Members' vectors, each in its own order → moments at which all have one.

What always holds:

- A moment is complete when the last member's vector of that bar time comes, in whatever order the
  members' vectors lie in the log between them.
- A member is silent when another's vector is more than ``stale_ns`` of event time younger than its
  last. Then each vector is a moment with what the silent ones last showed.
- Time does not go back: what comes for a time that is not after the last moment is left out.
- Before each member was heard once, there is no moment.
"""

from typing import Any, NamedTuple


class Row(NamedTuple):
    """A vector: its book's top, scaled, and the values that the strategy needs."""

    ts: int
    bid: int
    ask: int
    price_scale: int
    size_scale: int
    values: list[float]


class Aligned(NamedTuple):
    """``silent``: the members whose rows are old."""

    ts: int
    rows: list[Row]
    silent: tuple[int, ...]


class Alignment:
    __slots__ = ("_stale_ns", "last", "stepped", "waiting")

    def __init__(self, members: int, stale_ns: int) -> None:
        self._stale_ns = stale_ns
        self.last: list[Row | None] = [None] * members
        self.waiting: list[dict[int, Row]] = [{} for _ in range(members)]
        self.stepped = 0

    def see(self, member: int, row: Row) -> Aligned | None:
        """The member's next vector; the moment that it completes."""
        before = self.last[member]
        if before and row.ts <= before.ts:
            return None
        self.last[member] = row
        if row.ts <= self.stepped:
            return None
        self.waiting[member][row.ts] = row
        if all(row.ts in rows for rows in self.waiting):
            return self._step(row.ts, [rows[row.ts] for rows in self.waiting], ())
        heard = [each for each in self.last if each]
        if len(heard) < len(self.last):
            self._forget(row.ts - self._stale_ns)
            return None
        silent = tuple(n for n, each in enumerate(heard) if each.ts < row.ts - self._stale_ns)
        if silent:
            return self._step(row.ts, heard, silent)
        self._forget(min(each.ts for each in heard))
        return None

    def _step(self, ts: int, rows: list[Row], silent: tuple[int, ...]) -> Aligned:
        self.stepped = ts
        self._forget(ts)
        return Aligned(ts, rows, silent)

    def _forget(self, ts: int) -> None:
        """What can be part of no moment any more."""
        for member, rows in enumerate(self.waiting):
            if rows and next(iter(rows)) <= ts:
                self.waiting[member] = {at: row for at, row in rows.items() if at > ts}

    def pack(self) -> dict[str, Any]:
        return {
            "last": [row and list(row) for row in self.last],
            "waiting": [[list(row) for row in rows.values()] for rows in self.waiting],
            "stepped": self.stepped,
        }

    def unpack(self, packed: dict[str, Any]) -> None:
        self.last = [row and Row(*row) for row in packed["last"]]
        self.waiting = [{row[0]: Row(*row) for row in rows} for rows in packed["waiting"]]
        self.stepped = packed["stepped"]
