"""A sink's loop: from the topics into a store, as far as the store says it is.

Kafka's committed offsets are for lag displays only: they say up to where everything is stored.
On every assignment the store is asked where it stands, and before a partition is given up what
waits is written.
"""

import threading
import time
from collections.abc import Iterable
from typing import Any, Protocol

from confluent_kafka import Consumer, KafkaException, TopicPartition
from prometheus_client import CollectorRegistry, Counter, Gauge

from schemas.codec import Codec, CodecError, Message
from schemas.records import DeadLetter
from streams.cause import Cause
from streams.kafka import client, end_offsets, to_record
from streams.log import LogError, LogRecord, Writer
from streams.topology import TOPICS

GROUP = "tickstream-sink"
_LAST_READ_S = 10.0


class Store(Protocol):
    """Where records go: ClickHouse or the lake. ``add`` only collects; after ``flush`` it holds
    all that was added, each record once."""

    rows: int
    blocks: int

    @property
    def waiting(self) -> int: ...
    def ask_positions(self) -> None: ...
    def position(self, topic: str, partition: int) -> int: ...
    def add(self, record: LogRecord, message: Message) -> None: ...
    def skip(self, topic: str, partition: int, next_offset: int) -> None: ...
    def flush(self) -> None: ...


class Sink:
    """Reads topics, as the consumer group ``group``; what it cannot read or store goes to the dead
    letters."""

    def __init__(
        self,
        bootstrap: str,
        writer: Store,
        codec: Codec,
        dead_letters: Writer,
        block_delay_s: float,
        registry: CollectorRegistry,
        topics: Iterable[str] = TOPICS,
        group: str = GROUP,
    ) -> None:
        self._bootstrap, self._topics = bootstrap, list(topics)
        self._writer, self._codec, self._dead_letters = writer, codec, dead_letters
        self._block_delay_s = block_delay_s
        self._since: float | None = None
        self._failure = ""
        self._next: dict[tuple[str, int], int] = {}
        self.assigned: list[str] = []
        self._rows = Gauge("tickstream_sink_rows", "Rows inserted", registry=registry)
        self._blocks = Gauge("tickstream_sink_blocks", "Blocks inserted", registry=registry)
        self._records = Counter("tickstream_sink_records", "Records read", registry=registry)
        self._dead = Counter("tickstream_sink_dead_letters", "Records refused", registry=registry)
        self._consumer = Consumer(
            client(
                bootstrap,
                **{
                    "group.id": group,
                    "enable.auto.commit": False,
                    "auto.offset.reset": "earliest",
                    "partition.assignment.strategy": "range",
                    "session.timeout.ms": 6_000,  # the least that brokers allow by default
                    "fetch.max.bytes": 64 * 1024 * 1024,
                    "queued.max.messages.kbytes": 128 * 1024,
                },
            )
        )

    def run(self, stop: threading.Event) -> None:
        """Until ``stop`` is set; what was in the log by then is stored. Raises LogError and what
        the store raises."""
        self._consumer.subscribe(self._topics, on_assign=self._on_assign, on_revoke=self._on_revoke)
        try:
            while not stop.is_set():
                self._read(0.1)
                self._flush_when_due()
            self._read_to_end()
            self._flush()
        except KafkaException as error:
            raise LogError(f"the sink cannot read: {error.args[0].str()}") from error
        finally:
            self._consumer.close()

    def _read(self, timeout: float) -> int:
        messages = self._consumer.consume(200, timeout)
        for message in messages:
            if message.error():
                self._complain(message.error())
            else:
                self._take(to_record(message))
        return len(messages)

    def _read_to_end(self) -> None:
        """What was in the log when it was asked to stop, as far as it comes in a while."""
        deadline = time.monotonic() + _LAST_READ_S
        assigned = [(p.topic, p.partition) for p in self._consumer.assignment()]
        ends = end_offsets(self._bootstrap, assigned, _LAST_READ_S)
        while time.monotonic() < deadline and any(
            self._next.get(place, end) < end for place, end in ends.items()
        ):
            self._read(0.2)

    def health(self) -> dict[str, Any]:
        return {
            "ok": not self._failure,
            "failure": self._failure,
            "assigned": self.assigned,
            "waiting": self._writer.waiting,
        }

    def _complain(self, error: Any) -> None:
        """librdkafka comes back by itself from a broker that is away; a topic that does not exist
        stays away."""
        if error.fatal():
            raise LogError(f"the sink cannot read: {error.str()}")

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._writer.ask_positions()
        for place in partitions:
            place.offset = self._writer.position(place.topic, place.partition)
            self._next[place.topic, place.partition] = place.offset
        self._since = time.monotonic()
        consumer.assign(partitions)
        self.assigned = sorted(f"{p.topic}/{p.partition}" for p in partitions)

    def _on_revoke(self, _: Consumer, __: list[TopicPartition]) -> None:
        self._flush()
        self.assigned, self._next = [], {}

    def _commit(self) -> None:
        """For lag displays; without waiting, as nothing depends on it."""
        offsets = [TopicPartition(*place, offset) for place, offset in self._next.items()]
        if offsets:
            self._consumer.commit(offsets=offsets)

    def _take(self, record: LogRecord) -> None:
        self._records.inc()
        self._next[record.topic, record.partition] = record.offset + 1
        if self._since is None:
            self._since = time.monotonic()
        try:
            self._writer.add(record, self._codec.decode(record.value))
        except (CodecError, ValueError) as error:
            self._refuse(record, str(error))
            self._writer.skip(record.topic, record.partition, record.offset + 1)

    def _refuse(self, record: LogRecord, error: str) -> None:
        self._dead.inc()
        if record.topic == "dead-letters":
            return  # it would come back for ever
        letter = DeadLetter(
            record.topic, record.partition, record.offset, "sink", error, record.value
        )
        cause = Cause("sink", f"{record.topic}/{record.partition}", record.offset, 0)
        self._dead_letters.send("dead-letters", record.topic, self._codec.encode(letter), cause)

    def _flush_when_due(self) -> None:
        if self._since is not None and time.monotonic() - self._since >= self._block_delay_s:
            self._flush()

    def _flush(self) -> None:
        self._dead_letters.flush()
        self._writer.flush()
        self._commit()
        self._since = None
        self._rows.set(self._writer.rows)
        self._blocks.set(self._writer.blocks)
