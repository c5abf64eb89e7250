"""How good predictions are, beside a model that knows only the mean of what it was fitted on.

A classifier is judged by its log loss, a regressor by its squared error: both are proper, so no
other prediction than the honest one pays. A loss is kept per row, because rows are what the
confidence interval of a difference is made from (see ``bootstrap``).
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import rankdata

SKILL = {True: "auc", False: "rank_correlation"}
_LEAST = 1e-6  # a probability nearer to zero counts as this: one row must not decide everything


class Bin(NamedTuple):
    """Rows whose predictions lie together: their mean prediction, and what happened."""

    predicted: float
    happened: float
    rows: int


def log_losses(y: Any, p: Any) -> Any:
    """-ln of the probability that was given to what happened, per row; natural units."""
    p = np.clip(p, _LEAST, 1 - _LEAST)
    return -np.where(y > 0.5, np.log(p), np.log1p(-p))


def squared_errors(y: Any, p: Any) -> Any:
    return (y - p) ** 2


def losses_of(classifier: bool) -> Callable[[Any, Any], Any]:
    return log_losses if classifier else squared_errors


def auc(y: Any, p: Any) -> float | None:
    """The probability that a rise got the higher prediction than a fall (Mann–Whitney); None
    where there is only one of them."""
    rises = y > 0.5
    up, down = int(rises.sum()), int((~rises).sum())
    if not up or not down:
        return None
    return float((rankdata(p)[rises].sum() - up * (up + 1) / 2) / (up * down))


def correlation(y: Any, p: Any) -> float | None:
    """Of ranks (Spearman); None where one of them does not vary."""
    if len(y) < 2 or np.ptp(y) == 0 or np.ptp(p) == 0:
        return None
    return float(np.corrcoef(rankdata(y), rankdata(p))[0, 1])


def of(classifier: bool, y: Any, p: Any) -> dict[str, float | None]:
    """The usual measures, of the rows of one model."""
    if classifier:
        return {
            "log_loss": float(log_losses(y, p).mean()),
            "brier": float(squared_errors(y, p).mean()),
            "auc": auc(y, p),
            "accuracy": float(((p > 0.5) == (y > 0.5)).mean()),
            "calibration_error": calibration_error(y, p),
        }
    error = float(squared_errors(y, p).mean())
    return {
        "mse": error,
        "rmse": error**0.5,
        "rank_correlation": correlation(y, p),
        "sign_accuracy": float((np.sign(p) == np.sign(y)).mean()),
    }


def reliability(y: Any, p: Any, bins: int = 10) -> list[Bin]:
    """Bins of about equally many rows, by prediction."""
    order = np.argsort(p, kind="stable")
    parts = [part for part in np.array_split(order, min(bins, len(p))) if len(part)]
    return [Bin(float(p[part].mean()), float(y[part].mean()), len(part)) for part in parts]


def over_folds(classifier: bool, ys: Sequence[Any], ps: Sequence[Any]) -> dict[str, float | None]:
    """Of all folds together. What compares rows with each other (AUC, ranks) is the mean of the
    folds, by their rows: folds have models of their own, and a row of one is not to be compared
    with a row of another (Forman & Scholz, "Apples-to-apples in cross-validation studies", 2010).
    """
    pooled = of(classifier, np.concatenate(ys), np.concatenate(ps))
    return pooled | {SKILL[classifier]: skill(classifier, ys, ps)}


def skill(classifier: bool, ys: Sequence[Any], ps: Sequence[Any]) -> float | None:
    """AUC, or the correlation of ranks, as the mean of folds; None where no fold has one."""
    measure = auc if classifier else correlation
    found = [(measure(y, p), len(y)) for y, p in zip(ys, ps, strict=True)]
    known = [(value, rows) for value, rows in found if value is not None]
    if not known:
        return None
    return sum(value * rows for value, rows in known) / sum(rows for _, rows in known)


def calibration_error(y: Any, p: Any) -> float:
    """Expected calibration error: the mean distance of a bin from the diagonal, by its rows."""
    bins = reliability(y, p)
    return sum(abs(b.predicted - b.happened) * b.rows for b in bins) / len(y)
