"""The Faust host: one agent per topic of the topology, live on a broker.

An agent gives each record of its topic to every chain that reads it, and sends the outputs on;
every ``snapshot_interval`` it saves the chains' states while it folds on, and only then
acknowledges the records that they hold. A worker that dies anywhere is therefore taken up from the
last snapshot by whoever gets its partitions, and what it sent since is sent again with the same
causes, for readers to drop.

Faust gives partitions, rebalancing and delivery; the state is not in its tables, whose recovery is
known to hang or skip. Nothing happens at import: ``build`` makes the app.
"""

import asyncio
import logging
import os
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import faust
from faust.types import TP

from schemas.codec import Codec
from schemas.records import Snapshot
from streams import cause as causes
from streams.faust_consumer import PromptConsumer
from streams.kafka import KafkaWriter
from streams.log import LogRecord
from streams.metrics import FoldMetrics, HostMetrics
from streams.partition_fold import Outcome, PartitionFold, Step
from streams.snapshots import KafkaSnapshots
from streams.topology import Chain, OperatorConfigs, chains


@dataclass(frozen=True, slots=True)
class FaustConfig:
    """``group`` names the consumer group; ``home`` is a folder that Faust may write to."""

    bootstrap: str
    home: Path
    snapshot_interval_s: float
    fused: bool = True
    group: str = "tickstream-worker"


@dataclass(slots=True)
class _Partition:
    """A partition that this worker holds: a fold for each chain that reads it, their metrics by the
    chain's name, and the events that no snapshot holds yet."""

    folds: list[PartitionFold]
    metrics: dict[str, FoldMetrics]
    unacknowledged: list[Any] = field(default_factory=list)
    saved_at: float = field(default_factory=time.monotonic)
    saving: asyncio.Task[None] | None = None
    seeking: bool = False


