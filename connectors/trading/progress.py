"""How far the approvals of a log are answered, and which of them are repeats.

A gate that starts again writes what it wrote since its last snapshot once more, under the same
causes. Whoever took both would send both: a venue need not refuse a client order id whose order is
done (Binance does not). So a record that is not newer than what was taken of its writer is dropped,
and the causes taken are kept with the offset that they belong to.
"""

from dataclasses import dataclass, field
from typing import Any

from streams.cause import Taken
from streams.log import LogRecord


@dataclass(frozen=True, slots=True)
class Pending:
    """An approval without an answer: its time, and the causes taken before it."""

    ts_event: int
    before: dict[str, list[int]]


@dataclass(slots=True)
class Progress:
    """``pending`` by offset; ``newest``: time of the newest approval that was read."""

    next_offset: int = 0
    newest: int = 0
    pending: dict[int, Pending] = field(default_factory=dict)
    _taken: Taken = field(default_factory=Taken)

    def is_new(self, record: LogRecord) -> bool:
        """False for a repeat; read one after the other."""
        self.next_offset = record.offset + 1
        return self._taken.is_new(record.cause)

    def wait_for(self, record: LogRecord, ts_event: int, before: dict[str, list[int]]) -> None:
        self.pending[record.offset] = Pending(ts_event, before)
        self.newest = max(self.newest, ts_event)

    def answered(self, offset: int) -> None:
        del self.pending[offset]

    @property
    def oldest(self) -> int | None:
        """Time of the oldest approval that waits."""
        return min((waiting.ts_event for waiting in self.pending.values()), default=None)

    @property
    def done_to(self) -> int:
        """Everything before this offset is answered."""
        return min(self.pending, default=self.next_offset)

    @property
    def taken(self) -> dict[str, list[int]]:
        """The causes taken now."""
        return self._taken.as_map()

    def pack(self) -> dict[str, Any]:
        """The causes taken before ``done_to``: it is read again after a restart."""
        waiting = self.pending.get(self.done_to)
        return {"taken": waiting.before if waiting else self.taken, "newest": self.newest}

    @classmethod
    def unpack(cls, next_offset: int, packed: dict[str, Any]) -> "Progress":
        return cls(next_offset, packed["newest"], {}, Taken(packed["taken"]))
