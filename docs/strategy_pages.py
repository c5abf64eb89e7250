"""The pages of strategies and sizing, from the tables that the system runs by."""

import inspect
import sys
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

from streams.operators.features.models.parameter import Range, parameters
from streams.operators.period import Period
from streams.operators.strategies.library import KINDS
from streams.operators.strategies.sizing.library import SIZINGS

ROOT = Path(__file__).parent.parent


def strategies() -> str:
    lines = [
        "# Strategies",
        "",
        "Made from the table in `streams/operators/strategies/library.py`.",
    ]
    lines += [
        "Any of them is switched on by a table `[strategies.NAME]` with its `kind`; how large a"
    ]
    lines += [
        "position is, its [sizing](sizing.md) says. [Write your own](../tutorial-strategy.md)."
    ]
    lines += ["", "| kind | what it does |", "| --- | --- |"]
    for kind in KINDS.values():
        said = (inspect.getdoc(sys.modules[kind.run.__module__]) or "").rstrip(".")
        lines.append(f"| [`{kind}`]({kind}.md) | {said.replace('``', '`')} |")
    return "\n".join(lines)


def strategy(name: str) -> str:
    kind = KINDS[name]
    module = sys.modules[kind.run.__module__]
    path = Path(inspect.getfile(kind.run)).relative_to(ROOT)
    needs = [f"`{text}`" for text in kind.needs(kind.params()).values()]
    lines = [f"# {name}", "", f"Made from `{path}`.", "", _markdown(inspect.getdoc(module) or "")]
    lines += ["", "## Rules", "", _markdown(inspect.getdoc(kind.run) or "")]
    lines += ["", "## Parameters", "", *_parameters(kind.params)]
    lines += ["", "## When it fails", "", kind.fails]
    lines += [
        "",
        "## What it needs",
        "",
        f"Of the feature vector: {', '.join(needs) or 'nothing'}.",
    ]
    if kind.asks(kind.params()):
        lines += ["It is shown what the strategies that it names want."]
    if kind.hears:
        lines += ["It is told what becomes of its orders."]
    lines += ["", "## Source", "", f"{kind.source}."]
    lines += ["", "## Configuration", "", "```toml", f"[strategies.{name}]", f'kind = "{name}"']
    lines += ['account = "paper"', 'instruments = ["*"]']
    lines += [f"{f.name} = {_toml(f.default)}" for f in fields(kind.params)]
    lines += ["", f"[strategies.{name}.sizing]", 'kind = "fixed"', 'notional = "10000"', "```"]
    return "\n".join(lines)


def sizing() -> str:
    lines = ["# Position sizing", "", "Made from `streams/operators/strategies/sizing`.", ""]
    lines += ["A strategy says in which direction; the table `[strategies.NAME.sizing]` how much."]
    lines += [
        "`rebalance = 0.1` in the strategy's own table resizes what is held when it is off by"
    ]
    lines += [
        "more than a tenth; without it a position keeps its size until the direction changes."
    ]
    for kind, rule in SIZINGS.items():
        module = sys.modules[rule.__module__]
        lines += ["", f"## {kind}", "", _markdown(inspect.getdoc(module) or ""), ""]
        lines += [_markdown(inspect.getdoc(rule) or ""), "", *_parameters(rule)]
    lines += ["", "## One on top of another", "", "```toml", "[strategies.momentum.sizing]"]
    lines += ['kind = "drawdown"', "limit = 0.1"]
    lines += ['base = { kind = "volatility_target", target = 0.15, half_life = "2h" }', "```"]
    return "\n".join(lines)


def _parameters(of: type) -> list[str]:
    if not fields(of):
        return ["It takes none."]
    lines = ["| | default | range | |", "| --- | --- | --- | --- |"]
    for field, may, says in parameters(of):
        lines.append(f"| `{field.name}` | {_toml(field.default)} | {_may(field, may)} | {says} |")
    return lines


def _may(field: Any, may: Any) -> str:
    match may:
        case None:
            return ""
        case Range():
            return f"{_bound(field, may.least)} … {_bound(field, may.most)}"
        case tuple():
            return " or ".join(map(_toml, may))
    return str(may)


def _bound(field: Any, value: float) -> str:
    return _toml(Period(int(value))) if isinstance(field.default, Period) else f"{value:g}"


def _toml(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case Period():
            return f'"{value // 10**9}s"'
        case int() | float():
            return f"{value}"
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"'


def _markdown(text: str) -> str:
    return text.replace("``", "`")


PAGES: dict[str, Callable[[], str]] = {
    "strategies/index.md": strategies,
    "strategies/sizing.md": sizing,
    **{f"strategies/{name}.md": partial(strategy, name) for name in KINDS},
}
