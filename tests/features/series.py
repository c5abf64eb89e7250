"""Bars that look like a market's, for tests of indicators."""

from typing import Any

import numpy as np

from streams.operators.features.indicators.indicator import (
    ASK,
    ASK_SIZE,
    BID,
    BID_ADDED,
    BID_SIZE,
    BOOK_S,
    BOUGHT,
    BUYS,
    CLOSE,
    COLUMNS,
    COST,
    DEPTH,
    IMBALANCE,
    LAST_TRADE,
    LEVELS,
    NOTIONAL,
    OFI,
    SELLS,
    SIGNED,
    SIGNED_MID,
    SOLD,
    SPREAD,
    TICK_RULE,
    TRADED_MID,
    TS,
    VOLUME,
)


def bars(count: int, seed: int = 1) -> Any:
    """A row a column of ``indicator.COLUMNS``; the open may be away from the close before."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, count)))
    before = np.concatenate(([100.0], close[:-1]))
    open_ = before * np.exp(rng.normal(0, 0.002, count))
    high = np.maximum(open_, close) * np.exp(abs(rng.normal(0, 0.004, count)))
    low = np.minimum(open_, close) * np.exp(-abs(rng.normal(0, 0.004, count)))
    volume = rng.integers(0, 1000, count).astype(float)
    bought = volume * rng.random(count)
    notional = volume * (high + low + close) / 3
    times = 1.7e9 + 60.0 * np.arange(count)
    return np.array([open_, high, low, close, volume, bought, notional, np.full(count, 9.0), times])


def micro(count: int, seed: int = 1, holes: bool = False) -> Any:
    """The same with all columns; with ``holes``, bars at which the book is not known."""
    rng = np.random.default_rng(seed + 1000)
    made = np.full((len(COLUMNS), count), np.nan)
    made[:9] = bars(count, seed)
    made[VOLUME] += 1.0
    made[NOTIONAL] += made[CLOSE]
    made[SOLD] = (made[VOLUME] - made[BOUGHT]) * rng.random(count)
    flows = range(BID_ADDED, BOOK_S + 1)
    made[flows] = rng.integers(0, 900, (len(flows), count))
    made[SPREAD], made[DEPTH] = rng.random((2, count)) + 0.5
    made[IMBALANCE], made[BOOK_S] = rng.uniform(-1, 1, count), rng.random(count) + 0.1
    made[OFI : OFI + LEVELS] = rng.integers(-90, 90, (LEVELS, count))
    for price, size, sign in ((BID, BID_SIZE, -1), (ASK, ASK_SIZE, 1)):
        away = np.cumsum(rng.uniform(0.01, 0.05, (LEVELS, count)), axis=0)
        made[price : price + LEVELS] = made[CLOSE] + sign * away
        made[size : size + LEVELS] = rng.integers(1, 90, (LEVELS, count))
    made[TICK_RULE : SIGNED + 1] = rng.uniform(-1, 1, (3, count)) * made[VOLUME]
    made[TRADED_MID] = made[VOLUME] * made[CLOSE]
    made[SIGNED_MID] = made[SIGNED] * made[CLOSE]
    made[COST] = rng.uniform(-0.01, 0.03, count) * made[VOLUME]
    made[LAST_TRADE] = made[TS] - rng.random(count)
    made[BUYS : SELLS + 3] = rng.random((6, count))
    if holes:
        dark = rng.random(count) < 0.1
        made[SPREAD : DEPTH + 1, dark] = np.nan
        made[BID : ASK_SIZE + LEVELS, dark] = np.nan
    return made
