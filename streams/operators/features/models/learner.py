"""What learns and predicts inside a slot: the same calls for a kernel and for a Python model."""

from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class Batch(NamedTuple):
    """Rows of a call, and its lessons. ``usable``: rows to predict, whose inputs lie at ``here`` in
    ``ring``. A lesson comes at ``row``, about what lies at ``place`` of the ring, and teaches
    ``target`` (NaN: nothing)."""

    inputs: FloatArray
    usable: npt.NDArray[np.bool_]
    here: IntArray
    row: IntArray
    place: IntArray
    target: FloatArray
    ring: FloatArray


class Learner(Protocol):
    """A model of one output that learns from one lesson after the other."""

    def fold(self, batch: Batch, lo: int, hi: int, lesson: int, out: FloatArray) -> int:
        """The rows ``lo`` … ``hi`` - 1 in turn: what a row teaches, from lesson number ``lesson``
        on, then its prediction into ``out``, which stays NaN while it warms up. Returns the number
        of the next lesson."""
        ...

    def state(self) -> Any:
        """Canonical plain data."""
        ...

    def restore(self, state: Any) -> None: ...
