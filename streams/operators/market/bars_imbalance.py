"""Imbalance and run bars: they close when more flows to one side than was to be expected.

After López de Prado, *Advances in Financial Machine Learning*, sections 2.3.2.1 to 2.3.2.4. Trade t
has the sign b of its aggressor, or, where that is not known, of the tick rule: the sign of the
change of price, and with no change the sign of the trade before (0, neither side, until one is
known). Its amount v is 1, its size, or price x size. With U and D the sums of v over the bar's
trades of sign 1 and -1, the bar closes at the first trade T with

    imbalance:  |U - D|   >= E[T] |E[u] - E[d]|
    run:        max(U, D) >= E[T] max(E[u], E[d])

where u and d are the same amounts a tick: 2 v⁺ - E[v] of the book is E[u] - E[d], and its
P[b = 1] E[v | b = 1] is E[u].

**Estimator.** E[T] is the EWMA of T over the bars before (``span``, bars); E[u] and E[d] are EWMAs
over all trades up to the end of the bar before (``tick_span``, ticks), so the threshold of a bar
stands when it opens. Each begins as a plain mean, until that many values have come that its
weight is that of the EWMA.

**Warm-up.** The first ``warm_up`` bars close at ``expected`` ticks, whatever flows.

**Bounds.** Such bars are known to run away: a large threshold makes long bars, which make the next
threshold larger; and with balanced flow it falls to nothing, and each tick is a bar. So a bar
never closes before ``min`` ticks and always at ``max``, and with T, E[T] lies between them.

Estimates are float64 and use + - * / and comparisons only, in the order of the trades, so they
are the same on every machine.
"""

import numpy as np

from streams.kernels import kernel
from streams.operators.market.bars import (
    DOLLAR_IMBALANCE,
    DOLLAR_RUN,
    TICK_IMBALANCE,
    TICK_RUN,
)
from streams.operators.market.bars_state import (
    BARS,
    COUNT,
    DOWN,
    DOWN_RATE,
    EXPECTED,
    KNOWN,
    LEAST,
    MOST,
    PRICE,
    SIGN,
    THRESHOLD,
    TICK_WEIGHT,
    TICKS,
    TICKS_A_BAR,
    UP,
    UP_RATE,
    WARM_UP,
    WEIGHT,
)


@kernel
def scan(acc, est, par, kind, trades, row, stop):  # type: ignore[no-untyped-def]
    """Takes up trades until one completes the bar: (row behind the last one, complete)."""
    count, sign, known, last = acc[COUNT], acc[SIGN], acc[KNOWN], acc[PRICE]
    least, most = par[LEAST], par[MOST]
    if est[BARS] < par[WARM_UP]:
        least = most = par[EXPECTED]
    complete = False
    while row < stop and not complete:
        price = trades.price[row]
        if trades.side[row] != 0:
            sign = np.int64(trades.side[row])
        elif known and price != last:
            sign = np.int64(1) if price > last else np.int64(-1)
        known, last = np.int64(1), price
        _flow(est, par[TICK_WEIGHT], sign, _amount(kind, price, trades.size[row]))
        row += 1
        count += 1
        complete = count >= least and (count >= most or _theta(est, kind) >= est[THRESHOLD])
    acc[SIGN], acc[KNOWN], acc[PRICE] = sign, known, last
    return row, complete


@kernel
def _amount(kind, price, size):  # type: ignore[no-untyped-def]
    if kind in (TICK_IMBALANCE, TICK_RUN):
        return 1.0
    if kind in (DOLLAR_IMBALANCE, DOLLAR_RUN):
        return np.float64(abs(price)) * np.float64(size)
    return np.float64(size)


@kernel
def _flow(est, weight, sign, amount):  # type: ignore[no-untyped-def]
    up = amount if sign > 0 else 0.0
    down = amount if sign < 0 else 0.0
    est[TICKS] += 1.0
    weight = max(weight, 1.0 / est[TICKS])
    est[UP] += up
    est[DOWN] += down
    est[UP_RATE] += weight * (up - est[UP_RATE])
    est[DOWN_RATE] += weight * (down - est[DOWN_RATE])


@kernel
def _theta(est, kind):  # type: ignore[no-untyped-def]
    if kind >= TICK_RUN:
        return max(est[UP], est[DOWN])
    return abs(est[UP] - est[DOWN])


@kernel
def learn(acc, est, par, kind):  # type: ignore[no-untyped-def]
    """Takes the completed bar into the estimates, and sets the threshold of the next."""
    est[BARS] += 1.0
    weight = max(par[WEIGHT], 1.0 / est[BARS])
    est[TICKS_A_BAR] += weight * (np.float64(acc[COUNT]) - est[TICKS_A_BAR])
    est[UP] = est[DOWN] = 0.0
    rate = abs(est[UP_RATE] - est[DOWN_RATE])
    if kind >= TICK_RUN:
        rate = max(est[UP_RATE], est[DOWN_RATE])
    est[THRESHOLD] = est[TICKS_A_BAR] * rate
