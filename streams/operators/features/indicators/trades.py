"""What trades cost, who made them, and how they come in bursts.

All but ``signed_volume`` is made of single trades and the book that each met.
"""

from functools import partial

import numpy as np

from streams.kernels import formula, inlined_formula
from streams.operators.features.indicators.indicator import (
    ASK,
    BID,
    BOUGHT,
    BUYS,
    COST,
    LAST_TRADE,
    LEE_READY,
    OF_BOOK,
    OF_TRADES,
    SELLS,
    SIGNED,
    SIGNED_MID,
    SOLD,
    TICK_RULE,
    TRADED_MID,
    TS,
    VOLUME,
    Indicator,
    bars,
    number,
)
from streams.operators.features.indicators.rolling import place, total


@inlined_formula
def _add_signed(signed, volume, count, n, state, out):  # type: ignore[no-untyped-def]
    """(sum over n bars, its share of the volume) to ``out``."""
    signed = total(signed, count, n, state[1 : 2 + n])
    volume = total(volume, count, n, state[2 + n :])
    if count >= n:
        out[0], out[1] = signed, signed / volume if volume > 0 else 0.0


@formula
def signed_volume(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, count = int(params[0]), int(state[0])
    for row in range(lo, hi):
        count += 1
        signed = columns[BOUGHT, row] - columns[SOLD, row]
        _add_signed(signed, columns[VOLUME, row], count, n, state, out[:, row])
    state[0] = count


@formula
def tick_rule(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, count = int(params[0]), int(state[0])
    for row in range(lo, hi):
        count += 1
        signed = columns[TICK_RULE, row]
        _add_signed(signed, columns[VOLUME, row], count, n, state, out[:, row])
    state[0] = count


@formula
def lee_ready(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, count = int(params[0]), int(state[0])
    for row in range(lo, hi):
        count += 1
        signed = columns[LEE_READY, row]
        _add_signed(signed, columns[VOLUME, row], count, n, state, out[:, row])
    state[0] = count


@formula
def effective_spread(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, count = int(params[0]), int(state[0])
    for row in range(lo, hi):
        count += 1
        cost = total(columns[COST, row], count, n, state[1 : 2 + n])
        traded = total(columns[TRADED_MID, row], count, n, state[2 + n :])
        if count >= n:
            out[0, row] = 2e4 * cost / traded if traded > 0 else 0.0
    state[0] = count


@inlined_formula
def _later(columns, row, count, after, ring):  # type: ignore[no-untyped-def]
    """(half the effective spread, half the impact, notional) of the trades ``after`` bars before:
    what they cost, and how far the mid has gone their way; nothing where a mid is not known. The
    sums of the bars between are in ``ring``."""
    mid, at = (columns[BID, row] + columns[ASK, row]) / 2, 4 * place(count, after)
    cost, traded = ring[at], ring[at + 1]
    impact = mid * ring[at + 2] - ring[at + 3]
    ring[at], ring[at + 1] = columns[COST, row], columns[TRADED_MID, row]
    ring[at + 2], ring[at + 3] = columns[SIGNED, row], columns[SIGNED_MID, row]
    if count <= after or np.isnan(mid):
        return 0.0, 0.0, 0.0
    return cost, impact, traded


@inlined_formula
def _add_later(realised, columns, row, count, params, state):  # type: ignore[no-untyped-def]
    """In basis points, over n bars; the realised spread, or else the impact."""
    n, after = int(params[0]), int(params[1])
    cost, impact, traded = _later(columns, row, count, after, state[1 : 1 + 4 * after])
    sums = state[1 + 4 * after :]
    part = total(cost - impact if realised else impact, count, n, sums[: 1 + n])
    traded = total(traded, count, n, sums[1 + n :])
    if count < n + after or np.isnan(columns[BID, row] + columns[ASK, row]):
        return np.nan
    return 2e4 * part / traded if traded > 0 else part


@formula
def realised_spread(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for row in range(lo, hi):
        state[0] += 1
        out[0, row] = _add_later(True, columns, row, int(state[0]), params, state)


@formula
def price_impact(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for row in range(lo, hi):
        state[0] += 1
        out[0, row] = _add_later(False, columns, row, int(state[0]), params, state)


@formula
def since_trade(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for row in range(lo, hi):
        out[0, row] = max(columns[TS, row] - columns[LAST_TRADE, row], 0.0)


@formula
def hawkes(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    fast, medium, slow = 10.0 * params[1], params[2], params[3] / 10.0
    for row in range(lo, hi):
        for n in range(2):
            first = BUYS if n == 0 else SELLS
            out[n, row] = params[0] + fast * columns[first, row]
            out[n, row] += medium * columns[first + 1, row] + slow * columns[first + 2, row]


def _two_rings(p: tuple[float, ...]) -> int:
    return 3 + 2 * int(p[0])


def _first(p: tuple[float, ...]) -> int:
    return int(p[0])


def _one(p: tuple[float, ...]) -> int:
    return 1


_N, _AFTER = bars("n", 10), bars("after", 1)
_SIGNED = {"": "units", "share": "-1 … 1, of the volume"}
_SPREAD = {"": "basis points"}
_HUANG_STOLL = "Huang and Stoll, J. Financial Economics 41 (1996)"


def _later_size(p: tuple[float, ...]) -> int:
    return 3 + 4 * int(p[1]) + 2 * int(p[0])


_of_trades = partial(Indicator, made_of=OF_TRADES)

INDICATORS = (
    Indicator(
        "signed_volume",
        signed_volume,
        (_N,),
        _SIGNED,
        _two_rings,
        _first,
        "bought - sold by aggressors, as the venue tells",
        made_of=OF_BOOK,
    ),
    _of_trades(
        "tick_rule",
        tick_rule,
        (_N,),
        _SIGNED,
        _two_rings,
        _first,
        "a trade above the last other price bought, below it sold",
        needs=(TICK_RULE,),
    ),
    _of_trades(
        "lee_ready",
        lee_ready,
        (_N,),
        _SIGNED,
        _two_rings,
        _first,
        "Lee and Ready, J. Finance 46 (1991), with the quotes that a trade met",
        needs=(LEE_READY,),
    ),
    _of_trades(
        "effective_spread",
        effective_spread,
        (_N,),
        _SPREAD,
        _two_rings,
        _first,
        f"2 x sign x (price - mid) / mid, weighed by notional; {_HUANG_STOLL}",
        needs=(COST,),
    ),
    _of_trades(
        "realised_spread",
        realised_spread,
        (_N, _AFTER),
        _SPREAD,
        _later_size,
        lambda p: int(p[0] + p[1]),
        f"the same with the mid at the close ``after`` bars later; {_HUANG_STOLL}",
    ),
    _of_trades(
        "price_impact",
        price_impact,
        (_N, _AFTER),
        _SPREAD,
        _later_size,
        lambda p: int(p[0] + p[1]),
        f"2 x sign x (that mid - mid) / mid: effective less realised spread; {_HUANG_STOLL}",
    ),
    _of_trades(
        "since_trade",
        since_trade,
        (),
        {"": "seconds"},
        _one,
        _one,
        "from the last trade to the close",
        needs=(LAST_TRADE,),
    ),
    _of_trades(
        "hawkes",
        hawkes,
        (number("base", 0.1, 0, 1e9), *(number(n, 0.2, 0, 1) for n in ("fast", "medium", "slow"))),
        {"buys": "a second", "sells": "a second"},
        _one,
        _one,
        "Hawkes, Biometrika 58 (1971): base + what past trades of the side excite, so many each "
        "with decays of 100 ms, 1 s and 10 s",
        needs=(BUYS,),
    ),
)
