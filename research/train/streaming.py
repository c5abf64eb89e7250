"""That the stream says what training said.

The source is folded once more, now with the model at work in a slot of the features, and what
stands in its column is held against what the fitted model says of that vector.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from research.train import parity
from research.train.dataset import History
from research.train.errors import TrainError
from research.train.parity import Parity
from research.train.training import Trained
from streams.models.description import Description
from streams.models.session import Session
from streams.operators.features.features import FeaturesConfig, feature_names
from streams.operators.features.models.onnx import Onnx
from streams.operators.features.models.predictor import Predictor, Predictors
from streams.operators.features.models.slot import plan

SLOT = "in_training"


@dataclass(frozen=True, slots=True)
class _Also:
    """One session more than a registry has."""

    session: Session
    others: Predictors

    def get(self, name: str, version: str) -> Predictor:
        own = version == self.session.version
        return self.session if own else self.others.get(name, version)

    def current(self, name: str) -> tuple[str, str]:
        return self.others.current(name)


def with_model(config: FeaturesConfig, data: bytes, described: Description) -> FeaturesConfig:
    """With a slot more, behind the others. Raises ModelError where the model cannot be loaded."""
    model = Onnx(model=described.name, version=described.version)
    found = _Also(Session(data, described), config.predictors)
    return replace(config, models=(*config.models, (SLOT, model)), predictors=found)


def with_models(config: FeaturesConfig, columns: Collection[str]) -> FeaturesConfig:
    """With the models only that make these columns, and those that they read."""
    wanted, kept = dict.fromkeys(columns), []
    planned = plan(config.models, feature_names(config.indicators))
    for model, (_, reads, made) in zip(reversed(config.models), reversed(planned), strict=True):
        if any(column in wanted for column in made):
            wanted |= dict.fromkeys(reads)
            kept.append(model)
    return replace(config, models=tuple(reversed(kept)))


def model_columns(config: FeaturesConfig) -> tuple[str, ...]:
    """What the models of a configuration append to the vector."""
    planned = plan(config.models, feature_names(config.indicators))
    return tuple(column for _, _, made in planned for column in made)


def compare(trained: Trained, before: History, after: History) -> Parity:
    """``after``: the history with the slot. Raises TrainError where they differ: also where one
    says something and the other does not."""
    said, expected = [], []
    for name, vectors in before.vectors.items():
        again = after.vectors.get(name)
        if again is None or not np.array_equal(again.ts, vectors.ts):
            raise TrainError(f"{name}: the source gave other vectors the second time")
        said.append(again.values[:, after.names.index(SLOT)])
        expected.append(_expected(trained, vectors.values, before.names))
    found, wanted = np.concatenate(said), np.concatenate(expected)
    there = np.isfinite(wanted)
    if not np.array_equal(there, np.isfinite(found)):
        raise TrainError(
            f"the model in the stream says something of {int(np.isfinite(found).sum())} vectors, "
            f"the fitted one of {int(there.sum())}: nothing is written; report it"
        )
    return parity.compare("the model in the stream", found[there], wanted[there])


def one_by_one(trained: Trained, data: bytes, described: Description, before: History) -> Parity:
    """Where the source cannot be folded again, as a table cannot: a host's session over the vectors
    that the operator made, a row at a time."""
    session = Session(data, described)
    said, expected = [], []
    places = [before.names.index(name) for name in trained.data.inputs]
    for vectors in before.vectors.values():
        wanted = _expected(trained, vectors.values, before.names)
        for row in np.flatnonzero(np.isfinite(wanted)).tolist():
            said.append(session.predict(vectors.values[row : row + 1, places])[0])
            expected.append(wanted[row : row + 1])
    return parity.compare("the model in the stream", np.concatenate(said), np.concatenate(expected))


def _expected(trained: Trained, values: Any, names: tuple[str, ...]) -> Any:
    """What the fitted model says of each vector; NaN where it lacks an input."""
    inputs = values[:, [names.index(name) for name in trained.data.inputs]]
    whole = np.isfinite(inputs).all(axis=1)
    made = np.full(len(inputs), np.nan)
    if whole.any():
        made[whole] = trained.model.predict(inputs[whole].astype(np.float32))
    return made
