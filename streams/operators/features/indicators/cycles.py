"""Ehlers' cycles by the Hilbert transform (*Rocket Science for Traders*, 2001), as TA-Lib has them.

The price is smoothed; of it and of what is made of it the transform is taken, a filter of the last
seven values whose gain is set by the period that was found a bar before.
"""

import math
from typing import Any

import numpy as np

from streams.kernels import inlined, kernel
from streams.operators.features.indicators.indicator import Indicator, number
from streams.operators.features.indicators.rolling import dot

# where things stand in the state
COUNT, PERIOD, SMOOTHED, I2, Q2, RE, IM, IN_PHASE, QUADRATURE, PHASE = range(10)
TREND_1, TREND_2, TREND_3, SINE, LEAD, DAYS = range(10, 16)
# rings: two of 52, in which each value stands twice, so that the last ones always lie in a row, and
# three of 8
_LONGEST = 52
PRICES, SMOOTH, DETRENDED, IN, QUAD = 16, 120, 224, 232, 240
_SIZE = 248
_EARLY, _LATE = 12, 37  # bars before the transform begins


def _weights(of: Any) -> Any:
    """A row a period n: at the end the weights of the last n values, oldest first; 0 before."""
    rows = np.zeros((_LONGEST, _LONGEST))
    for n in range(1, _LONGEST):
        rows[n, _LONGEST - n :] = of(2 * np.pi / n * np.arange(n))[::-1]
    return rows


_COSINES, _SINES, _ONES = _weights(np.cos), _weights(np.sin), _weights(np.ones_like)


@inlined
def _last(count):  # type: ignore[no-untyped-def]
    """Where the newest of the values in a row stands."""
    return _LONGEST + int(np.uint32(count) % np.uint32(_LONGEST))


@inlined
def _keep(value, at, ring):  # type: ignore[no-untyped-def]
    ring[at] = ring[at - _LONGEST] = value


@inlined
def _hilbert(ring, count, gain):  # type: ignore[no-untyped-def]
    """Of the ring's value at ``count``."""
    new, old = ring[count & 7], ring[(count - 6) & 7]
    near, far = ring[(count - 2) & 7], ring[(count - 4) & 7]
    return (0.0962 * (new - old) + 0.5769 * (near - far)) * gain


@kernel
def _step(price, begin, state):  # type: ignore[no-untyped-def]
    """Finds the period of the cycle, and its two components. False before it begins."""
    count = int(state[COUNT])
    state[COUNT] = count + 1
    at, prices, smoothed = _last(count), state[PRICES:SMOOTH], state[SMOOTH:DETRENDED]
    _keep(price, at, prices)
    if count < begin:
        return False
    smooth = (4 * price + 3 * prices[at - 1] + 2 * prices[at - 2] + prices[at - 3]) / 10
    gain = 0.075 * state[PERIOD] + 0.54
    detrended, in_phase, quadrature = state[DETRENDED:IN], state[IN:QUAD], state[QUAD:_SIZE]
    wave = 0.0962 * (smooth - smoothed[at - 6]) + 0.5769 * (smoothed[at - 2] - smoothed[at - 4])
    _keep(smooth, at, smoothed)
    detrended[count & 7] = wave * gain
    quadrature[count & 7] = _hilbert(detrended, count, gain)
    in_phase[count & 7] = detrended[(count - 3) & 7]
    state[IN_PHASE], state[QUADRATURE] = in_phase[count & 7], quadrature[count & 7]
    ahead = _hilbert(in_phase, count, gain), _hilbert(quadrature, count, gain)
    _measure(state[IN_PHASE] - ahead[1], state[QUADRATURE] + ahead[0], state)
    return True


@kernel
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


@inlined
def _over_period(weights, ring, state):  # type: ignore[no-untyped-def]
    """The sum of the last values, over one period, by these weights."""
    n = int(state[SMOOTHED] + 0.5)
    held = (n + 3) // 4 * 4  # the weights before are 0
    first = _last(int(state[COUNT]) - 1) + 1 - held
    return dot(weights[n, _LONGEST - held :], ring[first:], held)


@kernel
def _phase(state):  # type: ignore[no-untyped-def]
    """Degrees, of the price over one period: a turn by 1/n of a circle for each bar back."""
    smoothed = state[SMOOTH:DETRENDED]
    real = _over_period(_SINES, smoothed, state)
    imaginary = _over_period(_COSINES, smoothed, state)
    phase = state[PHASE]
    if imaginary != 0:
        phase = math.degrees(math.atan(real / imaginary))
    elif real != 0:
        phase += 90.0 if real > 0 else -90.0
    phase += 90 + 360 / state[SMOOTHED] + (180 if imaginary < 0 else 0)
    state[PHASE] = phase - 360 if phase > 315 else phase
    return state[PHASE]


