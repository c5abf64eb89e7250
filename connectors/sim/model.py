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
from streams.kernels import allocating, inlined, kernel

WINDOW = 4096  # ticks that the ladder holds, a power of two
DEPTH_TICKS = 200  # how far from the touch orders rest
NEAR_TICKS = 20  # that a market order reaches over
WIDE = 8  # usual spreads: no step leaves a wider one
LOWEST = 4.0 * DEPTH_TICKS  # fair value in ticks
ROWS_A_STEP, LEVELS_A_STEP = 64, 4096  # written at most
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
def run(state, params, table, until, shock, most, out, count):  # type: ignore[no-untyped-def]
    """Simulates up to ``until`` (ns) or until ``most`` rows are written; True when it got there.
    ``shock`` moves the fair value first: what the instruments have in common."""
    ints, floats = state.ints, state.floats
    if not ints[STARTED]:
        _open(state, params, table, out, count)
    _move_fair(floats, shock * params[SIGMA] * floats[VOL])
    while ints[NOW] < until:
        if count[ROWS] >= most or count[LEVELS] > len(out.levels) - LEVELS_A_STEP:
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
    """The fair value over a time: diffusion with stochastic volatility, and jumps, after which
    the volatility is higher for a while."""
    floats, seed = state.floats, state.seed
    root = np.sqrt(seconds)
    vol = floats[VOL] + 0.02 * (1.0 - floats[VOL]) * min(seconds, 1.0)
    vol += 0.2 * vol * root * normal(seed)
    floats[VOL] = min(max(vol, 0.2), 5.0)
    _move_fair(floats, params[SIGMA] * floats[VOL] * root * normal(seed))
    if uniform(seed) < params[JUMPS] * seconds:
        _move_fair(floats, (4.0 + normal(seed)) * params[SIGMA] * _sign(seed))
        floats[VOL] = min(2.0 * floats[VOL], 5.0)


@kernel
def _move_fair(floats, relative):  # type: ignore[no-untyped-def]
    """By so much of itself; the book below it must have room."""
    floats[FAIR] = max(floats[FAIR] * (1.0 + max(relative, -0.5)), LOWEST)


@kernel
def _sign(seed):  # type: ignore[no-untyped-def]
    return 1 if _random(seed) & uint64(1) else -1


@kernel
def _open(state, params, table, out, count):  # type: ignore[no-untyped-def]
    """The opening book, as a snapshot and the first quote."""
    state.ints[STARTED] = 1
    recv = state.ints[NOW] + _latency(state, table)
    row = count[DEPTHS]
    _fill(state, params, table, out, count)
    _message(state, recv, row, DEPTH_TICKS, out, count)
    out.depth[row, 3], out.depth[row, 4] = 0, 1
    _quote(state, recv, out, count)


