"""Commands that run a part of the system on the log, each a process of its own."""

from pathlib import Path
from typing import Annotated

import typer

from console.options import Broker, Config, Json, Lake, Port, Target, result

app = typer.Typer()


@app.command()
def connect(
    source: Annotated[str, typer.Argument(help="sim, a capture file, or VENUE:SYMBOL,…")],
    config: Config = None,
    broker: Broker = None,
    port: Port = None,
    capture: Annotated[
        Path | None, typer.Option(help="Keep every raw message in this .gz or .zst file.")
    ] = None,
    rate: Annotated[float | None, typer.Option(help="sim: events a second.")] = None,
    after: Annotated[
        str | None, typer.Option(help="Begin once this address answers, as a worker's /health.")
    ] = None,
) -> None:
    """Publish a venue's market data to the log."""
    from console.commands.connect import run

    run(source, config, broker, port, capture, rate, after)


@app.command()
def instruments(
    venue: Annotated[str, typer.Argument(help="kraken, coinbase, okx, binance …")],
    pattern: Annotated[str, typer.Argument(help="Of names, as BTC-* or *USDT.")] = "*",
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Show what a venue lists: names, ticks, lots, status."""
    from console.commands.instruments import instruments as run

    result(run(venue, pattern, config), as_json)


@app.command()
def worker(
    config: Config = None,
    broker: Broker = None,
    port: Port = None,
    log_level: Annotated[str, typer.Option(help="DEBUG, INFO, WARN or ERROR.")] = "WARN",
) -> None:
    """Run the Faust agents."""
    from console.commands.worker import run

    run(config, broker, port, log_level)


@app.command()
def trade(
    account: Annotated[str, typer.Argument(help="An account whose venue is not paper.")],
    live: Annotated[
        str, typer.Option(help="The account once more: yes, send its orders with real money.")
    ] = "",
    config: Config = None,
    broker: Broker = None,
    port: Port = None,
) -> None:
    """Send an account's approved orders to its venue, and report what becomes of them."""
    from console.commands.trade import run

    run(account, live, config, broker, port)


@app.command()
def mirror(
    file: Annotated[Path, typer.Argument(exists=True, help="A CSV file of filings or fills.")],
    config: Config = None,
    broker: Broker = None,
    as_json: Json = False,
) -> None:
    """Publish what others traded or hold, for strategies that follow them."""
    from console.commands.mirror import run

    result(run(file, config, broker), as_json)


@app.command()
def sink(
    config: Config = None,
    broker: Broker = None,
    clickhouse: Target = None,
    port: Port = None,
) -> None:
    """Write the topics to ClickHouse, each row exactly once."""
    from console.commands.sink import run

    run(config, broker, clickhouse, port)


@app.command()
def archive(
    config: Config = None,
    broker: Broker = None,
    lake: Lake = None,
    port: Port = None,
) -> None:
    """Write market data and bars from the topics to the lake, each row exactly once."""
    from console.commands.archive import run

    run(config, broker, lake, port)


@app.command()
def alerts(config: Config = None, broker: Broker = None, port: Port = None) -> None:
    """Tell people what matters: Telegram, webhooks, e-mail."""
    from console.commands.alerts import run

    run(config, broker, port)
