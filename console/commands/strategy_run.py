"""``tickstream strategy run``: market data with one strategy alone, on paper, and a report.

The replay is the one of ``tickstream replay``: the same topology, the same gate and its limits, the
same paper venue with its fees; what the strategy does here it does live.
"""

import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config import user_strategies
from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from config.strategy_tables import SHIPPED
from config.tree import Settings
from connectors.piece import Piece
from connectors.play import play
from connectors.publish import Publisher
from connectors.selection import EVERYTHING
from connectors.sim.venue import SimConfig, SimVenue
from console.commands.strategy_check import alone
from console.context import Context, make_codec
from console.errors import Failure
from console.feeding import feed, frame_span
from console.home import HOME
from console.outcome import Outcome
from console.report.data import Run, read
from console.report.page import page
from console.stats import Stats
from schemas.codec import Message
from sinks.clickhouse.target import open_client
from sinks.clickhouse.writer import ClickHouseWriter
from streams.local_host import LocalHost
from streams.log import LogRecord
from streams.operators.strategies.kind import Kind
from streams.warm_up import warm_up

_STEP_NS = 100_000_000  # of the simulation


@dataclass(frozen=True, slots=True)
class Asked:
    strategy: str
    source: str
    params: tuple[str, ...]
    notional: str
    minutes: float
    out: Path | None


def run(asked: Asked, config: Path | None) -> dict[str, Any]:
    """Raises Failure or ConfigError for what cannot be run."""
    base = load(config)
    kind = _kind(asked.strategy, Path(base.user_strategies.folder))
    settings = alone(base, kind, params_of(asked.params), asked.notional)
    made = Context(settings, operator_configs(settings, REPLAY_KEY), make_codec(settings))
    began = time.time()
    folder = asked.out or HOME / "strategies" / f"{kind.name}-{time.strftime('%Y%m%d-%H%M%S')}"
    if (folder / "clickhouse").exists():
        raise Failure(f"{folder}: holds a run already; choose another folder")
    target = f"embedded:{folder / 'clickhouse'}"
    stats, outcome = _replay(asked, made, target)
    report = folder / "report.html"
    client = open_client(target)
    seconds = stats.finished - stats.started
    data = read(client, Run(f"{kind} on {asked.source}", "replay", began, seconds, stats, settings))
    client.close()
    report.write_text(page(data))
    facts = {"strategy": kind.name, "source": asked.source, "events": stats.events}
    return {**facts, **outcome.facts(stats), "report": str(report.resolve())}


def _kind(name: str, folder: Path) -> Kind:
    """Of a file, or by its name."""
    if name in SHIPPED:
        return SHIPPED[name]
    is_file = name.endswith(".py")
    if is_file and not Path(name).is_file():
        raise Failure(f"{name}: there is no such file")
    found = user_strategies.of_files([Path(name)]) if is_file else user_strategies.in_folder(folder)
    chosen = next(iter(found.kinds), "") if is_file else name
    if chosen in found.kinds:
        return found.kinds[chosen]
    there = ", ".join([*SHIPPED, *found.kinds])
    raise Failure("; ".join(map(str, found.problems)) or f"no strategy {name!r}; there are {there}")


def params_of(texts: tuple[str, ...]) -> dict[str, Any]:
    """Each is a line of TOML; words need no quotes here."""
    params: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            raise Failure(f"--set {text}: write NAME=VALUE, as period=20")
        try:
            params[key.strip()] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            params[key.strip()] = value.strip()
    return params


def _replay(asked: Asked, made: Context, target: str) -> tuple[Stats, Outcome]:
    warm_up(made.configs)
    writer, stats, outcome = ClickHouseWriter(target), Stats(time.time()), Outcome()

    def watch(record: LogRecord, message: Message) -> None:
        writer.add(record, message)
        outcome.take(record, message)
        stats.take(record, message, stats.started)

    host = LocalHost(made.configs, made.codec, [watch])
    if asked.source == "sim":
        _simulate(made, host, asked.minutes)
    elif Path(asked.source).exists():
        feed(Path(asked.source), made, host, EVERYTHING)
    else:
        raise Failure(f"{asked.source}: there is no such file or folder; sim simulates a market")
    stats.finished = time.time()
    writer.close()
    return stats, outcome


def _simulate(made: Context, host: LocalHost, minutes: float) -> None:
    """In event time, as fast as it goes: the same market each time."""
    connectors, settings = made.settings.connectors, made.settings
    publisher = Publisher(host, made.codec, "sim", "sim", connectors.frame_events, connectors.clock)
    play(_pieces(settings, minutes), publisher, tuple(settings.accounts), connectors.clock)


def _pieces(settings: Settings, minutes: float) -> Iterator[Piece]:
    step = min(_STEP_NS, frame_span(settings))
    config = SimConfig(settings.sim.seed, settings.sim.rate, frame_ns=step)
    venue, end = SimVenue(config), config.start_ns + int(minutes * 60e9)
    for number, (_, frame) in enumerate(venue.advance(end)):
        yield Piece(number, int(frame.depth.ts_recv.max(initial=config.start_ns)), [frame])
