"""What the features are worth (López de Prado, *Advances in Financial Machine Learning*, ch. 8).

- Mean decrease in accuracy: how much worse each fold's model gets on its test rows when one
  feature is shuffled among them. Features that tell the same share what they are worth.
- Alone: how far a small tree (eight leaves) on that feature only gets, on the same folds.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from research.train import scores
from research.train.dataset import Rows
from research.train.evaluation import Fold
from research.train.splits import Split


class Worth(NamedTuple):
    """``loss``: by how much the loss grows without the feature, mean and standard error over folds;
    ``alone``: AUC, or the correlation of ranks, of the feature by itself."""

    feature: str
    loss: float
    error: float
    alone: float | None


def worths(
    classifier: bool, inputs: tuple[str, ...], rows: Rows, folds: Sequence[Fold], seed: int
) -> list[Worth]:
    """The most worth first."""
    grown = np.array([_shuffled(classifier, rows, fold, seed) for fold in folds])
    error = grown.std(axis=0, ddof=1) / len(folds) ** 0.5 if len(folds) > 1 else grown[0] * 0
    splits = [fold.split for fold in folds]
    alone = [_alone(classifier, rows, splits, n) for n in range(len(inputs))]
    columns = zip(inputs, grown.mean(axis=0).tolist(), error.tolist(), alone, strict=True)
    return sorted((Worth(*values) for values in columns), key=lambda worth: -worth.loss)


def _shuffled(classifier: bool, rows: Rows, fold: Fold, seed: int) -> list[float]:
    loss, test = scores.losses_of(classifier), fold.split.test
    x, y = rows.x[test], rows.y[test]
    before = loss(y, fold.said).mean()
    order = np.random.default_rng(seed).permutation(len(test))
    grown = []
    for column in range(x.shape[1]):
        mixed = x.copy()
        mixed[:, column] = x[order, column]
        grown.append(float(loss(y, fold.model.predict(mixed)).mean() - before))
    return grown


def _alone(classifier: bool, rows: Rows, splits: Sequence[Split], column: int) -> float | None:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    said = []
    for train, test in splits:
        tree: Any = (DecisionTreeClassifier if classifier else DecisionTreeRegressor)(
            max_leaf_nodes=8, min_samples_leaf=max(5, len(train) // 50), random_state=0
        )
        x = rows.x[:, [column]]
        tree.fit(x[train], rows.y[train], sample_weight=rows.weights[train])
        said.append(tree.predict_proba(x[test])[:, 1] if classifier else tree.predict(x[test]))
    return scores.skill(classifier, [rows.y[split.test] for split in splits], said)
