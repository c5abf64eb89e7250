"""The command line. Each command is a module of its own, imported when it is called: the trading
side takes seconds to import, and ``--help`` should not.

Exit codes: 0 done, 1 failed, 2 the command line cannot be understood.
"""

import json
import logging
import os
import sys
from importlib import metadata
from typing import Annotated

import typer

from console import data_app, desk_app, live_app, model_app, recorded_app, strategy_app
from console.options import (
    Broker,
    Config,
    Json,
    Target,
    result,
    verdict,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
topics_app = typer.Typer(no_args_is_help=True, help="The topics of the topology.")
schemas_app = typer.Typer(no_args_is_help=True, help="The Avro schemas.")
config_app = typer.Typer(no_args_is_help=True, help="The configuration.")
app.add_typer(topics_app, name="topics")
app.add_typer(schemas_app, name="schemas")
app.add_typer(config_app, name="config")
app.add_typer(live_app.app)
app.add_typer(recorded_app.app)
app.add_typer(desk_app.app, name="desk")
app.add_typer(data_app.app, name="data")
app.add_typer(model_app.app, name="model")
app.add_typer(strategy_app.app, name="strategy")


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"tickstream {metadata.version('tickstream')}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which.")
    ] = False,
) -> None:
    """Stream processing for market data and algorithmic trading on a Kafka-compatible log."""


@app.command()
def demo(
    source: Annotated[
        str, typer.Option(help="sim, a capture file, or VENUE:SYMBOL,… (live).")
    ] = "sim",
    seconds: Annotated[float, typer.Option(min=1, help="How long to run.")] = 60,
    broker: Annotated[
        str, typer.Option(help="auto, local, redpanda, kafka or HOST:PORT.")
    ] = "auto",
    clickhouse: Target = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Run the whole system, show it live, and write a report."""
    from console.commands.demo import demo as run

    result(run(source, seconds, broker, clickhouse, config, as_json), as_json)


@app.command()
def doctor(config: Config = None, as_json: Json = False) -> None:
    """Say what is there, what is missing and what to do."""
    from console.commands.doctor import doctor as run

    facts = run(config)
    verdict(facts, as_json)


@topics_app.command("create")
def topics_create(config: Config = None, broker: Broker = None, as_json: Json = False) -> None:
    """Create the topics that are missing."""
    from config.settings import load
    from console.context import ensure_topics

    settings = load(config)
    bootstrap = broker or settings.broker.bootstrap
    created = ensure_topics(settings, bootstrap)
    result({"broker": bootstrap, "created": created}, as_json)


@schemas_app.command("check")
def schemas_check(as_json: Json = False) -> None:
    """Check every schema against every released version."""
    from schemas.compatibility import problems

    found = problems()
    result({"ok": not found, "problems": found}, as_json)
    if found:
        raise typer.Exit(1)


@config_app.command("show")
def config_show(config: Config = None, as_json: Json = False) -> None:
    """Show the configuration in force."""
    from config.settings import load
    from console.commands.config import show

    result(show(load(config)), as_json)


def main() -> None:
    """Reports what is known to go wrong in one line.

    BLAS gets one thread: it then sums in one order whatever the machine, and starting its threads
    takes a sixth of the time that a command needs to import.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)  # it raises as well
    try:
        app(prog_name="tickstream")
    except Exception as error:
        from console.reported import REPORTED

        if not isinstance(error, REPORTED):
            raise
        if "--json" in sys.argv:
            print(json.dumps({"error": str(error)}))
        print(f"tickstream: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
