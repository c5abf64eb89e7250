"""Deterministic identity: every record names its cause.

A cause is the writer, the input record it folded (source topic/partition and offset) and the
number of the output among that record's outputs. A restarted writer sends the same outputs with
the same causes again; a reader keeps the last cause it took of each writer and source and drops
what is not newer. That makes at-least-once delivery exactly-once in effect, with no transaction.

A connector's source is not a topic: a capture file counts its lines, the simulated venue its
steps, a live feed the nanoseconds of its receive times; all of them only ever grow.
"""

from typing import NamedTuple

HEADER = "cause"


class Cause(NamedTuple):
    """``source`` is ``topic/partition`` or a connector's own, such as ``capture/FILE``."""

    writer: str
    source: str
    offset: int
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs here

    def header(self) -> list[tuple[str, bytes]]:
        """As the one Kafka header of a record, readable in any console."""
        text = f"{self.writer}@{self.source}@{self.offset}.{self.index}"
        return [(HEADER, text.encode())]


def parse(value: bytes) -> Cause:
    """The cause in a header's value. Raises ValueError when it is none."""
    try:
        writer, source, position = value.decode().split("@")
        offset, index = position.split(".")
        return Cause(writer, source, int(offset), int(index))
    except ValueError as error:
        raise ValueError(f"not a cause (writer@source@offset.index): {value!r}") from error


def of(headers: list[tuple[str, bytes]] | None) -> Cause | None:
    """The cause among a record's headers; None where a person or a foreign program wrote it."""
    for name, value in headers or ():
        if name == HEADER:
            return parse(value)
    return None


class Taken:
    """The last cause taken of each writer and source."""

    def __init__(self, last: dict[str, list[int]] | None = None) -> None:
        self._last = {key: (at[0], at[1]) for key, at in (last or {}).items()}

    def is_new(self, cause: Cause | None) -> bool:
        """True, and remembered, when the cause is newer than all before it; a record without
        a cause is always new."""
        if cause is None:
            return True
        key, at = f"{cause.writer}@{cause.source}", (cause.offset, cause.index)
        if at <= self._last.get(key, (-1, -1)):
            return False
        self._last[key] = at
        return True

    def as_map(self) -> dict[str, list[int]]:
        """For a snapshot, in canonical order."""
        return {key: list(self._last[key]) for key in sorted(self._last)}
