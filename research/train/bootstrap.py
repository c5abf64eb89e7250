"""Whether a difference of losses is more than chance, where neighbouring rows are not independent.

Circular block bootstrap (Politis & Romano, "A circular block-resampling procedure for stationary
data", 1992): blocks of rows that follow each other are drawn, at least as long as labels overlap.
"""

from typing import Any, NamedTuple

import numpy as np

_RESAMPLES = 2000
_NOTHING = 1e-6  # a model that says only the mean differs from it in the last digits


class Interval(NamedTuple):
    """A mean and where it lies with 95 % confidence; ``block``: rows drawn together."""

    mean: float
    low: float
    high: float
    block: int


def block_rows(rows: int, overlapping: float) -> int:
    """As long as labels overlap, and no shorter than the cube root of the sample (the rate that
    is best for a mean: Hall, Horowitz & Jing, Biometrika 82, 1995)."""
    wanted = max(rows ** (1 / 3), 2 * overlapping)
    return int(min(max(1, round(wanted)), max(1, rows // 4)))


def mean_interval(values: Any, block: int, seed: int) -> Interval:
    """``values`` in the order of time."""
    rows = len(values)
    ring = np.concatenate(([0.0], np.cumsum(np.concatenate((values, values[:block])))))
    draws = -(-rows // block)
    starts = np.random.default_rng(seed).integers(0, rows, (_RESAMPLES, draws))
    means = (ring[starts + block] - ring[starts]).sum(axis=1) / (draws * block)
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(values.mean()), float(low), float(high), block)


def verdict(gain: Interval) -> str:
    """Of the null model's loss less the model's."""
    if gain.low > _NOTHING:
        return "better than the prior"
    return "worse than the prior" if gain.high < -_NOTHING else "no better than the prior"
