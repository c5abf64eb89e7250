"""Commands on what was recorded: replay, look at it, make models of it, compare."""

from pathlib import Path
from typing import Annotated

import typer

from console.options import (
    Broker,
    Config,
    From,
    Instruments,
    Json,
    Until,
    period,
    result,
    selection,
    verdict,
)
from console.times import parse_ns

app = typer.Typer()

Recorded = Annotated[
    Path, typer.Argument(exists=True, help="A file, or folder, of recorded market data.")
]


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

    wanted = selection(instrument, from_, until)
    result(run(source, config, None if clickhouse == "none" else clickhouse, wanted), as_json)


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
    result(facts, True) if as_json else show(facts)


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

    result(draw(source, instrument, until, out), as_json)


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

    wanted = selection(instrument, from_, until)
    result(make(source, kind, spec, to, out, wanted), as_json)


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
        int | None, typer.Option(parser=period, help="How far a label looks ahead.")
    ] = None,
    learner: Annotated[
        str | None, typer.Option(help="linear, forest, boosting, lightgbm, xgboost or mlp.")
    ] = None,
    folds: Annotated[int | None, typer.Option(help="Of the validation.")] = None,
    embargo: Annotated[
        int | None, typer.Option(parser=period, help="Left out behind a test fold.")
    ] = None,
    trials: Annotated[int | None, typer.Option(help="Of the search; 0: no search.")] = None,
    timeout: Annotated[
        int | None, typer.Option(parser=period, help="Of all searches together.")
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
    result(facts if as_json else summary(facts), as_json)


@app.command()
def record(
    out: Annotated[Path, typer.Option(help="A new folder.")],
    topics: Annotated[str, typer.Option(help="A,B …; all when empty.")] = "",
    config: Config = None,
    broker: Broker = None,
    as_json: Json = False,
) -> None:
    """Write topics to files, with offsets."""
    from config.settings import load
    from console.commands.record import record as run

    settings = load(config)
    chosen = [topic for topic in topics.split(",") if topic]
    result(run(settings, broker or settings.broker.bootstrap, out, chosen), as_json)


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
    verdict(facts, as_json)


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
    result(facts, True) if as_json else show(facts)
