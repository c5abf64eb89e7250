"""The page of what may be trained, from the tables that training runs by."""

import json
import re
from dataclasses import MISSING, Field, fields
from typing import Any

from config.experiment import (
    Experiment,
    LabelTable,
    LearnerTable,
    TuningTable,
    ValidationTable,
)
from config.period import Period
from research.train.learners import LEARNERS, Range
from research.train.training import CALIBRATIONS, VALIDATIONS, WEIGHINGS
from streams.operators.features.models.labels import KINDS as LABELS


def training() -> str:
    lines = ["# Training", "", "Made from `config/experiment.py` and `research/train`.", ""]
    lines += ["What a file for `tickstream train --experiment` may hold; periods as `10s`, `5m`."]
    for cls, table, says in (
        (Experiment, "train", "What it is made of"),
        (LabelTable, "train.label", "What it foresees"),
        (ValidationTable, "train.validation", "What judges it"),
        (LearnerTable, "train.learner", "What learns"),
        (TuningTable, "train.tuning", "What is searched"),
    ):
        lines += ["", f"## [{table}]", "", f"{says}. {_prose(cls)}", "", "| key | default |"]
        lines += ["| --- | --- |"]
        for key in fields(cls):
            if key.name not in ("label", "validation", "learner", "tuning"):
                lines.append(f"| `{key.name}` | {_default(key)} |")
    choices = {
        "validation.kind": VALIDATIONS,
        "label.kind": LABELS,
        "weights": WEIGHINGS,
        "calibration": CALIBRATIONS,
        "learner.kind": LEARNERS,
    }
    lines += ["", "## Choices", "", "| key | one of |", "| --- | --- |"]
    for name, known in choices.items():
        lines.append(f"| `{name}` | {', '.join(f'`{one}`' for one in known)} |")
    for learner in LEARNERS.values():
        lines += ["", f"## `{learner.name}`: {learner.title}", ""]
        lines += ["| parameter | untuned | searched |", "| --- | --- | --- |"]
        for name, value in learner.fixed.items():
            lines.append(f"| `{name}` | {value} | {_searched(learner.ranges.get(name))} |")
    return "\n".join(lines)


def _prose(cls: type) -> str:
    return re.sub(r"``(.*?)``", r"`\1`", " ".join((cls.__doc__ or "").split()))


def _default(key: Field[Any]) -> str:
    value = key.default
    if value is MISSING:
        value = key.default_factory() if key.default_factory is not MISSING else None
    match value:
        case None:
            return "needed"
        case Period():
            return f"`{value // 10**9}s`"
        case tuple():
            return f"`{json.dumps(list(value))}`"
        case dict():
            return "`{}`"
    return f"`{json.dumps(value)}`"


def _searched(wanted: Range | None) -> str:
    if wanted is None:
        return "no"
    return f"{wanted.low:g} … {wanted.high:g}{', logarithmic' if wanted.log else ''}"
