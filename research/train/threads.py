"""One thread for what scikit-learn computes: sums in parts differ with the number of threads, and
threads that wait for each other on a busy machine cost more than they give."""

from typing import Any


def one_thread() -> Any:
    """A context; to be entered when the libraries that it bounds are loaded."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)
