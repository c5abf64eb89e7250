"""Times a piece of work: the median of several rounds."""

import statistics
import time
from collections.abc import Callable


def median_seconds(
    work: Callable[[], object], rounds: int = 7, clock: Callable[[], float] = time.perf_counter
) -> float:
    """One round first that does not count."""
    work()
    times = []
    for _ in range(rounds):
        started = clock()
        work()
        times.append(clock() - started)
    return statistics.median(times)
