"""Writes docs/reference and docs/venues from the code, so that they cannot disagree with it.

python docs/generate.py          write them
python docs/generate.py --check  say which would change, and fail
"""

import ast
import inspect
import json
import re
import sys
from functools import partial
from pathlib import Path
from typing import get_args

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import model_page  # noqa: E402
import strategy_pages  # noqa: E402
import training_page  # noqa: E402
from typer.testing import CliRunner  # noqa: E402

from config.settings import load  # noqa: E402
from connectors.market_session import BEATS  # noqa: E402
from connectors.venue import Venue  # noqa: E402
from connectors.venues import VENUES  # noqa: E402
from console.main import app  # noqa: E402
from schemas import catalog  # noqa: E402
from sinks.clickhouse.writer import TABLES  # noqa: E402
from streams.operators.features import columns  # noqa: E402
from streams.operators.features.indicators.asked import parse as parse_indicator  # noqa: E402
from streams.operators.features.indicators.indicator import BAR_COLUMNS, Indicator  # noqa: E402
from streams.operators.features.indicators.library import GROUPS  # noqa: E402
from streams.operators.risk.checks import conditions  # noqa: E402
from streams.operators.risk.checks.check import Check  # noqa: E402
from streams.operators.risk.limits import NAMES, SCOPES, Limits  # noqa: E402
from streams.operators.risk.money import plain  # noqa: E402
from streams.topology import TOPICS, TOPOLOGY, chains  # noqa: E402

COMMANDS = (
    ["demo"],
    ["replay"],
    ["train"],
    ["book"],
    ["bars"],
    ["heatmap"],
    ["record"],
    ["verify"],
    ["compare"],
    ["connect"],
    ["instruments"],
    ["worker"],
    ["trade"],
    ["sink"],
    ["archive"],
    ["alerts"],
    ["desk", "kill"],
    ["desk", "release"],
    ["desk", "reset"],
    ["desk", "limit"],
    ["desk", "cancel"],
    ["desk", "flatten"],
    ["desk", "show"],
    ["data", "import"],
    ["data", "download"],
    ["data", "list"],
    ["data", "check"],
    ["data", "export"],
    ["model", "import"],
    ["model", "list"],
    ["model", "show"],
    ["model", "check"],
    ["model", "promote"],
    ["model", "retire"],
    ["model", "deploy"],
    ["strategy", "new"],
    ["strategy", "list"],
    ["strategy", "check"],
    ["strategy", "run"],
    ["mirror"],
    ["topics", "create"],
    ["schemas", "check"],
    ["config", "show"],
    ["doctor"],
)


def topics() -> str:
    lines = ["# Topics and stages", "", "Made from `streams/topology.py` and `schemas/*.avsc`.", ""]
    lines += ["## Topics", "", "| topic | key | read by |", "| --- | --- | --- |"]
    for topic, key in TOPICS.items():
        readers = ", ".join(stage.name for stage in TOPOLOGY if stage.reads == topic) or "sinks"
        lines.append(f"| `{topic}` | {key} | {readers} |")
    for chain in chains():
        lines.append(f"| `{chain.state_topic}` (compacted) | partition | the host |")
    lines += [
        "",
        "## Stages",
        "",
        "| stage | reads | writes | follows |",
        "| --- | --- | --- | --- |",
    ]
    for stage in TOPOLOGY:
        writes = ", ".join(stage.writes)
        lines.append(f"| {stage.name} | {stage.reads} | {writes} | {stage.follows or ''} |")
    lines += ["", "## Messages", ""]
    for schema in catalog.current().values():
        lines += [
            f"### {schema['name']}",
            "",
            schema["doc"],
            "",
            "| field | type | |",
            "| --- | --- | --- |",
        ]
        lines += [f"| {f['name']} | {_type(f['type'])} | {f['doc']} |" for f in schema["fields"]]
        lines.append("")
    return "\n".join(lines)


def _type(node: object) -> str:
    match node:
        case str():
            return node
        case list():
            return " or ".join(map(_type, node))
        case {"logicalType": "column", "dtype": dtype}:
            return f"column {dtype}".replace("|", "")
        case {"logicalType": "decimal"}:
            return "decimal(38, 18)"
        case {"type": "enum", "symbols": symbols}:
            return "enum " + ", ".join(symbols)
        case {"type": "record", "fields": fields}:
            return "columns " + ", ".join(f["name"] for f in fields)
        case {"type": "array", "items": items}:
            return f"array of {_type(items)}"
    return json.dumps(node).replace("|", "")


