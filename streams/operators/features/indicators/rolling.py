"""What many indicators are made of: averages that go on, and the extremes of a window in O(1)."""

import math

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


@inlined
def place(count, n):  # type: ignore[no-untyped-def]
    """Where the ``count``-th value, from one, stands in a ring of n: 32 bits divide much faster."""
    return int(np.uint32(count - 1) % np.uint32(n))


@kernel
def mean(value, count, n, state):  # type: ignore[no-untyped-def]
    """The mean of the last ``n`` values; ``state`` is the sum and a ring of ``n``. NaN before."""
    at = 1 + place(count, n)
    total = state[0] + value - state[at]
    state[at] = value
    if at == n:  # summed anew once a round: what rounding left behind goes with the ring
        total = 0.0
        for k in range(1, n + 1):
            total += state[k]
    state[0] = total
    return total / n if count >= n else np.nan


@kernel
def total(value, count, n, state):  # type: ignore[no-untyped-def]
    """The sum of the last ``n`` values; ``state`` is a sum and a ring of ``n``. Nothing is ever
    subtracted, so a sum of zeros is zero, and no digits are lost to what has left the window: up to
    its place in a block of ``n`` the ring has the block's values, behind it the sums of the rest of
    the block before."""
    at = place(count, n)
    state[0] = value if at == 0 else state[0] + value
    state[1 + at] = value
    if at < n - 1:
        return state[0] + state[2 + at]
    for k in range(n - 1, 0, -1):
        state[k] += state[k + 1]
    return state[0]


@kernel
def deviation(value, count, n, sums):  # type: ignore[no-untyped-def]
    """(mean, standard deviation) of the last n values, over n. Both are kept as sums of the
    distance to the first value: that keeps the digits that E[x²] - E[x]² loses."""
    if count == 1:
        sums[0] = value
    away = value - sums[0]
    first = mean(away, count, n, sums[1 : 2 + n])
    second = mean(away * away, count, n, sums[2 + n :])
    return sums[0] + first, math.sqrt(max(second - first * first, 0.0))


@kernel
def weighted(value, count, n, state):  # type: ignore[no-untyped-def]
    """The mean of the last ``n`` values with weights 1 … n, the last the heaviest; ``state`` is the
    weighted sum, the sum and a ring of ``n``. NaN before."""
    at = 2 + place(count, n)
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
        first = first + 1 if first + 1 < n else 0
        held -= 1
    end = first + held
    end = end - n if end >= n else end
    while held:
        last = end - 1 if end else n - 1
        if sign * state[2 + 2 * last] > sign * value:
            break
        end = last
        held -= 1
    state[2 + 2 * end], state[3 + 2 * end] = value, count
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


def pairs_size(n: float) -> int:
    """Floats that ``pairs`` keeps."""
    return 7 + 2 * int(n)


@kernel
def pairs(x, y, count, n, state):  # type: ignore[no-untyped-def]
    """Of the last ``n`` pairs: both means, and the sums of squares and products about them (x x,
    x y, y y). ``state``: an origin near the values, five sums of distances to it, two rings; all
    but the rings is made anew once a round, so that rounding does not grow."""
    at, sums, xs, ys = place(count, n), state[2:7], state[7 : 7 + n], state[7 + n : 7 + 2 * n]
    if at == 0:
        state[0], state[1] = (xs[n - 1], ys[n - 1]) if count > 1 else (x, y)
        sums[:] = 0.0
        for k in range(n if count > n else 0):
            _add(xs[k] - state[0], ys[k] - state[1], 1.0, sums)
    if count > n:
        _add(xs[at] - state[0], ys[at] - state[1], -1.0, sums)
    xs[at], ys[at] = x, y
    _add(x - state[0], y - state[1], 1.0, sums)
    held = min(count, n)
    first, second = sums[0] / held, sums[1] / held
    return (
        state[0] + first,
        state[1] + second,
        max(sums[2] - first * sums[0], 0.0),
        sums[3] - first * sums[1],
        max(sums[4] - second * sums[1], 0.0),
    )


@inlined
def _add(x, y, sign, sums):  # type: ignore[no-untyped-def]
    sums[0] += sign * x
    sums[1] += sign * y
    sums[2] += sign * x * x
    sums[3] += sign * x * y
    sums[4] += sign * y * y


@inlined
def log_change(value, before):  # type: ignore[no-untyped-def]
    """Their log return; 0 where one is not above 0."""
    return math.log(value / before) if value > 0 and before > 0 else 0.0
