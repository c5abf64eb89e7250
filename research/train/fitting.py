"""From rows to a model: parameters are searched on folds within the rows, the calibrator is fitted
on what the chosen ones say out of fold, and the learner at last on all rows.

It is one function of the rows it is given. So what judges it may give it a part and keep the rest,
and the search and the calibration are judged with it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from research.train import calibration, tuning
from research.train.calibration import Calibrator
from research.train.dataset import Rows
from research.train.fits import Params
from research.train.fitted import Fitted, Task
from research.train.splits import Spans, Split
from research.train.tuning import Search, Trial


@dataclass(frozen=True, slots=True)
class Plan:
    """``inner``: the folds of the search and the calibration."""

    search: Search
    calibration: str
    inner: Callable[[Spans], list[Split]]


@dataclass(frozen=True, slots=True)
class Model:
    fitted: Fitted
    calibrator: Calibrator
    params: Params
    trials: list[Trial]

    def predict(self, x: Any) -> Any:
        """Of a classifier the calibrated probability of a rise, of a regressor basis points."""
        return self.calibrator.apply(self.fitted.predict(x))


def fit(plan: Plan, rows: Rows) -> Model:
    """Raises TrainError where the rows are too few for the folds."""
    wanted = plan.search
    splits = plan.inner(rows.spans)
    trials = tuning.search(wanted, rows, splits)
    params = tuning.best(trials).params
    fitted = wanted.learner.fit(
        Task(wanted.classifier, rows.x, rows.y, rows.weights, wanted.seed), params
    )
    calibrator: Calibrator = calibration.AsItIs()
    if wanted.classifier and plan.calibration != "none":
        tested = np.concatenate([split.test for split in splits])
        said = np.concatenate([tuning.out_of_fold(wanted, params, rows, s) for s in splits])
        calibrator = calibration.fit(plan.calibration, said, rows.y[tested], rows.weights[tested])
    return Model(fitted, calibrator, params, trials)
