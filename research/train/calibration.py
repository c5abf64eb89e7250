"""From what a classifier says to a probability that holds: of rows given 0.7, seven of ten rise.

A calibrator is fitted on predictions for rows that the model was not fitted on, and stands in the
exported graph, so that what the stream says is calibrated.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from research.train.graph import Graph

KINDS = ("platt", "isotonic", "none")
_EDGE = 1e-6  # a prediction nearer to 0 or 1 counts as this
# Knots of a curve lie at least this far apart: between nearer ones it would be so steep that the
# seventh digit of a float32 sum of leaves shows in the fourth of a probability.
_STEP = 0.005


class Calibrator(Protocol):
    def apply(self, p: Any) -> Any: ...

    def to_graph(self, graph: Graph, p: str) -> str: ...


@dataclass(frozen=True, slots=True)
class AsItIs:
    def apply(self, p: Any) -> Any:
        return p

    def to_graph(self, graph: Graph, p: str) -> str:
        return p


@dataclass(frozen=True, slots=True)
class Platt:
    """1 / (1 + exp(-(slope · logit(p) + shift))): Platt, "Probabilistic outputs for support vector
    machines", 1999, on log odds."""

    slope: float
    shift: float

    def apply(self, p: Any) -> Any:
        return 1.0 / (1.0 + np.exp(-(self.slope * logit(p) + self.shift)))

    def to_graph(self, graph: Graph, p: str) -> str:
        low, high = graph.constant(_EDGE), graph.constant(1 - _EDGE)
        inside = graph.node("Clip", p, low, high)
        odds = graph.node("Div", inside, graph.node("Sub", graph.constant([[1.0]]), inside))
        scaled = graph.times(graph.node("Log", odds), [[self.slope]])
        return graph.node("Sigmoid", graph.add(scaled, [[self.shift]]))


@dataclass(frozen=True, slots=True)
class Isotonic:
    """A curve that never falls, straight between its knots (Zadrozny & Elkan, "Transforming
    classifier scores into accurate multiclass probability estimates", 2002)."""

    at: Any
    value: Any

    def apply(self, p: Any) -> Any:
        return np.interp(p, self.at, self.value)

    def to_graph(self, graph: Graph, p: str) -> str:
        """The curve as a sum of ramps: each rises from knot to knot by its share."""
        run, rise = np.diff(self.at), np.diff(self.value)
        if not len(run):
            return graph.add(graph.times(p, [[0.0]]), [[float(self.value[0])]])
        past = graph.node("Sub", p, graph.constant(self.at[:-1]))
        share = graph.node("Div", past, graph.constant(run))
        bounded = graph.node("Clip", share, graph.constant(0.0), graph.constant(1.0))
        return graph.affine(bounded, rise.reshape(-1, 1), [[float(self.value[0])]])


def fit(kind: str, p: Any, y: Any, weights: Any) -> Calibrator:
    """Nothing is corrected where only one class was seen."""
    if kind == "none" or len(np.unique(y)) < 2:
        return AsItIs()
    return _platt(p, y, weights) if kind == "platt" else _isotonic(p, y, weights)


def _platt(p: Any, y: Any, weights: Any) -> Calibrator:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e6).fit(logit(p).reshape(-1, 1), y, sample_weight=weights)
    slope = float(model.coef_[0, 0])
    # predictions that order rows the wrong way tell nothing: then the mean is all there is to say
    return Platt(slope, float(model.intercept_[0])) if slope > 0 else _mean(y, weights)


def _mean(y: Any, weights: Any) -> Platt:
    return Platt(0.0, float(logit(np.average(y, weights=weights))))


def _isotonic(p: Any, y: Any, weights: Any) -> Calibrator:
    from sklearn.isotonic import IsotonicRegression

    # not surer than the sample allows: at an end no bin of rows is all rises or all falls
    edge = 1.0 / (len(y) + 2)
    model = IsotonicRegression(y_min=edge, y_max=1 - edge, out_of_bounds="clip")
    model.fit(p, y, sample_weight=weights)
    at, value = model.X_thresholds_, model.y_thresholds_
    kept = [0]
    for knot in range(1, len(at)):
        if at[knot] - at[kept[-1]] >= _STEP:
            kept.append(knot)
    return Isotonic(np.asarray(at)[kept], np.asarray(value)[kept])


def logit(p: Any) -> Any:
    p = np.clip(p, _EDGE, 1 - _EDGE)
    return np.log(p / (1 - p))
