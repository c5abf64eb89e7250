"""Histories made by hand, from a seed: what a source would have told."""

from typing import Any

import numpy as np

from research.train.dataset import History, Recipe, Vectors
from research.train.training import Validation, Wanted
from streams.operators.features.models.labels import Label

SECOND = 10**9
START = 1_700_000_000 * SECOND


def walk(rows: int, seed: int, drift: Any = 0.0, start: float = 100.0) -> Any:
    """Mids whose log returns are normal, a basis point each, about ``drift``."""
    steps = np.random.default_rng(seed).normal(0, 1e-4, rows) + drift
    return start * np.exp(np.cumsum(steps))


def history(columns: dict[str, Any], mid: Any, instrument: str = "X:Y") -> History:
    """A vector a second."""
    ts = START + np.arange(len(mid)) * SECOND
    values = np.column_stack(list(columns.values()))
    return History("made@1", tuple(columns), {instrument: Vectors(ts, mid, values)})


def foreseeable(rows: int = 600, seed: int = 3, strength: float = 0.8e-4) -> History:
    """The feature ``tide`` pushes the mid over the seconds that follow; ``noise`` does not."""
    rng = np.random.default_rng(seed)
    tide = np.sin(np.arange(rows) / 9) + rng.normal(0, 0.2, rows)
    mid = walk(rows, seed, np.concatenate(([0.0], strength * tide[:-1])))
    return history({"tide": tide, "noise": rng.normal(size=rows)}, mid)


def unforeseeable(rows: int = 600, seed: int = 5) -> History:
    rng = np.random.default_rng(seed)
    columns = {f"noise_{n}": rng.normal(size=rows) for n in range(4)}
    return history(columns, walk(rows, seed))


def wanted(**changed: Any) -> Wanted:
    """Quick: no search, five folds, labels of five seconds."""
    validation = Validation(embargo_ns=5 * SECOND, **changed.pop("validation", {}))
    recipe = {
        "inputs": ("*",),
        "label": Label("horizon", 5 * SECOND),
        "volatility": "",
        "weighing": "uniqueness",
        "classifier": True,
        **changed.pop("recipe", {}),
    }
    plain: dict[str, Any] = {
        "learner": "linear",
        "params": {},
        "ranges": {},
        "trials": 0,
        "timeout_s": 0.0,
        "calibration": "platt",
        "seed": 7,
    }
    return Wanted(Recipe(**recipe), validation, **{**plain, **changed})
