"""What many indicators are made of: averages that go on, and the extremes of a window in O(1)."""

import numpy as np

from streams.kernels import inlined, kernel


@inlined
def exponential(value, before, count, n):  # type: ignore[no-untyped-def]
    """The exponential moving average after its ``count``-th value, counted from one, seeded with
    the mean of the first ``n`` (as TA-Lib does); until then ``before`` is their sum."""
    if count < n:
        return before + value
    if count == n:
        return (before + value) / n
    return before + 2.0 / (n + 1.0) * (value - before)


@inlined
def wilder(value, before, count, n):  # type: ignore[no-untyped-def]
    """Wilder's average: the same with a weight of 1/n (*New Concepts*, 1978)."""
    if count < n:
        return before + value
    if count == n:
        return (before + value) / n
    return (before * (n - 1.0) + value) / n


@kernel
def mean(value, count, n, state):  # type: ignore[no-untyped-def]
    """The mean of the last ``n`` values; ``state`` is the sum and a ring of ``n``. NaN before."""
    at = 1 + (count - 1) % n
    state[0] += value - state[at]
    state[at] = value
    return state[0] / n if count >= n else np.nan


@kernel
def total(value, count, n, state):  # type: ignore[no-untyped-def]
    """The sum of the last ``n`` values; ``state`` is a sum and a ring of ``n``. Nothing is ever
    subtracted, so a sum of zeros is zero, and no digits are lost to what has left the window: up to
    its place in a block of ``n`` the ring has the block's values, behind it the sums of the rest of
    the block before."""
    at = (count - 1) % n
    state[0] = value if at == 0 else state[0] + value
    state[1 + at] = value
    if at < n - 1:
        return state[0] + state[2 + at]
    for k in range(n - 1, 0, -1):
        state[k] += state[k + 1]
    return state[0]


@kernel
def weighted(value, count, n, state):  # type: ignore[no-untyped-def]
    """The mean of the last ``n`` values with weights 1 … n, the last the heaviest; ``state`` is the
    weighted sum, the sum and a ring of ``n``. NaN before."""
    at = 2 + (count - 1) % n
    filled = min(count, n)
    if count > n:
        state[0] -= state[1]
        state[1] -= state[at]
    state[0] += filled * value
    state[1] += value
    state[at] = value
    return state[0] / (n * (n + 1) / 2) if count >= n else np.nan


def extreme_size(n: float) -> int:
    """Floats that ``extreme`` keeps."""
    return 2 + 2 * int(n)


@kernel
def extreme(value, count, n, sign, state):  # type: ignore[no-untyped-def]
    """The highest (``sign`` 1) or lowest (-1) of the last ``n`` values; of equal ones the last. A
    queue of the candidates, best first: what a later value beats can never be it again."""
    first, held = int(state[0]), int(state[1])
    if held and state[3 + 2 * first] <= count - n:  # it has left the window
        first = (first + 1) % n
        held -= 1
    while held:
        last = 2 + 2 * ((first + held - 1) % n)
        if sign * state[last] > sign * value:
            break
        held -= 1
    last = 2 + 2 * ((first + held) % n)
    state[last], state[last + 1] = value, count
    state[0], state[1] = first, held + 1
    return state[2 + 2 * first]


@inlined
def extreme_at(state):  # type: ignore[no-untyped-def]
    """The count at which that value came."""
    return state[3 + 2 * int(state[0])]


@inlined
def true_range(high, low, before):  # type: ignore[no-untyped-def]
    """``before``: the close of the bar before (Wilder)."""
    return max(high, before) - min(low, before)
