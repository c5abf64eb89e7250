"""Rows to train on: vectors of several instruments with their labels, in the order of time.

Inputs are cast to float32 here, once, because that is what the exported model takes: what is
fitted, judged and run are the same numbers.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from research.train import weights
from research.train.columns import chosen
from research.train.errors import TrainError
from research.train.splits import Spans
from streams.operators.features.models import labels
from streams.operators.features.models.labels import Label
from streams.operators.features.models.online import BASIS_POINTS

LEAST_ROWS = 50


class Vectors(NamedTuple):
    """Of one instrument, in the order of ``ts`` (ns): ``mid`` is NaN where the book had no two
    sides; ``values`` (rows, features)."""

    ts: Any
    mid: Any
    values: Any


@dataclass(frozen=True, slots=True)
class History:
    """What a source told: vectors of one feature set by instrument, and their columns' names."""

    feature_set: str
    names: tuple[str, ...]
    vectors: dict[str, Vectors]


class Rows(NamedTuple):
    """``x`` in float32; ``y`` of a classifier 1 for a rise and 0 for a fall, of a regressor the
    return in basis points; a label spans ``start`` … ``end`` (ns); ``instrument`` by number."""

    x: Any
    y: Any
    ret: Any
    start: Any
    end: Any
    weights: Any
    instrument: Any

    @property
    def spans(self) -> Spans:
        return Spans(self.start, self.end)

    def part(self, rows: Any) -> "Rows":
        return Rows(*(column[rows] for column in self))


@dataclass(frozen=True, slots=True)
class Recipe:
    """What becomes of a history. ``inputs``: patterns of columns, see ``columns``; ``volatility``:
    the column that barriers are multiples of, or empty; ``weighing``: see ``weights``."""

    inputs: tuple[str, ...]
    label: Label
    volatility: str
    weighing: str
    classifier: bool


@dataclass(frozen=True, slots=True)
class Dataset:
    """``counts``: what became of each vector; ``vectors`` is all of them. ``uniqueness``: of the
    mean label, 1 where none overlap."""

    feature_set: str
    inputs: tuple[str, ...]
    instruments: tuple[str, ...]
    rows: Rows
    counts: dict[str, int]
    uniqueness: float


def make(history: History, recipe: Recipe) -> Dataset:
    """Raises TrainError where too little is left, ValueError for a label that makes no sense."""
    if not any(len(v.ts) for v in history.vectors.values()):
        raise TrainError(
            "the source gives no feature vector: it needs a bar of features.bar; check the "
            "instruments and the span, or choose a shorter bar"
        )
    inputs = chosen(recipe.inputs, history.names)
    places = [history.names.index(name) for name in inputs]
    names = tuple(sorted(history.vectors))
    counts = dict.fromkeys(("vectors", "warming_up", "without_label", "unmoved", "rows"), 0)
    parts = [
        _of_instrument(number, history, name, places, recipe, counts)
        for number, name in enumerate(names)
    ]
    pooled = Rows(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    order = np.lexsort((pooled.instrument, pooled.start))
    rows = pooled.part(order)
    rows = rows._replace(weights=weights.normalised(rows.weights))
    _check(rows, recipe, counts)
    unique = np.concatenate([weights.uniqueness(part.spans) for part in parts if len(part.y)])
    return Dataset(history.feature_set, inputs, names, rows, counts, float(unique.mean()))


def _of_instrument(
    number: int,
    history: History,
    name: str,
    places: list[int],
    recipe: Recipe,
    counts: dict[str, int],
) -> Rows:
    found = history.vectors[name]
    width = found.values[:, _width(history, recipe)] if recipe.volatility else None
    label = labels.over(recipe.label, found.ts, found.mid, width)
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes inf, and is dropped
        x = found.values[:, places].astype(np.float32)
    warm = np.isfinite(x).all(axis=1)
    known = label.t1 > 0
    moved = (label.side != 0) | (not recipe.classifier)
    kept = warm & known & moved
    counts["vectors"] += len(warm)
    counts["warming_up"] += int((~warm).sum())
    counts["without_label"] += int((warm & ~known).sum())
    counts["unmoved"] += int((warm & known & ~moved).sum())
    counts["rows"] += int(kept.sum())
    spans = Spans(found.ts[kept], label.t1[kept])
    ret = label.ret[kept] * BASIS_POINTS
    y = (label.side[kept] > 0).astype(np.float64) if recipe.classifier else ret
    weighed = _weights(recipe.weighing, spans, found.mid[kept])
    numbers = np.full(len(ret), number)
    return Rows(x[kept], y, ret, spans.start, spans.end, weighed, numbers)


def _width(history: History, recipe: Recipe) -> int:
    (name,) = chosen((recipe.volatility,), history.names)
    return history.names.index(name)


def _weights(kind: str, spans: Spans, mid: Any) -> Any:
    if kind == "none" or not len(mid):
        return np.ones(len(mid))
    return weights.uniqueness(spans) if kind == "uniqueness" else weights.attribution(spans, mid)


def _check(rows: Rows, recipe: Recipe, counts: dict[str, int]) -> None:
    told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
    if len(rows.y) < LEAST_ROWS:
        raise TrainError(
            f"{len(rows.y)} rows are too few, at least {LEAST_ROWS} are needed ({told}): take more "
            "data, a shorter horizon, or fewer features that warm up long"
        )
    if recipe.classifier and len(np.unique(rows.y)) < 2:
        only = "rises" if rows.y[0] else "falls"
        raise TrainError(
            f"all {len(rows.y)} labels are {only}: a classifier needs both; take more data, or "
            "another label"
        )
