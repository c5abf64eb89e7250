"""A river model as a learner, one vector and one label at a time.

Inputs may be scaled on the way: by ``standard`` or ``min_max``, which learn from each vector when
it comes. The state is the graph of the model's objects (`graph.py`).
"""

import math
from typing import Any

from streams.operators.features.models.graph import from_plain, to_plain
from streams.operators.features.models.learner import Batch, FloatArray

SCALERS = ("", "standard", "min_max")


class RiverLearner:
    """``sides``: a classifier, whose prediction is the probability of a rise; else a regressor."""

    def __init__(
        self, model: Any, names: tuple[str, ...], sides: bool, scaler: str, warm_up: int
    ) -> None:
        self._model, self._names, self._sides = model, names, sides
        self._scaler, self._warm_up, self._learnt = scaler_of(scaler), max(warm_up, 1), 0

    def fold(self, batch: Batch, lo: int, hi: int, lesson: int, out: FloatArray) -> int:
        rows, k = batch.row.tolist(), len(self._names)
        for row in range(lo, hi):
            while lesson < len(rows) and rows[lesson] == row:
                target = float(batch.target[lesson])
                if target == target:  # not NaN
                    self._learn(batch.ring[batch.place[lesson], :k].tolist(), target)
                lesson += 1
            if batch.usable[row]:
                out[row] = self._predict(batch.inputs[row].tolist())
        return lesson

    def _learn(self, values: list[float], target: float) -> None:
        x = self._scaled(values)
        self._model.learn_one(x, target > 0 if self._sides else target)
        self._learnt += 1

    def _predict(self, values: list[float]) -> float:
        if self._scaler is not None:
            self._scaler.learn_one(dict(zip(self._names, values, strict=True)))
        if self._learnt < self._warm_up:
            return math.nan
        x = self._scaled(values)
        if not self._sides:
            return float(self._model.predict_one(x))
        chances = self._model.predict_proba_one(x)
        return float(chances.get(True, 0.0)) if chances else math.nan

    def _scaled(self, values: list[float]) -> dict[str, float]:
        x = dict(zip(self._names, values, strict=True))
        if self._scaler is None:
            return x
        scaled: dict[str, float] = self._scaler.transform_one(x)
        return scaled

    def state(self) -> dict[str, Any]:
        return {"learnt": self._learnt, "graph": to_plain([self._scaler, self._model])}

    def restore(self, state: dict[str, Any]) -> None:
        self._learnt = state["learnt"]
        self._scaler, self._model = from_plain(state["graph"])


def scaler_of(name: str) -> Any:
    """One of ``SCALERS``; None for none."""
    from river import preprocessing

    if name == "standard":
        return preprocessing.StandardScaler()
    return preprocessing.MinMaxScaler() if name == "min_max" else None
