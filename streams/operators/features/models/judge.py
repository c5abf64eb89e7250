"""A model that was trained elsewhere is held against its labels here: test only, it never learns.

What counts as a rise says the model's own label (`model.toml`), with the keys of an online model:
``label``, ``horizon``, ``bars``, ``up``, ``down``, ``vertical``, ``volatility``.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from streams.operators.features.models.evaluation import Evaluator
from streams.operators.features.models.labels import Label, Waiting
from streams.operators.features.models.online import BASIS_POINTS
from streams.operators.features.models.predictor import ModelError
from streams.operators.features.models.slot import FloatArray, IntArray, Place, Said
from streams.operators.market.bars import period_ns

_KEYS = ("label", "horizon", "bars", "up", "down", "vertical", "volatility")


def label_of(table: Mapping[str, Any]) -> tuple[Label, str] | None:
    """The label, and the column that gives the width of its barriers; None where nothing is said.
    Raises ModelError for a table that says no label."""
    if not table:
        return None
    unknown = [key for key in table if key not in _KEYS]
    if unknown:
        raise ModelError(f"label says {', '.join(unknown)}; known are {', '.join(_KEYS)}")
    usual = Label()
    try:
        label = Label(
            table.get("label", usual.kind),
            _horizon(table.get("horizon", usual.horizon_ns)),
            int(table.get("bars", usual.bars)),
            float(table.get("up", usual.up)),
            float(table.get("down", usual.down)),
            table.get("vertical", usual.vertical),
        )
        label.check()
    except (TypeError, ValueError) as error:
        raise ModelError(f"label: {error}") from error
    return label, str(table.get("volatility", ""))


def _horizon(given: str | int) -> int:
    return period_ns(given) if isinstance(given, str) else int(given)


class Judge:
    """Of several predictions of each row, by name. ``width``: the input that is the width of the
    barriers; ``by``: what a model's description says of its label, and whether the predictions are
    probabilities of a rise, else returns in basis points."""

    def __init__(
        self,
        place: Place,
        label: Label,
        width: int | None,
        by: tuple[Mapping[str, Any], bool],
        names: tuple[str, ...],
    ) -> None:
        self.by, self._sides = by, by[1]
        self._place, self._width, self._names = place, width, names
        self._waiting = Waiting(label, len(names), width is not None)
        self._evaluators: dict[str, Evaluator] = {}

    def fold(
        self, ts: IntArray, mid: FloatArray, inputs: FloatArray, said: dict[str, FloatArray]
    ) -> list[Said]:
        """``said``: the predictions that were made; NaN where there was none."""
        widths = np.ones(len(ts)) if self._width is None else inputs[:, self._width]
        predictions = np.full((len(ts), len(self._names)), np.nan)
        for name, column in said.items():
            predictions[:, self._names.index(name)] = column
        if self._sides:  # what stands in for a model may be no probability
            predictions[(predictions < 0) | (predictions > 1)] = np.nan
        usable = (mid > 0) & (widths > 0) & np.isfinite(predictions).any(axis=1)
        first = self._waiting.number
        known = self._waiting.fold(ts, mid, np.ascontiguousarray(widths), usable)
        ring, size = self._waiting.carried, self._waiting.capacity
        here = (first + np.cumsum(usable) - 1) % size
        ring[here[usable]] = predictions[usable]
        targets = np.asarray(known.ret * BASIS_POINTS)
        if self._sides:
            targets = np.where(known.side == 0, np.nan, known.side > 0)
        for name in said:
            if name not in self._evaluators:
                self._evaluators[name] = Evaluator(name, self._place, self._sides)
        found: list[Said] = []
        for name in self._names:
            if name in self._evaluators:
                column = np.ascontiguousarray(ring[known.entry % size, self._names.index(name)])
                found += self._evaluators[name].fold(ts, known.row, column, targets)
        return found

    def state(self) -> dict[str, Any]:
        evaluators = {name: each.state() for name, each in self._evaluators.items()}
        return {"waiting": self._waiting.state(), "evaluators": evaluators}

    def restore(self, state: dict[str, Any]) -> None:
        self._waiting.restore(state["waiting"])
        for name, kept in state["evaluators"].items():
            self._evaluators[name] = Evaluator(name, self._place, self._sides)
            self._evaluators[name].restore(kept)
