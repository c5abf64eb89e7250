"""How prices answer to volume, and what bars say of spreads and of informed flow."""

import math

from streams.kernels import formula, inlined_formula
from streams.operators.features.indicators.indicator import (
    BOUGHT,
    CLOSE,
    HIGH,
    LOW,
    NOTIONAL,
    OF_BOOK,
    SOLD,
    TRADES,
    TS,
    VOLUME,
    Indicator,
    Step,
    bars,
    number,
)
from streams.operators.features.indicators.rolling import place, total
from streams.operators.features.indicators.slope import regress, regression_size, slope


@formula
def kyle_lambda(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, count, last = int(params[0]), int(state[0]), state[1]
    for row in range(lo, hi):
        count += 1
        if count > 1:
            signed = columns[BOUGHT, row] - columns[SOLD, row]
            regress(signed, columns[CLOSE, row] - last, count - 1, n, state[2:])
        last = columns[CLOSE, row]
        if count > n:
            out[0, row], out[1, row] = slope(n, state[2:])
    state[0], state[1] = count, last


@formula
def amihud(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, count, last = int(params[0]), int(state[0]), state[1]
    for row in range(lo, hi):
        close, notional, count = columns[CLOSE, row], columns[NOTIONAL, row], count + 1
        if count > 1:
            traded = notional > 0 and last > 0
            ratio = 1e6 * abs(close / last - 1) / notional if traded else 0.0
            ratios = total(ratio, count - 1, n, state[2 : 3 + n])
            days = total(1.0 if traded else 0.0, count - 1, n, state[3 + n :])
            if count > n:
                out[0, row] = ratios / days if days > 0 else 0.0
        last = close
    state[0], state[1] = count, last


@formula
def roll(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """``state``: the count, the last close and change, and the sum of changes a bar before."""
    n, closes, count = int(params[0]), columns[CLOSE], int(state[0])
    last, before, whole = state[1], state[2], state[3]
    for row in range(lo, hi):
        count += 1
        move, earlier = closes[row] - last, whole
        if count > 1:
            whole = total(move, count - 1, n, state[4 : 5 + n])
        if count > 2:
            products = total(before * move, count - 2, n, state[5 + n :])
            if count > n + 1:
                covariance = (products - earlier * whole / n) / n
                out[0, row] = 2 * math.sqrt(max(-covariance, 0.0))
        last, before = closes[row], move
    state[0], state[1], state[2], state[3] = count, last, before, whole


@formula
def corwin_schultz(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, count = int(params[0]), int(state[0])
    high, low, close = state[1], state[2], state[3]
    for row in range(lo, hi):
        count += 1
        if count > 1:
            spread = _high_low(high, low, close, columns[HIGH, row], columns[LOW, row])
            spread = total(spread, count - 1, n, state[4:])
            if count > n:
                out[0, row] = 1e4 * spread / n
        high, low, close = columns[HIGH, row], columns[LOW, row], columns[CLOSE, row]
    state[0], state[1], state[2], state[3] = count, high, low, close


@inlined_formula
def _high_low(high, low, close, next_high, next_low):  # type: ignore[no-untyped-def]
    """The spread as a fraction (equations 14 and 18); what a price moved between the bars is no
    part of their ranges (section 2.C); a negative estimate is 0."""
    gap = max(next_low - close, 0.0) + min(next_high - close, 0.0)
    next_high, next_low = next_high - gap, next_low - gap
    if min(low, next_low) <= 0:
        return 0.0
    first, second = math.log(high / low), math.log(next_high / next_low)
    beta = first * first + second * second
    both = math.log(max(high, next_high) / min(low, next_low))
    root = math.sqrt(2.0) - 1  # of k = 3 - 2 √2, by which the paper divides
    grown = math.exp((math.sqrt(beta) - both) / root)
    return max(2 * (grown - 1) / (1 + grown), 0.0)


@formula
def _bulk_shares(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """The share of a bar's volume that was bought less the share that was sold: the normal
    distribution at the change of the close over the standard deviation of n changes."""
    n, closes, count, last = int(params[0]), columns[CLOSE], int(state[0]), state[1]
    for row in range(lo, hi):
        count += 1
        if count > 1:
            move = closes[row] - last
            mean = total(move, count - 1, n, state[2 : 3 + n]) / n
            square = total(move * move, count - 1, n, state[3 + n :]) / n
            variance = square - mean * mean
            moves = variance > 1e-18 * square
            out[0, row] = math.erf(move / math.sqrt(2.0 * variance)) if moves else 0.0
        last = closes[row]
    state[0], state[1] = count, last


@formula
def bulk_volume(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, window, count = int(params[0]), int(params[1]), int(state[0])
    shares, volumes = columns[int(params[2])], columns[VOLUME]
    for row in range(lo, hi):
        count += 1
        since = count - window
        if since > 0:
            signed = total(shares[row] * volumes[row], since, n, state[1 : 2 + n])
            volume = total(volumes[row], since, n, state[2 + n :])
            if since >= n:
                out[0, row] = signed
                out[1, row] = signed / volume if volume > 0 else 0.0
    state[0] = count


@formula
def vpin(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """``state``: bars, full buckets, of the open one volume and imbalance; the sum over n."""
    n, bucket, window, count = int(params[0]), params[1], int(params[2]), int(state[0])
    shares, volumes = columns[int(params[3])], columns[VOLUME]
    for row in range(lo, hi):
        count += 1
        if count > window:
            _pour(volumes[row], shares[row], bucket, n, state[1:5], state[5:])
        if state[1] >= n:
            out[0, row] = state[4] / n
    state[0] = count


@inlined_formula
def _pour(volume, side, bucket, n, open_, ring):  # type: ignore[no-untyped-def]
    """Fills buckets with volume of which ``side`` is bought less sold. The first is part full; the
    others have this volume alone, and of these only the last n matter."""
    full = math.floor((volume + open_[1]) / bucket)
    if full > 0:
        part = bucket - open_[1]
        open_[0] += 1
        open_[3] = total(abs(open_[2] + side * part) / bucket, int(open_[0]), n, ring)
        for _ in range(min(full - 1, n)):
            open_[0] += 1
            open_[3] = total(abs(side), int(open_[0]), n, ring)
        open_[1] = open_[2] = 0.0
        volume = max(volume - part - (full - 1) * bucket, 0.0)
    open_[1] += volume
    open_[2] += side * volume


@formula
def trade_rate(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, count = int(params[0]), int(state[0])
    times = state[2 + n :]
    for row in range(lo, hi):
        count += 1
        trades = total(columns[TRADES, row], count, n, state[1 : 2 + n])
        at = place(count, n)
        passed, times[at] = columns[TS, row] - times[at], columns[TS, row]
        if count > n and passed > 0:
            out[0, row] = trades / passed
    state[0] = count


def _next(p: tuple[float, ...]) -> int:
    return int(p[0]) + 1


_WINDOW = bars("window", 50, 2)
_ELO = "Easley, López de Prado and O'Hara, Review of Financial Studies 25 (2012)"

# takes the window, the last
_SHARES = Step(_bulk_shares, 1, lambda p: p[-1:], lambda p: 4 + 2 * int(p[0]))

INDICATORS = (
    Indicator(
        "kyle_lambda",
        kyle_lambda,
        (bars("n", 50, 3),),
        {"": "price a unit", "r2": "0 … 1"},
        lambda p: 2 + regression_size(p[0]),
        _next,
        "Kyle, Econometrica 53 (1985): the slope of the change of the close by signed volume",
        made_of=OF_BOOK,
    ),
    Indicator(
        "amihud",
        amihud,
        (bars("n", 20),),
        {"": "returns a million of notional"},
        lambda p: 4 + 2 * int(p[0]),
        _next,
        "Amihud, J. Financial Markets 5 (2002): |return| / notional, over bars with trades",
    ),
    Indicator(
        "roll",
        roll,
        (bars("n", 50, 2),),
        {"": "price"},
        lambda p: 6 + 2 * int(p[0]),
        lambda p: int(p[0]) + 2,
        "Roll, J. Finance 39 (1984): 2 sqrt(-covariance of successive changes), 0 if it is above 0",
    ),
    Indicator(
        "corwin_schultz",
        corwin_schultz,
        (bars("n", 20),),
        {"": "basis points"},
        lambda p: 5 + int(p[0]),
        _next,
        "Corwin and Schultz, J. Finance 67 (2012), negative estimates as 0",
    ),
    Indicator(
        "bvc",
        bulk_volume,
        (bars("n", 10), _WINDOW),
        {"": "units", "share": "-1 … 1, of the volume"},
        lambda p: 3 + 2 * int(p[0]),
        lambda p: int(p[0] + p[1]),
        f"bulk volume classification, bought - sold; {_ELO}",
        step=_SHARES,
    ),
    Indicator(
        "vpin",
        vpin,
        (bars("n", 50), number("bucket", 100, 1e-9, 1e12), _WINDOW),
        {"": "0 … 1"},
        lambda p: 6 + int(p[0]),
        lambda p: int(p[2]) + 1,
        f"over n buckets of so many units each, once they are full, by bvc; {_ELO}",
        step=_SHARES,
    ),
    Indicator(
        "trade_rate",
        trade_rate,
        (bars("n", 10),),
        {"": "a second"},
        lambda p: 2 + 2 * int(p[0]),
        _next,
        "trades by the time from close to close",
    ),
)
