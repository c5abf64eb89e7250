"""``tickstream demo``: the whole system for a while, to look at.

With a broker: connector, worker and sink as processes of their own, watched over the topics. With
none: the same topology in this process, on the local host. Either way everything lands in
ClickHouse, and at the end stand a summary and a report.

What takes long to import is imported while the processes start.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from console.broker import Broker, open_broker
from console.home import HOME
from console.output import say
from console.processes import Child, free_port

DEMO_CONFIG = Path(__file__).parent.parent.parent / "config" / "demo.toml"


@dataclass(frozen=True, slots=True)
class Demo:
    """What was asked for, and where it goes. ``quiet`` shows lines instead of the live view."""

    source: str
    seconds: float
    target: str
    config: Path
    folder: Path
    began: float
    quiet: bool


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
    asked = Demo(source, seconds, target, config or DEMO_CONFIG, folder, began, quiet)
    found = open_broker(broker, folder, say)
    if found is None:
        say("no broker: everything runs in this process, on the local host")
        return _local(asked)
    with found:
        say(f"broker: {found.kind} at {found.bootstrap}")
        return _distributed(asked, found)


def _local(asked: Demo) -> dict[str, Any]:
    from console import context
    from console.local_run import LocalRun
    from console.show import Show
    from console.summary import summary

    made = context.make(asked.config)
    kind = "local host (no broker)"
    show = Show(asked.seconds, kind, asked.quiet)
    stats = LocalRun(made, asked.target).run(asked.source, asked.seconds, show)
    return summary(asked, stats, kind, made.settings)


def _distributed(asked: Demo, broker: Broker) -> dict[str, Any]:
    env = {"TICKSTREAM_CONFIG": str(asked.config), "TICKSTREAM_BROKER": broker.bootstrap}
    say("starting worker, sink and connector (the first start compiles the kernels)")
    port = free_port()
    commands = {
        "worker": ["worker", "--port", str(port)],
        "sink": ["sink", "--clickhouse", asked.target],
        "connector": ["connect", asked.source, "--after", f"http://127.0.0.1:{port}/health"],
    }
    children = [
        Child(name, arguments, asked.folder / f"{name}.log", env)
        for name, arguments in commands.items()
    ]
    try:
        return _watched(asked, broker, children)
    finally:
        for child in children:
            child.stop()


def _watched(asked: Demo, broker: Broker, children: list[Child]) -> dict[str, Any]:
    from config.settings import load
    from console import context
    from console.show import Show
    from console.summary import summary
    from console.watch import Watcher

    settings = load(asked.config)
    context.ensure_topics(settings, broker.bootstrap)
    fresh = broker.kind == "kafka"
    watcher = Watcher(broker.bootstrap, context.make_codec(settings), fresh)
    worker, sink, connector = children
    watcher.await_data(worker, children, asked.folder)
    with Show(asked.seconds, f"{broker.kind} {broker.bootstrap}", asked.quiet) as show:
        watcher.watch(children, asked.seconds, show)
    say("stopping: the connector first, then what waits is folded and stored")
    connector.stop()
    watcher.drain()
    worker.stop()
    watcher.drain()
    sink.stop()
    watcher.close()
    for child in children:
        child.check()
    return summary(asked, watcher.stats, broker.kind, settings)
