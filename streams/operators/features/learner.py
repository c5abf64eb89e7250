"""A river model that learns online whether the price will be higher after the horizon.

A label is known only when its time has come: a vector waits with the mid it saw, and the first
vector at least ``horizon_ns`` later teaches the model which way it went. The prediction for a
vector is made after all labels known by then are learnt, and before its own. Unchanged mids
teach nothing.

The model is river's ``StandardScaler | LogisticRegression`` with plain SGD; its numbers are taken
out and put back for snapshots, so that a snapshot is canonical.
"""

import math
from collections import deque
from typing import Any


class Learner:
    """``names`` are the inputs; ``warm_up`` labels must be learnt before it predicts."""

    def __init__(
        self, names: tuple[str, ...], horizon_ns: int, warm_up: int, learning_rate: float
    ) -> None:
        self._names, self._horizon_ns, self._warm_up = names, horizon_ns, warm_up
        from river import (  # 2 s, of which most commands need none
            linear_model,
            optim,
            preprocessing,
        )

        self._scaler = preprocessing.StandardScaler()
        self._model = linear_model.LogisticRegression(optimizer=optim.SGD(learning_rate))
        self._waiting: deque[tuple[int, float, list[float]]] = deque()
        self._learnt = 0

    def step(self, ts_event: int, mid: float, values: list[float]) -> float:
        """Takes one vector; returns the probability of a rise, NaN while warming up."""
        if math.isnan(mid) or any(map(math.isnan, values)):
            return math.nan
        self._learn_until(ts_event - self._horizon_ns, mid)
        self._waiting.append((ts_event, mid, values))
        x = self._input(values)
        self._scaler.learn_one(x)
        if self._learnt < self._warm_up:
            return math.nan
        return float(self._model.predict_proba_one(self._scaler.transform_one(x))[True])

    def _learn_until(self, ts: int, mid: float) -> None:
        while self._waiting and self._waiting[0][0] <= ts:
            _, then, values = self._waiting.popleft()
            if mid != then:
                x = self._scaler.transform_one(self._input(values))
                self._model.learn_one(x, mid > then)
                self._learnt += 1

    def _input(self, values: list[float]) -> dict[str, float]:
        return dict(zip(self._names, values, strict=True))

    def state(self) -> dict[str, Any]:
        """Everything that predictions depend on, for a canonical snapshot."""
        return {
            "learnt": self._learnt,
            "waiting": [[ts, mid, values] for ts, mid, values in self._waiting],
            "weights": {name: float(w) for name, w in self._model.weights.items()},
            "intercept": float(self._model.intercept),
            "steps": self._model.optimizer.n_iterations,
            "counts": dict(self._scaler.counts),
            "means": {name: float(v) for name, v in self._scaler.means.items()},
            "vars": {name: float(v) for name, v in self._scaler.vars.items()},
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes up what ``state`` gave."""
        self._learnt = state["learnt"]
        self._waiting = deque((ts, mid, values) for ts, mid, values in state["waiting"])
        order = self._names
        self._model._weights.update(
            {n: state["weights"][n] for n in order if n in state["weights"]}
        )
        self._model.intercept = state["intercept"]
        self._model.optimizer.n_iterations = state["steps"]
        for mine, theirs in (
            (self._scaler.counts, state["counts"]),
            (self._scaler.means, state["means"]),
            (self._scaler.vars, state["vars"]),
        ):
            mine.update({n: theirs[n] for n in order if n in theirs})
