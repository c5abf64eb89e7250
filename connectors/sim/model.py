"""The order-flow model of the simulated venue: one instrument, one kernel.

A zero-intelligence order flow (after Smith, Farmer, Gillemot and Krishnamurthy, "Statistical
theory of the continuous double auction", 2003) around a latent fair value. Limit orders, cancels
and market orders meet in a book of integer prices; market orders go where the fair value lies
outside the spread, so prices follow it. Its volatility is stochastic and mean-reverting, and now
and then it jumps: volatility clusters, returns have fat tails.

Only +, -, ×, ÷ and sqrt are used on floats, which IEEE 754 rounds the same everywhere, and tables
of integers for the rest: a seed gives the same events on every machine.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import uint64

from schemas.frames import DEPTH, QUOTE, TRADE
from streams.kernels import inlined, kernel

WINDOW = 4096  # ticks that the ladder holds, a power of two
DEPTH_TICKS = 200  # how far from the touch orders rest
NEAR_LEVELS, MOST_LEVELS = 20, 100  # that a market order may reach for, usually and at most
ROOM = 512  # rows and levels that one step writes, at most
# integer state
NOW, BID, ASK, SEQ, TRADE_ID, STARTED, FLOOR, CEILING = range(8)  # no orders outside the last two
# float state
FAIR, VOL = range(2)
# parameters
SIGMA, STEP_NS, JUMPS, LOT, MEAN_LOTS, SPREAD = range(6)
# counts of what a call wrote
ROWS, TRADES, QUOTES, DEPTHS, LEVELS = range(5)


class State(NamedTuple):
    """``ladder``: size by price modulo WINDOW, bids at or below BID, asks at or above ASK;
    ``ints`` and ``floats``: see the names; ``seed``: the generator's state."""

    ladder: Any
    ints: Any
    floats: Any
    seed: Any


class Out(NamedTuple):
    """Columns to write: one row of ``trades``, ``quotes``, ``depth`` or ``levels`` a row."""

    kinds: Any
    trades: Any  # ts, recv, id, price, size, side
    quotes: Any  # ts, recv, seq, bid, bid size, ask, ask size
    depth: Any  # ts, recv, seq, prev, snapshot, bids, asks, end of its levels
    levels: Any  # price, size


def exponential_table() -> Any:
    """4096 quantiles of the exponential distribution with mean 2**16, as integers."""
    quantiles = (np.arange(4096) + 0.5) / 4096
    return np.rint(-np.log1p(-quantiles) * 2**16).astype(np.int64)


@inlined
def _random(seed):  # type: ignore[no-untyped-def]
    """splitmix64 (Steele, Lea and Flood, 2014)."""
    seed[0] += uint64(0x9E3779B97F4A7C15)
    z = seed[0]
    z = (z ^ (z >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> uint64(27))) * uint64(0x94D049BB133111EB)
    return z ^ (z >> uint64(31))


@kernel
def uniform(seed):  # type: ignore[no-untyped-def]
    """In [0, 1), 53 bits."""
    return float(_random(seed) >> uint64(11)) / 9007199254740992.0


@kernel
def normal(seed):  # type: ignore[no-untyped-def]
    """Sum of twelve uniforms less six: mean 0, variance 1."""
    total = -6.0
    for _ in range(12):
        total += uniform(seed)
    return total


@kernel
def _exponential(seed, table):  # type: ignore[no-untyped-def]
    """Mean 2**16."""
    return table[_random(seed) >> uint64(52)]


@kernel
def _lots(state, params, table):  # type: ignore[no-untyped-def]
    lots = 1 + int(params[MEAN_LOTS] * _exponential(state.seed, table) / 65536)
    return lots * int(params[LOT])


@kernel
def _at(price):  # type: ignore[no-untyped-def]
    return price & (WINDOW - 1)