@kernel
def _trend(state):  # type: ignore[no-untyped-def]
    """The price without the cycle: its mean over one period, smoothed."""
    n = int(state[SMOOTHED] + 0.5)
    whole = _over_period(_ONES, state[PRICES:SMOOTH], state) / n if n > 0 else 0.0
    line = (4 * whole + 3 * state[TREND_1] + 2 * state[TREND_2] + state[TREND_3]) / 10
    state[TREND_3], state[TREND_2], state[TREND_1] = state[TREND_2], state[TREND_1], whole
    return line


@inlined
def _waves(phase):  # type: ignore[no-untyped-def]
    """The sine, and that of an eighth of a circle ahead: (sin + cos) / √2."""
    turned = math.radians(phase)
    sine = math.sin(turned)
    return sine, math.sqrt(0.5) * (sine + math.cos(turned))


@kernel
def cycle_period(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    values = columns[int(params[0])]
    for row in range(lo, hi):
        _step(values[row], _EARLY, state)
        ready = state[COUNT] > 32
        out[0, row] = state[SMOOTHED] if ready else np.nan
        out[1, row] = state[IN_PHASE] if ready else np.nan
        out[2, row] = state[QUADRATURE] if ready else np.nan


@kernel
def cycle_phase(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    values = columns[int(params[0])]
    for row in range(lo, hi):
        out[:, row] = np.nan
        if _step(values[row], _LATE, state):
            phase = _phase(state)
            if state[COUNT] > 63:
                out[0, row] = phase
                out[1, row], out[2, row] = _waves(phase)


@kernel
def trendline(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    values = columns[int(params[0])]
    for row in range(lo, hi):
        out[:, row] = np.nan
        if _step(values[row], _LATE, state):
            before = state[PHASE]
            mode = _mode(_phase(state) - before, state)
            line = _trend(state)
            smooth = state[SMOOTH + _last(int(state[COUNT]) - 1)]
            if line != 0 and abs((smooth - line) / line) >= 0.015:
                mode = 1.0
            if state[COUNT] > 63:
                out[0, row], out[1, row] = line, mode


@kernel
def _mode(turned, state):  # type: ignore[no-untyped-def]
    """1 in a trend, 0 in a cycle: the sine crossed its lead half a period ago or less, or the phase
    goes on as fast as the cycle."""
    sine, lead = _waves(state[PHASE])
    crossed = (sine > lead and state[SINE] <= state[LEAD]) or (
        sine < lead and state[SINE] >= state[LEAD]
    )
    state[SINE], state[LEAD] = sine, lead
    state[DAYS] = 1.0 if crossed else state[DAYS] + 1
    pace = 360 / state[SMOOTHED]
    cycles = crossed or state[DAYS] < 0.5 * state[SMOOTHED] or 0.67 * pace < turned < 1.5 * pace
    return 0.0 if cycles else 1.0


@kernel
def adaptive_average(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """The faster the phase goes, the slower the average; FAMA follows it at half the weight."""
    fast, slow, values = params[0], params[1], columns[int(params[2])]
    mama, fama, before = state[TREND_1], state[TREND_2], state[PHASE]
    for row in range(lo, hi):
        out[:, row] = np.nan
        if _step(values[row], _EARLY, state):
            phase = 0.0
            if state[IN_PHASE] != 0:
                phase = math.degrees(math.atan(state[QUADRATURE] / state[IN_PHASE]))
            weight = max(fast / max(before - phase, 1.0), slow)
            before = phase
            mama += weight * (values[row] - mama)
            fama += 0.5 * weight * (mama - fama)
            if state[COUNT] > 32:
                out[0, row], out[1, row] = mama, fama
    state[TREND_1], state[TREND_2], state[PHASE] = mama, fama, before


def _size(_: tuple[float, ...]) -> int:
    return _SIZE


_EHLERS = "Ehlers, Rocket Science for Traders, 2001"

INDICATORS = (
    Indicator(
        "ht_cycle",
        cycle_period,
        (),
        {"period": "bars", "in_phase": "as the input", "quadrature": "as the input"},
        _size,
        lambda p: 33,
        f"{_EHLERS}; TA-Lib HT_DCPERIOD, HT_PHASOR",
        any_input=True,
    ),
    Indicator(
        "ht_phase",
        cycle_phase,
        (),
        {"": "degrees", "sine": "-1 … 1", "lead": "-1 … 1"},
        _size,
        lambda p: 64,
        f"{_EHLERS}; TA-Lib HT_DCPHASE, HT_SINE",
        any_input=True,
    ),
    Indicator(
        "ht_trend",
        trendline,
        (),
        {"": "as the input", "mode": "1 trend, 0 cycle"},
        _size,
        lambda p: 64,
        f"{_EHLERS}; TA-Lib HT_TRENDLINE, HT_TRENDMODE",
        any_input=True,
    ),
    Indicator(
        "mama",
        adaptive_average,
        (number("fast", 0.5, 0.01, 0.99), number("slow", 0.05, 0.01, 0.99)),
        {"": "as the input", "fama": "as the input"},
        _size,
        lambda p: 33,
        "Ehlers, TASC 2001/9",
        any_input=True,
    ),
)
