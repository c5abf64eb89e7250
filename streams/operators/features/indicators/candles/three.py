"""Candlestick patterns of three candles: ``h``, ``j`` and ``i``, the last."""

from streams.kernels import inlined, kernel
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
    far,
    gap_down,
    gap_up,
    hardly,
    long,
    near,
    pattern,
    same,
    seen,
    short,
    white,
)
from streams.operators.features.indicators.indicator import number


@kernel
def two_crows(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(lo, hi):
        h, j = i - 2, i - 1
        first = white(c, h) and long(c, h) and black(c, j) and body_gap_up(c, j, h)
        inside = c[CLOSE, j] < c[OPEN, i] < c[OPEN, j] and c[OPEN, h] < c[CLOSE, i] < c[CLOSE, h]
        out[0, i - BEHIND] = -100.0 * (first and black(c, i) and inside)


@kernel
def upside_gap_two_crows(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(lo, hi):
        h, j = i - 2, i - 1
        first = white(c, h) and long(c, h) and black(c, j) and not long(c, j)
        holds = c[OPEN, i] > c[OPEN, j] and c[CLOSE, h] < c[CLOSE, i] < c[CLOSE, j]
        out[0, i - BEHIND] = -100.0 * (first and body_gap_up(c, j, h) and black(c, i) and holds)


@kernel
def three_inside(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(lo, hi):
        h, j = i - 2, i - 1
        inside = long(c, h) and not long(c, j)
        inside = inside and c[TOP, j] < c[TOP, h] and c[BOTTOM, j] > c[BOTTOM, h]
        turns = c[COLOUR, i] == -c[COLOUR, h]
        beyond = c[CLOSE, i] < c[OPEN, h] if white(c, h) else c[CLOSE, i] > c[OPEN, h]
        out[0, i - BEHIND] = -100 * c[COLOUR, h] * (inside and turns and beyond)


@kernel
def three_outside(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(lo, hi):
        h, j = i - 2, i - 1
        engulfs = c[COLOUR, j] == -c[COLOUR, h]
        engulfs = engulfs and c[TOP, j] > c[TOP, h] and c[BOTTOM, j] < c[BOTTOM, h]
        goes_on = c[CLOSE, i] > c[CLOSE, j] if white(c, j) else c[CLOSE, i] < c[CLOSE, j]
        out[0, i - BEHIND] = 100 * c[COLOUR, j] * (engulfs and goes_on)


@kernel
def three_stars_in_the_south(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(lo, hi):
        h, j = i - 2, i - 1
        first = black(c, h) and long(c, h) and c[LOWER, h] > c[BODY, h]
        second = black(c, j) and c[BODY, j] < c[BODY, h] and seen(c[LOWER, j], c, j)
        second = second and c[CLOSE, h] < c[OPEN, j] <= c[HIGH, h]
        second = second and c[LOW, h] <= c[LOW, j] < c[CLOSE, h]
        third = black(c, i) and short(c, i) and c[LOW, i] > c[LOW, j] and c[HIGH, i] < c[HIGH, j]
        bare = hardly(c[LOWER, i], c, i) and hardly(c[UPPER, i], c, i)
        out[0, i - BEHIND] = 100.0 * (first and second and third and bare)


@inlined
def _three_rise(c, i):  # type: ignore[no-untyped-def]
    """Three white candles, each of which closes higher."""
    colours = white(c, i - 2) and white(c, i - 1) and white(c, i)
    return colours and c[CLOSE, i - 2] < c[CLOSE, i - 1] < c[CLOSE, i]


@inlined
def _opens_in(c, i):  # type: ignore[no-untyped-def]
    """In the white body before or just above it."""
    j = i - 1
    return c[OPEN, j] < c[OPEN, i] <= c[CLOSE, j] + near(c, j)


@kernel
def three_white_soldiers(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(lo, hi):
        h, j = i - 2, i - 1
        bare = hardly(c[UPPER, h], c, h) and hardly(c[UPPER, j], c, j) and hardly(c[UPPER, i], c, i)
        grows = c[BODY, j] > c[BODY, h] - far(c, h) and c[BODY, i] > c[BODY, j] - far(c, j)
        march = _three_rise(c, i) and _opens_in(c, j) and _opens_in(c, i)
        out[0, i - BEHIND] = 100.0 * (march and bare and grows and long(c, i))


@kernel
def advance_block(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(lo, hi):
        h, j = i - 2, i - 1
        rise = _three_rise(c, i) and _opens_in(c, j) and _opens_in(c, i) and long(c, h)
        a, b, d = c[BODY, h], c[BODY, j], c[BODY, i]
        shadow = c[UPPER, i] > c[SHADOW_10, i] or c[UPPER, j] > c[SHADOW_10, j]
        weaker = (b < a - far(c, h) and d < b + near(c, j)) or d < b - far(c, j)
        weaker = weaker or (d < b < a and shadow) or (d < b and c[UPPER, i] > d)
        out[0, i - BEHIND] = -100.0 * (rise and c[UPPER, h] < c[SHADOW_10, h] and weaker)


@kernel
def stalled_pattern(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(lo, hi):
        h, j = i - 2, i - 1
        rise = _three_rise(c, i) and long(c, h) and long(c, j) and _opens_in(c, j)
        stalls = short(c, i) and c[OPEN, i] >= c[CLOSE, j] - c[BODY, i] - near(c, j)
        out[0, i - BEHIND] = -100.0 * (rise and hardly(c[UPPER, j], c, j) and stalls)


@kernel
def identical_three_crows(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(lo, hi):
        h, j = i - 2, i - 1
        falls = black(c, h) and black(c, j) and black(c, i)
        falls = falls and c[CLOSE, h] > c[CLOSE, j] > c[CLOSE, i]
        bare = hardly(c[LOWER, h], c, h) and hardly(c[LOWER, j], c, j) and hardly(c[LOWER, i], c, i)
        joined = same(c[OPEN, j], c[CLOSE, h], c, h) and same(c[OPEN, i], c[CLOSE, j], c, j)
        out[0, i - BEHIND] = -100.0 * (falls and bare and joined)


@inlined
def _turns_down(c, i, into):  # type: ignore[no-untyped-def]
    """A long white candle, and two later a black one that closes well within it."""
    h = i - 2
    first = white(c, h) and long(c, h)
    return first and black(c, i) and long(c, i) and c[CLOSE, i] < c[CLOSE, h] - c[BODY, h] * into


@inlined
def _turns_up(c, i, into):  # type: ignore[no-untyped-def]
    h = i - 2
    first = black(c, h) and long(c, h)
    return first and white(c, i) and long(c, i) and c[CLOSE, i] > c[CLOSE, h] + c[BODY, h] * into


@kernel
def abandoned_baby(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(lo, hi):
        h, j = i - 2, i - 1
        down = _turns_down(c, i, params[0]) and gap_up(c, j, h) and gap_down(c, i, j)
        up = _turns_up(c, i, params[0]) and gap_down(c, j, h) and gap_up(c, i, j)
        out[0, i - BEHIND] = 100 * c[COLOUR, i] * (doji(c, j) and (down or up))


@kernel
def evening_doji_star(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(lo, hi):
        star = doji(c, i - 1) and body_gap_up(c, i - 1, i - 2)
        out[0, i - BEHIND] = -100.0 * (star and _turns_down(c, i, params[0]))


@kernel
def evening_star(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(lo, hi):
        star = not long(c, i - 1) and body_gap_up(c, i - 1, i - 2)
        out[0, i - BEHIND] = -100.0 * (star and _turns_down(c, i, params[0]))


@kernel
def morning_doji_star(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(lo, hi):
        star = doji(c, i - 1) and body_gap_down(c, i - 1, i - 2)
        out[0, i - BEHIND] = 100.0 * (star and _turns_up(c, i, params[0]))


@kernel
def morning_star(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(lo, hi):
        star = not long(c, i - 1) and body_gap_down(c, i - 1, i - 2)
        out[0, i - BEHIND] = 100.0 * (star and _turns_up(c, i, params[0]))


@kernel
def gap_side_side_white(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(lo, hi):
        h, j = i - 2, i - 1
        up = body_gap_up(c, j, h) and body_gap_up(c, i, h)
        down = body_gap_down(c, j, h) and body_gap_down(c, i, h)
        alike = abs(c[BODY, i] - c[BODY, j]) <= near(c, j) and same(c[OPEN, i], c[OPEN, j], c, j)
        both = white(c, j) and white(c, i) and alike
        out[0, i - BEHIND] = (100.0 if up else -100.0) * (both and (up or down))


@kernel
def stick_sandwich(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(lo, hi):
        h, j = i - 2, i - 1
        colours = black(c, h) and white(c, j) and black(c, i)
        level = c[LOW, j] > c[CLOSE, h] and same(c[CLOSE, i], c[CLOSE, h], c, h)
        out[0, i - BEHIND] = 100.0 * (colours and level)


@kernel
def tasuki_gap(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(lo, hi):
        h, j = i - 2, i - 1
        back = c[COLOUR, i] == -c[COLOUR, j] and c[BOTTOM, j] < c[OPEN, i] < c[TOP, j]
        up = body_gap_up(c, j, h) and white(c, j) and c[TOP, h] < c[CLOSE, i] < c[OPEN, j]
        down = body_gap_down(c, j, h) and black(c, j) and c[OPEN, j] < c[CLOSE, i] < c[BOTTOM, h]
        alike = abs(c[BODY, j] - c[BODY, i]) < near(c, j)
        out[0, i - BEHIND] = 100 * c[COLOUR, j] * (back and (up or down) and alike)


@kernel
def tristar(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(lo, hi):
        h, j = i - 2, i - 1
        widest = max(c[BODY, h], c[BODY, j], c[BODY, i])
        up = body_gap_down(c, j, h) and c[BOTTOM, i] > c[BOTTOM, j]
        down = body_gap_up(c, j, h) and c[TOP, i] < c[TOP, j]
        out[0, i - BEHIND] = (100.0 * up - 100.0 * down) * (widest <= 0.1 * c[RANGE_10, h])


@kernel
def unique_three_river(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(lo, hi):
        h, j = i - 2, i - 1
        second = black(c, j) and c[CLOSE, j] > c[CLOSE, h] and c[OPEN, j] <= c[OPEN, h]
        second = second and c[LOW, j] < c[LOW, h]
        third = short(c, i) and white(c, i) and c[OPEN, i] > c[LOW, j]
        out[0, i - BEHIND] = 100.0 * (black(c, h) and long(c, h) and second and third)


@kernel
def gap_three_methods(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(lo, hi):
        h, j = i - 2, i - 1
        colours = c[COLOUR, h] == c[COLOUR, j] == -c[COLOUR, i]
        closes = c[BOTTOM, j] < c[OPEN, i] < c[TOP, j] and c[BOTTOM, h] < c[CLOSE, i] < c[TOP, h]
        apart = body_gap_up(c, j, h) if white(c, h) else body_gap_down(c, j, h)
        out[0, i - BEHIND] = 100 * c[COLOUR, h] * (colours and closes and apart)


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
