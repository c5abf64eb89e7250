"""``tickstream strategy …``: strategies, those of the system and your own."""

from pathlib import Path
from typing import Annotated

import typer

from console.options import Config, Json, result, verdict

app = typer.Typer(no_args_is_help=True, help="Strategies: write, check and replay your own.")


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Of the strategy: letters, digits and dashes.")],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Write a first strategy into the folder of your own, to be changed."""
    from console.commands.strategy_new import run

    result(run(name, config), as_json)


@app.command("list")
def list_(config: Config = None, as_json: Json = False) -> None:
    """Show all strategies with their parameters, your own and those of the system."""
    from console.commands.strategy_list import run

    result(run(config), as_json)


@app.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files; all of your folder when left out.")
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Check your own: what they import, and that a replay of them is sure to be the same."""
    from console.commands.strategy_check import run

    facts = run(files or [], config)
    verdict(facts, as_json)


@app.command()
def run(
    strategy: Annotated[str, typer.Argument(help="A file of your own, or a strategy's name.")],
    source: Annotated[str, typer.Argument(help="A capture, a recording, a lake, or sim.")],
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="A parameter: period=20; again for more.")
    ] = None,
    notional: Annotated[str, typer.Option(help="Quote currency a position.")] = "10000",
    minutes: Annotated[float, typer.Option(min=0.1, help="sim: how much is simulated.")] = 5,
    out: Annotated[Path | None, typer.Option(help="A folder; below var when left out.")] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Replay market data with this strategy alone, on paper, and write a report."""
    from console.commands.strategy_run import Asked
    from console.commands.strategy_run import run as replay

    asked = Asked(strategy, source, tuple(set_ or ()), notional, minutes, out)
    result(replay(asked, config), as_json)
