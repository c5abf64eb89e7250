"""When to connect again: exponential back-off with full jitter. Pure: an attempt in, a delay out.

Full jitter after Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015): many
clients that lost the same server do not come back at once.
"""

import random


class Backoff:
    """``first_s`` bounds the first delay, ``most_s`` all of them; a connection that held for
    ``stable_s`` starts anew. The generator is given, so that a test knows the delays."""

    def __init__(
        self,
        rng: random.Random,
        first_s: float = 0.5,
        most_s: float = 30.0,
        stable_s: float = 60.0,
    ) -> None:
        self._rng, self._first_s, self._most_s, self._stable_s = rng, first_s, most_s, stable_s
        self._attempt = 0

    def delay(self, held_s: float) -> float:
        """Seconds to wait after a connection that held for ``held_s`` (0: it never was)."""
        if held_s >= self._stable_s:
            self._attempt = 0
        bound = min(self._first_s * 2.0**self._attempt, self._most_s)
        self._attempt = min(self._attempt + 1, 32)
        return self._rng.uniform(bound / 2, bound)
