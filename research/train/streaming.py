"""That the stream will say what training said: the model as a host loads it, over the vectors as
the operator made them, one at a time.
"""

from typing import Any

import numpy as np

from research.train import parity
from research.train.dataset import BASIS_POINTS, History
from research.train.parity import Parity
from research.train.training import Trained
from streams.models.description import Description
from streams.models.session import Session

_MOST = 2000  # vectors of an instrument, evenly spread: one at a time takes a while


def check(trained: Trained, described: Description, history: History) -> Parity:
    """Raises TrainError where they differ, ModelError where it cannot be loaded."""
    session = Session(trained.onnx, described)
    places = [history.names.index(name) for name in trained.data.inputs]
    unit = 1.0 if session.is_classifier else BASIS_POINTS
    said, expected = [], []
    for name in trained.data.instruments:
        values = _whole(history.vectors[name].values[:, places])
        said += [session.predict(values[n : n + 1])[0] * unit for n in range(len(values))]
        expected.append(trained.model.predict(values.astype(np.float32)))
    return parity.compare("the model in the stream", np.concatenate(said), np.concatenate(expected))


def _whole(values: Any) -> Any:
    there = values[np.isfinite(values).all(axis=1)]
    return there[:: max(1, len(there) // _MOST)]
