"""How much of the best try's score is luck: the probability of backtest overfitting.

Combinatorially symmetric cross-validation (Bailey, Borwein, López de Prado & Zhu, "The probability
of backtest overfitting", Journal of Computational Finance 20, 2016): of every choice of half the
folds, the try that is best there is ranked on the other half; the probability is how often it lies
in the worse half.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from research.train.tuning import Trial


def probability(trials: Sequence[Trial]) -> float | None:
    """None for fewer than two tries or folds."""
    losses = np.array([trial.losses for trial in trials])
    tries, folds = losses.shape
    if tries < 2 or folds < 2:
        return None
    bad = []
    for chosen in combinations(range(folds), folds // 2):
        seen = np.isin(np.arange(folds), chosen)
        best = int(losses[:, seen].mean(axis=1).argmin())
        other = losses[:, ~seen].mean(axis=1)
        better = (other < other[best]).sum() + ((other == other[best]).sum() - 1) / 2
        bad.append(better >= (tries - 1) / 2)
    return float(np.mean(bad))
