"""The clock: pure schedule of the records by which time passes in the log.

Every instrument's log and every account's inbox get a ``Clock`` record at each whole interval.
Live, the wall clock drives it; from a capture, the receive times do.
"""


class Clock:
    """``interval_ns`` between two records of a key."""

    def __init__(self, interval_ns: int) -> None:
        self._interval_ns = interval_ns
        self._next: int | None = None

    def due(self, now: int) -> list[int]:
        """The whole intervals reached by ``now``; after a pause only the last of them."""
        if self._next is None:
            self._next = now - now % self._interval_ns + self._interval_ns
        if now < self._next:
            return []
        latest = now - now % self._interval_ns
        self._next = latest + self._interval_ns
        return [latest]
