"""Vectors of the very operators, and the model that was trained at work among them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from config.experiment import Experiment
from console.train_facts import describe
from research.train import streaming, training
from research.train.dataset import History
from research.train.errors import TrainError
from research.train.vectors import VectorFold
from schemas.codec import Codec
from streams.operators.features import core
from streams.operators.features.features import FeaturesConfig
from streams.topology import OperatorConfigs
from tests.train import recordings
from tests.train.markets import wanted


def vectors(configs: OperatorConfigs, features: FeaturesConfig) -> History:
    fold = VectorFold(configs, Codec(), features)
    for frame in recordings.frames():
        fold.take(frame)
    assert fold.refused == 0
    return fold.history()


def without_models(configs: OperatorConfigs) -> FeaturesConfig:
    return streaming.with_models(configs.features, ())


def test_vectors_are_those_of_the_stream(configs: OperatorConfigs) -> None:
    plain = vectors(configs, without_models(configs))
    whole = vectors(configs, configs.features)
    assert plain.names == core.NAMES
    assert whole.names[: len(core.NAMES)] == core.NAMES
    assert len(plain.vectors) == 3
    for name, found in plain.vectors.items():
        values = whole.vectors[name].values[:, : len(core.NAMES)]
        np.testing.assert_array_equal(found.values, values)
        assert np.all(np.diff(found.ts) > 0)


def test_only_the_models_that_are_asked_for_run(configs: OperatorConfigs) -> None:
    assert streaming.model_columns(configs.features) == ("p_up",)
    assert without_models(configs).models == ()
    kept = streaming.with_models(configs.features, ("p_up",))
    assert [name for name, _ in kept.models] == ["p_up"]


@pytest.mark.parametrize("classifier", [True, False])
def test_the_stream_says_what_training_said(configs: OperatorConfigs, classifier: bool) -> None:
    features = without_models(configs)
    before = vectors(configs, features)
    recipe: dict[str, Any] = {"inputs": ("*", "!ema_*"), "classifier": classifier}
    asked = wanted(recipe=recipe, calibration="isotonic" if classifier else "none")
    asked = replace(asked, learner="xgboost", params={"n_estimators": 10.0})
    trained = training.train(asked, before, lambda _: None)
    kind = "classifier" if classifier else "regressor"
    described = describe(Experiment("trend", "made", kind=kind), asked, trained)
    after = vectors(configs, streaming.with_model(features, trained.onnx, described))
    found = streaming.compare(trained, before, after)
    assert found.rows > 300
    assert found.largest < 1e-4
    assert streaming.one_by_one(trained, trained.onnx, described, before).rows == found.rows
    (name, first), *_ = after.vectors.items()
    spoilt = first.values.copy()
    spoilt[-1, after.names.index(streaming.SLOT)] += 0.01
    other = replace(after, vectors={**after.vectors, name: first._replace(values=spoilt)})
    with pytest.raises(TrainError, match="the model in the stream differs"):
        streaming.compare(trained, before, other)
    spoilt[-1, after.names.index(streaming.SLOT)] = np.nan
    with pytest.raises(TrainError, match="says something of"):
        streaming.compare(trained, before, other)
