"""Candlestick patterns of three candles: ``h``, ``j`` and ``i``, the last."""

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
    RANGE_10,
    SHADOW_10,
    TOP,
    UPPER,
    black,
    body_gap_down,
    body_gap_up,
    doji,
    equal,
    falling,
    far,
    gap_down,
    gap_up,
    hardly,
    long,
    near,
    pattern,
    rising,
    same,
    seen,
    short,
    white,
)
from streams.operators.features.indicators.indicator import number


@formula
def two_crows(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        h, j = i - 2, i - 1
        first = white(c, h) & long(c, h) & black(c, j) & body_gap_up(c, j, h)
        inside = rising(c[CLOSE, j], c[OPEN, i], c[OPEN, j])
        inside = inside & rising(c[OPEN, h], c[CLOSE, i], c[CLOSE, h])
        out[0, i - BEHIND] = -100.0 * (first & black(c, i) & inside)


@formula
def upside_gap_two_crows(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        h, j = i - 2, i - 1
        first = white(c, h) & long(c, h) & black(c, j) & (not long(c, j))
        holds = (c[OPEN, i] > c[OPEN, j]) & rising(c[CLOSE, h], c[CLOSE, i], c[CLOSE, j])
        out[0, i - BEHIND] = -100.0 * (first & body_gap_up(c, j, h) & black(c, i) & holds)


@formula
def three_inside(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        h, j = i - 2, i - 1
        inside = long(c, h) & (not long(c, j))
        inside = inside & (c[TOP, j] < c[TOP, h]) & (c[BOTTOM, j] > c[BOTTOM, h])
        turns = c[COLOUR, i] == -c[COLOUR, h]
        beyond = c[CLOSE, i] < c[OPEN, h] if white(c, h) else c[CLOSE, i] > c[OPEN, h]
        out[0, i - BEHIND] = -100 * c[COLOUR, h] * (inside & turns & beyond)


@formula
def three_outside(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        h, j = i - 2, i - 1
        engulfs = c[COLOUR, j] == -c[COLOUR, h]
        engulfs = engulfs & (c[TOP, j] > c[TOP, h]) & (c[BOTTOM, j] < c[BOTTOM, h])
        goes_on = c[CLOSE, i] > c[CLOSE, j] if white(c, j) else c[CLOSE, i] < c[CLOSE, j]
        out[0, i - BEHIND] = 100 * c[COLOUR, j] * (engulfs & goes_on)


@formula
def three_stars_in_the_south(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        h, j = i - 2, i - 1
        first = black(c, h) & long(c, h) & (c[LOWER, h] > c[BODY, h])
        second = black(c, j) & (c[BODY, j] < c[BODY, h]) & seen(c[LOWER, j], c, j)
        second = second & (c[CLOSE, h] < c[OPEN, j]) & (c[OPEN, j] <= c[HIGH, h])
        second = second & (c[LOW, h] <= c[LOW, j]) & (c[LOW, j] < c[CLOSE, h])
        third = black(c, i) & short(c, i) & (c[LOW, i] > c[LOW, j]) & (c[HIGH, i] < c[HIGH, j])
        bare = hardly(c[LOWER, i], c, i) & hardly(c[UPPER, i], c, i)
        out[0, i - BEHIND] = 100.0 * (first & second & third & bare)


@inlined_formula
def _three_rise(c, i):  # type: ignore[no-untyped-def]
    """Three white candles, each of which closes higher."""
    colours = white(c, i - 2) & white(c, i - 1) & white(c, i)
    return colours & rising(c[CLOSE, i - 2], c[CLOSE, i - 1], c[CLOSE, i])


@inlined_formula
def _opens_in(c, i):  # type: ignore[no-untyped-def]
    """In the white body before or just above it."""
    j = i - 1
    return (c[OPEN, j] < c[OPEN, i]) & (c[OPEN, i] <= c[CLOSE, j] + near(c, j))


@formula
def three_white_soldiers(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        h, j = i - 2, i - 1
        bare = hardly(c[UPPER, h], c, h) & hardly(c[UPPER, j], c, j) & hardly(c[UPPER, i], c, i)
        grows = (c[BODY, j] > c[BODY, h] - far(c, h)) & (c[BODY, i] > c[BODY, j] - far(c, j))
        march = _three_rise(c, i) & _opens_in(c, j) & _opens_in(c, i)
        out[0, i - BEHIND] = 100.0 * (march & bare & grows & long(c, i))


@formula
def advance_block(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        h, j = i - 2, i - 1
        rise = _three_rise(c, i) & _opens_in(c, j) & _opens_in(c, i) & long(c, h)
        a, b, d = c[BODY, h], c[BODY, j], c[BODY, i]
        shadow = (c[UPPER, i] > c[SHADOW_10, i]) | (c[UPPER, j] > c[SHADOW_10, j])
        weaker = ((b < a - far(c, h)) & (d < b + near(c, j))) | (d < b - far(c, j))
        weaker = weaker | (rising(d, b, a) & shadow) | ((d < b) & (c[UPPER, i] > d))
        out[0, i - BEHIND] = -100.0 * (rise & (c[UPPER, h] < c[SHADOW_10, h]) & weaker)


@formula
def stalled_pattern(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        h, j = i - 2, i - 1
        rise = _three_rise(c, i) & long(c, h) & long(c, j) & _opens_in(c, j)
        stalls = short(c, i) & (c[OPEN, i] >= c[CLOSE, j] - c[BODY, i] - near(c, j))
        out[0, i - BEHIND] = -100.0 * (rise & hardly(c[UPPER, j], c, j) & stalls)


@formula
def identical_three_crows(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        h, j = i - 2, i - 1
        falls = black(c, h) & black(c, j) & black(c, i)
        falls = falls & falling(c[CLOSE, h], c[CLOSE, j], c[CLOSE, i])
        bare = hardly(c[LOWER, h], c, h) & hardly(c[LOWER, j], c, j) & hardly(c[LOWER, i], c, i)
        joined = same(c[OPEN, j], c[CLOSE, h], c, h) & same(c[OPEN, i], c[CLOSE, j], c, j)
        out[0, i - BEHIND] = -100.0 * (falls & bare & joined)


@inlined_formula
def _turns_down(c, i, into):  # type: ignore[no-untyped-def]
    """A long white candle, and two later a black one that closes well within it."""
    h = i - 2
    first = white(c, h) & long(c, h)
    return first & black(c, i) & long(c, i) & (c[CLOSE, i] < c[CLOSE, h] - c[BODY, h] * into)


@inlined_formula
def _turns_up(c, i, into):  # type: ignore[no-untyped-def]
    h = i - 2
    first = black(c, h) & long(c, h)
    return first & white(c, i) & long(c, i) & (c[CLOSE, i] > c[CLOSE, h] + c[BODY, h] * into)


@formula
def abandoned_baby(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        h, j = i - 2, i - 1
        down = _turns_down(c, i, params[0]) & gap_up(c, j, h) & gap_down(c, i, j)
        up = _turns_up(c, i, params[0]) & gap_down(c, j, h) & gap_up(c, i, j)
        out[0, i - BEHIND] = 100 * c[COLOUR, i] * (doji(c, j) & (down | up))


@formula
def evening_doji_star(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        star = doji(c, i - 1) & body_gap_up(c, i - 1, i - 2)
        out[0, i - BEHIND] = -100.0 * (star & _turns_down(c, i, params[0]))


@formula
def evening_star(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        star = (not long(c, i - 1)) & body_gap_up(c, i - 1, i - 2)
        out[0, i - BEHIND] = -100.0 * (star & _turns_down(c, i, params[0]))


@formula
def morning_doji_star(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        star = doji(c, i - 1) & body_gap_down(c, i - 1, i - 2)
        out[0, i - BEHIND] = 100.0 * (star & _turns_up(c, i, params[0]))


@formula
def morning_star(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        star = (not long(c, i - 1)) & body_gap_down(c, i - 1, i - 2)
        out[0, i - BEHIND] = 100.0 * (star & _turns_up(c, i, params[0]))


@formula
def gap_side_side_white(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        h, j = i - 2, i - 1
        up = body_gap_up(c, j, h) & body_gap_up(c, i, h)
        down = body_gap_down(c, j, h) & body_gap_down(c, i, h)
        alike = (abs(c[BODY, i] - c[BODY, j]) <= near(c, j)) & same(c[OPEN, i], c[OPEN, j], c, j)
        both = white(c, j) & white(c, i) & alike
        out[0, i - BEHIND] = (100.0 if up else -100.0) * (both & (up | down))


@formula
def stick_sandwich(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        h, j = i - 2, i - 1
        colours = black(c, h) & white(c, j) & black(c, i)
        level = (c[LOW, j] > c[CLOSE, h]) & same(c[CLOSE, i], c[CLOSE, h], c, h)
        out[0, i - BEHIND] = 100.0 * (colours & level)


@formula
def tasuki_gap(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        h, j = i - 2, i - 1
        back = (c[COLOUR, i] == -c[COLOUR, j]) & rising(c[BOTTOM, j], c[OPEN, i], c[TOP, j])
        up = body_gap_up(c, j, h) & white(c, j) & rising(c[TOP, h], c[CLOSE, i], c[OPEN, j])
        down = body_gap_down(c, j, h) & black(c, j) & rising(c[OPEN, j], c[CLOSE, i], c[BOTTOM, h])
        alike = abs(c[BODY, j] - c[BODY, i]) < near(c, j)
        out[0, i - BEHIND] = 100 * c[COLOUR, j] * (back & (up | down) & alike)


@formula
def tristar(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        h, j = i - 2, i - 1
        widest = max(c[BODY, h], c[BODY, j], c[BODY, i])
        up = body_gap_down(c, j, h) & (c[BOTTOM, i] > c[BOTTOM, j])
        down = body_gap_up(c, j, h) & (c[TOP, i] < c[TOP, j])
        out[0, i - BEHIND] = (100.0 * up - 100.0 * down) * (widest <= 0.1 * c[RANGE_10, h])


@formula
def unique_three_river(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        h, j = i - 2, i - 1
        second = black(c, j) & (c[CLOSE, j] > c[CLOSE, h]) & (c[OPEN, j] <= c[OPEN, h])
        second = second & (c[LOW, j] < c[LOW, h])
        third = short(c, i) & white(c, i) & (c[OPEN, i] > c[LOW, j])
        out[0, i - BEHIND] = 100.0 * (black(c, h) & long(c, h) & second & third)


@formula
def gap_three_methods(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        h, j = i - 2, i - 1
        colours = equal(c[COLOUR, h], c[COLOUR, j], -c[COLOUR, i])
        closes = rising(c[BOTTOM, j], c[OPEN, i], c[TOP, j])
        closes = closes & rising(c[BOTTOM, h], c[CLOSE, i], c[TOP, h])
        apart = body_gap_up(c, j, h) if white(c, h) else body_gap_down(c, j, h)
        out[0, i - BEHIND] = 100 * c[COLOUR, h] * (colours & closes & apart)


_INTO = number("penetration", 0.3, 0, 1)

INDICATORS = (
    pattern("cdl2crows", two_crows, 13, "two black ones above a long white one, back into it"),
    pattern("cdl3inside", three_inside, 13, "a harami, and a close beyond it"),
    pattern("cdl3outside", three_outside, 4, "an engulfing, and a close beyond it"),
    pattern("cdl3starsinsouth", three_stars_in_the_south, 13, "three black ones, each smaller"),
    pattern("cdl3whitesoldiers", three_white_soldiers, 13, "three white ones with no upper shadow"),
    pattern("cdlabandonedbaby", abandoned_baby, 13, "a doji with gaps on both sides", _INTO),
    pattern("cdladvanceblock", advance_block, 13, "three white ones that weaken"),
    pattern("cdleveningdojistar", evening_doji_star, 13, "a doji above, then down", _INTO),
    pattern("cdleveningstar", evening_star, 13, "a short one above, then down", _INTO),
    pattern("cdlgapsidesidewhite", gap_side_side_white, 8, "two like white ones after a gap"),
    pattern("cdlidentical3crows", identical_three_crows, 13, "each opens at the close before"),
    pattern("cdlmorningdojistar", morning_doji_star, 13, "a doji below, then up", _INTO),
    pattern("cdlmorningstar", morning_star, 13, "a short one below, then up", _INTO),
    pattern("cdlstalledpattern", stalled_pattern, 13, "three white ones, the last short"),
    pattern("cdlsticksandwich", stick_sandwich, 8, "white between two black ones with one close"),
    pattern("cdltasukigap", tasuki_gap, 8, "back into a gap, and not through it"),
    pattern("cdltristar", tristar, 13, "three dojis, the middle one apart"),
    pattern("cdlunique3river", unique_three_river, 13, "a new low, then a short one"),
    pattern("cdlupsidegap2crows", upside_gap_two_crows, 13, "two black ones over a gap"),
    pattern("cdlxsidegap3methods", gap_three_methods, 3, "a third that closes the gap"),
)
