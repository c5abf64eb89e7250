"""Times a piece of work: the median of several rounds."""

import statistics
import time
from collections.abc import Callable


def median_seconds(work: Callable[[], object], rounds: int = 7) -> float:
    """One round first that does not count."""
    work()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)