def tables() -> str:
    lines = [
        "# ClickHouse tables",
        "",
        "Database `tickstream`; made from `sinks/clickhouse/tables`.",
        "",
    ]
    for path in sorted(TABLES.glob("*.sql")):
        sql = path.read_text()
        comment = re.findall(r"^COMMENT '(.*)'", sql, re.MULTILINE)[0]
        order = re.findall(r"^ORDER BY \((.*)\)", sql, re.MULTILINE)[0]
        lines += [f"## {path.stem}", "", f"{comment}. Ordered by {order}.", ""]
        lines += ["| column | type | |", "| --- | --- | --- |"]
        for name, kind, said in re.findall(
            r"^    `(\w+)` (.+?)(?: DEFAULT .*?)?(?: COMMENT '(.*?)')?(?: CODEC.*)?,?$",
            sql,
            re.MULTILINE,
        ):
            lines.append(f"| {name} | {kind} | {said} |")
        lines.append("")
    return "\n".join(lines)


def commands() -> str:
    lines = [
        "# Commands",
        "",
        "Exit codes: 0 done, 1 failed, 2 the command line cannot be understood.",
        "",
    ]
    plain_text = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
    for command in COMMANDS:
        asked = [*command, "--help"]
        done = CliRunner(env=plain_text).invoke(app, asked, prog_name="tickstream")
        text = "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())
        lines += [f"## tickstream {' '.join(command)}", "", "```", text, "```", ""]
    return "\n".join(lines)


def configuration() -> str:
    text = (ROOT / "config" / "default.toml").read_text()
    return (
        "# Configuration\n\nEvery key with its default, as `config/default.toml` has it. A file of "
        "your own (`--config`, `$TICKSTREAM_CONFIG`) is laid over it; an unknown key is an error."
        f"\n\n```toml\n{text}```\n"
    )


def limits() -> str:
    said = inspect.getdoc(Limits) or ""
    unexplained = [name for name in NAMES if f"``{name}``" not in said]
    if unexplained:
        sys.exit(f"Limits says nothing of {', '.join(unexplained)}")
    account = load(environment={}).accounts["paper"].limits
    lines = ["# Limits", "", "Made from `streams/operators/risk`.", "", said.replace("``", "`"), ""]
    lines += ["## Names", "", "| limit | of the account `paper` by default |", "| --- | --- |"]
    for name in NAMES:
        value = getattr(account, name)
        lines.append(f"| `{name}` | {'none' if value is None else plain(value)} |")
    scopes = ", ".join(f"`{scope}.NAME.{NAMES[0]}`" for scope in SCOPES)
    lines += ["", f"A limit of a scope has the scope before it: {scopes}.", ""]
    lines += ["## Checks that need no limit", ""]
    lines += ["Made of every order they can be made of; a decision names them like limits.", ""]
    lines += ["| check | what it allows |", "| --- | --- |"]
    lines += [f"| `{rule}` | {allows} |" for rule, allows in _checks() if rule not in NAMES]
    return "\n".join(lines)


def _checks() -> list[tuple[str, str]]:
    """(rule, limit) of every check that the code names."""
    made = [
        node
        for node in ast.walk(ast.parse(inspect.getsource(conditions)))
        if isinstance(node, ast.Tuple) and len(node.elts) == len(get_args(Check))
    ]
    found = [node.elts[:2] for node in sorted(made, key=lambda node: node.lineno)]
    return [
        (rule.value, limit.value if isinstance(limit, ast.Constant) else "depends on the order")
        for rule, limit in found
        if isinstance(rule, ast.Constant)
    ]


def venue(word: str) -> str:
    its = VENUES[word]
    lines = [f"# {its.title}", "", "Made from the table in `connectors/venues.py`.", ""]
    connect = f".venv/bin/tickstream connect {word}:{its.example} --capture var/{word}.gz"
    lines += ["```live", connect, "```", "", "| | |", "| --- | --- |"]
    lines += [f"| {name} | {value} |" for name, value in _facts(its)]
    if its.notes:
        lines += ["", *(f"- {note}" for note in its.notes)]
    lines += ["", f"The venue's own [documentation]({its.documentation})."]
    return "\n".join(lines)


