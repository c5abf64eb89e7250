"""Options and arguments that several commands have, and what they print in the end."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.times import parse_ns

if TYPE_CHECKING:
    from connectors.selection import Selection

Config = Annotated[
    Path | None, typer.Option(help="A TOML file laid over the defaults ($TICKSTREAM_CONFIG).")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Broker = Annotated[str | None, typer.Option(help="HOST:PORT ($TICKSTREAM_BROKER).")]
Target = Annotated[str | None, typer.Option(help="embedded:DIR or a URL ($TICKSTREAM_CLICKHOUSE).")]
Lake = Annotated[Path | None, typer.Option(help="The folder ($TICKSTREAM_LAKE).")]
Port = Annotated[int | None, typer.Option(help="Serve /metrics and /health on this port.")]
Instruments = Annotated[
    list[str] | None,
    typer.Option("--instrument", help="VENUE:SYMBOL or a pattern, again for more; all if none."),
]
From = Annotated[int | None, typer.Option("--from", parser=parse_ns, help="First event time, UTC.")]
Until = Annotated[
    int | None, typer.Option("--until", parser=parse_ns, help="Event time before which it ends.")
]


def period(text: str) -> int:
    """A duration in ns, as 5s or 1m."""
    from streams.operators.market.bars import period_ns

    return period_ns(text)


def selection(
    instruments: list[str] | None, from_ns: int | None, until_ns: int | None
) -> "Selection":
    from connectors.selection import Selection

    return Selection(tuple(instruments or ()), from_ns, until_ns)


def result(facts: dict[str, Any], as_json: bool) -> None:
    from console.output import result as told

    told(facts, as_json)


def verdict(facts: dict[str, Any], as_json: bool) -> None:
    """The result, and exit code 1 where it is not ``ok``."""
    result(facts, as_json)
    if not facts["ok"]:
        raise typer.Exit(1)
