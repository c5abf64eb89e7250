"""What can be fitted: names, parameters, and the ranges of them that tuning searches."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from research.train import fits
from research.train.fits import Params
from research.train.fitted import Fitted, Task


class Range(NamedTuple):
    """What tuning tries: whole numbers, or fractions; on a logarithmic scale where ``log``."""

    low: float
    high: float
    whole: bool = False
    log: bool = False


@dataclass(frozen=True, slots=True)
class Learner:
    """``fixed``: parameters when nothing is tuned."""

    name: str
    title: str
    fixed: Params
    ranges: dict[str, Range]
    fit: Callable[[Task, Params], Fitted]


_RATE = Range(0.01, 0.3, log=True)
_SUBSET = Range(0.4, 1.0)

LEARNERS = {
    learner.name: learner
    for learner in (
        Learner(
            "linear",
            "logistic or ridge regression",
            {"penalty": 1.0},
            {"penalty": Range(1e-3, 1e4, log=True)},
            fits.linear,
        ),
        Learner(
            "forest",
            "random forest (scikit-learn)",
            {"n_estimators": 200, "max_depth": 6, "min_samples_leaf": 20, "max_features": 0.5},
            {
                "max_depth": Range(2, 12, whole=True),
                "min_samples_leaf": Range(5, 200, whole=True, log=True),
                "max_features": Range(0.1, 1.0),
            },
            fits.forest,
        ),
        Learner(
            "boosting",
            "histogram gradient boosting (scikit-learn)",
            {
                "max_iter": 100,
                "learning_rate": 0.05,
                "max_leaf_nodes": 15,
                "min_samples_leaf": 40,
                "l2_regularization": 1.0,
            },
            {
                "max_iter": Range(30, 300, whole=True, log=True),
                "learning_rate": _RATE,
                "max_leaf_nodes": Range(3, 63, whole=True, log=True),
                "min_samples_leaf": Range(10, 300, whole=True, log=True),
                "l2_regularization": Range(1e-3, 100.0, log=True),
            },
            fits.boosting,
        ),
        Learner(
            "lightgbm",
            "LightGBM",
            {
                "n_estimators": 100,
                "learning_rate": 0.05,
                "num_leaves": 15,
                "min_child_samples": 40,
                "reg_lambda": 1.0,
                "subsample": 0.8,
                "colsample_bytree": 0.8,
            },
            {
                "n_estimators": Range(30, 300, whole=True, log=True),
                "learning_rate": _RATE,
                "num_leaves": Range(3, 63, whole=True, log=True),
                "min_child_samples": Range(10, 300, whole=True, log=True),
                "reg_lambda": Range(1e-3, 100.0, log=True),
                "subsample": _SUBSET,
                "colsample_bytree": _SUBSET,
            },
            fits.lightgbm,
        ),
        Learner(
            "xgboost",
            "XGBoost",
            {
                "n_estimators": 100,
                "learning_rate": 0.05,
                "max_depth": 4,
                "min_child_weight": 20.0,
                "reg_lambda": 1.0,
                "subsample": 0.8,
                "colsample_bytree": 0.8,
            },
            {
                "n_estimators": Range(30, 300, whole=True, log=True),
                "learning_rate": _RATE,
                "max_depth": Range(2, 8, whole=True),
                "min_child_weight": Range(1.0, 200.0, log=True),
                "reg_lambda": Range(1e-3, 100.0, log=True),
                "subsample": _SUBSET,
                "colsample_bytree": _SUBSET,
            },
            fits.xgboost,
        ),
        Learner(
            "mlp",
            "small neural network (scikit-learn)",
            {"units": 16, "layers": 1, "penalty": 1e-2, "learning_rate": 3e-3, "epochs": 30},
            {
                "units": Range(4, 64, whole=True, log=True),
                "layers": Range(1, 2, whole=True),
                "penalty": Range(1e-5, 10.0, log=True),
                "learning_rate": Range(1e-4, 3e-2, log=True),
            },
            fits.mlp,
        ),
    )
}
