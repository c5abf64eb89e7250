"""What the book shows at the close of a bar, and how it moved during it."""

from functools import partial

import numpy as np

from streams.kernels import formula, inlined_formula
from streams.operators.features.indicators.indicator import (
    ASK,
    ASK_REMOVED,
    ASK_SIZE,
    BID,
    BID_REMOVED,
    BID_SIZE,
    BOOK_S,
    CHANGES,
    DEPTH,
    IMBALANCE,
    LEVELS,
    OF_BOOK,
    OFI,
    SPREAD,
    VOLUME,
    Indicator,
    Parameter,
    bars,
)
from streams.operators.features.indicators.rolling import total
from streams.operators.features.indicators.slope import regress, regression_size, slope


@inlined_formula
def balance(a, b):  # type: ignore[no-untyped-def]
    """-1 … 1; 0 where both are nothing."""
    return (a - b) / (a + b) if a + b > 0 else 0.0


@inlined_formula
def _over_time(column, columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """The mean of a column over the seconds that the book had two sides."""
    n, count = int(params[0]), int(state[0])
    values, seconds = columns[column], columns[BOOK_S]
    for row in range(lo, hi):
        count += 1
        weighed = total(values[row] * seconds[row], count, n, state[1 : 2 + n])
        weight = total(seconds[row], count, n, state[2 + n :])
        if count >= n:
            out[0, row] = weighed / weight if weight > 0 else values[row]
    state[0] = count


@formula
def quoted_spread(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    _over_time(SPREAD, columns, lo, hi, params, state, out)


@formula
def queue_imbalance(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    _over_time(IMBALANCE, columns, lo, hi, params, state, out)


@formula
def imbalance(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    levels = int(params[0])
    for row in range(lo, hi):
        bids = asks = 0.0
        for n in range(levels):
            bids += columns[BID_SIZE + n, row]
            asks += columns[ASK_SIZE + n, row]
        out[0, row] = balance(bids, asks) if not np.isnan(bids) else np.nan


@formula
def weighted_mid(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    for row in range(lo, hi):
        bid, ask = columns[BID, row], columns[ASK, row]
        bids, asks = columns[BID_SIZE, row], columns[ASK_SIZE, row]
        out[0, row] = (bid * asks + ask * bids) / (bids + asks)
        out[1, row] = _from_mid(out[0, row], (bid + ask) / 2)


@inlined_formula
def _from_mid(price, mid):  # type: ignore[no-untyped-def]
    return 1e4 * (price - mid) / mid if mid > 0 else 0.0


@formula
def depth_slope(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    levels = int(params[0])
    for row in range(lo, hi):
        mid = (columns[BID, row] + columns[ASK, row]) / 2
        out[0, row] = _slope(columns, row, BID, BID_SIZE, levels, mid)
        out[1, row] = _slope(columns, row, ASK, ASK_SIZE, levels, mid)


@inlined_formula
def _slope(columns, row, price, size, levels, mid):  # type: ignore[no-untyped-def]
    """Of the size that is offered up to a distance from the mid, by that distance."""
    depth = products = squares = 0.0
    for n in range(levels):
        depth += columns[size + n, row]
        if columns[size + n, row] > 0:
            away = abs(columns[price + n, row] - mid)
            products += away * depth
            squares += away * away
    if np.isnan(depth):
        return np.nan
    return products / squares if squares > 0 else 0.0


@formula
def book_pressure(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    levels = int(params[0])
    for row in range(lo, hi):
        bid, ask = columns[BID, row], columns[ASK, row]
        mid, sizes = (bid + ask) / 2, columns[BID_SIZE + levels - 1, row]
        if np.isnan(sizes):
            continue
        if bid >= ask:
            out[0, row] = balance(columns[BID_SIZE, row], columns[ASK_SIZE, row])
        else:
            bids = _weighed(columns, row, BID, BID_SIZE, levels, mid)
            asks = _weighed(columns, row, ASK, ASK_SIZE, levels, mid)
            out[0, row] = balance(bids, asks)


@inlined_formula
def _weighed(columns, row, price, size, levels, mid):  # type: ignore[no-untyped-def]
    sizes = 0.0
    for n in range(levels):
        if columns[size + n, row] > 0:
            sizes += columns[size + n, row] / abs(columns[price + n, row] - mid)
    return sizes


@formula
def order_flow_imbalance(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, levels, count = int(params[0]), int(params[1]), int(state[0])
    for row in range(lo, hi):
        count += 1
        flow = depth = 0.0
        for level in range(levels):
            flow += columns[OFI + level, row]
            depth += (columns[BID_SIZE + level, row] + columns[ASK_SIZE + level, row]) / 2
        flow = total(flow, count, n, state[1 : 2 + n])
        depth = total(depth / levels, count, n, state[2 + n :]) / n
        if count >= n:
            out[0, row] = flow
            out[1, row] = flow / depth if depth > 0 or np.isnan(depth) else 0.0
    state[0] = count


@formula
def flow_impact(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """A change of the mid over a bar without a book is none."""
    n, pairs, last = int(params[0]), int(state[0]), state[1]
    for row in range(lo, hi):
        mid = (columns[BID, row] + columns[ASK, row]) / 2
        if state[2] and not np.isnan(mid - last):
            pairs += 1
            regress(columns[OFI, row], mid - last, pairs, n, state[3:])
        state[2], last = 1.0, mid
        if pairs >= n and not np.isnan(mid):
            out[0, row], out[1, row] = slope(n, state[3:])
    state[0], state[1] = pairs, last


@formula
def book_rate(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, count = int(params[0]), int(state[0])
    for row in range(lo, hi):
        count += 1
        changes = total(columns[CHANGES, row], count, n, state[1 : 2 + n])
        seconds = total(columns[BOOK_S, row], count, n, state[2 + n :])
        if count >= n:
            out[0, row] = changes / seconds if seconds > 0 else 0.0
    state[0] = count


@formula
def cancel_rate(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    n, count = int(params[0]), int(state[0])
    volumes, seconds = columns[VOLUME], columns[BOOK_S]
    for row in range(lo, hi):
        count += 1
        left = columns[BID_REMOVED, row] + columns[ASK_REMOVED, row]
        left = total(left, count, n, state[1 : 2 + n])
        traded = total(volumes[row], count, n, state[2 + n : 3 + 2 * n])
        passed = total(seconds[row], count, n, state[3 + 2 * n :])
        if count >= n:
            cancelled = max(left - traded, 0.0)
            out[0, row] = cancelled / passed if passed > 0 else 0.0
            out[1, row] = cancelled / left if left > 0 else 0.0
    state[0] = count


@formula
def microprice(columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """``state``: the state before (from 1; 0: none) and its mid, the narrowest spread; then of each
    state its value, moves of the mid, steps, and steps to each."""
    buckets = int(params[0])
    states = 2 * buckets
    before, last, narrow = int(state[0]), state[1], state[2]
    values, moves = state[3 : 3 + states], state[3 + states : 3 + 2 * states]
    steps, to = state[3 + 2 * states : 3 + 3 * states], state[3 + 3 * states :]
    for row in range(lo, hi):
        bid, ask, share = columns[BID, row], columns[ASK, row], columns[BID_SIZE, row]
        share /= share + columns[ASK_SIZE, row] if share > 0 else 1.0
        mid, spread = (bid + ask) / 2, ask - bid
        if np.isnan(spread):
            before = 0
            continue
        narrow = min(narrow, spread) if narrow != 0 else spread
        wide = buckets if spread > 1.5 * narrow else 0
        now = wide + min(int(share * buckets), buckets - 1)
        mirrored = wide + buckets - 1 - min(int(share * buckets), buckets - 1)
        if before:
            x, move = before - 1, mid - last
            turned = buckets - 1 - x if x < buckets else 3 * buckets - 1 - x
            _step(x, now, move, states, moves, steps, to)
            _step(turned, mirrored, -move, states, moves, steps, to)
            values[x] = _value(x, states, values, moves, steps, to)
            values[turned] = -values[x] if turned != x else 0.0
        before, last = now + 1, mid
        out[0, row] = mid + values[now]
        out[1, row] = _from_mid(out[0, row], mid)
    state[0], state[1], state[2] = before, last, narrow


@inlined_formula
def _step(x, y, move, states, moves, steps, to):  # type: ignore[no-untyped-def]
    moves[x] += move
    steps[x] += 1.0
    to[x * states + y] += 1.0


@inlined_formula
def _value(x, states, values, moves, steps, to):  # type: ignore[no-untyped-def]
    """How far the mid will have moved in the end: its next move, and what is to be expected of the
    state that it then is in."""
    expected = moves[x]
    for y in range(states):
        expected += to[x * states + y] * values[y]
    return expected / steps[x]


def _rings(count: int):  # type: ignore[no-untyped-def]
    return lambda p: 1 + count * (1 + int(p[0]))


def _first(p: tuple[float, ...]) -> int:
    return int(p[0])


def _one(p: tuple[float, ...]) -> int:
    return 1


def _levels(default: int) -> Parameter:
    return Parameter("levels", default, 1, LEVELS)


_N = bars("n", 10)
_BALANCE = {"": "-1 … 1"}
_PRICE = {"": "price", "bps": "basis points from the mid"}
_CKS = "Cont, Kukanov and Stoikov, J. Financial Econometrics 12 (2014)"


_of_book = partial(Indicator, made_of=OF_BOOK)
_of_sided = partial(_of_book, needs=(DEPTH,))

INDICATORS = (
    _of_sided(
        "quoted_spread",
        quoted_spread,
        (_N,),
        {"": "basis points"},
        _rings(2),
        _first,
        "(ask - bid) / mid, weighed by time",
    ),
    _of_sided(
        "imbalance",
        imbalance,
        (_levels(5),),
        _BALANCE,
        _one,
        _one,
        "(bid sizes - ask sizes) / their sum over the levels, at the close",
    ),
    _of_sided(
        "queue_imbalance",
        queue_imbalance,
        (_N,),
        _BALANCE,
        _rings(2),
        _first,
        "of the best queues, weighed by time; Gould and Bonart, Market Microstructure and "
        "Liquidity 2 (2016)",
    ),
    _of_sided(
        "weighted_mid",
        weighted_mid,
        (),
        _PRICE,
        _one,
        _one,
        "each best price weighed with the other side's size, at the close",
    ),
    _of_book(
        "microprice",
        microprice,
        (Parameter("buckets", 10, 2, 20),),
        _PRICE,
        lambda p: 3 + 6 * int(p[0]) + 4 * int(p[0]) ** 2,
        _one,
        "Stoikov, Quantitative Finance 18 (2018): the mid and its expected moves, learnt from all "
        "bars so far, by the share of the bid in the best sizes and whether the spread is narrow",
    ),
    _of_sided(
        "depth_slope",
        depth_slope,
        (_levels(5),),
        {"bid": "units a price", "ask": "units a price"},
        _one,
        _one,
        "least squares through the mid: size up to a level by its distance; cf. Næs and Skjeltorp, "
        "J. Financial Markets 9 (2006)",
    ),
    _of_sided(
        "book_pressure",
        book_pressure,
        (_levels(5),),
        _BALANCE,
        _one,
        _one,
        "imbalance of sizes, each divided by its distance from the mid; cf. Cao, Hansch and Wang, "
        "J. Futures Markets 29 (2009)",
    ),
    _of_sided(
        "ofi",
        order_flow_imbalance,
        (_N, _levels(1)),
        {"": "units", "norm": "of the mean size of a queue"},
        _rings(2),
        _first,
        f"{_CKS}; several levels: their sum, after Cont, Cucuringu and Zhang, Quantitative Finance "
        "23 (2023)",
    ),
    _of_book(
        "ofi_impact",
        flow_impact,
        (bars("n", 50, 3),),
        {"": "price a unit", "r2": "0 … 1"},
        lambda p: 3 + regression_size(p[0]),
        lambda p: int(p[0]) + 1,
        f"{_CKS}: the slope of the change of the mid by the best queues' order-flow imbalance",
    ),
    _of_sided(
        "book_rate",
        book_rate,
        (_N,),
        {"": "a second"},
        _rings(2),
        _first,
        "rows of the book by the time that it had two sides",
    ),
    _of_sided(
        "cancel_rate",
        cancel_rate,
        (_N,),
        {"": "units a second", "share": "0 … 1, of what left the best prices"},
        _rings(3),
        _first,
        f"{_CKS}: what left the best prices and was not traded",
    ),
)
