"""Waiting for processes. On a busy machine one takes minutes to start, so no time is given: what
never comes is ended by the test's timeout, which shows what was waited for."""

import time
from collections.abc import Callable, Iterable

from console.processes import Child


def wait_for(condition: Callable[[], bool], children: Iterable[Child] = ()) -> None:
    """Raises Failure when one of the processes ends with an error meanwhile."""
    while not condition():
        for child in children:
            child.check()
        time.sleep(0.2)  # a question costs a processor some hundredths
