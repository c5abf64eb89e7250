"""Where words go: results to stdout, everything else to stderr; with ``--json`` one object."""

import json
from typing import Any

from rich.console import Console

console = Console(highlight=False)
progress = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """Progress, for people."""
    progress.print(text, style="dim", markup=False, soft_wrap=True)


def result(facts: dict[str, Any], as_json: bool) -> None:
    """The outcome of a command: one JSON object, or aligned lines."""
    if as_json:
        print(json.dumps(facts))
        return
    width = max(map(len, facts), default=0)
    for name, value in facts.items():
        if isinstance(value, dict):
            console.print(f"{name}", markup=False)
            for key, inner in value.items():
                console.print(f"  {key:<{width}}  {_words(inner)}", markup=False, soft_wrap=True)
        else:
            console.print(f"{name:<{width}}  {_words(value)}", markup=False, soft_wrap=True)


def _words(value: Any) -> str:
    match value:
        case float():
            return f"{value:,.3f}"
        case int():
            return f"{value:,}"
        case dict():
            return "  ".join(f"{key} {_words(inner)}" for key, inner in value.items())
        case list():
            return ", ".join(map(_words, value)) or "none"
    return str(value)
