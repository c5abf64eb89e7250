"""``tickstream strategy list``: what there is, and what cannot be used."""

import inspect
from dataclasses import fields
from pathlib import Path
from typing import Any

from config import user_strategies
from config.settings import load
from config.strategy_tables import SHIPPED
from streams.operators.strategies.kind import Kind


def run(config: Path | None) -> dict[str, Any]:
    settings = load(config)
    found = user_strategies.in_folder(Path(settings.user_strategies.folder))
    return {
        "strategies": {name: _facts(kind, "the system") for name, kind in SHIPPED.items()}
        | {name: _facts(kind, str(found.files[name])) for name, kind in found.kinds.items()},
        "configured": {
            name: f"{its.kind} on {its.group or ', '.join(its.instruments) or 'nothing'}"
            + ("" if its.enabled else ", not enabled")
            for name, its in settings.strategies.items()
        },
        "problems": [str(problem) for problem in found.problems],
    }


def _facts(kind: Kind, source: str) -> dict[str, Any]:
    said = inspect.getdoc(kind.run) or "says nothing of itself"
    return {
        "from": source,
        "does": said.split("\n\n")[0].replace("\n", " "),
        "parameters": " ".join(f"{f.name}={f.default}" for f in fields(kind.params)),
    }
