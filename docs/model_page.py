"""The page of models that learn online, from the tables that the system runs by."""

import inspect
from collections.abc import Sequence

from streams.operators.features.models import labels
from streams.operators.features.models.kinds import Asked, Online
from streams.operators.features.models.library import KINDS, OnlineModel
from streams.operators.features.models.parameter import Range, parameters
from streams.operators.period import Period


def models() -> str:
    lines = ["# Models that learn online", "", "Made from `streams/operators/features/models`.", ""]
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
    return "\n".join(lines)


def _task(cls: type[OnlineModel]) -> str:
    if not issubclass(cls, Online):
        return "Anomaly"
    return "Side" if cls.sides else "Return"


def _keys(cls: type[Asked], known: Sequence[str]) -> list[str]:
    rows = [
        f"| `{each.name}` | {_default(each.default)} | {_range(may)} | {text} |"
        for each, may, text in parameters(cls)
        if each.name not in known
    ]
    if not rows:
        return ["No keys of its own."]
    return ["| key | default | from … to | |", "| --- | --- | --- | --- |", *rows]


def _default(value: object) -> str:
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
