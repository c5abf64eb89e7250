"""A slot that learns while it predicts: test, then train.

A vector is predicted when it comes, by a model that has learnt every label known until then and no
later one; it then waits for its own label (`labels.py`). What a classifier learns is the side, what
a regressor learns the return in basis points.
"""

from typing import Any

import numpy as np

from streams.operators.features.models.labels import Known, Label, Waiting
from streams.operators.features.models.learner import Batch, Learner
from streams.operators.features.models.slot import FloatArray, IntArray, Said

BASIS_POINTS = 1e4


class OnlineSlot:
    """``names`` is the one column; ``widths``: the last input is the width of the barriers, which
    the model does not see."""

    def __init__(
        self, name: str, learner: Learner, inputs: int, label: Label, sides: bool, widths: bool
    ) -> None:
        self.names: tuple[str, ...] = (name,)
        self._learner, self._inputs, self._sides = learner, inputs, sides
        self._waiting = Waiting(label, inputs + 1, widths)
        self._widths = widths

    def fold(self, ts: IntArray, mid: FloatArray, inputs: FloatArray) -> FloatArray:
        usable = (mid > 0) & np.isfinite(inputs).all(axis=1)
        x, width = inputs, np.ones(len(ts))
        if self._widths:
            x, width = np.ascontiguousarray(inputs[:, :-1]), np.ascontiguousarray(inputs[:, -1])
            usable &= width > 0
        first = self._waiting.number
        known = self._waiting.fold(ts, mid, width, usable)
        out = self._predict(x, usable, first, known)
        return out.reshape(-1, 1)

    def _predict(self, x: FloatArray, usable: Any, first: int, known: Known) -> FloatArray:
        ring, size = self._waiting.carried, self._waiting.capacity
        here = np.arange(first, self._waiting.number) % size
        ring[here, :-1] = x[usable]
        batch = Batch(x, usable, known.row, known.entry % size, self._targets(known), ring)
        out = np.full(len(x), np.nan)
        self._learner.fold(batch, 0, len(x), 0, out)
        ring[here, -1] = out[usable]
        return out

    def _targets(self, known: Known) -> FloatArray:
        if not self._sides:
            return np.asarray(known.ret * BASIS_POINTS)
        targets: FloatArray = np.where(known.side == 0, np.nan, known.side > 0)
        return targets

    def said(self) -> list[Said]:
        return []

    def state(self) -> dict[str, Any]:
        return {"waiting": self._waiting.state(), "learner": self._learner.state()}

    def restore(self, state: dict[str, Any]) -> None:
        self._waiting.restore(state["waiting"])
        self._learner.restore(state["learner"])
