"""What was traded, and at which end of the bar."""

import math

import numpy as np

from streams.kernels import formula, inlined_formula
from streams.operators.features.indicators.indicator import (
    BOUGHT,
    CLOSE,
    HIGH,
    LOW,
    NOTIONAL,
    TS,
    VOLUME,
    Indicator,
    bars,
    number,
)
from streams.operators.features.indicators.rolling import mean


@formula
def on_balance(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    closes, volumes, count = columns[CLOSE], columns[VOLUME], state[0]
    last, total = state[1], state[2]
    for row in range(lo, hi):
        count += 1
        if count == 1 or closes[row] > last:
            total += volumes[row]
        elif closes[row] < last:
            total -= volumes[row]
        last = closes[row]
        out[0, row] = total
    state[0], state[1], state[2] = count, last, total


@inlined_formula
def _flow(high, low, close, volume):  # type: ignore[no-untyped-def]
    """Chaikin's money flow volume: all of it where the close is the high."""
    return volume * ((close - low) - (high - close)) / (high - low) if high > low else 0.0


@formula
def accumulation(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    highs, lows, closes, volumes = columns[HIGH], columns[LOW], columns[CLOSE], columns[VOLUME]
    total = state[1]
    for row in range(lo, hi):
        total += _flow(highs[row], lows[row], closes[row], volumes[row])
        out[0, row] = total
    state[1] = total


@formula
def chaikin(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """Its averages begin with the first value, as TA-Lib's ADOSC does."""
    highs, lows, closes, volumes = columns[HIGH], columns[LOW], columns[CLOSE], columns[VOLUME]
    fast, slow = 2 / (params[0] + 1), 2 / (params[1] + 1)
    count, total, near, far = int(state[0]), state[1], state[2], state[3]
    for row in range(lo, hi):
        count += 1
        total += _flow(highs[row], lows[row], closes[row], volumes[row])
        near = total if count == 1 else near + fast * (total - near)
        far = total if count == 1 else far + slow * (total - far)
        out[0, row] = near - far if count >= max(params[0], params[1]) else np.nan
    state[0], state[1], state[2], state[3] = count, total, near, far


@formula
def money_flow_index(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    highs, lows, closes, volumes = columns[HIGH], columns[LOW], columns[CLOSE], columns[VOLUME]
    n, count, last = int(params[0]), int(state[0]), state[1]
    for row in range(lo, hi):
        price, count = (highs[row] + lows[row] + closes[row]) / 3, count + 1
        if count > 1:
            money = price * volumes[row]
            up = mean(money if price > last else 0.0, count - 1, n, state[2 : 3 + n])
            down = mean(money if price < last else 0.0, count - 1, n, state[3 + n :])
            if count > n:
                out[0, row] = 100 * up / (up + down) if n * (up + down) >= 1.0 else 0.0
        last = price
    state[0], state[1] = count, last


@formula
def chaikin_money_flow(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    highs, lows, closes, volumes = columns[HIGH], columns[LOW], columns[CLOSE], columns[VOLUME]
    n, count = int(params[0]), int(state[0])
    for row in range(lo, hi):
        count += 1
        flow = _flow(highs[row], lows[row], closes[row], volumes[row])
        flows = mean(flow, count, n, state[1 : 2 + n])
        volume = mean(volumes[row], count, n, state[2 + n :])
        if count >= n:
            out[0, row] = flows / volume if volume > 0 else 0.0
    state[0] = count


@formula
def vwap(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, count = int(params[0]), int(state[0])
    notionals, volumes, closes = columns[NOTIONAL], columns[VOLUME], columns[CLOSE]
    for row in range(lo, hi):
        count += 1
        money = mean(notionals[row], count, n, state[1 : 2 + n])
        volume = mean(volumes[row], count, n, state[2 + n :])
        if count >= n:
            out[0, row] = money / volume if volume > 0 else closes[row]
    state[0] = count


@formula
def anchored_vwap(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    notionals, volumes = columns[NOTIONAL], columns[VOLUME]
    closes, times = columns[CLOSE], columns[TS]
    period, money, volume, since = params[0], state[1], state[2], state[3]
    for row in range(lo, hi):
        now = math.floor(times[row] / period) + 1.0  # never 0, which no anchor was
        if now != since:
            money = volume = 0.0
            since = now
        money += notionals[row]
        volume += volumes[row]
        out[0, row] = money / volume if volume > 0 else closes[row]
    state[1], state[2], state[3] = money, volume, since


@formula
def aggressors(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, boughts, volumes, count = int(params[0]), columns[BOUGHT], columns[VOLUME], int(state[0])
    for row in range(lo, hi):
        count += 1
        signed = mean(2 * boughts[row] - volumes[row], count, n, state[1 : 2 + n])
        volume = mean(volumes[row], count, n, state[2 + n :])
        if count >= n:
            out[0, row] = signed / volume if volume > 0 else 0.0
    state[0] = count


def _two_rings(p: tuple[float, ...]) -> int:
    return 3 + 2 * int(p[0])


def _whole(p: tuple[float, ...]) -> int:
    return int(p[0])


_DAY = number("seconds", 86_400, 1, 1e9)

INDICATORS = (
    Indicator("obv", on_balance, (), {"": "volume"}, lambda p: 3, lambda p: 1, "Granville, 1963"),
    Indicator(
        "ad", accumulation, (), {"": "volume"}, lambda p: 2, lambda p: 1, "Chaikin: accumulation"
    ),
    Indicator(
        "adosc",
        chaikin,
        (bars("fast", 3), bars("slow", 10)),
        {"": "volume"},
        lambda p: 4,
        lambda p: int(max(p[0], p[1])),
        "Chaikin's oscillator",
    ),
    Indicator(
        "mfi",
        money_flow_index,
        (bars("n", 14, 2),),
        {"": "0 … 100"},
        lambda p: 4 + 2 * int(p[0]),
        lambda p: int(p[0]) + 1,
        "Quong and Soudack, TASC 1989/3",
    ),
    Indicator(
        "cmf",
        chaikin_money_flow,
        (bars("n", 20),),
        {"": "-1 … 1"},
        _two_rings,
        _whole,
        "Chaikin's money flow",
    ),
    Indicator(
        "vwap", vwap, (bars("n", 20),), {"": "price"}, _two_rings, _whole, "over the last n bars"
    ),
    Indicator(
        "anchored_vwap",
        anchored_vwap,
        (_DAY,),
        {"": "price"},
        lambda p: 4,
        lambda p: 1,
        "since the last multiple of so many seconds after 1970 UTC",
    ),
    Indicator(
        "flow",
        aggressors,
        (bars("n", 10),),
        {"": "-1 … 1"},
        _two_rings,
        _whole,
        "(bought - sold by aggressors) / volume",
    ),
)
