"""What an operator sees of a model from elsewhere: an object that predicts, and where to get one.

Whoever builds the operator passes them in. A version is the hash of the model's own bytes, so it
means the same model wherever it is found, and a fold that names versions is still a pure one.
"""

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


class ModelError(ValueError):
    """A model that is not there, is not what it says, or does not fit: what, where, what to do."""


class Predictor(Protocol):
    """``inputs`` are the columns it takes, in order; ``label`` what it was trained to say;
    ``fallback`` what stands for its output where it fails (NaN: nothing); ``takes_nan``: a value
    that is not known yet is an input like any other."""

    @property
    def version(self) -> str: ...
    @property
    def inputs(self) -> tuple[str, ...]: ...
    @property
    def feature_set(self) -> str: ...
    @property
    def takes_nan(self) -> bool: ...
    @property
    def fallback(self) -> float: ...
    @property
    def is_classifier(self) -> bool: ...
    @property
    def label(self) -> dict[str, Any]: ...

    def predict(self, rows: FloatArray) -> tuple[FloatArray, dict[int, str]]:
        """One value a row: a classifier's probability of a rise, a regressor's value. Rows on
        which it failed are NaN, and named with the reason. A row's value depends on that row
        alone, however many come with it."""
        ...


class Predictors(Protocol):
    """Loaded models by name and version."""

    def get(self, name: str, version: str) -> Predictor:
        """Raises ModelError, which says why it cannot be had."""
        ...

    def current(self, name: str) -> tuple[str, str]:
        """The version in production, and the one that runs in its shadow (empty: none). The same
        for as long as the process lives. Raises ModelError where none is in production."""
        ...


class NoPredictors:
    """Where no model from elsewhere is configured."""

    def get(self, name: str, version: str) -> Predictor:
        raise ModelError(f"model {name}: no registry of models was given")

    def current(self, name: str) -> tuple[str, str]:
        raise ModelError(f"model {name}: no registry of models was given")


NO_PREDICTORS = NoPredictors()
