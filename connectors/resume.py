"""Where a connector that starts again takes up: what the log already has of its source.

Its frames carry positions in the source as their causes. Per partition they only grow, so the last
one found near the end says what is there; readers drop by cause what is sent twice all the same.
"""

from streams import kafka
from streams.cause import Cause

_TAIL = 2000  # records looked at from the end; other writers' records lie between


class Published:
    """The last position that the log holds of a connector, by instrument."""

    def __init__(self, bootstrap: str, writer: str) -> None:
        self._bootstrap, self._writer = bootstrap, writer
        self._partitions = kafka.partition_counts(bootstrap).get("ticks", 0)
        self.last = [self._find(partition) for partition in range(self._partitions)]

    def _find(self, partition: int) -> Cause | None:
        tail: int | None = _TAIL
        while True:
            records = list(kafka.read_partition(self._bootstrap, "ticks", partition, tail))
            for record, _ in reversed(records):
                if record.cause and record.cause.writer == self._writer:
                    return record.cause
            if tail is None or len(records) < tail:
                return None
            tail = None  # not near the end: look at all of it, once

    def source(self) -> str | None:
        """The source that was being published last; None for an empty log."""
        found = [cause for cause in self.last if cause]
        return max(found, key=lambda cause: cause.offset).source if found else None

    def position(self, source: str, instrument: str) -> int:
        """-1 where nothing of the source is there."""
        cause = self.last[kafka.partition_of(instrument, self._partitions)]
        return cause.offset if cause and cause.source == source else -1
