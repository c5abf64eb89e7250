"""How each learner is fitted. Every one runs on one thread with a fixed seed, so the same rows
give the same model; a library is imported when it is asked for, because some take seconds.
"""

import json
import warnings
from typing import Any

import numpy as np

from research.train import trees
from research.train.fitted import Fitted, Layers, Task, Trees, bounded
from research.train.threads import one_thread

Params = dict[str, Any]


def linear(task: Task, params: Params) -> Fitted:
    from sklearn.linear_model import LogisticRegression, Ridge

    if task.classifier:
        model: Any = LogisticRegression(C=1 / params["penalty"], max_iter=1000)
        return _layered(task, model)
    return _layered(task, Ridge(alpha=params["penalty"]))


def mlp(task: Task, params: Params) -> Fitted:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    model = (MLPClassifier if task.classifier else MLPRegressor)(
        hidden_layer_sizes=(params["units"],) * params["layers"],
        alpha=params["penalty"],
        learning_rate_init=params["learning_rate"],
        max_iter=params["epochs"],
        batch_size=min(256, len(task.y)),
        n_iter_no_change=params["epochs"],  # a fixed number of epochs: fitted the same each time
        random_state=task.seed,
    )
    return _layered(task, model)


def _layered(task: Task, model: Any) -> Fitted:
    wide = task.x.astype(np.float64)
    center, spread = wide.mean(axis=0), wide.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    with one_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a network had its epochs is what was asked for
        model.fit(bounded(task.x, center, scale), task.y, sample_weight=task.weights)
    if hasattr(model, "coefs_"):
        layers = tuple(zip(model.coefs_, model.intercepts_, strict=True))
    else:
        layers = ((np.reshape(model.coef_, (-1, 1)), np.reshape(model.intercept_, (1,))),)
    return Layers(center, scale, layers, task.classifier, model)


def forest(task: Task, params: Params) -> Fitted:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    kind = RandomForestClassifier if task.classifier else RandomForestRegressor
    model = kind(**params, n_jobs=1, random_state=task.seed)
    model.fit(task.x, task.y, sample_weight=task.weights)
    classifier = task.classifier
    return Trees(model, lambda m: trees.of_forest(m, classifier), classifier, logit=False)


def boosting(task: Task, params: Params) -> Fitted:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingClassifier if task.classifier else HistGradientBoostingRegressor
    model = kind(**params, early_stopping=False, random_state=task.seed)
    with one_thread():
        model.fit(task.x, task.y, sample_weight=task.weights)
    return Trees(model, trees.of_histogram_boosting, task.classifier, logit=task.classifier)


def lightgbm(task: Task, params: Params) -> Fitted:
    from lightgbm import LGBMClassifier, LGBMRegressor

    model = (LGBMClassifier if task.classifier else LGBMRegressor)(
        **params,
        subsample_freq=1,
        n_jobs=1,
        deterministic=True,
        force_row_wise=True,
        random_state=task.seed,
        verbosity=-1,
    )
    model.fit(task.x, task.y, sample_weight=task.weights)
    table = lambda m: trees.of_lightgbm(m.booster_)  # noqa: E731
    return Trees(model, table, task.classifier, logit=task.classifier)


def xgboost(task: Task, params: Params) -> Fitted:
    from xgboost import XGBClassifier, XGBRegressor

    # the base is given, because how the library stores one that it estimates differs by version
    base = float(np.average(task.y, weights=task.weights))
    model = (XGBClassifier if task.classifier else XGBRegressor)(
        **params, n_jobs=1, random_state=task.seed, tree_method="hist", base_score=base
    )
    model.fit(task.x, task.y, sample_weight=task.weights)
    margin = float(np.log(base / (1 - base))) if task.classifier else base
    table = lambda m: trees.of_xgboost(_described(m), margin)  # noqa: E731
    return Trees(model, table, task.classifier, logit=task.classifier)


def _described(model: Any) -> Any:
    return json.loads(bytes(model.get_booster().save_raw("json")))
