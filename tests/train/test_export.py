"""Every learner's graph says what the learner says."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.train import calibration, parity
from research.train.errors import TrainError
from research.train.export import to_onnx
from research.train.fits import Params
from research.train.fitted import Task
from research.train.fitting import Model
from research.train.learners import LEARNERS
from research.train.trees import above, below

SMALL: dict[str, Params] = {
    "forest": {"n_estimators": 10, "min_samples_leaf": 5},
    "boosting": {"max_iter": 10, "min_samples_leaf": 10},
    "lightgbm": {"n_estimators": 10, "min_child_samples": 10},
    "xgboost": {"n_estimators": 10, "min_child_weight": 1.0},
    "mlp": {"epochs": 3, "layers": 2},
}


def rows(seed: int = 0, count: int = 400) -> tuple[Any, Any]:
    """Inputs of very different sizes, one of few values, and what follows from them."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, 4)).astype(np.float32)
    target = x[:, 0] + x[:, 1] * x[:, 2] + rng.normal(0, 0.3, count)
    x[:, 2] = np.round(x[:, 2], 1)
    x[:, 3] = x[:, 3] * 5 + 60_000
    return x, target


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("classifier", [True, False])
@pytest.mark.parametrize("name", LEARNERS)
def test_the_graph_says_what_the_learner_says(name: str, classifier: bool) -> None:
    learner = LEARNERS[name]
    x, target = rows()
    y = (target > 0).astype(np.float64) if classifier else target
    params = {**learner.fixed, **SMALL.get(name, {})}
    task = Task(classifier, x, y, np.linspace(0.5, 1.5, len(y)), 7)
    fitted = learner.fit(task, params)
    said = fitted.predict(x)
    corrected = calibration.fit("platt" if classifier else "none", said, y, task.weights)
    model = Model(fitted, corrected, params, [])
    data = to_onnx(model, x.shape[1], classifier)
    fresh, _ = rows(1)
    found = parity.compare(name, parity.run(data, fresh), model.predict(fresh))
    assert found.rows == len(fresh)
    assert found.largest < (1e-6 if classifier else 1e-4)
    again = learner.fit(task, params)
    assert to_onnx(Model(again, corrected, params, []), x.shape[1], classifier) == data


@pytest.mark.parametrize("name", ["linear", "mlp"])
def test_an_input_that_moves_as_never_before_does_not_say_anything(name: str) -> None:
    x, target = rows()
    x[:, 3] = 60_000 + x[:, 3] * 1e-4
    learner = LEARNERS[name]
    params = {**learner.fixed, **SMALL.get(name, {})}
    fitted = learner.fit(Task(False, x, target, np.ones(len(x)), 7), params)
    x[0, 3] = 90_000
    model = Model(fitted, calibration.AsItIs(), params, [])
    assert np.abs(model.predict(x)).max() < 100
    parity.compare(name, parity.run(to_onnx(model, 4, False), x), model.predict(x))


def test_a_model_that_says_something_else_is_not_written() -> None:
    with pytest.raises(TrainError, match=r"the stream differs .* by 0\.5 on one of 2 rows"):
        parity.compare("the stream", np.array([0.5, 0.5]), np.array([0.5, 1.0]))
    with pytest.raises(TrainError, match="nan"):
        parity.compare("the stream", np.array([np.nan]), np.array([1.0]))


@given(st.floats(-(2.0**99), 2.0**99), st.floats(-(2.0**99), 2.0**99, width=32))
def test_a_rounded_threshold_divides_float32_as_the_whole_one(t: float, x: float) -> None:
    assert (np.float32(x) <= below(np.array(t))) == (x <= t)
    assert (np.float32(x) < above(np.array(t))) == (x < t)
