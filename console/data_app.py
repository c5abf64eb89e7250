"""``tickstream data …``: history in a lake of Parquet files."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.options import Config, From, Instruments, Json, Lake, Until, period, result, selection

if TYPE_CHECKING:
    from config.tree import Settings

app = typer.Typer(no_args_is_help=True, help="History: a lake of Parquet files.")


def _settings(config: Path | None, lake: Path | None) -> "tuple[Settings, Path]":
    from config.settings import load

    settings = load(config)
    return settings, lake or Path(settings.archive.folder)


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="Captures, recordings, vendors' files.")],
    lake: Lake = None,
    instrument: Instruments = None,
    from_: From = None,
    until: Until = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Put recorded files into the lake; what is there already is not added again."""
    from console.commands.data_import import run

    settings, folder = _settings(config, lake)
    result(run(settings, files, folder, selection(instrument, from_, until)), as_json)


@app.command()
def download(
    vendor: Annotated[str, typer.Argument(help="alpaca, massive, binance or binanceusdm.")],
    symbols: Annotated[list[str], typer.Argument(help="AAPL, BTC/USD, BTCUSDT …")],
    from_: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, UTC.")
    ],
    to: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, UTC.")],
    kind: Annotated[str, typer.Option(help="trades, agg_trades, quotes or bars.")] = "trades",
    bar: Annotated[str, typer.Option(help="Period of bars: 1s, 1m, 5m, 1h or 1d.")] = "1m",
    lake: Lake = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Fill the lake from a vendor, within its budget; run again, it goes on where it was."""
    from console.commands.data_download import run

    settings, folder = _settings(config, lake)
    span = (from_.date(), to.date())
    result(run(settings, vendor, symbols, kind, bar, span, folder), as_json)


@app.command("list")
def list_(
    lake: Lake = None, instrument: Instruments = None, config: Config = None, as_json: Json = False
) -> None:
    """Show what the lake holds."""
    from console.commands.data_list import run, show

    _, folder = _settings(config, lake)
    facts = run(folder, selection(instrument, None, None))
    result(facts, True) if as_json else show(facts)


@app.command()
def check(
    lake: Lake = None,
    instrument: Instruments = None,
    silence: Annotated[
        int, typer.Option(parser=period, help="Of open hours without an event: a gap; 0s: none.")
    ] = "10m",  # type: ignore[assignment]  # the parser makes an int of it
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Check every file, and report gaps and overlaps; fails where a file is damaged."""
    from console.commands.data_check import run, show

    settings, folder = _settings(config, lake)
    facts = run(settings, folder, selection(instrument, None, None), silence)
    result(facts, True) if as_json else show(facts)
    if not facts["ok"]:
        raise typer.Exit(1)


@app.command()
def export(
    kind: Annotated[
        str, typer.Option(help="trades, quotes, depth, orders, checksums, bars or statuses.")
    ] = "trades",
    to: Annotated[str, typer.Option(help="csv, parquet or arrow.")] = "csv",
    out: Annotated[Path | None, typer.Option(help="The file; named after the kind.")] = None,
    adjust: Annotated[
        str, typer.Option(help="For corporate actions: none, splits, or all (dividends too).")
    ] = "none",
    lake: Lake = None,
    instrument: Instruments = None,
    from_: From = None,
    until: Until = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Write rows of the lake into a file, prices as exact decimals."""
    from console.commands.data_export import run

    settings, folder = _settings(config, lake)
    wanted = selection(instrument, from_, until)
    result(run(settings, folder, kind, wanted, to, out, adjust), as_json)
