"""``tickstream demo``: the whole system for a while, to look at.

With a broker: connector, worker and sink as processes of their own, watched over the topics. With
none: the same topology in this process, on the local host, at the same pace. Either way everything
lands in ClickHouse, and at the end stand a summary and a report.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from confluent_kafka import OFFSET_END, Consumer, TopicPartition
from rich.live import Live

from config.settings import Settings
from connectors.sim import venue as sim
from console import context
from console.broker import Broker, open_broker
from console.commands.connect import play_file, simulate
from console.context import HOME, Context
from console.errors import Failure
from console.output import progress, say
from console.processes import Child
from console.report.data import Run, read
from console.report.page import page
from console.screen import line, screen
from console.stats import Stats
from schemas.codec import CodecError, Message
from sinks.clickhouse.errors import hide_password
from sinks.clickhouse.target import open_client
from sinks.clickhouse.writer import ClickHouseWriter
from streams.kafka import partition_counts, to_record
from streams.local_host import LocalHost
from streams.log import LogRecord
from streams.topology import TOPICS
from streams.warm_up import warm_up

DEMO_CONFIG = Path(context.__file__).parent.parent / "config" / "demo.toml"
_PLAIN_EVERY_S = 5.0
_DRAIN_S = 15.0


def demo(
    source: str,
    seconds: float,
    broker: str,
    clickhouse: str | None,
    config: Path | None,
    quiet: bool,
) -> dict[str, Any]:
    """Runs, shows and reports; returns the summary. Raises Failure when a part fails."""
    began = time.time()
    folder = HOME / "demo" / datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    folder.mkdir(parents=True)
    target = clickhouse or f"embedded:{folder / 'clickhouse'}"
    chosen = config or DEMO_CONFIG
    made = context.make(chosen)
    with _Closing(open_broker(broker, folder, say)) as found:
        kind = found.kind if found else "local host (no broker)"
        say(f"broker: {found.bootstrap if found else kind}")
        show = _Show(seconds, kind, quiet)
        run = _Distributed(found, folder, chosen, target) if found else _Local(made, target)
        stats = run.run(source, seconds, show)
    return _summary(stats, source, kind, folder, target, began, made.settings)


class _Closing:
    """Stops the broker that was started, and nothing when there is none."""

    def __init__(self, broker: Broker | None) -> None:
        self._broker = broker

    def __enter__(self) -> Broker | None:
        return self._broker

    def __exit__(self, *_: object) -> None:
        if self._broker:
            self._broker.stop()


class _Show:
    """The live view on a terminal, a line now and then elsewhere."""

    def __init__(self, seconds: float, broker: str, quiet: bool) -> None:
        self._seconds, self._broker = seconds, broker
        self._plain = quiet or not progress.is_terminal
        self._live = None if self._plain else Live(console=progress, auto_refresh=False)
        self._next = 0.0

    def __enter__(self) -> "_Show":
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def __call__(self, stats: Stats) -> None:
        now = time.time()
        if now < self._next:
            return
        if self._live:
            self._next = now + 0.25
            height = progress.size.height
            view = screen(stats, now, self._seconds, self._broker, height)
            self._live.update(view, refresh=True)
        else:
            self._next = now + _PLAIN_EVERY_S
            say(line(stats, now))


class _Local:
    """Everything in this process."""

    def __init__(self, made: Context, target: str) -> None:
        self._made, self._target = made, target

    def run(self, source: str, seconds: float, show: _Show) -> Stats:
        made = self._made
        say("loading kernels (compiled on the first start)")
        warm_up(made.configs)
        sim.warm_up()
        writer = ClickHouseWriter(self._target)
        stats = Stats(time.time())

        def read_record(record: LogRecord, message: Message) -> None:
            writer.add(record, message)
            stats.take(record, message, time.time())

        host = LocalHost(made.configs, made.codec, [read_record])
        stop, failures = threading.Event(), list[Exception]()
        feeder = threading.Thread(target=_guard(failures, lambda: self._feed(source, host, stop)))
        feeder.start()
        with show:
            while time.time() < stats.started + seconds and feeder.is_alive():
                show(stats)
                time.sleep(0.1)
        stop.set()
        feeder.join()
        if failures:
            raise failures[0]
        writer.close()
        return stats

    def _feed(self, source: str, host: LocalHost, stop: threading.Event) -> None:
        settings, codec = self._made.settings, self._made.codec
        if source == "sim":
            simulate(settings, codec, host, stop, None, None)
        elif Path(source).exists():
            play_file(Path(source), settings, codec, host, stop, None)
        else:
            raise Failure(
                f"{source!r}: a live venue needs a broker; use --broker auto or HOST:PORT"
            )


def _guard(failures: list[Exception], work: Callable[[], None]) -> Callable[[], None]:
    """A thread's failure is raised by who waits for it."""

    def guarded() -> None:
        try:
            work()
        except InterruptedError:
            return
        except Exception as error:  # noqa: BLE001  # raised again by who waits
            failures.append(error)

    return guarded


