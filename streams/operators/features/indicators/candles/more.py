"""Candlestick patterns of four and five candles, and those that a later bar confirms."""

from streams.kernels import formula, inlined_formula
from streams.operators.features.indicators.candles.parts import (
    BEHIND,
    BODY,
    BOTTOM,
    CLOSE,
    COLOUR,
    HIGH,
    LOW,
    LOWER,
    OPEN,
    TOP,
    UPPER,
    black,
    body_gap_down,
    body_gap_up,
    equal,
    falling,
    hardly,
    long,
    near,
    pattern,
    rising,
    seen,
    short,
    white,
)
from streams.operators.features.indicators.candles.two import INTO


@formula
def three_black_crows(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        g, h, j = i - 3, i - 2, i - 1
        colours = white(c, g) & black(c, h) & black(c, j) & black(c, i)
        falls = falling(c[HIGH, g], c[CLOSE, h], c[CLOSE, j]) & (c[CLOSE, j] > c[CLOSE, i])
        bare = hardly(c[LOWER, h], c, h) & hardly(c[LOWER, j], c, j) & hardly(c[LOWER, i], c, i)
        opens = rising(c[CLOSE, h], c[OPEN, j], c[OPEN, h])
        opens = opens & rising(c[CLOSE, j], c[OPEN, i], c[OPEN, j])
        out[0, i - BEHIND] = -100.0 * (colours & falls & bare & opens)


@formula
def three_line_strike(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        g, h, j = i - 3, i - 2, i - 1
        colours = equal(c[COLOUR, g], c[COLOUR, h], c[COLOUR, j]) & (c[COLOUR, j] == -c[COLOUR, i])
        opens = (c[BOTTOM, g] - near(c, g) <= c[OPEN, h]) & (c[OPEN, h] <= c[TOP, g] + near(c, g))
        opens = opens & (c[BOTTOM, h] - near(c, h) <= c[OPEN, j])
        opens = opens & (c[OPEN, j] <= c[TOP, h] + near(c, h))
        up = falling(c[CLOSE, j], c[CLOSE, h], c[CLOSE, g])
        up = up & (c[OPEN, i] > c[CLOSE, j]) & (c[CLOSE, i] < c[OPEN, g])
        down = rising(c[CLOSE, j], c[CLOSE, h], c[CLOSE, g])
        down = down & (c[OPEN, i] < c[CLOSE, j]) & (c[CLOSE, i] > c[OPEN, g])
        strikes = up if white(c, j) else down
        out[0, i - BEHIND] = 100 * c[COLOUR, j] * (colours & opens & strikes)


@formula
def concealing_baby_swallow(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        g, h, j = i - 3, i - 2, i - 1
        colours = black(c, g) & black(c, h) & black(c, j) & black(c, i)
        bare = hardly(c[LOWER, g], c, g) & hardly(c[UPPER, g], c, g)
        bare = bare & hardly(c[LOWER, h], c, h) & hardly(c[UPPER, h], c, h)
        reaches = body_gap_down(c, j, h) & seen(c[UPPER, j], c, j) & (c[HIGH, j] > c[CLOSE, h])
        swallows = (c[HIGH, i] > c[HIGH, j]) & (c[LOW, i] < c[LOW, j])
        out[0, i - BEHIND] = 100.0 * (colours & bare & reaches & swallows)


@formula
def breakaway(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        f, g, h, j = i - 4, i - 3, i - 2, i - 1
        colours = equal(c[COLOUR, f], c[COLOUR, g], c[COLOUR, j]) & (c[COLOUR, j] == -c[COLOUR, i])
        down = body_gap_down(c, g, f) & falling(c[HIGH, g], c[HIGH, h], c[HIGH, j])
        down = down & falling(c[LOW, g], c[LOW, h], c[LOW, j])
        down = down & rising(c[OPEN, g], c[CLOSE, i], c[CLOSE, f])
        up = body_gap_up(c, g, f) & rising(c[HIGH, g], c[HIGH, h], c[HIGH, j])
        up = up & rising(c[LOW, g], c[LOW, h], c[LOW, j])
        up = up & rising(c[CLOSE, f], c[CLOSE, i], c[OPEN, g])
        turns = down if black(c, f) else up
        out[0, i - BEHIND] = 100 * c[COLOUR, i] * (long(c, f) & colours & turns)


@formula
def ladder_bottom(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        f, g, h, j = i - 4, i - 3, i - 2, i - 1
        colours = black(c, f) & black(c, g) & black(c, h) & black(c, j) & white(c, i)
        falls = falling(c[OPEN, f], c[OPEN, g], c[OPEN, h])
        falls = falls & falling(c[CLOSE, f], c[CLOSE, g], c[CLOSE, h])
        leaves = seen(c[UPPER, j], c, j) & (c[OPEN, i] > c[OPEN, j]) & (c[CLOSE, i] > c[HIGH, j])
        out[0, i - BEHIND] = 100.0 * (colours & falls & leaves)


@inlined_formula
def _rests(c, i):  # type: ignore[no-untyped-def]
    """A long candle and three short ones behind it."""
    return long(c, i - 4) & short(c, i - 3) & short(c, i - 2) & short(c, i - 1)


@formula
def mat_hold(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        f, g, h, j = i - 4, i - 3, i - 2, i - 1
        colours = white(c, f) & black(c, g) & white(c, i) & body_gap_up(c, g, f)
        floor = c[CLOSE, f] - c[BODY, f] * params[0]
        holds = rising(floor, c[BOTTOM, h], c[CLOSE, f]) & rising(floor, c[BOTTOM, j], c[CLOSE, f])
        falls = falling(c[OPEN, g], c[TOP, h], c[TOP, j])
        highest = max(c[HIGH, g], c[HIGH, h], c[HIGH, j])
        goes_on = (c[OPEN, i] > c[CLOSE, j]) & (c[CLOSE, i] > highest)
        out[0, i - BEHIND] = 100.0 * (_rests(c, i) & colours & holds & falls & goes_on)


@formula
def three_methods(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        f, g, h, j = i - 4, i - 3, i - 2, i - 1
        side = c[COLOUR, f]
        colours = equal(-side, c[COLOUR, g], c[COLOUR, h]) & (c[COLOUR, h] == c[COLOUR, j])
        colours = colours & (side == c[COLOUR, i])
        top = max(c[BOTTOM, g], c[BOTTOM, h], c[BOTTOM, j])
        bottom = min(c[TOP, g], c[TOP, h], c[TOP, j])
        within = (top < c[HIGH, f]) & (bottom > c[LOW, f])
        against = falling(side * c[CLOSE, g], side * c[CLOSE, h], side * c[CLOSE, j])
        goes_on = side * c[OPEN, i] > side * c[CLOSE, j]
        goes_on = goes_on & (side * c[CLOSE, i] > side * c[CLOSE, f])
        method = colours & within & against & goes_on & long(c, i)
        out[0, i - BEHIND] = 100 * side * (_rests(c, i) & method)


@inlined_formula
def _inside(c, i):  # type: ignore[no-untyped-def]
    return (c[HIGH, i] < c[HIGH, i - 1]) & (c[LOW, i] > c[LOW, i - 1])


@inlined_formula
def _confirmed(found, c, i, state):  # type: ignore[no-untyped-def]
    """A pattern, or 200 for the first close beyond its inside bar within three bars; ``state`` is
    the pattern, its age in bars, and the high and low of the inside bar."""
    state[1] += 1
    if found != 0:
        state[0], state[1], state[2], state[3] = found, 0.0, c[HIGH, i - 1], c[LOW, i - 1]
        return found
    beyond = c[CLOSE, i] > state[2] if state[0] > 0 else c[CLOSE, i] < state[3]
    if state[0] != 0 and state[1] <= 3 and beyond:
        whole = 2 * state[0]
        state[0] = 0.0
        return whole
    return 0.0


@formula
def hikkake(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        j = i - 1
        down = (c[HIGH, i] < c[HIGH, j]) & (c[LOW, i] < c[LOW, j])
        up = (c[HIGH, i] > c[HIGH, j]) & (c[LOW, i] > c[LOW, j])
        found = (100.0 * down - 100.0 * up) * _inside(c, j)
        out[0, i - BEHIND] = _confirmed(found, c, i, state)


@formula
def hikkake_modified(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        h, j = i - 2, i - 1
        down = (c[HIGH, i] < c[HIGH, j]) & (c[LOW, i] < c[LOW, j])
        up = (c[HIGH, i] > c[HIGH, j]) & (c[LOW, i] > c[LOW, j])
        down = down & (c[CLOSE, h] <= c[LOW, h] + near(c, h))
        up = up & (c[CLOSE, h] >= c[HIGH, h] - near(c, h))
        found = (100.0 * down - 100.0 * up) * (_inside(c, j) & _inside(c, h))
        out[0, i - BEHIND] = _confirmed(found, c, i, state)


_CONFIRMED = "-200 … 200"

INDICATORS = (
    pattern("cdl3blackcrows", three_black_crows, 14, "three black ones with no lower shadow"),
    pattern("cdl3linestrike", three_line_strike, 9, "a fourth that takes back three"),
    pattern("cdlbreakaway", breakaway, 15, "back into the gap that began a move"),
    pattern("cdlconcealbabyswall", concealing_baby_swallow, 14, "four black ones"),
    pattern("cdlhikkake", hikkake, 6, "Chesler: a false breakout", unit=_CONFIRMED, state=4),
    pattern(
        "cdlhikkakemod",
        hikkake_modified,
        11,
        "the same after a close at an end",
        unit=_CONFIRMED,
        state=4,
    ),
    pattern("cdlladderbottom", ladder_bottom, 15, "up out of four falling black ones"),
    pattern("cdlmathold", mat_hold, 15, "a rest above half of a long white one", INTO),
    pattern("cdlrisefall3methods", three_methods, 15, "a rest within a long one, then on"),
)
