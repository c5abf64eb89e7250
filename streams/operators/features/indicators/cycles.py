"""Ehlers' cycles by the Hilbert transform (*Rocket Science for Traders*, 2001), as TA-Lib has them.

The price is smoothed; of it and of what is made of it the transform is taken, a filter of the last
seven values whose gain is set by the period that was found a bar before.
"""

import math
from typing import Any

import numpy as np

from streams.kernels import formula, inlined_formula
from streams.operators.features.indicators.indicator import Indicator, Step, number
from streams.operators.features.indicators.rolling import dot

# where things stand in the state: first of the transform, with rings of 4 and 8
COUNT, PERIOD, SMOOTHED, I2, Q2, RE, IM = range(7)
PRICES, SMOOTH, DETRENDED, IN, QUAD, _TRANSFORM = 8, 12, 20, 28, 36, 44
_EARLY, _LATE = 12, 37  # bars before the transform begins
# rows that the steps write
_PERIODS, _IN_PHASES, _QUADRATURES, _SMOOTHS, _PHASES, _SINES_OF, _LEADS = range(7)
# a ring of 52 in which each value stands twice, so that the last ones always lie in a row
_LONGEST = 52
_DOUBLE = 2 * _LONGEST


def _weights(of: Any) -> Any:
    """A row a period n: at the end the weights of the last n values, oldest first; 0 before."""
    rows = np.zeros((_LONGEST, _LONGEST))
    for n in range(1, _LONGEST):
        rows[n, _LONGEST - n :] = of(2 * np.pi / n * np.arange(n))[::-1]
    return rows


_COSINES, _SINES, _ONES = _weights(np.cos), _weights(np.sin), _weights(np.ones_like)


@inlined_formula
def _last(count):  # type: ignore[no-untyped-def]
    """Where the newest of the values in a row stands."""
    return _LONGEST + int(np.uint32(count) % np.uint32(_LONGEST))


@inlined_formula
def _keep(value, at, ring):  # type: ignore[no-untyped-def]
    ring[at] = ring[at - _LONGEST] = value


@inlined_formula
def _hilbert(ring, count, gain):  # type: ignore[no-untyped-def]
    """Of the ring's value at ``count``."""
    new, old = ring[count & 7], ring[(count - 6) & 7]
    near, far = ring[(count - 2) & 7], ring[(count - 4) & 7]
    return (0.0962 * (new - old) + 0.5769 * (near - far)) * gain


@formula
def _transform(values, lo, hi, begin, state, out):  # type: ignore[no-untyped-def]
    """Writes the period of the cycle, its two components and the smoothed price, from the bar after
    ``begin`` on."""
    prices, smoothed, detrended = state[PRICES:SMOOTH], state[SMOOTH:DETRENDED], state[DETRENDED:IN]
    in_phase, quadrature, count = state[IN:QUAD], state[QUAD:_TRANSFORM], int(state[COUNT])
    for row in range(lo, hi):
        price, last = values[row], prices[(count - 1) & 3]
        before, oldest = prices[(count - 2) & 3], prices[(count - 3) & 3]
        prices[count & 3] = price
        if count >= begin:
            smooth = (4 * price + 3 * last + 2 * before + oldest) / 10
            gain = 0.075 * state[PERIOD] + 0.54
            smoothed[count & 7] = smooth
            detrended[count & 7] = _hilbert(smoothed, count, gain)
            quadrature[count & 7] = _hilbert(detrended, count, gain)
            in_phase[count & 7] = detrended[(count - 3) & 7]
            real = in_phase[count & 7] - _hilbert(quadrature, count, gain)
            _measure(real, quadrature[count & 7] + _hilbert(in_phase, count, gain), state)
            out[_PERIODS, row], out[_SMOOTHS, row] = state[SMOOTHED], smooth
            out[_IN_PHASES, row] = in_phase[count & 7]
            out[_QUADRATURES, row] = quadrature[count & 7]
        count += 1
    state[COUNT] = count