class FaustHost:
    """The agents' common ground."""

    def __init__(
        self,
        config: FaustConfig,
        configs: OperatorConfigs,
        codec: Codec,
        writer: KafkaWriter,
        metrics: HostMetrics,
    ) -> None:
        self._config, self._configs, self._codec = config, configs, codec
        self._writer, self._metrics = writer, metrics
        self._store = KafkaSnapshots(config.bootstrap, codec, writer)
        self._partitions: dict[TP, _Partition] = {}
        self._chains = chains(config.fused)
        self._assigned: set[TP] = set()
        self.app = self._build()

    def _build(self) -> faust.App:
        config = self._config
        app = faust.App(
            config.group,
            broker=f"kafka://{config.bootstrap}",
            datadir=str(config.home),
            store="memory://",
            web_enabled=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            consumer_auto_offset_reset="earliest",
            broker_commit_interval=1.0,
            broker_session_timeout=10.0,
            broker_heartbeat_interval=2.0,
            broker_max_poll_records=500,
            consumer_max_fetch_size=4 * 1024 * 1024,
            stream_buffer_maxsize=256,
            stream_wait_empty=False,
            autodiscover=False,
        )
        app.transport.Consumer = PromptConsumer
        for topic in dict.fromkeys(chain.reads for chain in self._chains):
            self._add_agent(app, topic)
        app.on_partitions_assigned.connect(self._on_assigned, weak=False)
        app.on_partitions_revoked.connect(self._on_revoked, weak=False)
        return app

    def _add_agent(self, app: faust.App, name: str) -> None:
        topic = app.topic(
            name,
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
        )

        async def fold(stream: faust.StreamT[bytes]) -> None:
            async for event in stream.noack().events():
                try:
                    await self._take(event)
                except Exception as error:  # noqa: BLE001  # see _give_up
                    at = event.message
                    self._give_up(f"{at.topic}/{at.partition} offset {at.offset}", error)

        app.agent(topic, name=f"tickstream.{name}")(fold)

    def _give_up(self, place: str, error: Exception) -> None:
        """Something that nobody foresaw, or a log that takes nothing any more. The state may be
        half changed, so nothing is folded, saved or acknowledged any more: whoever starts next
        takes up from the last snapshot, as after a kill."""
        logging.getLogger(__name__).critical("%s: %s", place, error, exc_info=error)
        os._exit(1)

    async def _on_assigned(self, _: faust.App, assigned: set[TP], **__: Any) -> None:
        self._assigned = set(assigned)

    async def _on_revoked(self, _: faust.App, revoked: set[TP], **__: Any) -> None:
        self._assigned -= set(revoked)
        for tp in revoked:
            self._partitions.pop(tp, None)

    async def _take(self, event: Any) -> None:
        message = event.message
        partition = await self._partition(message.tp)
        if partition is None:
            return
        record, hole = _record(message), False
        for fold in partition.folds:
            started = time.perf_counter()
            step = fold.take(record)
            seconds = time.perf_counter() - started
            _count(partition.metrics[fold.chain.name], step, message, seconds)
            hole |= step.outcome is Outcome.HOLE
        if hole:
            await self._read_again(partition, message.tp)
            return
        partition.seeking = False
        partition.unacknowledged.append(event)
        due = time.monotonic() - partition.saved_at >= self._config.snapshot_interval_s
        if due and partition.saving is None:
            newest = [(fold.chain.state_topic, fold.snapshot()) for fold in partition.folds]
            held, partition.unacknowledged = partition.unacknowledged, []
            partition.saving = asyncio.create_task(self._save(partition, newest, held))

    async def _partition(self, tp: TP) -> _Partition | None:
        """What this worker holds of a partition, from its snapshots the first time; None for a
        record that was under way when the partition went to another worker."""
        if tp not in self._assigned:
            return None
        known = self._partitions.get(tp)
        if known is None:
            readers = [chain for chain in self._chains if chain.reads == tp.topic]
            snapshots = await asyncio.to_thread(self._load, readers, tp.partition)
            if tp not in self._assigned:
                return None
            decode = lru_cache(maxsize=1)(self._codec.decode)  # once for all the chains
            folds = [
                PartitionFold(
                    chain, tp.partition, self._configs, self._codec, self._writer, snapshot, decode
                )
                for chain, snapshot in zip(readers, snapshots, strict=True)
            ]
            metrics = {
                chain.name: FoldMetrics(self._metrics, chain.name, tp.partition)
                for chain in readers
            }
            known = self._partitions[tp] = _Partition(folds, metrics)
        return known

    def _load(self, readers: list[Chain], partition: int) -> list[Snapshot | None]:
        return [self._store.load(chain.state_topic, partition) for chain in readers]

    async def _read_again(self, partition: _Partition, tp: TP) -> None:
        """A record came that is not the next one of a fold: go back to that, once, and drop what is
        under way until it comes."""
        if partition.seeking:
            return
        partition.seeking = True
        behind = min(partition.folds, key=lambda fold: fold.next_offset)
        partition.metrics[behind.chain.name].seeks.inc()
        await self.app.consumer.seek(tp, behind.next_offset)

    async def _save(
        self, partition: _Partition, newest: list[tuple[str, Snapshot]], held: list[Any]
    ) -> None:
        """Snapshots, and then the acknowledgement of the events that they hold."""
        try:
            await asyncio.to_thread(self._store.save, *newest)
        except Exception as error:  # noqa: BLE001  # see _give_up
            self._give_up(f"{newest[0][0]}/{newest[0][1].partition}", error)
        for event in held:
            event.ack()
        partition.saved_at, partition.saving = time.monotonic(), None
        for metrics in partition.metrics.values():
            metrics.snapshots.inc()

    def health(self) -> dict[str, Any]:
        """For the health page: which partitions are held, and how far they are."""
        return {
            "ok": self.app.started,
            "assigned": sorted(f"{tp.topic}/{tp.partition}" for tp in self._assigned),
            "offsets": {
                f"{fold.chain.name}:{tp.topic}/{tp.partition}": fold.next_offset
                for tp, partition in sorted(self._partitions.items())
                for fold in partition.folds
            },
        }


def _count(metrics: FoldMetrics, step: Step, message: Any, seconds: float) -> None:
    match step.outcome:
        case Outcome.FOLDED:
            metrics.records.inc()
            metrics.events.inc(step.events)
            metrics.outputs.inc(step.outputs)
            metrics.fold_seconds.observe(seconds)
            metrics.age_seconds.observe(max(time.time() - message.timestamp, 0))
        case Outcome.DUPLICATE:
            metrics.duplicates.inc()
        case Outcome.DEAD:
            metrics.dead_letters.inc()
    metrics.offset.set(message.offset + 1)


def _record(message: Any) -> LogRecord:
    headers = message.headers
    pairs = list(headers.items()) if isinstance(headers, dict) else list(headers or ())
    return LogRecord(
        message.topic,
        message.partition,
        message.offset,
        (message.key or b"").decode(errors="replace"),
        message.value or b"",
        causes.of(pairs),
    )
