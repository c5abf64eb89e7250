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
from streams.operators.strategies.groups.kind import BOOKS, GROUP
from streams.operators.strategies.groups.library import GROUP_KINDS
from streams.operators.strategies.kind import INSTRUMENT, Kind
from streams.operators.strategies.library import KINDS
from streams.operators.strategies.sizing.library import SIZINGS

_ALL = KINDS | GROUP_KINDS
_NEEDS = {
    INSTRUMENT: "Of the feature vector: {}.",
    GROUP: "The mids of all members at each bar, and of each one's feature vector: {}.",
    BOOKS: "The books of all members, and what taking costs at each venue (`execution.routing`).",
}
ROOT = Path(__file__).parent.parent


def strategies() -> str:
    lines = [
        "# Strategies",
        "",
        "Made from `library.py` and `groups/library.py` in `streams/operators/strategies`.",
    ]
    lines += [
        "Any of them is switched on by a table `[strategies.NAME]` with its `kind`; how large a"
    ]
    lines += [
        "position is, its [sizing](sizing.md) says. [Write your own](../tutorial-strategy.md)."
    ]
    lines += ["What each of them did on recorded data, and why, is the [evidence](evidence.md)."]
    lines += ["", *_table(KINDS), "", "## Over several instruments", "", _GROUPS, ""]
    return "\n".join([*lines, *_table(GROUP_KINDS)])


_GROUPS = """These take a group of `[groups]` instead of `instruments`; an instrument may stand in
many. All members stand in one order on the topic `baskets`, under the group's name. Those on
vectors look at each bar time at which every member has a vector (a member that is silent for
`stale_after` of event time is not traded anew, only reduced); the sizing is that of all members
together, at the sum of what they cost. Those on books look at each change of a member's book, and
take what it shows."""


def _group(kind: Kind) -> list[str]:
    """Of members that the kind is for."""
    if kind.of == INSTRUMENT:
        return []
    one_thing = kind.of == BOOKS and kind.members[1] > 3
    names = '"COINBASE:BTC-USD", "COINBASE:ETH-USD", "COINBASE:ETH-BTC"'
    names = '"COINBASE:BTC-USD", "KRAKEN:BTC-USD"' if one_thing else names
    return ["[groups]", f"MINE = [{names}]", ""]


def _model(kind: Kind) -> list[str]:
    """That it follows, where the system has none of that name by itself."""
    followed = getattr(kind.params(), "model", "")
    if followed in ("", "p_up") or followed not in kind.needs(kind.params()).values():
        return []
    return [f"[models.{followed}]", 'kind = "linear"', ""]


def _table(kinds: dict[str, Kind]) -> list[str]:
    lines = ["| kind | what it does |", "| --- | --- |"]
    for kind in kinds.values():
        said = (inspect.getdoc(sys.modules[kind.run.__module__]) or "").split("\n\n")[0]
        said = said.rstrip(".").replace("\n", " ").replace("``", "`")
        lines.append(f"| [`{kind}`]({kind}.md) | {said} |")
    return lines


def strategy(name: str) -> str:
    kind = _ALL[name]
    module = sys.modules[kind.run.__module__]
    path = Path(inspect.getfile(kind.run)).relative_to(ROOT)
    needs = [f"`{text}`" for text in kind.needs(kind.params()).values()]
    lines = [f"# {name}", "", f"Made from `{path}`.", "", _markdown(inspect.getdoc(module) or "")]
    lines += ["", "## Rules", "", _markdown(inspect.getdoc(kind.run) or "")]
    lines += ["", "## Parameters", "", *_parameters(kind.params)]
    lines += ["", "## When it fails", "", kind.fails]
    lines += ["", f"What it did in a replay, trade by trade: [evidence](evidence.md#{name})."]
    lines += [
        "",
        "## What it needs",
        "",
        _NEEDS[kind.of].format(", ".join(needs) or "nothing"),
    ]
    if kind.of != INSTRUMENT:
        lines += [f"The group has {kind.members[0]} … {kind.members[1]} members."]
    if kind.asks(kind.params()):
        lines += ["It is shown what the strategies that it names want."]
    if kind.hears:
        lines += ["It is told what becomes of its orders."]
    lines += ["", "## Source", "", f"{kind.source}."]
    lines += ["", "## Configuration", "", "```toml", *_group(kind), *_model(kind)]
    lines += [f"[strategies.{name}]", f'kind = "{name}"']
    group = 'group = "MINE"'
    lines += ['account = "paper"', 'instruments = ["*"]' if kind.of == INSTRUMENT else group]
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
    lines += ["", "## One on top of another", "", "```toml", "[strategies.momentum]"]
    lines += ['kind = "momentum"', 'account = "paper"', 'instruments = ["*"]', ""]
    lines += ["[strategies.momentum.sizing]"]
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
    **{f"strategies/{name}.md": partial(strategy, name) for name in _ALL},
}
