"""The middle of the book that a feature vector saw."""

import numpy as np

from schemas.frames import F64, FeatureFrame


def mids(frame: FeatureFrame) -> F64:
    """Prices; NaN where the book had no two sides."""
    bid, ask = frame.vectors.bid, frame.vectors.ask
    both = (bid != 0) & (ask != 0)
    return np.where(both, (bid + ask) / (2 * 10.0**frame.price_scale), np.nan)