def _facts(its: Venue) -> list[tuple[str, str]]:
    (count, period), (weight, span) = its.limits.messages, its.limits.weight
    lines, within = its.limits.lines
    return [
        ("names begin with", f"`{its.name}:`"),
        _line(its),
        ("REST", ": ".join(filter(None, (f"`{its.place.rest}`", _paths(its))))),
        ("channels", ", ".join(its.channels)),
        ("a book is mended after", its.recovery),
        ("checksums", "every one is verified" if its.checks else "the venue sends none"),
        ("keys", its.keys),
        ("symbols a line", f"{its.limits.symbols}; more are spread over several lines"),
        ("lines opened", f"{lines:g} in {within:g} s"),
        ("messages to the venue", f"{count:g} in {period:g} s, a line"),
        ("requests", f"a weight of {weight:g} in {span:g} s"),
        ("given up without a message for", _silence(its.heartbeat_s)),
        ("pings", f"every {its.ping_s:g} s" if its.ping_s else "none are wanted"),
        ("asked again", f"every {its.poll_s:g} s" if its.poll_s else "only to mend a book"),
        ("licence", its.licence),
    ]


def _line(its: Venue) -> tuple[str, str]:
    if not its.place.socket:
        return "line", "none: the vendor is asked again and again"
    http = its.place.socket.startswith("http")
    return "HTTP stream" if http else "WebSocket", f"`{its.place.socket}`"


def _paths(its: Venue) -> str:
    paths = [part.path for part in its.reads] + ([its.calendar.path] if its.calendar else [])
    return ", ".join(f"`{path}`" for path in paths)


def _silence(heartbeat_s: float) -> str:
    return f"{BEATS * heartbeat_s:g} s" if heartbeat_s else "never: heartbeats are not promised"


def venues() -> str:
    lines = [
        "# Venues",
        "",
        "Made from the table in `connectors/venues.py`. What a live feed does ",
    ]
    lines[-1] += "at any of them is in [live feeds](../live-feeds.md)."
    lines += ["", "| | names | channels | a book is mended after |", "| --- | --- | --- | --- |"]
    for word, its in VENUES.items():
        channels = ", ".join(its.channels)
        lines.append(f"| [{word}]({word}.md) | `{its.name}:` | {channels} | {its.recovery} |")
    return "\n".join(lines)


def indicators() -> str:
    lines = ["# Indicators", "", "Made from `streams/operators/features/indicators`.", ""]
    lines += [
        "`[features] indicators` takes any of them: `rsi(21)`; numbers that are left out are the"
    ]
    lines += ["defaults. Where the input is *any*, `of=` names another one than the close:"]
    lines += ["`ema(20, of=volume)`; there are the bar's own"]
    lines += [f"({', '.join(f'`{name}`' for name in BAR_COLUMNS)}) and those below."]
    lines += ["Where it is *two*, `with=` names the second: `beta(20, of=close, with=volume)`."]
    lines += ["", "## Columns of the book and of trades", "", inspect.getdoc(columns) or ""]
    for group, members in GROUPS.items():
        lines += ["", f"## {group.capitalize()}", ""]
        lines += ["| | outputs | unit | input | bars to warm up | source |", "|" + " --- |" * 6]
        lines += [_indicator(member) for member in members]
    return "\n".join(lines)


def _indicator(its: Indicator) -> str:
    asked = parse_indicator(its.name)
    takes = ", ".join(f"{p.name}={p.default:g}" for p in its.parameters)
    outputs = ", ".join(f"`{name}`" for name in asked.names)
    units = ", ".join(dict.fromkeys(its.outputs.values()))
    of = ("the bar", "the book", "trades")[its.made_of]
    of = "two" if its.other else "any" if its.any_input else of
    call = f"`{its.name}({takes})`" if takes else f"`{its.name}`"
    return f"| {call} | {outputs} | {units} | {of} | {asked.warm_up} | {its.source} |"


DOCS = ROOT / "docs"
PAGES = {
    "reference/indicators.md": indicators,
    "reference/training.md": training_page.training,
    "reference/models.md": model_page.models,
    "reference/limits.md": limits,
    "reference/topics.md": topics,
    "reference/tables.md": tables,
    "reference/commands.md": commands,
    "reference/configuration.md": configuration,
    **strategy_pages.PAGES,
    "venues/index.md": venues,
    **{f"venues/{word}.md": partial(venue, word) for word in VENUES},
}


def main() -> None:
    stale = []
    for name, make in PAGES.items():
        path, text = DOCS / name, make().rstrip() + "\n"
        if not path.exists() or path.read_text() != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text)
    if stale and "--check" in sys.argv:
        sys.exit(f"docs are stale: {', '.join(stale)}; run python docs/generate.py")


if __name__ == "__main__":
    main()
