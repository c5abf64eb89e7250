"""What many indicators are made of: averages that go on, and the extremes of a window in O(1)."""

import math

import numpy as np

from streams.kernels import formula, inlined_formula


@inlined_formula
def exponential(value, before, count, n):  # type: ignore[no-untyped-def]
    """The exponential moving average after its ``count``-th value, counted from one, seeded with
    the mean of the first ``n`` (as TA-Lib does); until then ``before`` is their sum."""
    if count < n:
        return before + value
    if count == n:
        return (before + value) / n
    return before + 2.0 / (n + 1.0) * (value - before)


@inlined_formula
def wilder(value, before, count, n):  # type: ignore[no-untyped-def]
    """Wilder's average: the same with a weight of 1/n (*New Concepts*, 1978)."""
    if count < n:
        return before + value
    if count == n:
        return (before + value) / n
    return (before * (n - 1.0) + value) / n


@inlined_formula
def place(count, n):  # type: ignore[no-untyped-def]
    """Where the ``count``-th value, from one, stands in a ring of n: 32 bits divide much faster."""
    return int(np.uint32(count - 1) % np.uint32(n))


@formula
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


@formula
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


@formula
def deviation(value, count, n, sums):  # type: ignore[no-untyped-def]
    """(mean, standard deviation) of the last n values, over n. Both are kept as sums of the
    distance to the first value: that keeps the digits that E[x²] - E[x]² loses."""
    if count == 1:
        sums[0] = value
    away = value - sums[0]
    first = mean(away, count, n, sums[1 : 2 + n])
    second = mean(away * away, count, n, sums[2 + n :])
    return sums[0] + first, math.sqrt(max(second - first * first, 0.0))


@formula
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
    return 1 + int(n)


@inlined_formula
def extreme(value, count, n, sign, state):  # type: ignore[no-untyped-def]
    """The highest (``sign`` 1) or lowest (-1) of the last ``n`` values, of all while there are
    fewer. ``state`` is as that of ``total``: the best so far of a block of ``n``, and a ring that
    has the block's values and behind them the best of the rest of the block before (van Herk; Gil
    and Werman, IEEE PAMI 1993). No branch depends on the values, which no processor foresees."""
    at = place(count, n)
    value = sign * value
    best = value if at == 0 else max(state[0], value)
    state[0], state[1 + at] = best, value
    if at == n - 1:
        rest = value
        for k in range(n - 1, 1, -1):
            rest = max(rest, state[k])
            state[k] = rest
    elif count > n:
        best = max(best, state[2 + at])
    return sign * best


def dated_extreme_size(n: float) -> int:
    """Floats that ``dated_extreme`` keeps."""
    return 2 + 2 * int(n)


@inlined_formula
def dated_extreme(value, count, n, sign, state):  # type: ignore[no-untyped-def]
    """The same, and the count at which it came: of equal ones the last."""
    at = place(count, n)
    value, dates = sign * value, state[1 + n :]
    best, date, now = state[0], dates[0], float(count)
    kept = (at > 0) & (best > value)
    best, date = best if kept else value, date if kept else now
    state[0], dates[0] = best, date
    state[1 + at], dates[1 + at] = value, now
    if at == n - 1:
        rest, then = value, now
        for k in range(n - 1, 1, -1):
            old, when = state[k], dates[k]
            rest, then = old if old > rest else rest, when if old > rest else then
            state[k], dates[k] = rest, then
    elif count > n:
        old, when = state[2 + at], dates[2 + at]
        best, date = old if old > best else best, when if old > best else date
    return sign * best, date


@inlined_formula
def true_range(high, low, before):  # type: ignore[no-untyped-def]
    """``before``: the close of the bar before (Wilder)."""
    return max(high, before) - min(low, before)


def pairs_size(n: float) -> int:
    """Floats that ``pairs`` keeps."""
    return 7 + 2 * int(n)


@formula
def pairs(x, y, count, n, state):  # type: ignore[no-untyped-def]
    """Of the last ``n`` pairs: both means, and the sums of squares and products about them (x x,
    x y, y y). ``state``: an origin near the values, five sums of distances to it, two rings; all
    but the rings is made anew once a round, so that rounding does not grow."""
    at, xs, ys = place(count, n), state[7 : 7 + n], state[7 + n : 7 + 2 * n]
    if at == 0:
        _begin_round(x, y, count, n, state)
    near, far = x - state[0], y - state[1]
    old, past = (xs[at] - state[0], ys[at] - state[1]) if count > n else (0.0, 0.0)
    xs[at], ys[at] = x, y
    a, b = state[2] + (near - old), state[3] + (far - past)
    xx = state[4] + (near * near - old * old)
    xy = state[5] + (near * far - old * past)
    yy = state[6] + (far * far - past * past)
    state[2], state[3], state[4], state[5], state[6] = a, b, xx, xy, yy
    held = min(count, n)
    first, second = a / held, b / held
    return (
        state[0] + first,
        state[1] + second,
        max(xx - first * a, 0.0),
        xy - first * b,
        max(yy - second * b, 0.0),
    )


@formula
def _begin_round(x, y, count, n, state):  # type: ignore[no-untyped-def]
    """The origin is the pair before, and all sums are made anew."""
    xs, ys = state[7 : 7 + n], state[7 + n : 7 + 2 * n]
    state[0], state[1] = (xs[n - 1], ys[n - 1]) if count > 1 else (x, y)
    state[2:7] = 0.0
    for k in range(n if count > n else 0):
        near, far = xs[k] - state[0], ys[k] - state[1]
        state[2] += near
        state[3] += far
        state[4] += near * near
        state[5] += near * far
        state[6] += far * far


@inlined_formula
def dot(a, b, n):  # type: ignore[no-untyped-def]
    """The sum of products of the first ``n``, as four sums that are added up side by side."""
    one = two = three = four = 0.0
    whole = n - n % 4
    for k in range(0, whole, 4):
        one += a[k] * b[k]
        two += a[k + 1] * b[k + 1]
        three += a[k + 2] * b[k + 2]
        four += a[k + 3] * b[k + 3]
    for k in range(whole, n):
        one += a[k] * b[k]
    return (one + two) + (three + four)


@inlined_formula
def mean_distance(values, n):  # type: ignore[no-untyped-def]
    """(mean, mean distance to it) of the first ``n``: O(n)."""
    one = two = three = four = 0.0
    whole = n - n % 4
    for k in range(0, whole, 4):
        one += values[k]
        two += values[k + 1]
        three += values[k + 2]
        four += values[k + 3]
    for k in range(whole, n):
        one += values[k]
    average = ((one + two) + (three + four)) / n
    one = two = three = four = 0.0
    for k in range(0, whole, 4):
        one += abs(values[k] - average)
        two += abs(values[k + 1] - average)
        three += abs(values[k + 2] - average)
        four += abs(values[k + 3] - average)
    for k in range(whole, n):
        one += abs(values[k] - average)
    return average, ((one + two) + (three + four)) / n


@inlined_formula
def log_change(value, before):  # type: ignore[no-untyped-def]
    """Their log return; 0 where one is not above 0."""
    return math.log(value / before) if value > 0 and before > 0 else 0.0