class _Distributed:
    """Connector, worker and sink as processes; this one watches the topics."""

    def __init__(self, broker: Broker, folder: Path, config: Path, target: str) -> None:
        self._broker, self._folder, self._target = broker, folder, target
        self._config = config
        self._env = {"TICKSTREAM_CONFIG": str(config), "TICKSTREAM_BROKER": broker.bootstrap}

    def run(self, source: str, seconds: float, show: _Show) -> Stats:
        made = context.make(self._config)
        context.ensure_topics(made.settings, self._broker.bootstrap)
        watcher = _watcher(self._broker.bootstrap)
        worker = self._start("worker", ["worker", "--port", "0"])
        sink = self._start("sink", ["sink", "--clickhouse", self._target])
        children = [worker, sink]
        stats = Stats(time.time())
        try:
            self._await_ready(children)
            connector = self._start("connector", ["connect", source])
            children.append(connector)
            stats.started = time.time()
            with show:
                self._watch(watcher, made, stats, children, stats.started + seconds, show)
            connector.stop()
            self._drain(watcher, made, stats)
            worker.stop()
            self._drain(watcher, made, stats)
            self._await_sink(sink)
            sink.stop()
        finally:
            for child in children:
                child.stop()
            watcher.close()
        return stats

    def _start(self, name: str, arguments: list[str]) -> Child:
        return Child(name, arguments, self._folder / f"{name}.log", self._env)

    def _await_ready(self, children: list[Child]) -> None:
        say("starting worker and sink (the first start compiles the kernels)")
        worker, sink = children
        deadline = time.monotonic() + 180
        while not (worker.says("worker: ready") and sink.says("into ClickHouse")):
            for child in children:
                child.check()
            if time.monotonic() > deadline:
                raise Failure(
                    f"worker or sink did not start within three minutes; see {worker.log}"
                )
            time.sleep(0.1)

    def _watch(
        self,
        watcher: Consumer,
        made: Context,
        stats: Stats,
        children: list[Child],
        until: float,
        show: _Show,
    ) -> None:
        while time.time() < until:
            _read(watcher, made, stats, 0.1)
            show(stats)
            for child in children:
                child.check()
            if not children[-1].running and children[-1].name == "connector":
                return  # a file at its end

    def _drain(self, watcher: Consumer, made: Context, stats: Stats) -> None:
        """Until nothing has come for a moment."""
        deadline, quiet = time.monotonic() + _DRAIN_S, time.monotonic()
        while time.monotonic() < deadline and time.monotonic() - quiet < 1.0:
            if _read(watcher, made, stats, 0.2):
                quiet = time.monotonic()

    def _await_sink(self, sink: Child) -> None:
        """The sink inserts what waits when it is stopped; it only must have read to the end."""
        time.sleep(1.5)
        sink.check()


def _watcher(bootstrap: str) -> Consumer:
    """Reads every topic from its end on, in no group."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "tickstream-watch",
            "enable.auto.commit": False,
            "auto.offset.reset": "latest",
        }
    )
    counts = partition_counts(bootstrap)
    consumer.assign([TopicPartition(t, p, OFFSET_END) for t in TOPICS for p in range(counts[t])])
    consumer.consume(1, 0.5)
    return consumer


def _read(watcher: Consumer, made: Context, stats: Stats, timeout: float) -> int:
    messages = [m for m in watcher.consume(500, timeout) if not m.error()]
    now = time.time()
    for message in messages:
        record = to_record(message)
        try:
            stats.take(record, made.codec.decode(record.value), now)
        except CodecError:
            continue
    return len(messages)


def _summary(
    stats: Stats,
    source: str,
    kind: str,
    folder: Path,
    target: str,
    began: float,
    settings: Settings,
) -> dict[str, Any]:
    client = open_client(target)
    ran = time.time() - stats.started
    run = Run(source, kind, began, ran, stats, settings)
    data = read(client, run)
    report = folder / "report.html"
    report.write_text(page(data))
    client.close()
    return {
        "source": source,
        "broker": kind,
        "seconds": round(ran, 1),
        "events": stats.events,
        "events_per_second": round(stats.events / ran, 1),
        "latency_ms": {"p50": _ms(stats, 0.5), "p99": _ms(stats, 0.99)},
        "decisions": dict(stats.decisions),
        "fills": stats.fills,
        "first_fill_seconds": _since(stats, began),
        "pnl_after_fees": str(round(stats.pnl(), 2)),
        "gaps": stats.gaps,
        "dead_letters": stats.dead_letters,
        "rows": data.counts,
        "clickhouse": hide_password(target),
        "report": str(report.resolve()),
    }


def _ms(stats: Stats, quantile: float) -> float | None:
    latency = stats.latency(quantile)
    return None if latency is None else round(latency * 1000, 2)


def _since(stats: Stats, began: float) -> float | None:
    """From the start of the command to the first fill."""
    if stats.first_fill_s is None:
        return None
    return round(stats.started - began + stats.first_fill_s, 1)
