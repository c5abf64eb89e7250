"""Candlestick patterns of one candle (those that look at the one before for the trend too)."""

from streams.kernels import formula
from streams.operators.features.indicators.candles.parts import (
    BEHIND,
    BODY,
    BOTTOM,
    COLOUR,
    HIGH,
    LOW,
    LOWER,
    SHADOW_10,
    TOP,
    UPPER,
    body_gap_down,
    body_gap_up,
    doji,
    hardly,
    long,
    near,
    pattern,
    seen,
    short,
    white,
)


@formula
def belt_hold(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        opens_at_end = hardly(c[LOWER, i], c, i) if white(c, i) else hardly(c[UPPER, i], c, i)
        out[0, i - BEHIND] = 100 * c[COLOUR, i] * (long(c, i) & opens_at_end)


@formula
def closing_marubozu(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        closes_at_end = hardly(c[UPPER, i], c, i) if white(c, i) else hardly(c[LOWER, i], c, i)
        out[0, i - BEHIND] = 100 * c[COLOUR, i] * (long(c, i) & closes_at_end)


@formula
def marubozu(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        bare = hardly(c[UPPER, i], c, i) & hardly(c[LOWER, i], c, i)
        out[0, i - BEHIND] = 100 * c[COLOUR, i] * (long(c, i) & bare)


@formula
def a_doji(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        out[0, i - BEHIND] = 100.0 * doji(c, i)


@formula
def dragonfly_doji(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        below = hardly(c[UPPER, i], c, i) & seen(c[LOWER, i], c, i)
        out[0, i - BEHIND] = 100.0 * (doji(c, i) & below)


@formula
def gravestone_doji(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        above = hardly(c[LOWER, i], c, i) & seen(c[UPPER, i], c, i)
        out[0, i - BEHIND] = 100.0 * (doji(c, i) & above)


@formula
def long_legged_doji(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        legs = (c[LOWER, i] > c[BODY, i]) | (c[UPPER, i] > c[BODY, i])
        out[0, i - BEHIND] = 100.0 * (doji(c, i) & legs)


@formula
def rickshaw_man(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """A doji with two long legs and its body in the middle."""
    for i in range(max(lo, BEHIND), hi):
        legs = (c[LOWER, i] > c[BODY, i]) & (c[UPPER, i] > c[BODY, i])
        middle = c[LOW, i] + (c[HIGH, i] - c[LOW, i]) / 2
        centred = (c[BOTTOM, i] <= middle + near(c, i)) & (c[TOP, i] >= middle - near(c, i))
        out[0, i - BEHIND] = 100.0 * (doji(c, i) & legs & centred)


@formula
def takuri(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        below = hardly(c[UPPER, i], c, i) & (c[LOWER, i] > 2 * c[BODY, i])
        out[0, i - BEHIND] = 100.0 * (doji(c, i) & below)


@formula
def high_wave(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        legs = (c[UPPER, i] > 2 * c[BODY, i]) & (c[LOWER, i] > 2 * c[BODY, i])
        out[0, i - BEHIND] = 100 * c[COLOUR, i] * (short(c, i) & legs)


@formula
def spinning_top(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        legs = (c[UPPER, i] > c[BODY, i]) & (c[LOWER, i] > c[BODY, i])
        out[0, i - BEHIND] = 100 * c[COLOUR, i] * (short(c, i) & legs)


@formula
def long_line(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        small = (c[UPPER, i] < c[SHADOW_10, i]) & (c[LOWER, i] < c[SHADOW_10, i])
        out[0, i - BEHIND] = 100 * c[COLOUR, i] * (long(c, i) & small)


@formula
def short_line(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        small = (c[UPPER, i] < c[SHADOW_10, i]) & (c[LOWER, i] < c[SHADOW_10, i])
        out[0, i - BEHIND] = 100 * c[COLOUR, i] * (short(c, i) & small)


@formula
def hammer(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        shape = short(c, i) & (c[LOWER, i] > c[BODY, i]) & hardly(c[UPPER, i], c, i)
        at_the_low = c[BOTTOM, i] <= c[LOW, i - 1] + near(c, i - 1)
        out[0, i - BEHIND] = 100.0 * (shape & at_the_low)


@formula
def hanging_man(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        shape = short(c, i) & (c[LOWER, i] > c[BODY, i]) & hardly(c[UPPER, i], c, i)
        at_the_high = c[BOTTOM, i] >= c[HIGH, i - 1] - near(c, i - 1)
        out[0, i - BEHIND] = -100.0 * (shape & at_the_high)


@formula
def inverted_hammer(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        shape = short(c, i) & (c[UPPER, i] > c[BODY, i]) & hardly(c[LOWER, i], c, i)
        out[0, i - BEHIND] = 100.0 * (shape & body_gap_down(c, i, i - 1))


@formula
def shooting_star(c, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(max(lo, BEHIND), hi):
        shape = short(c, i) & (c[UPPER, i] > c[BODY, i]) & hardly(c[LOWER, i], c, i)
        out[0, i - BEHIND] = -100.0 * (shape & body_gap_up(c, i, i - 1))


INDICATORS = (
    pattern("cdlbelthold", belt_hold, 11, "long, opens at its end"),
    pattern("cdlclosingmarubozu", closing_marubozu, 11, "long, closes at its end"),
    pattern("cdldoji", a_doji, 11, "opens and closes at one price"),
    pattern("cdldragonflydoji", dragonfly_doji, 11, "a doji with a shadow below only"),
    pattern("cdlgravestonedoji", gravestone_doji, 11, "a doji with a shadow above only"),
    pattern("cdlhammer", hammer, 12, "short, long shadow below, at the low of the bar before"),
    pattern("cdlhangingman", hanging_man, 12, "the same at the high of the bar before"),
    pattern("cdlhighwave", high_wave, 11, "short between two very long shadows"),
    pattern("cdlinvertedhammer", inverted_hammer, 12, "short, long shadow above, after a gap down"),
    pattern("cdllongleggeddoji", long_legged_doji, 11, "a doji with a long shadow"),
    pattern("cdllongline", long_line, 11, "long with short shadows"),
    pattern("cdlmarubozu", marubozu, 11, "long without shadows"),
    pattern("cdlrickshawman", rickshaw_man, 11, "a doji in the middle of two long shadows"),
    pattern("cdlshootingstar", shooting_star, 12, "short, long shadow above, after a gap up"),
    pattern("cdlshortline", short_line, 11, "short with short shadows"),
    pattern("cdlspinningtop", spinning_top, 11, "short between two longer shadows"),
    pattern("cdltakuri", takuri, 11, "a dragonfly doji with a very long shadow"),
)
