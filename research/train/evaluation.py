"""How good the whole fitting is on rows that it never saw: search, calibration and all.

For each outer split the fitting runs anew on the training rows alone (nested cross-validation), so
the number of tries does not flatter the score. Beside it stands a model that knows only the
training rows' mean.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from research.train import bootstrap, fitting, scores
from research.train.bootstrap import Interval
from research.train.dataset import Rows
from research.train.errors import TrainError
from research.train.fitting import Model, Plan
from research.train.splits import Split, group_edges, overlaps

Scores = dict[str, float | None]


class Fold(NamedTuple):
    """One split: its model, what it said of the test rows, and what the mean says of them."""

    split: Split
    model: Model
    said: Any
    prior: float
    overlaps: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """``by_fold``: scores of the model and of the prior. ``gain``: the prior's loss less the
    model's, a row."""

    folds: list[Fold]
    by_fold: list[tuple[Scores, Scores]]
    model: Scores
    prior: Scores
    gain: Interval
    verdict: str
    reliability: list[scores.Bin]


def evaluate(
    plan: Plan, rows: Rows, splits: Sequence[Split], tell: Callable[[str], None]
) -> Evaluation:
    """``tell`` hears how far it is. Raises TrainError."""
    folds = []
    for number, split in enumerate(splits, 1):
        tell(
            f"fold {number} of {len(splits)}: {len(split.train):,} rows fit, "
            f"{len(split.test):,} judge"
        )
        folds.append(_fold(plan, rows, split))
    classifier = plan.search.classifier
    ys = [rows.y[fold.split.test] for fold in folds]
    said = np.concatenate([fold.said for fold in folds])
    gain = _gain(classifier, rows, folds, plan.search.seed)
    return Evaluation(
        folds,
        [_scores(classifier, rows, fold) for fold in folds],
        scores.over_folds(classifier, ys, [fold.said for fold in folds]),
        scores.over_folds(classifier, ys, [np.full(len(f.said), f.prior) for f in folds]),
        gain,
        bootstrap.verdict(gain),
        scores.reliability(np.concatenate(ys), said) if classifier else [],
    )


def _fold(plan: Plan, rows: Rows, split: Split) -> Fold:
    own = rows.part(split.train)
    if plan.search.classifier and np.ptp(own.y) == 0:
        raise TrainError(
            f"the {len(own.y)} rows that fit a fold are all of one class: take fewer folds, more "
            "data or another label"
        )
    model = fitting.fit(plan, own)
    prior = float(np.average(own.y, weights=own.weights))
    found = overlaps(rows.spans, split)
    return Fold(split, model, model.predict(rows.x[split.test]), prior, found)


def _scores(classifier: bool, rows: Rows, fold: Fold) -> tuple[Scores, Scores]:
    y = rows.y[fold.split.test]
    prior = np.full(len(y), fold.prior)
    return scores.of(classifier, y, fold.said), scores.of(classifier, y, prior)


def _gain(classifier: bool, rows: Rows, folds: list[Fold], seed: int) -> Interval:
    """Over the rows that were tested, in their order; one that was tested several times counts by
    its mean."""
    loss = scores.losses_of(classifier)
    total, times = np.zeros(len(rows.y)), np.zeros(len(rows.y))
    for fold in folds:
        test = fold.split.test
        total[test] += loss(rows.y[test], np.full(len(test), fold.prior))
        total[test] -= loss(rows.y[test], fold.said)
        times[test] += 1
    tested = np.flatnonzero(times)
    overlapping = np.searchsorted(rows.start, rows.end, "right") - np.arange(len(rows.y))
    block = bootstrap.block_rows(len(tested), float(overlapping[tested].mean()))
    return bootstrap.mean_interval(total[tested] / times[tested], block, seed)


def path_scores(classifier: bool, rows: Rows, folds: Sequence[Fold], paths: Any) -> list[Scores]:
    """Of each backtest path of combinatorial splits: a prediction a row, each of a model that did
    not see it. ``paths``: for each, which split tests each of the groups, in their order."""
    edges = group_edges(rows.start, len(paths[0]))
    found = []
    for path in paths:
        said = np.empty(len(rows.y))
        for group, number in enumerate(path):
            fold = folds[number]
            inside = (fold.split.test >= edges[group]) & (fold.split.test < edges[group + 1])
            said[edges[group] : edges[group + 1]] = fold.said[inside]
        found.append(scores.of(classifier, rows.y, said))
    return found
