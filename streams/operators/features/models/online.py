"""A slot that learns while it predicts: test, then train.

A vector is predicted when it comes, by a model that has learnt every label known until then and no
later one; it then waits for its own label (`labels.py`). What a classifier learns is the side, what
a regressor learns the return in basis points. Each prediction is held against its label when that
is known (`evaluation.py`).
"""

from typing import Any

import numpy as np

from schemas.records import DriftDetected
from streams.operators.features.models.evaluation import Evaluator
from streams.operators.features.models.labels import Known, Label, Waiting
from streams.operators.features.models.learner import Batch, Learner
from streams.operators.features.models.slot import FloatArray, IntArray, Place, Said
from streams.operators.features.models.watched import KEEPS, Watched

BASIS_POINTS = 1e4


class OnlineSlot:
    """``inputs``: how many the model sees; ``widths``: one more is the width of the barriers."""

    def __init__(
        self,
        name: str,
        place: Place,
        learner: Learner,
        inputs: int,
        label: Label,
        sides: bool,
        widths: bool,
    ) -> None:
        self.names: tuple[str, ...] = (name,)
        self._learner, self._inputs, self._sides, self._widths = learner, inputs, sides, widths
        self._place = place
        # of a vector that waits: its inputs, what a watched learner keeps, the prediction
        kept = KEEPS if isinstance(learner, Watched) else 0
        self._waiting = Waiting(label, inputs + kept + 1, widths)
        self._evaluator = Evaluator(name, place, sides)
        self._said: list[Said] = []

    def fold(self, ts: IntArray, mid: FloatArray, inputs: FloatArray) -> FloatArray:
        usable = (mid > 0) & np.isfinite(inputs).all(axis=1)
        x, width = inputs, np.ones(len(ts))
        if self._widths:
            x, width = np.ascontiguousarray(inputs[:, :-1]), np.ascontiguousarray(inputs[:, -1])
            usable &= width > 0
        first = self._waiting.number
        known = self._waiting.fold(ts, mid, width, usable)
        targets = self._targets(known)
        out = self._predict(x, usable, first, known, targets)
        self._tell(ts, known, targets)
        return out.reshape(-1, 1)

    def _predict(
        self, x: FloatArray, usable: Any, first: int, known: Known, targets: FloatArray
    ) -> FloatArray:
        ring, size = self._waiting.carried, self._waiting.capacity
        here = (first + np.cumsum(usable) - 1) % size
        ring[here[usable], : self._inputs] = x[usable]
        batch = Batch(x, usable, here, known.row, known.entry % size, targets, ring)
        out = np.full(len(x), np.nan)
        self._learner.fold(batch, 0, len(x), 0, out)
        ring[here[usable], -1] = out[usable]
        return out

    def _targets(self, known: Known) -> FloatArray:
        if not self._sides:
            return np.asarray(known.ret * BASIS_POINTS)
        targets: FloatArray = np.where(known.side == 0, np.nan, known.side > 0)
        return targets

    def _tell(self, ts: IntArray, known: Known, targets: FloatArray) -> None:
        """How good the predictions were whose labels became known; drift of the model's error."""
        predicted = self._waiting.carried[known.entry % self._waiting.capacity, -1]
        found = self._learner.detections() if isinstance(self._learner, Watched) else []
        rows = [each.row for each in found]
        self._said += self._evaluator.fold(ts, known.row, predicted, targets, rows)
        name, instrument = self.names[0], self._place.instrument
        for row, before, after, done in found:
            told = DriftDetected(instrument, name, int(ts[row]), before, after, done)
            self._said.append((row, told))
        self._said.sort(key=lambda said: said[0])

    def said(self) -> list[Said]:
        found, self._said = self._said, []
        return found

    def state(self) -> dict[str, Any]:
        return {
            "waiting": self._waiting.state(),
            "learner": self._learner.state(),
            "evaluator": self._evaluator.state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        self._waiting.restore(state["waiting"])
        self._learner.restore(state["learner"])
        self._evaluator.restore(state["evaluator"])
