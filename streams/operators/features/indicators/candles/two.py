"""Candlestick patterns of two candles: ``j`` is the one before ``i``."""

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
    doji,
    gap_down,
    gap_up,
    hardly,
    long,
    pattern,
    rising,
    same,
    white,
)
from streams.operators.features.indicators.indicator import number


@formula
def counterattack(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        j = i - 1
        against = (c[COLOUR, j] == -c[COLOUR, i]) & long(c, j) & long(c, i)
        out[0, i - BEHIND] = 100 * c[COLOUR, i] * (against & same(c[CLOSE, i], c[CLOSE, j], c, j))


@formula
def dark_cloud_cover(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        j = i - 1
        above = white(c, j) & long(c, j) & black(c, i) & (c[OPEN, i] > c[HIGH, j])
        into = rising(c[OPEN, j], c[CLOSE, i], c[CLOSE, j] - c[BODY, j] * params[0])
        out[0, i - BEHIND] = -100.0 * (above & into)


@formula
def piercing(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        j = i - 1
        below = black(c, j) & long(c, j) & white(c, i) & long(c, i) & (c[OPEN, i] < c[LOW, j])
        into = rising(c[CLOSE, j] + c[BODY, j] * 0.5, c[CLOSE, i], c[OPEN, j])
        out[0, i - BEHIND] = 100.0 * (below & into)


@formula
def doji_star(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        j = i - 1
        away = body_gap_up(c, i, j) if white(c, j) else body_gap_down(c, i, j)
        out[0, i - BEHIND] = -100 * c[COLOUR, j] * (long(c, j) & doji(c, i) & away)


@formula
def engulfing(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """80 where one end of the bodies is the same."""
    for i in range(max(lo, BEHIND), hi):
        j = i - 1
        over, under = c[TOP, i] > c[TOP, j], c[BOTTOM, i] < c[BOTTOM, j]
        level = (c[TOP, i] == c[TOP, j]) | (c[BOTTOM, i] == c[BOTTOM, j])
        holds = (c[TOP, i] >= c[TOP, j]) & (c[BOTTOM, i] <= c[BOTTOM, j]) & (over | under)
        against = c[COLOUR, i] == -c[COLOUR, j]
        out[0, i - BEHIND] = c[COLOUR, i] * (against & holds) * (80 if level else 100)


@inlined_formula
def _within(c, i):  # type: ignore[no-untyped-def]
    """How surely the body lies in that of the bar before: 80 where one end is the same."""
    if (c[TOP, i] < c[TOP, i - 1]) & (c[BOTTOM, i] > c[BOTTOM, i - 1]):
        return 100
    return 80 * ((c[TOP, i] <= c[TOP, i - 1]) & (c[BOTTOM, i] >= c[BOTTOM, i - 1]))


@formula
def harami(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        small = long(c, i - 1) & (not long(c, i))
        out[0, i - BEHIND] = -c[COLOUR, i - 1] * small * _within(c, i)


@formula
def harami_cross(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        out[0, i - BEHIND] = -c[COLOUR, i - 1] * (long(c, i - 1) & doji(c, i)) * _within(c, i)


@formula
def homing_pigeon(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        j = i - 1
        falls = black(c, j) & black(c, i) & long(c, j) & (not long(c, i))
        within = (c[OPEN, i] < c[OPEN, j]) & (c[CLOSE, i] > c[CLOSE, j])
        out[0, i - BEHIND] = 100.0 * (falls & within)


@inlined_formula
def _rises_from_below(c, i):  # type: ignore[no-untyped-def]
    """A white candle that opens under the low of a long black one."""
    j = i - 1
    return black(c, j) & long(c, j) & white(c, i) & (c[OPEN, i] < c[LOW, j])


@formula
def in_neck(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        j = i - 1
        ends = same(c[CLOSE, i], c[CLOSE, j], c, j) & (c[CLOSE, i] >= c[CLOSE, j])
        out[0, i - BEHIND] = -100.0 * (_rises_from_below(c, i) & ends)


@formula
def on_neck(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        ends = same(c[CLOSE, i], c[LOW, i - 1], c, i - 1)
        out[0, i - BEHIND] = -100.0 * (_rises_from_below(c, i) & ends)


@formula
def thrusting(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        j = i - 1
        ends = (not same(c[CLOSE, i], c[CLOSE, j], c, j)) & (c[CLOSE, i] > c[CLOSE, j])
        into = c[CLOSE, i] <= c[CLOSE, j] + c[BODY, j] * 0.5
        out[0, i - BEHIND] = -100.0 * (_rises_from_below(c, i) & ends & into)


@inlined_formula
def _kicks(c, i):  # type: ignore[no-untyped-def]
    """Two long candles without shadows and with a gap, the second against the first."""
    j = i - 1
    against = (c[COLOUR, j] == -c[COLOUR, i]) & long(c, j) & long(c, i)
    bare = hardly(c[UPPER, j], c, j) & hardly(c[LOWER, j], c, j)
    bare = bare & hardly(c[UPPER, i], c, i) & hardly(c[LOWER, i], c, i)
    return against & bare & (gap_up(c, i, j) if black(c, j) else gap_down(c, i, j))


@formula
def kicking(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        out[0, i - BEHIND] = 100 * c[COLOUR, i] * _kicks(c, i)


@formula
def kicking_by_length(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        longer = i if c[BODY, i] > c[BODY, i - 1] else i - 1
        out[0, i - BEHIND] = 100 * c[COLOUR, longer] * _kicks(c, i)


@formula
def matching_low(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        both = black(c, i - 1) & black(c, i)
        out[0, i - BEHIND] = 100.0 * (both & same(c[CLOSE, i], c[CLOSE, i - 1], c, i - 1))


@formula
def separating_lines(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        j = i - 1
        apart = (c[COLOUR, j] == -c[COLOUR, i]) & same(c[OPEN, i], c[OPEN, j], c, j)
        belt = hardly(c[LOWER, i], c, i) if white(c, i) else hardly(c[UPPER, i], c, i)
        out[0, i - BEHIND] = 100 * c[COLOUR, i] * (apart & long(c, i) & belt)


INTO = number("penetration", 0.5, 0, 1)  # of the first body
_MARKS = "-100, -80, 0, 80, 100"

INDICATORS = (
    pattern("cdlcounterattack", counterattack, 12, "two long ones against each other, one close"),
    pattern("cdldarkcloudcover", dark_cloud_cover, 12, "from above into a long white one", INTO),
    pattern("cdldojistar", doji_star, 12, "a doji, a gap after a long one"),
    pattern("cdlengulfing", engulfing, 3, "its body holds the one before", unit=_MARKS),
    pattern("cdlharami", harami, 12, "its body lies in the one before", unit=_MARKS),
    pattern("cdlharamicross", harami_cross, 12, "a doji in the body before", unit=_MARKS),
    pattern("cdlhomingpigeon", homing_pigeon, 12, "a black body in a long black one"),
    pattern("cdlinneck", in_neck, 12, "rises to the close of a long black one"),
    pattern("cdlkicking", kicking, 12, "two marubozus apart"),
    pattern("cdlkickingbylength", kicking_by_length, 12, "the same, of the longer one's colour"),
    pattern("cdlmatchinglow", matching_low, 7, "two black ones with one close"),
    pattern("cdlonneck", on_neck, 12, "rises to the low of a long black one"),
    pattern("cdlpiercing", piercing, 12, "from below past the middle of a long black one"),
    pattern("cdlseparatinglines", separating_lines, 12, "a belt hold from the open before"),
    pattern("cdlthrusting", thrusting, 12, "rises less than half into a long black one"),
)
