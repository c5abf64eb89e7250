"""What a feed measures of itself, counted until it is told.

The offset of the venue's clock: a message takes at least half a round trip, so the least of
(receive − venue time) over a period, less half a round trip, is how far our clock is ahead (the
minimum filter of NTP, RFC 5905, section 10).
"""

from collections import deque

import numpy as np

from schemas.records import FeedQuality

_KEPT = 10_000  # latencies, the newest of a period


class Quality:
    """Counters of one line since the last record."""

    def __init__(self, feed: str) -> None:
        self._feed = feed
        self._since = 0
        self._clear()

    def _clear(self) -> None:
        self.messages = self.events = self.rejected = 0
        self.gaps = self.duplicates = self.out_of_order = self.resyncs = 0
        self.checksum_failures = self.connections = 0
        self._latencies: deque[int] = deque(maxlen=_KEPT)

    def latency(self, ns: int) -> None:
        """Receive time less venue time of something that the venue sent at once."""
        self._latencies.append(ns)

    def began(self, at: int) -> None:
        """The first period begins."""
        self._since = self._since or at

    def record(
        self, now: int, round_trip_ns: int, instruments: int, stale: int, unsynced: int
    ) -> FeedQuality:
        """All since the last one; counting begins anew."""
        least, middle, most = _percentiles(self._latencies)
        told = FeedQuality(
            feed=self._feed,
            ts_event=now,
            period_ns=now - (self._since or now),
            instruments=instruments,
            stale=stale,
            unsynced=unsynced,
            messages=self.messages,
            events=self.events,
            rejected=self.rejected,
            gaps=self.gaps,
            duplicates=self.duplicates,
            out_of_order=self.out_of_order,
            resyncs=self.resyncs,
            checksum_failures=self.checksum_failures,
            connections=self.connections,
            latency_min_ns=least,
            latency_p50_ns=middle,
            latency_p99_ns=most,
            round_trip_ns=round_trip_ns,
            clock_offset_ns=round_trip_ns // 2 - least if self._latencies else 0,
        )
        self._since = now
        self._clear()
        return told


def _percentiles(latencies: deque[int]) -> tuple[int, int, int]:
    if not latencies:
        return 0, 0, 0
    found = np.percentile(np.array(latencies, np.int64), (0, 50, 99), method="inverted_cdf")
    return int(found[0]), int(found[1]), int(found[2])
