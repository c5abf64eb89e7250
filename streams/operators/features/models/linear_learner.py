"""The kernel of `linear.py` as a learner."""

from typing import Any

from streams.operators.features.models import linear
from streams.operators.features.models.learner import Batch, FloatArray


class LinearLearner:
    def __init__(self, descent: linear.Descent, inputs: int) -> None:
        self._spec, self._numbers = descent.spec(), linear.empty(inputs)

    def fold(self, batch: Batch, lo: int, hi: int, lesson: int, out: FloatArray) -> int:
        return int(linear.fold(batch, lo, hi, lesson, self._spec, self._numbers, out))

    def state(self) -> dict[str, Any]:
        return self._numbers._asdict()

    def restore(self, state: dict[str, Any]) -> None:
        self._numbers = linear.Numbers(**state)
