"""The page of models, from the tables that the system runs by."""

import inspect
from collections.abc import Sequence
from dataclasses import MISSING

from streams.operators.features.models import labels
from streams.operators.features.models.combine import Average, Confidence, Stack, Vote
from streams.operators.features.models.kinds import Online
from streams.operators.features.models.library import KINDS, OnlineModel
from streams.operators.features.models.linear_kinds import Logistic
from streams.operators.features.models.onnx import Onnx
from streams.operators.features.models.parameter import Range, parameters
from streams.operators.period import Period


def models() -> str:
    lines = ["# Models", "", "Made from `streams/operators/features/models`.", ""]
    lines += ["## Models that learn online", ""]
    lines += [
        "A table `[models.NAME]` of one of these kinds appends a column `NAME` to the vector:"
    ]
    lines += [
        "of a *side*, the probability of a rise; of a *return*, basis points; of an *anomaly*,"
    ]
    lines += ["a score. How to use them: [learn online](../how-to/learn-online.md).", ""]
    lines += ["## Labels", "", (inspect.getdoc(labels) or "").replace("``", "`"), ""]
    lines += ["## Keys of every kind that learns from labels", "", *_keys(Online, ()), ""]
    for kind, cls in KINDS.items():
        known = [each.name for each, _, _ in parameters(Online)] if issubclass(cls, Online) else []
        lines += [f"## {kind}", "", f"*{_task(cls)}.* {' '.join((cls.__doc__ or '').split())}", ""]
        lines += [*_keys(cls, known), ""]
    lines += ["## Models from elsewhere, and models of models", ""]
    lines += ["How to use them: [run a model](../how-to/run-a-model.md).", ""]
    for other in (Onnx, Vote, Average, Confidence, Stack):
        known = [each.name for each, _, _ in parameters(Logistic)] if other is Stack else []
        said = " ".join((other.__doc__ or "").replace("``", "`").split())
        lines += [f"## {other.kind}", "", said, "", *_keys(other, known), ""]
    return "\n".join(lines)


def _task(cls: type[OnlineModel]) -> str:
    if not issubclass(cls, Online):
        return "Anomaly"
    return "Side" if cls.sides else "Return"


def _keys(cls: type, known: Sequence[str]) -> list[str]:
    rows = [
        f"| `{each.name}` | {_default(each.default)} | {_range(may)} | {text} |"
        for each, may, text in parameters(cls)
        if each.name not in known
    ]
    if not rows:
        return ["No keys of its own."]
    return ["| key | default | from … to | |", "| --- | --- | --- | --- |", *rows]


def _default(value: object) -> str:
    if value is MISSING:
        return "must be given"
    if isinstance(value, Period):
        return f"`{value / 1e9:g}s`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`" if value else ""


def _range(may: object) -> str:
    match may:
        case Range(least, most):
            return f"{least:g} … {most:g}"
        case tuple():
            return ", ".join(f"`{word}`" for word in may if word)
    return ""
