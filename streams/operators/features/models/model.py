"""What an operator sees of a model from elsewhere: an object that predicts, and where to get one.

Whoever builds the operator passes them in. A version is the hash of the model's own bytes, so it
means the same model wherever it is found, and a fold that names versions is still a pure one.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


class ModelError(ValueError):
    """A model that is not there, is not what it says, or does not fit: what, where, what to do."""


class Model(Protocol):
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


class Models(Protocol):
    """Loaded models by name and version."""

    def get(self, name: str, version: str) -> Model:
        """Raises ModelError, which says why it cannot be had."""
        ...


def names_missing(needed: Sequence[str], there: Sequence[str]) -> list[str]:
    """Of what a model needs, what a vector has not."""
    known = frozenset(there)
    return [name for name in needed if name not in known]
