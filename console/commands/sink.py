"""``tickstream sink``: the topics into ClickHouse, until it is stopped."""

from pathlib import Path

from prometheus_client import REGISTRY

from config.settings import load
from console import context
from console.commands.connect import stopped
from console.output import say
from sinks.clickhouse.errors import hide_password
from sinks.clickhouse.writer import ClickHouseWriter
from sinks.run import Sink
from streams.kafka import KafkaWriter
from streams.metrics import serve


def run(config: Path | None, broker: str | None, target: str | None, port: int | None) -> None:
    """Raises SinkError when ClickHouse cannot take what comes; nothing is lost then."""
    settings = load(config)
    bootstrap = broker or settings.broker.bootstrap
    where = target or settings.clickhouse.target
    context.ensure_topics(settings, bootstrap)
    writer = ClickHouseWriter(where, block_rows=settings.clickhouse.block_rows)
    sink = Sink(
        bootstrap,
        writer,
        context.make_codec(settings),
        KafkaWriter(bootstrap),
        settings.clickhouse.block_delay / 1e9,
        REGISTRY,
    )
    if port is not None:
        serve(port, REGISTRY, sink.health)
    say(f"sink: {bootstrap} into ClickHouse at {hide_password(where)}")
    sink.run(stopped())
    writer.close()
    say(f"sink: stopped after {writer.rows:,} rows in {writer.blocks:,} blocks")
