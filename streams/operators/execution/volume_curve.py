"""Volume by time of day, learnt from the bars: the curve that VWAP follows.

A day (UTC) has equal buckets. When a bucket has passed and was seen whole, its volume goes into
an average over days in which the newest has weight ``weight``. As long as a bucket that an order
needs was never seen whole, the order goes by the curve of the configuration, or evenly.
"""

from dataclasses import dataclass, field
from typing import Any

DAY_NS = 86_400 * 10**9
# Bars come late: a bucket is closed this long after its end.
GRACE_NS = 60 * 10**9


@dataclass(frozen=True, slots=True)
class CurveConfig:
    """``buckets`` a day; ``weight`` of the newest day; ``prior``: what to go by before anything is
    learnt, one number a bucket (their sum does not matter), or none for an even curve."""

    buckets: int = 48
    weight: float = 0.1
    prior: tuple[float, ...] = ()

    def check(self) -> None:
        """Raises ValueError."""
        if not 1 <= self.buckets <= 1440 or DAY_NS % self.buckets:
            raise ValueError(f"{self.buckets} buckets do not divide a day; use 1 … 1440 of them")
        if not 0 < self.weight <= 1:
            raise ValueError(f"weight {self.weight} must lie in (0, 1]")
        if self.prior and (len(self.prior) != self.buckets or min(self.prior) <= 0):
            raise ValueError(f"the curve needs {self.buckets} positive numbers, or none")

    @property
    def width_ns(self) -> int:
        return DAY_NS // self.buckets


@dataclass(slots=True)
class VolumeCurve:
    """``average`` volume of each bucket of the day and the ``days`` in it; ``closed`` is the last
    bucket since the epoch that is closed, ``pending`` the volumes of later ones."""

    config: CurveConfig
    average: list[float] = field(default_factory=list)
    days: list[int] = field(default_factory=list)
    closed: int | None = None
    pending: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.average) != self.config.buckets:
            self.average = [0.0] * self.config.buckets
            self.days = [0] * self.config.buckets

    def add(self, ts: int, volume: int) -> None:
        """Volume traded in the bar that opened at ``ts``."""
        bucket = ts // self.config.width_ns
        if self.closed is not None and bucket > self.closed:
            self.pending[bucket] = self.pending.get(bucket, 0) + volume

    def advance(self, now: int) -> None:
        """Time passes. The bucket that it begins in was not seen whole, nor is one seen whole
        when time jumps over more than a bucket."""
        width = self.config.width_ns
        past = (now - GRACE_NS) // width - 1
        if self.closed is None or past - self.closed > 2:
            self.closed, self.pending = now // width, {}
        while self.closed < past:
            self.closed += 1
            self._learn(self.closed % self.config.buckets, self.pending.pop(self.closed, 0))

    def _learn(self, bucket: int, volume: int) -> None:
        weight = self.config.weight if self.days[bucket] else 1.0
        self.average[bucket] += weight * (volume - self.average[bucket])
        self.days[bucket] += 1

    def share(self, start: int, now: int, end: int) -> float:
        """Which part of the volume between ``start`` and ``end`` is expected until ``now``."""
        weights = self._weights(start, end)
        whole = self._between(weights, start, end)
        if whole <= 0:
            return min(max((now - start) / max(end - start, 1), 0.0), 1.0)
        return self._between(weights, start, min(max(now, start), end)) / whole

    def _weights(self, start: int, end: int) -> list[float]:
        width, n = self.config.width_ns, self.config.buckets
        last = min((end - 1) // width, start // width + n - 1)
        if all(self.days[b % n] for b in range(start // width, last + 1)):
            return self.average
        return list(self.config.prior) or [1.0] * n

    def _between(self, weights: list[float], start: int, end: int) -> float:
        """Whole buckets count whole, those at the ends by their part."""
        width, total, at = self.config.width_ns, 0.0, start
        while at < end:
            bucket = at // width
            stop = min((bucket + 1) * width, end)
            total += weights[bucket % len(weights)] * ((stop - at) / width)
            at = stop
        return total


def pack(curve: VolumeCurve) -> dict[str, Any]:
    return {
        "average": curve.average,
        "days": curve.days,
        "closed": curve.closed,
        "pending": {str(bucket): volume for bucket, volume in curve.pending.items()},
    }


def unpack(config: CurveConfig, packed: dict[str, Any]) -> VolumeCurve:
    """A curve of other buckets than the configuration's is forgotten."""
    if len(packed["average"]) != config.buckets:
        return VolumeCurve(config)
    pending = {int(bucket): volume for bucket, volume in packed["pending"].items()}
    return VolumeCurve(config, packed["average"], packed["days"], packed["closed"], pending)
