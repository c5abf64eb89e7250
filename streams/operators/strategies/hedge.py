"""Weights of experts that learn from what each gained.

Hedge: Freund and Schapire 1997, A Decision-Theoretic Generalization of On-Line Learning. Over T
gains within -1 … 1 the weighted gain falls short of the best of N experts by at most ln N / rate +
rate T / 2. Shared out as by Herbster and Warmuth 1998, so that the best may change.
"""

import math
from collections.abc import Iterable, Mapping

Weights = dict[str, float]


def first(names: Iterable[str], weights: Iterable[float]) -> Weights:
    """In the proportion of ``weights``, together 1."""
    return _scaled(dict(zip(names, weights, strict=True)))


def learnt(weights: Weights, gains: Mapping[str, float], rate: float, shared: float) -> Weights:
    """After ``gains`` within -1 … 1; an expert that is not among them gained nothing. ``shared`` of
    the whole is shared out evenly."""
    grown = {n: w * math.exp(rate * gains.get(n, 0.0)) for n, w in weights.items()}
    even = shared / len(weights)
    return {n: (1 - shared) * w + even for n, w in _scaled(grown).items()}


def _scaled(weights: Weights) -> Weights:
    whole = sum(weights.values())
    return {name: weight / whole for name, weight in weights.items()}