@kernel
def run(state, params, table, until, shock, out, count):  # type: ignore[no-untyped-def]
    """Simulates up to ``until`` (ns) or until ``out`` is nearly full; True when it got there.
    ``shock`` moves the fair value first: what the instruments have in common."""
    ints, floats = state.ints, state.floats
    if not ints[STARTED]:
        _open(state, params, table, out, count)
    floats[FAIR] += shock * params[SIGMA] * floats[VOL]
    room = len(out.kinds) - ROOM
    while ints[NOW] < until:
        if count[ROWS] > room or count[LEVELS] > len(out.levels) - 2 * ROOM:
            return False
        before = count[ROWS]
        _step(state, params, table, out, count)
        rows = count[ROWS] - before
        gap = rows * params[STEP_NS] * _exponential(state.seed, table) / 65536
        _drift(state, params, gap / 1e9)
        ints[NOW] += 1 + int(gap)
    return True


@kernel
def _drift(state, params, seconds):  # type: ignore[no-untyped-def]
    """The fair value over a time: diffusion with stochastic volatility, and jumps."""
    floats, seed = state.floats, state.seed
    root = np.sqrt(seconds)
    vol = floats[VOL] + 0.05 * (1.0 - floats[VOL]) * min(seconds, 1.0)
    vol += 0.35 * vol * root * normal(seed)
    floats[VOL] = min(max(vol, 0.25), 4.0)
    floats[FAIR] += params[SIGMA] * floats[VOL] * root * normal(seed)
    if uniform(seed) < params[JUMPS] * seconds:
        floats[FAIR] += (8.0 + 4.0 * normal(seed)) * params[SIGMA] * _sign(seed)


@kernel
def _sign(seed):  # type: ignore[no-untyped-def]
    return 1 if _random(seed) & uint64(1) else -1


