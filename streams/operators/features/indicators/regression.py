"""The straight line through the last n values, by least squares, in O(1) a bar."""

import math

from streams.kernels import formula
from streams.operators.features.indicators.indicator import Indicator, bars
from streams.operators.features.indicators.rolling import place


@formula
def line(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """Values are kept as distances to the first of a window that is begun anew every n bars, as
    rounding in a sum that only goes on would grow for ever."""
    n, values, count = int(params[0]), columns[int(params[1])], int(state[0])
    origin, total, tilted, squares, ring = state[1], state[2], state[3], state[4], state[5:]
    middle, spread = (n - 1) / 2, n * (n * n - 1) / 12
    for row in range(lo, hi):
        value, at = values[row], place(count + 1, n)
        if at == 0:  # sums of the ring anew, from where the oldest stands
            origin = ring[0] if count else value
            total = tilted = squares = 0.0
            for k in range(min(count, n)):
                away = ring[k] - origin
                total += away
                tilted += (k + 1) * away
                squares += away * away
        gone = ring[at] - origin if count >= n else 0.0
        new = value - origin
        ring[at] = value
        count += 1
        if count <= n:
            tilted += count * new
        else:
            tilted += n * new - total
        total += new - gone
        squares += new * new - gone * gone
        if count >= n:
            slope = (tilted - (middle + 1) * total) / spread
            mean = origin + total / n
            varied = squares - total * total / n
            out[0, row], out[1, row] = mean + slope * middle, slope
            out[2, row], out[3, row] = mean - slope * middle, math.degrees(math.atan(slope))
            out[4, row] = mean + slope * (middle + 1)
            out[5, row] = min(slope * slope * spread / varied, 1.0) if varied > 1e-300 else 0.0
    state[0], state[1], state[2], state[3], state[4] = count, origin, total, tilted, squares


INDICATORS = (
    Indicator(
        "linreg",
        line,
        (bars("n", 14, 2),),
        {
            "": "as the input",
            "slope": "as the input, a bar",
            "intercept": "as the input",
            "angle": "degrees",
            "forecast": "as the input",
            "r2": "0 … 1",
        },
        lambda p: 5 + int(p[0]),
        lambda p: int(p[0]),
        "least squares over n bars; TA-Lib LINEARREG, _SLOPE, _INTERCEPT, _ANGLE, TSF",
        any_input=True,
    ),
)
