"""Vectors as slots get them: times, mids that the inputs say something of, holes here and there."""

from typing import Any

import numpy as np


def rows(count: int, seed: int = 1, inputs: int = 6) -> tuple[Any, Any, Any]:
    """(ts, mid, inputs): a vector a second, now and then two or none. The first input foretells the
    mid; some rows have no mid, some lack an input."""
    rng = np.random.default_rng(seed)
    ts = np.cumsum(rng.choice([0, 1, 1, 1, 3], count)) * 10**9
    x = rng.normal(0, 1, (count, inputs)) * 10.0 ** rng.integers(-3, 3, inputs)
    drift = np.concatenate(([0.0], 0.3 * np.sign(x[:-1, 0])))
    mid = 100 * np.exp(1e-4 * np.cumsum(drift + rng.normal(0, 1, count)))
    mid = np.round(mid, 2)
    mid[rng.random(count) < 0.02] = np.nan
    x[rng.random(count) < 0.02, 1] = np.nan
    return ts, mid, x