@kernel
def _open(state, params, table, out, count):  # type: ignore[no-untyped-def]
    """The opening book, as a snapshot and the first quote."""
    ints = state.ints
    ints[STARTED] = 1
    fair, half = int(state.floats[FAIR]), max(int(params[SPREAD]) // 2, 1)
    ints[BID], ints[ASK] = fair - half, fair + half
    for k in range(DEPTH_TICKS):
        state.ladder[_at(ints[BID] - k)] = _lots(state, params, table) * (1 + min(k, 20) // 4)
        state.ladder[_at(ints[ASK] + k)] = _lots(state, params, table) * (1 + min(k, 20) // 4)
    ints[FLOOR], ints[CEILING] = ints[BID] - DEPTH_TICKS, ints[ASK] + DEPTH_TICKS
    ints[SEQ] += 1
    row = count[DEPTHS]
    recv = ints[NOW] + _latency(state, table)
    out.depth[row, 0], out.depth[row, 1], out.depth[row, 2] = ints[NOW], recv, ints[SEQ]
    out.depth[row, 3], out.depth[row, 4] = 0, 1
    out.depth[row, 5], out.depth[row, 6] = DEPTH_TICKS, DEPTH_TICKS
    for k in range(DEPTH_TICKS):
        _level(out, count, ints[BID] - k, state.ladder[_at(ints[BID] - k)])
    for k in range(DEPTH_TICKS):
        _level(out, count, ints[ASK] + k, state.ladder[_at(ints[ASK] + k)])
    out.depth[row, 7] = count[LEVELS]
    count[DEPTHS] += 1
    _kind(out, count, DEPTH)
    _quote(state, recv, out, count)


@kernel
def _step(state, params, table, out, count):  # type: ignore[no-untyped-def]
    """One order: it trades, rests, or is taken back."""
    ints, seed = state.ints, state.seed
    fair = state.floats[FAIR]
    recv = ints[NOW] + _latency(state, table)
    bid, bid_size = ints[BID], state.ladder[_at(ints[BID])]
    ask, ask_size = ints[ASK], state.ladder[_at(ints[ASK])]
    draw = uniform(seed)
    if fair > ask + 0.5 * params[SPREAD]:
        _market(state, 1, params, table, recv, out, count)
    elif fair < bid - 0.5 * params[SPREAD]:
        _market(state, -1, params, table, recv, out, count)
    elif draw < 0.12:
        _market(state, _sign(seed), params, table, recv, out, count)
    elif draw < 0.58 or ask - bid > 2 * params[SPREAD]:
        _limit(state, params, table, recv, out, count)
    else:
        _cancel(state, table, recv, out, count)
    _sweep_far(state, recv, out, count)
    same = bid == ints[BID] and ask == ints[ASK]
    if not same or bid_size != state.ladder[_at(bid)] or ask_size != state.ladder[_at(ask)]:
        _quote(state, recv, out, count)


@kernel
def _market(state, side, params, table, recv, out, count):  # type: ignore[no-untyped-def]
    """Takes from the best price on; all there is up to the fair value when that is far."""
    ints = state.ints
    left = 2 * _lots(state, params, table)
    first, row = (ints[ASK] if side > 0 else ints[BID]), count[DEPTHS]
    reach = min(int(side * (state.floats[FAIR] - first)), MOST_LEVELS)
    if reach > NEAR_LEVELS:
        left = np.int64(1) << 60
    touched = 0
    while left > 0 and touched < max(reach, NEAR_LEVELS):
        price = first + side * touched
        there = state.ladder[_at(price)]
        touched += 1
        if there == 0:
            continue
        filled = min(there, left)
        left -= filled
        state.ladder[_at(price)] = there - filled
        _trade(state, recv, price, filled, side, out, count)
        _level(out, count, price, there - filled)
    _message(state, recv, row, side < 0, count[LEVELS], out, count)
    _settle(state, params, table, recv, out, count)


@kernel
def _settle(state, params, table, recv, out, count):  # type: ignore[no-untyped-def]
    """Moves the touch to the next level there is; a side that ran dry is quoted again."""
    ints, ladder = state.ints, state.ladder
    low, high = ints[BID] - DEPTH_TICKS, ints[ASK] + DEPTH_TICKS
    while ints[BID] > low and ladder[_at(ints[BID])] == 0:
        ints[BID] -= 1
    while ints[ASK] < high and ladder[_at(ints[ASK])] == 0:
        ints[ASK] += 1
    if ladder[_at(ints[BID])] == 0:
        _rest(state, ints[BID], True, _lots(state, params, table), recv, out, count)
    if ladder[_at(ints[ASK])] == 0:
        _rest(state, ints[ASK], False, _lots(state, params, table), recv, out, count)


@kernel
def _limit(state, params, table, recv, out, count):  # type: ignore[no-untyped-def]
    """Rests near the touch, inside a wide spread first, never across the fair value."""
    ints = state.ints
    is_bid = _sign(state.seed) > 0
    distance = int(params[SPREAD] * 3.0 * _exponential(state.seed, table) / 65536)
    distance = min(distance, DEPTH_TICKS - 1)
    inside = ints[ASK] - ints[BID] > params[SPREAD] and uniform(state.seed) < 0.6
    fair = int(state.floats[FAIR])
    half = max(int(params[SPREAD]) // 2, 1)
    if is_bid:
        best = min(ints[ASK] - 1, fair - half) if inside else ints[BID]
        price = max(best, ints[BID]) - (0 if inside else distance)
        ints[BID] = max(ints[BID], price)
    else:
        best = max(ints[BID] + 1, fair + half) if inside else ints[ASK]
        price = min(best, ints[ASK]) + (0 if inside else distance)
        ints[ASK] = min(ints[ASK], price)
    _rest(state, price, is_bid, _lots(state, params, table), recv, out, count)


@kernel
def _rest(state, price, is_bid, size, recv, out, count):  # type: ignore[no-untyped-def]
    state.ladder[_at(price)] += size
    row = count[DEPTHS]
    _level(out, count, price, state.ladder[_at(price)])
    state.ints[FLOOR] = min(state.ints[FLOOR], price)
    state.ints[CEILING] = max(state.ints[CEILING], price)
    _message(state, recv, row, is_bid, count[LEVELS], out, count)


@kernel
def _sweep_far(state, recv, out, count):  # type: ignore[no-untyped-def]
    """Orders that the market has left behind are taken back, so that the ladder's window never
    shows an old price as a new one."""
    ints, ladder = state.ints, state.ladder
    row, before = count[DEPTHS], count[LEVELS]
    while ints[FLOOR] < ints[BID] - 3 * DEPTH_TICKS:
        if ladder[_at(ints[FLOOR])]:
            ladder[_at(ints[FLOOR])] = 0
            _level(out, count, ints[FLOOR], 0)
        ints[FLOOR] += 1
    if count[LEVELS] > before:
        _message(state, recv, row, True, count[LEVELS], out, count)
    row, before = count[DEPTHS], count[LEVELS]
    while ints[CEILING] > ints[ASK] + 3 * DEPTH_TICKS:
        if ladder[_at(ints[CEILING])]:
            ladder[_at(ints[CEILING])] = 0
            _level(out, count, ints[CEILING], 0)
        ints[CEILING] -= 1
    if count[LEVELS] > before:
        _message(state, recv, row, False, count[LEVELS], out, count)


@kernel
def _cancel(state, table, recv, out, count):  # type: ignore[no-untyped-def]
    """Takes back some of a level, never the last one of the touch."""
    ints, ladder = state.ints, state.ladder
    is_bid = _sign(state.seed) > 0
    distance = min(1 + int(8 * _exponential(state.seed, table) / 65536), DEPTH_TICKS - 1)
    price = ints[BID] - distance if is_bid else ints[ASK] + distance
    for _ in range(DEPTH_TICKS):
        if ladder[_at(price)]:
            break
        price += 1 if is_bid else -1
    size = ladder[_at(price)]
    touch = price == ints[BID] or price == ints[ASK]
    left = 0 if size < 2 or (not touch and uniform(state.seed) < 0.5) else size - size // 2
    if touch and left == 0:
        left = size
    ladder[_at(price)] = left
    row = count[DEPTHS]
    _level(out, count, price, left)
    _message(state, recv, row, is_bid, count[LEVELS], out, count)


@kernel
def _latency(state, table):  # type: ignore[no-untyped-def]
    """From the venue to the connector: 200 µs and an exponential 100 µs."""
    return 200_000 + 100_000 * _exponential(state.seed, table) // 65536


@kernel
def _kind(out, count, kind):  # type: ignore[no-untyped-def]
    out.kinds[count[ROWS]] = kind
    count[ROWS] += 1


@kernel
def _level(out, count, price, size):  # type: ignore[no-untyped-def]
    out.levels[count[LEVELS], 0], out.levels[count[LEVELS], 1] = price, size
    count[LEVELS] += 1


@kernel
def _message(state, recv, row, is_bid, levels, out, count):  # type: ignore[no-untyped-def]
    """Closes the depth message ``row``: its levels are those since the message before it."""
    ints, before = state.ints, 0
    if row > 0:
        before = out.depth[row - 1, 7]
    n = levels - before
    out.depth[row, 0], out.depth[row, 1] = ints[NOW], recv
    out.depth[row, 2], out.depth[row, 3] = ints[SEQ] + 1, ints[SEQ]
    out.depth[row, 4] = 0
    out.depth[row, 5], out.depth[row, 6] = (n, 0) if is_bid else (0, n)
    out.depth[row, 7] = levels
    ints[SEQ] += 1
    count[DEPTHS] += 1
    _kind(out, count, DEPTH)


@kernel
def _trade(state, recv, price, size, side, out, count):  # type: ignore[no-untyped-def]
    row = out.trades[count[TRADES]]
    state.ints[TRADE_ID] += 1
    row[0], row[1], row[2] = state.ints[NOW], recv, state.ints[TRADE_ID]
    row[3], row[4], row[5] = price, size, side
    count[TRADES] += 1
    _kind(out, count, TRADE)


@kernel
def _quote(state, recv, out, count):  # type: ignore[no-untyped-def]
    ints = state.ints
    row = out.quotes[count[QUOTES]]
    row[0], row[1], row[2] = ints[NOW], recv, ints[SEQ]
    row[3], row[4] = ints[BID], state.ladder[_at(ints[BID])]
    row[5], row[6] = ints[ASK], state.ladder[_at(ints[ASK])]
    count[QUOTES] += 1
    _kind(out, count, QUOTE)
