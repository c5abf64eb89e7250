"""A line through the last pairs of two series."""

from streams.kernels import formula, inlined_formula
from streams.operators.features.indicators.rolling import total


def regression_size(n: float) -> int:
    """Floats that ``regress`` keeps."""
    return 5 + 5 * (1 + int(n))


@formula
def regress(x, y, count, n, state):  # type: ignore[no-untyped-def]
    """Takes up the ``count``-th pair."""
    wide = n + 1
    state[0] = total(x, count, n, state[5 : 5 + wide])
    state[1] = total(y, count, n, state[5 + wide : 5 + 2 * wide])
    state[2] = total(x * x, count, n, state[5 + 2 * wide : 5 + 3 * wide])
    state[3] = total(x * y, count, n, state[5 + 3 * wide : 5 + 4 * wide])
    state[4] = total(y * y, count, n, state[5 + 4 * wide : 5 + 5 * wide])


@inlined_formula
def slope(n, state):  # type: ignore[no-untyped-def]
    """(slope of y by x, R²) by least squares over the last n pairs; 0 where x did not change."""
    xx = state[2] - state[0] * state[0] / n
    xy = state[3] - state[0] * state[1] / n
    yy = state[4] - state[1] * state[1] / n
    if xx <= 1e-13 * state[2]:
        return 0.0, 0.0
    explained = xy * xy / (xx * yy) if yy > 1e-13 * state[4] else 0.0
    return xy / xx, min(explained, 1.0)
