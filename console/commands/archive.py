"""``tickstream archive``: the topics into the lake, until it is stopped."""

from pathlib import Path

from prometheus_client import REGISTRY

from config.settings import load
from console import context
from console.commands.connect import stopped
from console.output import say
from sinks.archive.writer import KEPT, LakeWriter
from sinks.run import Sink
from streams.kafka import KafkaWriter
from streams.metrics import serve

GROUP = "tickstream-archive"


def run(config: Path | None, broker: str | None, lake: Path | None, port: int | None) -> None:
    """Raises LakeError when a file cannot be written; nothing is lost then."""
    settings = load(config)
    bootstrap = broker or settings.broker.bootstrap
    folder = lake or Path(settings.archive.folder)
    context.ensure_topics(settings, bootstrap)
    writer = LakeWriter(folder, settings.archive.block_rows)
    sink = Sink(
        bootstrap,
        writer,
        context.make_codec(settings),
        KafkaWriter(bootstrap),
        settings.archive.block_delay / 1e9,
        REGISTRY,
        KEPT,
        GROUP,
    )
    if port is not None:
        serve(port, REGISTRY, sink.health)
    say(f"archive: {bootstrap} into the lake {folder}")
    sink.run(stopped())
    say(f"archive: stopped after {writer.rows:,} rows in {writer.blocks:,} files")
