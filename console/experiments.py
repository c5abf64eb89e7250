"""What to train: an experiment's file, with the command's flags laid over it, as plain values."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from config.experiment import Experiment
from config.settings import load_table
from connectors.selection import Selection
from console.errors import Failure
from console.times import parse_ns
from research.train.dataset import Recipe
from research.train.training import Validation, Wanted
from streams.operators.features.models.labels import Label

CLASSIFIER, REGRESSOR = "classifier", "regressor"


def load(path: Path | None, flags: dict[str, Any]) -> Experiment:
    """``flags`` by key, ``table.key`` for one in a table; None: not given. Raises ConfigError, and
    Failure for what is in neither."""
    given = {key: value for key, value in flags.items() if value is not None}
    if path:
        experiment = load_table(Experiment, "train", path)
    else:
        experiment = Experiment(given.get("name", ""))
    for key, value in given.items():
        experiment = _laid(experiment, key.split("."), value)
    for key in ("name", "source"):
        if not getattr(experiment, key):
            raise Failure(f"what is the {key}? Give it to the command, or as {key} = in [train]")
    if experiment.kind not in (CLASSIFIER, REGRESSOR):
        raise Failure(f"kind {experiment.kind!r}: use {CLASSIFIER} or {REGRESSOR}")
    return experiment


def _laid(tree: Any, path: list[str], value: Any) -> Any:
    key, *rest = path
    return replace(tree, **{key: _laid(getattr(tree, key), rest, value) if rest else value})


def wanted(experiment: Experiment) -> Wanted:
    """Raises TrainError for what makes no sense."""
    table, validation = experiment.label, experiment.validation
    label = Label(table.kind, int(table.horizon), table.bars, table.up, table.down, table.vertical)
    recipe = Recipe(
        experiment.features,
        label,
        table.volatility,
        experiment.weights,
        experiment.kind == CLASSIFIER,
    )
    made = Wanted(
        recipe,
        Validation(validation.kind, validation.folds, validation.tested, int(validation.embargo)),
        experiment.learner.kind,
        experiment.learner.params,
        experiment.tuning.ranges,
        experiment.tuning.trials,
        experiment.tuning.timeout / 1e9,
        experiment.calibration if experiment.kind == CLASSIFIER else "none",
        experiment.seed,
    )
    made.check()
    return made


def selection(experiment: Experiment) -> Selection:
    """Raises Failure for a time that is none."""
    times = []
    for key in ("since", "until"):
        text = getattr(experiment, key)
        try:
            times.append(parse_ns(text) if text else None)
        except ValueError as error:
            raise Failure(f"{key}: {error}") from error
    return Selection(experiment.instruments, *times)


def label_table(label: Label, volatility: str) -> dict[str, Any]:
    """For the model's description: what it was trained to say."""
    known: dict[str, Any] = {"label": label.kind}
    if label.kind == "bars":
        return known | {"bars": label.bars}
    known["horizon"] = label.horizon_ns
    if label.kind == "triple_barrier":
        known |= {"up": label.up, "down": label.down, "vertical": label.vertical}
        return known | ({"volatility": volatility} if volatility else {})
    return known


def finite(scores: dict[str, float | None]) -> dict[str, float]:
    return {k: v for k, v in scores.items() if v is not None and math.isfinite(v)}
