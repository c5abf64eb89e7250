"""Bars that look like a market's, for tests of indicators."""

from typing import Any

import numpy as np


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
