"""What candlestick patterns look at: the parts of each candle, and what was usual before it.

All patterns share this: it is made once a bar, as an array with a row a part, and a pattern is then
a few comparisons. The array begins with the ``BEHIND`` bars before, so a pattern needs no state.
Averages are of the ten (five) bars before the candle, each time summed anew: nothing drifts, so
what is equal to the average stays equal however long the stream runs. Settings are TA-Lib's.

Conditions are joined by ``&`` and ``|``, which look at all of them: with no branch in a pattern the
processor takes several bars at once. For that it must also be plain that no index is below 0.
"""

from typing import Any

from streams.kernels import formula, inlined_formula
from streams.operators.features.indicators.indicator import Indicator, Parameter

PARTS = (
    *("open", "high", "low", "close", "top", "bottom", "body", "upper", "lower", "colour"),
    *("body_10", "range_10", "shadow_10", "range_5"),
)
OPEN, HIGH, LOW, CLOSE, TOP, BOTTOM, BODY, UPPER, LOWER, COLOUR = range(10)
BODY_10, RANGE_10, SHADOW_10, RANGE_5 = range(10, 14)
BEHIND = 14  # a pattern of five candles, of which the first looks ten bars back
STATE = len(PARTS) * BEHIND


@formula
def look(columns, seen, parts):  # type: ignore[no-untyped-def]
    """Fills ``parts`` from the columns; ``seen`` is what stood behind, and goes on."""
    bars = columns.shape[1]
    for part in range(len(PARTS)):
        for i in range(BEHIND):
            parts[part, i] = seen[part * BEHIND + i]
    for row in range(bars):
        _measure(columns[0, row], columns[1, row], columns[2, row], columns[3, row], parts, row)
    for part in range(len(PARTS)):
        for i in range(BEHIND):
            seen[part * BEHIND + i] = parts[part, bars + i]


@inlined_formula
def _measure(open_, high, low, close, parts, row):  # type: ignore[no-untyped-def]
    i = row + BEHIND
    top, bottom = max(open_, close), min(open_, close)
    parts[OPEN, i], parts[HIGH, i], parts[LOW, i], parts[CLOSE, i] = open_, high, low, close
    parts[TOP, i], parts[BOTTOM, i], parts[BODY, i] = top, bottom, top - bottom
    parts[UPPER, i], parts[LOWER, i] = high - top, bottom - low
    parts[COLOUR, i] = 1.0 if close >= open_ else -1.0
    bodies = ranges = shadows = near = 0.0
    for k in range(i - 10, i):
        spread = parts[HIGH, k] - parts[LOW, k]
        bodies += parts[BODY, k]
        ranges += spread
        shadows += parts[UPPER, k] + parts[LOWER, k]
        near += spread if k >= i - 5 else 0.0
    parts[BODY_10, i], parts[RANGE_10, i] = bodies / 10, ranges / 10
    parts[SHADOW_10, i], parts[RANGE_5, i] = shadows / 10 / 2, near / 5


@inlined_formula
def rising(a, b, c):  # type: ignore[no-untyped-def]
    return (a < b) & (b < c)


@inlined_formula
def falling(a, b, c):  # type: ignore[no-untyped-def]
    return (a > b) & (b > c)


@inlined_formula
def equal(a, b, c):  # type: ignore[no-untyped-def]
    return (a == b) & (b == c)


@inlined_formula
def white(c, i):  # type: ignore[no-untyped-def]
    return c[COLOUR, i] > 0


@inlined_formula
def black(c, i):  # type: ignore[no-untyped-def]
    return c[COLOUR, i] < 0


@inlined_formula
def long(c, i):  # type: ignore[no-untyped-def]
    return c[BODY, i] > c[BODY_10, i]


@inlined_formula
def short(c, i):  # type: ignore[no-untyped-def]
    return c[BODY, i] < c[BODY_10, i]


@inlined_formula
def doji(c, i):  # type: ignore[no-untyped-def]
    return c[BODY, i] <= 0.1 * c[RANGE_10, i]


@inlined_formula
def hardly(shadow, c, i):  # type: ignore[no-untyped-def]
    """Whether a shadow is very short."""
    return shadow < 0.1 * c[RANGE_10, i]


@inlined_formula
def seen(shadow, c, i):  # type: ignore[no-untyped-def]
    """Whether a shadow is more than very short."""
    return shadow > 0.1 * c[RANGE_10, i]


@inlined_formula
def near(c, i):  # type: ignore[no-untyped-def]
    """A distance that is small beside the bars before."""
    return 0.2 * c[RANGE_5, i]


@inlined_formula
def far(c, i):  # type: ignore[no-untyped-def]
    return 0.6 * c[RANGE_5, i]


@inlined_formula
def same(a, b, c, i):  # type: ignore[no-untyped-def]
    """Whether two prices are as good as equal."""
    return (b - 0.05 * c[RANGE_5, i] <= a) & (a <= b + 0.05 * c[RANGE_5, i])


@inlined_formula
def body_gap_up(c, i, before):  # type: ignore[no-untyped-def]
    return c[BOTTOM, i] > c[TOP, before]


@inlined_formula
def body_gap_down(c, i, before):  # type: ignore[no-untyped-def]
    return c[TOP, i] < c[BOTTOM, before]


@inlined_formula
def gap_up(c, i, before):  # type: ignore[no-untyped-def]
    return c[LOW, i] > c[HIGH, before]


@inlined_formula
def gap_down(c, i, before):  # type: ignore[no-untyped-def]
    return c[HIGH, i] < c[LOW, before]


def pattern(
    name: str,
    run: Any,
    warm_up: int,
    source: str,
    *parameters: Parameter,
    unit: str = "-100, 0, 100",
    state: int = 0,
) -> Indicator:
    return Indicator(
        name,
        run,
        parameters,
        {"": unit},
        lambda p: state,
        lambda p: warm_up,
        source,
        candles=True,
    )