@kernel
def _fill(state, params, table, out, count):  # type: ignore[no-untyped-def]
    """A book around the fair value, bids first."""
    ints, ladder = state.ints, state.ladder
    fair, half = int(state.floats[FAIR]), max(int(params[SPREAD]) // 2, 1)
    ints[BID], ints[ASK] = fair - half, fair + half
    ints[FLOOR], ints[CEILING] = ints[BID] - DEPTH_TICKS, ints[ASK] + DEPTH_TICKS
    ladder[:] = 0
    for side in (-1, 1):
        touch = ints[ASK] if side > 0 else ints[BID]
        for k in range(DEPTH_TICKS):
            price = touch + side * k
            ladder[_at(price)] = _lots(state, params, table) * (1 + min(k, 20) // 4)
            _level(out, count, price, ladder[_at(price)])


@allocating
def _reopen(state, params, table, recv, out, count):  # type: ignore[no-untyped-def]
    """The fair value has left the book behind: everybody takes back and quotes anew."""
    ints, ladder = state.ints, state.ladder
    fair, half = int(state.floats[FAIR]), max(int(params[SPREAD]) // 2, 1)
    row, before = count[DEPTHS], count[LEVELS]
    for price in range(ints[FLOOR], ints[BID] + 1):
        kept = fair - half - DEPTH_TICKS < price <= fair - half
        if ladder[_at(price)] and not kept:
            _level(out, count, price, 0)
    asks = np.empty(WINDOW, np.int64)
    n = 0
    for price in range(ints[ASK], ints[CEILING] + 1):
        kept = fair + half <= price < fair + half + DEPTH_TICKS
        if ladder[_at(price)] and not kept:
            asks[n] = price
            n += 1
    _fill(state, params, table, out, count)
    bids = count[LEVELS] - before - DEPTH_TICKS
    for k in range(n):
        _level(out, count, asks[k], 0)
    _message(state, recv, row, bids, out, count)


@kernel
def _step(state, params, table, out, count):  # type: ignore[no-untyped-def]
    """One order: it trades, rests, or is taken back."""
    ints, seed = state.ints, state.seed
    fair, spread = state.floats[FAIR], params[SPREAD]
    recv = ints[NOW] + _latency(state, table)
    bid, bid_size = ints[BID], state.ladder[_at(ints[BID])]
    ask, ask_size = ints[ASK], state.ladder[_at(ints[ASK])]
    draw = uniform(seed)
    if fair > ask + 0.5 * spread:
        _market(state, 1, params, table, recv, out, count)
    elif fair < bid - 0.5 * spread:
        _market(state, -1, params, table, recv, out, count)
    elif ask - bid > 2 * spread:
        _limit(state, params, table, recv, out, count)
    elif draw < 0.12:
        _market(state, _sign(seed), params, table, recv, out, count)
    elif draw < 0.58:
        _limit(state, params, table, recv, out, count)
    else:
        _cancel(state, params, table, recv, out, count)
    _follow(state, params, table, recv, out, count)
    _sweep_far(state, recv, out, count)
    same = bid == ints[BID] and ask == ints[ASK]
    if not same or bid_size != state.ladder[_at(bid)] or ask_size != state.ladder[_at(ask)]:
        _quote(state, recv, out, count)


@kernel
def _market(state, side, params, table, recv, out, count):  # type: ignore[no-untyped-def]
    """Takes from the best price on."""
    ints = state.ints
    left = 2 * _lots(state, params, table)
    first, row = (ints[ASK] if side > 0 else ints[BID]), count[DEPTHS]
    before = count[LEVELS]
    for touched in range(NEAR_TICKS):
        price = first + side * touched
        there = state.ladder[_at(price)]
        if there == 0:
            continue
        filled = min(there, left)
        left -= filled
        state.ladder[_at(price)] = there - filled
        _trade(state, recv, price, filled, side, out, count)
        _level(out, count, price, there - filled)
        if left == 0:
            break
    _message(state, recv, row, count[LEVELS] - before if side < 0 else 0, out, count)
    _settle(state, params, table, recv, out, count)


@kernel
def _follow(state, params, table, recv, out, count):  # type: ignore[no-untyped-def]
    """Market makers: they take back what the fair value has left behind, and quote around it
    where the spread grew wide."""
    ints, fair = state.ints, int(state.floats[FAIR])
    if fair - ints[ASK] > DEPTH_TICKS or ints[BID] - fair > DEPTH_TICKS:
        _reopen(state, params, table, recv, out, count)
    far = int(2 * params[SPREAD])
    if fair > ints[ASK] + far:
        _withdraw(state, 1, fair, params, table, recv, out, count)
    elif fair < ints[BID] - far:
        _withdraw(state, -1, fair, params, table, recv, out, count)
    if ints[ASK] - ints[BID] > WIDE * params[SPREAD]:
        half = max(int(params[SPREAD]) // 2, 1)
        bid = min(fair - half, ints[ASK] - 1)
        if bid > ints[BID]:
            ints[BID] = bid
            _rest(state, bid, True, _lots(state, params, table), recv, out, count)
        ask = max(fair + half, ints[BID] + 1)
        if ask < ints[ASK]:
            ints[ASK] = ask
            _rest(state, ask, False, _lots(state, params, table), recv, out, count)


@kernel
def _withdraw(state, side, fair, params, table, recv, out, count):  # type: ignore[no-untyped-def]
    """Takes back every order of a side up to the fair value."""
    ints, ladder = state.ints, state.ladder
    row, before = count[DEPTHS], count[LEVELS]
    price = ints[ASK] if side > 0 else ints[BID]
    while side * (fair - price) >= 0:
        if ladder[_at(price)]:
            ladder[_at(price)] = 0
            _level(out, count, price, 0)
        price += side
    _message(state, recv, row, count[LEVELS] - before if side < 0 else 0, out, count)
    if side > 0:
        ints[ASK] = price
    else:
        ints[BID] = price
    ints[FLOOR], ints[CEILING] = min(ints[FLOOR], ints[BID]), max(ints[CEILING], ints[ASK])
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
    _message(state, recv, row, 1 if is_bid else 0, out, count)


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
        _message(state, recv, row, count[LEVELS] - before, out, count)
    row, before = count[DEPTHS], count[LEVELS]
    while ints[CEILING] > ints[ASK] + 3 * DEPTH_TICKS:
        if ladder[_at(ints[CEILING])]:
            ladder[_at(ints[CEILING])] = 0
            _level(out, count, ints[CEILING], 0)
        ints[CEILING] -= 1
    if count[LEVELS] > before:
        _message(state, recv, row, 0, out, count)


@kernel
def _cancel(state, params, table, recv, out, count):  # type: ignore[no-untyped-def]
    """Takes back a level behind the touch, or half of it."""
    ints, ladder = state.ints, state.ladder
    is_bid = _sign(state.seed) > 0
    distance = min(1 + int(8 * _exponential(state.seed, table) / 65536), DEPTH_TICKS - 1)
    touch = ints[BID] if is_bid else ints[ASK]
    price = touch - distance if is_bid else touch + distance
    while ladder[_at(price)] == 0:
        price += 1 if is_bid else -1
    if price != touch:
        lots = ladder[_at(price)] // int(params[LOT])
        left = lots // 2 if uniform(state.seed) < 0.5 else 0
        ladder[_at(price)] = left * int(params[LOT])
        row = count[DEPTHS]
        _level(out, count, price, ladder[_at(price)])
        _message(state, recv, row, 1 if is_bid else 0, out, count)


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
def _message(state, recv, row, bids, out, count):  # type: ignore[no-untyped-def]
    """Closes the depth message ``row``: its levels are those since the message before it, so
    many of them bids."""
    ints, levels, before = state.ints, count[LEVELS], 0
    if row > 0:
        before = out.depth[row - 1, 7]
    out.depth[row, 0], out.depth[row, 1] = ints[NOW], recv
    out.depth[row, 2], out.depth[row, 3] = ints[SEQ] + 1, ints[SEQ]
    out.depth[row, 4] = 0
    out.depth[row, 5], out.depth[row, 6] = bids, levels - before - bids
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
