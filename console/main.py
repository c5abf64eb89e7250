"""The command line. Each command is a module of its own, imported when it is called: the trading
side takes seconds to import, and ``--help`` should not.

Exit codes: 0 done, 1 failed, 2 the command line cannot be understood.
"""

import json
import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from console import data_app, desk_app, model_app, strategy_app
from console.data_app import From, Instruments, Lake, Until
from console.times import parse_ns

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Stream processing for market data and algorithmic trading on a Kafka-compatible log.",
)
topics_app = typer.Typer(no_args_is_help=True, help="The topics of the topology.")
schemas_app = typer.Typer(no_args_is_help=True, help="The Avro schemas.")
config_app = typer.Typer(no_args_is_help=True, help="The configuration.")
app.add_typer(topics_app, name="topics")
app.add_typer(schemas_app, name="schemas")
app.add_typer(config_app, name="config")
app.add_typer(desk_app.app, name="desk")
app.add_typer(data_app.app, name="data")
app.add_typer(model_app.app, name="model")
app.add_typer(strategy_app.app, name="strategy")

Config = Annotated[
    Path | None, typer.Option(help="A TOML file laid over the defaults ($TICKSTREAM_CONFIG).")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
BrokerAddress = Annotated[str | None, typer.Option(help="HOST:PORT ($TICKSTREAM_BROKER).")]
Target = Annotated[str | None, typer.Option(help="embedded:DIR or a URL ($TICKSTREAM_CLICKHOUSE).")]
Recorded = Annotated[
    Path, typer.Argument(exists=True, help="A file, or folder, of recorded market data.")
]
Port = Annotated[int | None, typer.Option(help="Serve /metrics and /health on this port.")]


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

    _result(run(source, seconds, broker, clickhouse, config, as_json), as_json)


@app.command()
def replay(
    source: Annotated[Path, typer.Argument(help="A capture, a recording's folder, or a lake.")],
    instrument: Instruments = None,
    from_: From = None,
    until: Until = None,
    config: Config = None,
    clickhouse: Annotated[str, typer.Option(help="embedded:DIR, a URL, or none.")] = "none",
    as_json: Json = False,
) -> None:
    """Fold a capture, a recording or a lake through the whole topology, deterministically."""
    from console.commands.replay import replay as run

    wanted = data_app.selection(instrument, from_, until)
    _result(run(source, config, None if clickhouse == "none" else clickhouse, wanted), as_json)


@app.command()
def book(
    source: Recorded,
    at: Annotated[
        int | None,
        typer.Option(parser=parse_ns, help="A receive time, UTC; the end when not given."),
    ] = None,
    depth: Annotated[int, typer.Option(min=1, help="Levels a side.")] = 10,
    instrument: Annotated[str | None, typer.Option(help="VENUE:SYMBOL; all when empty.")] = None,
    as_json: Json = False,
) -> None:
    """Show the books of a recording at a moment."""
    from console.commands.book import book as run
    from console.commands.book import show

    facts = run(source, at, depth, instrument)
    _result(facts, True) if as_json else show(facts)


@app.command()
def heatmap(
    source: Recorded,
    instrument: Annotated[
        str | None, typer.Option(help="VENUE:SYMBOL; the busiest when empty.")
    ] = None,
    until: Annotated[int | None, typer.Option(parser=parse_ns, help="A receive time, UTC.")] = None,
    out: Annotated[Path | None, typer.Option(help="An .svg file; named after the source.")] = None,
    as_json: Json = False,
) -> None:
    """Draw a book over time: depth as a heat map, with the trades."""
    from console.commands.heatmap import draw

    _result(draw(source, instrument, until, out), as_json)


@app.command()
def bars(
    source: Recorded,
    kind: Annotated[str, typer.Option(help="time, tick, volume, dollar …")] = "time",
    spec: Annotated[str, typer.Option(help="A period (1s, 5m) or a threshold.")] = "1m",
    instrument: Instruments = None,
    from_: From = None,
    until: Until = None,
    to: Annotated[str, typer.Option(help="csv or parquet.")] = "csv",
    out: Annotated[Path | None, typer.Option(help="The file; named after the source.")] = None,
    as_json: Json = False,
) -> None:
    """Make bars of a recording, into a file."""
    from console.commands.bars import make

    wanted = data_app.selection(instrument, from_, until)
    _result(make(source, kind, spec, to, out, wanted), as_json)


@app.command()
def train(
    source: Annotated[
        str | None,
        typer.Argument(help="A capture, a recording's folder, a lake, clickhouse or its address."),
    ] = None,
    experiment: Annotated[
        Path | None, typer.Option(help="A TOML file with a table train; flags are laid over it.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Of the model, in the registry.")] = None,
    kind: Annotated[str | None, typer.Option(help="classifier or regressor.")] = None,
    features: Annotated[
        list[str] | None,
        typer.Option(help="A column or a pattern; !PATTERN leaves out; again for more."),
    ] = None,
    label: Annotated[
        str | None, typer.Option(help="horizon, triple_barrier or bars (of vectors).")
    ] = None,
    horizon: Annotated[
        int | None, typer.Option(parser=data_app.period, help="How far a label looks ahead.")
    ] = None,
    learner: Annotated[
        str | None, typer.Option(help="linear, forest, boosting, lightgbm, xgboost or mlp.")
    ] = None,
    folds: Annotated[int | None, typer.Option(help="Of the validation.")] = None,
    embargo: Annotated[
        int | None, typer.Option(parser=data_app.period, help="Left out behind a test fold.")
    ] = None,
    trials: Annotated[int | None, typer.Option(help="Of the search; 0: no search.")] = None,
    timeout: Annotated[
        int | None, typer.Option(parser=data_app.period, help="Of all searches together.")
    ] = None,
    calibration: Annotated[str | None, typer.Option(help="platt, isotonic or none.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of everything random.")] = None,
    instrument: Instruments = None,
    from_: Annotated[str | None, typer.Option("--from", help="First event time, UTC.")] = None,
    until: Annotated[str | None, typer.Option(help="Event time before which it ends, UTC.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="The report; in the version's folder when not given.")
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Make a model of recorded data, judge it on data it never saw, and write it as ONNX."""
    from console.commands.train import run, summary

    flags = {
        "source": source,
        "name": name,
        "kind": kind,
        "features": tuple(features) if features else None,
        "label.kind": label,
        "label.horizon": horizon,
        "learner.kind": learner,
        "validation.folds": folds,
        "validation.embargo": embargo,
        "tuning.trials": trials,
        "tuning.timeout": timeout,
        "calibration": calibration,
        "seed": seed,
        "instruments": tuple(instrument) if instrument else None,
        "since": from_,
        "until": until,
    }
    facts = run(experiment, flags, config, out)
    _result(facts if as_json else summary(facts), as_json)


@app.command()
def record(
    out: Annotated[Path, typer.Option(help="A new folder.")],
    topics: Annotated[str, typer.Option(help="A,B …; all when empty.")] = "",
    config: Config = None,
    broker: BrokerAddress = None,
    as_json: Json = False,
) -> None:
    """Write topics to files, with offsets."""
    from config.settings import load
    from console.commands.record import record as run

    settings = load(config)
    chosen = [topic for topic in topics.split(",") if topic]
    _result(run(settings, broker or settings.broker.bootstrap, out, chosen), as_json)


@app.command()
def verify(
    recording: Annotated[Path, typer.Argument(help="A recording's folder.")],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Refold every operator over a recording and compare with what was recorded."""
    from console import context
    from console.commands.verify import verify as run

    facts = run(context.make(config), recording)
    _result(facts, as_json)
    if not facts["ok"]:
        raise typer.Exit(1)


@app.command()
def compare(
    recording: Annotated[Path, typer.Argument(help="A recording's folder.")],
    account: Annotated[str, typer.Option(help="The live account, where there are several.")] = "",
    instrument: Annotated[str, typer.Option(help="VENUE:SYMBOL; all when empty.")] = "",
    out: Annotated[Path | None, typer.Option(help="The report; in the recording's folder.")] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Replay a recorded live session on the paper venue: what differs, and why."""
    from config.keys import REPLAY_KEY
    from console import context
    from console.commands.compare import compare as run
    from console.compare_facts import show

    facts = run(context.make(config, REPLAY_KEY), recording, account, instrument, out)
    _result(facts, True) if as_json else show(facts)


@app.command()
def connect(
    source: Annotated[str, typer.Argument(help="sim, a capture file, or VENUE:SYMBOL,…")],
    config: Config = None,
    broker: BrokerAddress = None,
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

    _result(run(venue, pattern, config), as_json)


@app.command()
def worker(
    config: Config = None,
    broker: BrokerAddress = None,
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
    broker: BrokerAddress = None,
    port: Port = None,
) -> None:
    """Send an account's approved orders to its venue, and report what becomes of them."""
    from console.commands.trade import run

    run(account, live, config, broker, port)


@app.command()
def mirror(
    file: Annotated[Path, typer.Argument(exists=True, help="A CSV file of filings or fills.")],
    config: Config = None,
    broker: BrokerAddress = None,
    as_json: Json = False,
) -> None:
    """Publish what others traded or hold, for strategies that follow them."""
    from console.commands.mirror import run

    _result(run(file, config, broker), as_json)


@app.command()
def sink(
    config: Config = None,
    broker: BrokerAddress = None,
    clickhouse: Target = None,
    port: Port = None,
) -> None:
    """Write the topics to ClickHouse, each row exactly once."""
    from console.commands.sink import run

    run(config, broker, clickhouse, port)


@app.command()
def archive(
    config: Config = None,
    broker: BrokerAddress = None,
    lake: Lake = None,
    port: Port = None,
) -> None:
    """Write market data and bars from the topics to the lake, each row exactly once."""
    from console.commands.archive import run

    run(config, broker, lake, port)


@app.command()
def alerts(config: Config = None, broker: BrokerAddress = None, port: Port = None) -> None:
    """Tell people what matters: Telegram, webhooks, e-mail."""
    from console.commands.alerts import run

    run(config, broker, port)


@app.command()
def doctor(config: Config = None, as_json: Json = False) -> None:
    """Say what is there, what is missing and what to do."""
    from console.commands.doctor import doctor as run

    facts = run(config)
    _result(facts, as_json)
    if not facts["ok"]:
        raise typer.Exit(1)


@topics_app.command("create")
def topics_create(
    config: Config = None, broker: BrokerAddress = None, as_json: Json = False
) -> None:
    """Create the topics that are missing."""
    from config.settings import load
    from console.context import ensure_topics

    settings = load(config)
    bootstrap = broker or settings.broker.bootstrap
    created = ensure_topics(settings, bootstrap)
    _result({"broker": bootstrap, "created": created}, as_json)


@schemas_app.command("check")
def schemas_check(as_json: Json = False) -> None:
    """Check every schema against every released version."""
    from schemas.compatibility import problems

    found = problems()
    _result({"ok": not found, "problems": found}, as_json)
    if found:
        raise typer.Exit(1)


@config_app.command("show")
def config_show(config: Config = None, as_json: Json = False) -> None:
    """Show the configuration in force."""
    from config.settings import load
    from console.commands.config import show

    _result(show(load(config)), as_json)


def _result(facts: dict[str, Any], as_json: bool) -> None:
    from console.output import result

    result(facts, as_json)


def main() -> None:
    """Reports what is known to go wrong in one line."""
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
