"""Models that know no label: how unusual is a vector, beside those before it?

A vector gets its score first, and is learnt then.
"""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from streams.operators.features.models.graph import from_plain, to_plain
from streams.operators.features.models.kinds import Asked
from streams.operators.features.models.parameter import number
from streams.operators.features.models.river_learner import scaler_of
from streams.operators.features.models.slot import FloatArray, IntArray, Place, Said


class AnomalySlot:
    """``scaler`` learns from a vector before it is scored, as extremes belong to it."""

    def __init__(
        self, name: str, model: Any, inputs: tuple[str, ...], scaler: str, warm_up: int
    ) -> None:
        self.names: tuple[str, ...] = (name,)
        self._model, self._inputs = model, inputs
        self._scaler, self._warm_up, self._seen = scaler_of(scaler), warm_up, 0

    def fold(self, ts: IntArray, mid: FloatArray, inputs: FloatArray) -> FloatArray:
        rows = zip(inputs.tolist(), np.isfinite(inputs), strict=True)
        scores = [self._score(row) if whole.all() else math.nan for row, whole in rows]
        return np.array(scores).reshape(-1, 1)

    def _score(self, values: list[float]) -> float:
        x = dict(zip(self._inputs, values, strict=True))
        self._scaler.learn_one(x)
        x = self._scaler.transform_one(x)
        score = math.nan if self._seen < self._warm_up else float(self._model.score_one(x))
        self._model.learn_one(x)
        self._seen += 1
        return score

    def said(self) -> list[Said]:
        return []

    def state(self) -> dict[str, Any]:
        return {"seen": self._seen, "graph": to_plain([self._scaler, self._model])}

    def restore(self, state: dict[str, Any]) -> None:
        self._seen = state["seen"]
        self._scaler, self._model = from_plain(state["graph"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly(Asked):
    scaler: ClassVar[str]
    warm_up: int = number(250, 0, 1_000_000, "vectors learnt before it scores")

    def slot(self, name: str, reads: tuple[str, ...], place: Place) -> AnomalySlot:
        return AnomalySlot(name, self.model(self.seed), reads, self.scaler, self.warm_up)

    def model(self, seed: int) -> Any:
        """river's, fresh."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfSpaceTrees(Anomaly):
    """Half-space trees (Tan, Ting and Liu 2011): 0 usual … 1 unusual."""

    kind: ClassVar[str] = "half_space_trees"
    scaler: ClassVar[str] = "min_max"
    trees: int = number(10, 1, 1000, "half-space trees")
    height: int = number(6, 1, 15, "of a tree")
    window: int = number(250, 1, 1_000_000, "vectors that the next ones are held against")

    def model(self, seed: int) -> Any:
        from river import anomaly

        return anomaly.HalfSpaceTrees(self.trees, self.height, self.window, seed=seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneClass(Anomaly):
    """One-class support vector machine by stochastic gradient descent: over 0, the more unusual."""

    kind: ClassVar[str] = "one_class_svm"
    scaler: ClassVar[str] = "standard"
    nu: float = number(0.1, 1e-6, 1.0, "share of vectors that are expected to be unusual")

    def model(self, seed: int) -> Any:
        from river import anomaly

        return anomaly.OneClassSVM(nu=self.nu)
