"""A fitted model: what it says of rows, and how it says the same as a graph."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from research.train import trees
from research.train.graph import Graph
from research.train.threads import one_thread

BOUND = 5.0  # deviations


class Fitted(Protocol):
    """Of a classifier the probability of a rise, of a regressor the value."""

    def predict(self, x: Any) -> Any: ...

    def to_graph(self, graph: Graph, x: str) -> str:
        """A column of the same, in doubles."""
        ...


class Task(NamedTuple):
    """Rows to fit on: ``x`` in float32, ``y`` of a classifier 0 or 1."""

    classifier: bool
    x: Any
    y: Any
    weights: Any
    seed: int


@dataclass(frozen=True, slots=True)
class Layers:
    """Inputs brought to mean 0 and deviation 1 and bounded, then matrices with ReLU between them.

    Bounded, because a feature that hardly moved in training may move by a thousand of its
    deviations later, and what is linear in it would say anything."""

    center: Any
    scale: Any
    layers: tuple[tuple[Any, Any], ...]
    classifier: bool
    native: Any

    def predict(self, x: Any) -> Any:
        return _predicted(self.native, bounded(x, self.center, self.scale), self.classifier)

    def to_graph(self, graph: Graph, x: str) -> str:
        shifted = graph.node("Sub", graph.wide(x), graph.constant(self.center))
        scaled = graph.node("Div", shifted, graph.constant(self.scale))
        at = graph.node("Clip", scaled, graph.constant(-BOUND), graph.constant(BOUND))
        for number, (weights, intercept) in enumerate(self.layers):
            at = graph.node("Relu", at) if number else at
            at = graph.affine(at, weights, intercept)
        return graph.node("Sigmoid", at) if self.classifier else at


@dataclass(frozen=True, slots=True)
class Trees:
    """``logit``: leaves sum up to log odds, not to the probability itself."""

    native: Any
    ensemble: Callable[[Any], trees.Ensemble]
    classifier: bool
    logit: bool

    def predict(self, x: Any) -> Any:
        return _predicted(self.native, x, self.classifier)

    def to_graph(self, graph: Graph, x: str) -> str:
        total = trees.to_graph(graph, x, self.ensemble(self.native))
        return graph.node("Sigmoid", total) if self.logit else total


def bounded(x: Any, center: Any, scale: Any) -> Any:
    return np.clip((x.astype(np.float64) - center) / scale, -BOUND, BOUND)


def _predicted(native: Any, x: Any, classifier: bool) -> Any:
    with one_thread():
        found = native.predict_proba(x)[:, 1] if classifier else native.predict(x)
    return np.asarray(found, np.float64)