@inlined_formula
def _measure(real, imaginary, state):  # type: ignore[no-untyped-def]
    """The period from how far the phase went since the bar before."""
    i2, q2 = 0.2 * real + 0.8 * state[I2], 0.2 * imaginary + 0.8 * state[Q2]
    state[RE] = 0.2 * (i2 * state[I2] + q2 * state[Q2]) + 0.8 * state[RE]
    state[IM] = 0.2 * (i2 * state[Q2] - q2 * state[I2]) + 0.8 * state[IM]
    state[I2], state[Q2] = i2, q2
    before = period = state[PERIOD]
    if state[IM] != 0 and state[RE] != 0:
        period = 2 * math.pi / math.atan(state[IM] / state[RE])
    period = max(min(period, 1.5 * before), 0.67 * before)
    state[PERIOD] = 0.2 * min(max(period, 6.0), 50.0) + 0.8 * before
    state[SMOOTHED] = 0.33 * state[PERIOD] + 0.67 * state[SMOOTHED]


@formula
def _from_early(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    _transform(columns[int(params[0])], lo, hi, _EARLY, state, out)


@formula
def _from_late(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """Also the phase of the price over one period, in degrees, its sine and the sine's lead. In a
    loop of its own: while one bar's period waits for that of the bar before, nothing else could go
    on."""
    count, phase, ring = int(state[COUNT]), state[_TRANSFORM], state[_TRANSFORM + 1 :]
    _transform(columns[int(params[0])], lo, hi, _LATE, state, out)
    for row in range(lo, hi):
        if count >= _LATE:
            _keep(out[_SMOOTHS, row], _last(count), ring)
            phase = _phase(out[_PERIODS, row], count, ring, phase)
            out[_PHASES, row] = phase
            out[_SINES_OF, row], out[_LEADS, row] = _waves(phase)
        count += 1
    state[_TRANSFORM] = phase


@inlined_formula
def _over_period(period, count, weights, ring):  # type: ignore[no-untyped-def]
    """The sum of the last values, over one period, by these weights."""
    n = int(period + 0.5)
    held = (n + 3) // 4 * 4  # the weights before are 0
    return dot(weights[n, _LONGEST - held :], ring[_last(count) + 1 - held :], held)


@inlined_formula
def _phase(period, count, ring, phase):  # type: ignore[no-untyped-def]
    """A turn by 1/n of a circle for each bar back. ``phase``: that of the bar before."""
    real = _over_period(period, count, _SINES, ring)
    imaginary = _over_period(period, count, _COSINES, ring)
    if imaginary != 0:
        phase = math.degrees(math.atan(real / imaginary))
    elif real != 0:
        phase += 90.0 if real > 0 else -90.0
    phase += 90 + 360 / period + (180 if imaginary < 0 else 0)
    return phase - 360 if phase > 315 else phase


@inlined_formula
def _waves(phase):  # type: ignore[no-untyped-def]
    """The sine, and that of an eighth of a circle ahead: (sin + cos) / √2."""
    turned = math.radians(phase)
    sine = math.sin(turned)
    return sine, math.sqrt(0.5) * (sine + math.cos(turned))


@formula
def cycle_period(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    found, count = columns[int(params[1]) :], int(state[0])
    for row in range(lo, hi):
        count += 1
        if count > 32:
            out[0, row], out[1, row] = found[_PERIODS, row], found[_IN_PHASES, row]
            out[2, row] = found[_QUADRATURES, row]
    state[0] = count


@formula
def cycle_phase(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    found, count = columns[int(params[1]) :], int(state[0])
    for row in range(lo, hi):
        count += 1
        if count > 63:
            out[0, row], out[1, row] = found[_PHASES, row], found[_SINES_OF, row]
            out[2, row] = found[_LEADS, row]
    state[0] = count


@formula
def trendline(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """The price without the cycle: its mean over one period, smoothed; and whether it trends.
    ``state``: the count, the last three means, the bar's phase, sine and lead, how long ago the
    sine crossed its lead, and the prices."""
    values, found, count = columns[int(params[0])], columns[int(params[1]) :], int(state[0])
    for row in range(lo, hi):
        period = found[_PERIODS, row]
        _keep(values[row], _last(count), state[8:])
        if count >= _LATE:
            mode = _mode(period, found[:, row], state)
            whole, n = _over_period(period, count, _ONES, state[8:]), int(period + 0.5)
            whole = whole / n if n > 0 else 0.0
            line = (4 * whole + 3 * state[1] + 2 * state[2] + state[3]) / 10
            state[3], state[2], state[1] = state[2], state[1], whole
            if line != 0 and abs((found[_SMOOTHS, row] - line) / line) >= 0.015:
                mode = 1.0
            if count >= 63:
                out[0, row], out[1, row] = line, mode
        count += 1
    state[0] = count


@inlined_formula
def _mode(period, found, state):  # type: ignore[no-untyped-def]
    """1 in a trend, 0 in a cycle: the sine crossed its lead half a period ago or less, or the phase
    goes on as fast as the cycle."""
    phase, sine, lead = found[_PHASES], found[_SINES_OF], found[_LEADS]
    turned, old_sine, old_lead = phase - state[4], state[5], state[6]
    crossed = (sine > lead and old_sine <= old_lead) or (sine < lead and old_sine >= old_lead)
    state[4], state[5], state[6] = phase, sine, lead
    state[7] = 1.0 if crossed else state[7] + 1
    pace = 360 / period
    cycles = crossed or state[7] < 0.5 * period or 0.67 * pace < turned < 1.5 * pace
    return 0.0 if cycles else 1.0


@formula
def adaptive_average(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """The faster the phase goes, the slower the average; FAMA follows it at half the weight."""
    fast, slow, values = params[0], params[1], columns[int(params[2])]
    found, count = columns[int(params[3]) :], int(state[0])
    mama, fama, before = state[1], state[2], state[3]
    for row in range(lo, hi):
        count += 1
        if count > _EARLY:
            phase, in_phase = 0.0, found[_IN_PHASES, row]
            if in_phase != 0:
                phase = math.degrees(math.atan(found[_QUADRATURES, row] / in_phase))
            weight = max(fast / max(before - phase, 1.0), slow)
            before = phase
            mama += weight * (values[row] - mama)
            fama += 0.5 * weight * (mama - fama)
            if count > 32:
                out[0, row], out[1, row] = mama, fama
    state[0], state[1], state[2], state[3] = count, mama, fama, before


_FOUND_EARLY = Step(_from_early, 4, lambda p: p[-1:], lambda p: _TRANSFORM)
_FOUND_LATE = Step(_from_late, 7, lambda p: p[-1:], lambda p: _TRANSFORM + 1 + _DOUBLE)

_EHLERS = "Ehlers, Rocket Science for Traders, 2001"

INDICATORS = (
    Indicator(
        "ht_cycle",
        cycle_period,
        (),
        {"period": "bars", "in_phase": "as the input", "quadrature": "as the input"},
        lambda p: 1,
        lambda p: 33,
        f"{_EHLERS}; TA-Lib HT_DCPERIOD, HT_PHASOR",
        any_input=True,
        step=_FOUND_EARLY,
    ),
    Indicator(
        "ht_phase",
        cycle_phase,
        (),
        {"": "degrees", "sine": "-1 … 1", "lead": "-1 … 1"},
        lambda p: 1,
        lambda p: 64,
        f"{_EHLERS}; TA-Lib HT_DCPHASE, HT_SINE",
        any_input=True,
        step=_FOUND_LATE,
    ),
    Indicator(
        "ht_trend",
        trendline,
        (),
        {"": "as the input", "mode": "1 trend, 0 cycle"},
        lambda p: 8 + _DOUBLE,
        lambda p: 64,
        f"{_EHLERS}; TA-Lib HT_TRENDLINE, HT_TRENDMODE",
        any_input=True,
        step=_FOUND_LATE,
    ),
    Indicator(
        "mama",
        adaptive_average,
        (number("fast", 0.5, 0.01, 0.99), number("slow", 0.05, 0.01, 0.99)),
        {"": "as the input", "fama": "as the input"},
        lambda p: 4,
        lambda p: 33,
        "Ehlers, TASC 2001/9",
        any_input=True,
        step=_FOUND_EARLY,
    ),
)
