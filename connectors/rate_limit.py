"""A venue's request budget as a token bucket. Pure: the time in, a delay out."""


class Budget:
    """``weight`` may be spent each ``period_s``; it fills up evenly."""

    def __init__(self, weight: float, period_s: float) -> None:
        self._full = weight
        self._rate = weight / period_s
        self._left = weight
        self._at: float | None = None
        self._blocked_until = 0.0

    def delay(self, weight: float, now_s: float) -> float:
        """Takes ``weight`` and returns the seconds to wait before it may be used. Raises
        ValueError for more than the whole budget."""
        if weight > self._full:
            raise ValueError(f"a request of weight {weight} exceeds the budget of {self._full}")
        if self._at is not None:
            self._left = min(self._full, self._left + (now_s - self._at) * self._rate)
        self._at = now_s
        self._left -= weight
        return max(0.0, -self._left / self._rate, self._blocked_until - now_s)

    def pause(self, seconds: float, now_s: float) -> None:
        """The venue says that we were too fast: nothing may be used for so long."""
        self._blocked_until = max(self._blocked_until, now_s + seconds)
