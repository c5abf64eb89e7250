"""The log on a Kafka-compatible broker, through librdkafka.

One key always lands in one partition: every writer uses Java's murmur2 (librdkafka's own default
is CRC32). The producer is idempotent, so retries neither double nor reorder, and it waits through
a broker's absence up to ``DELIVERY_TIMEOUT_MS`` before it gives up.
"""

import time
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import count
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec
from confluent_kafka.cimpl import NewTopic

from streams import cause as causes
from streams.cause import Cause
from streams.log import LogError, LogRecord
from streams.partitions import partition_of as partition_of

DELIVERY_TIMEOUT_MS = 300_000
LARGEST_RECORD = 16 * 1024 * 1024


def client(bootstrap: str, **more: Any) -> dict[str, Any]:
    """The configuration that every client shares. librdkafka's own lines are silenced: it tries
    again by itself, and what it cannot mend comes as an exception."""
    return {"bootstrap.servers": bootstrap, "log_level": 0, **more}


class KafkaWriter:
    """A ``Writer``. ``linger_ms`` trades latency for batches; 0 sends at once."""

    def __init__(self, bootstrap: str, linger_ms: float = 1.0) -> None:
        self._failed: str | None = None
        self._numbers = count()  # of records; two threads never draw the same one
        self._under_way: dict[int, None] = {}  # in the order in which they were sent
        self._producer = Producer(
            client(
                bootstrap,
                **{
                    "partitioner": "murmur2_random",
                    "enable.idempotence": True,
                    "linger.ms": linger_ms,
                    "compression.type": "lz4",
                    "message.max.bytes": LARGEST_RECORD,
                    "delivery.timeout.ms": DELIVERY_TIMEOUT_MS,
                    "queue.buffering.max.kbytes": 256 * 1024,
                },
            )
        )

    def send(self, topic: str, key: str, value: bytes, cause: Cause) -> None:
        """Queues a record. Raises LogError when it is too large, or an earlier one could not be
        delivered."""
        self._produce(topic, key=key.encode(), value=value, headers=cause.header())

    def send_to(self, topic: str, partition: int, key: str, value: bytes) -> None:
        """Queues a record for a given partition, as snapshots are kept. Raises LogError."""
        self._produce(topic, key=key.encode(), value=value, partition=partition)

    def flush(self) -> None:
        """Waits until everything sent before is in the log, whatever another thread sends
        meanwhile. Raises LogError when it is not."""
        now, deadline = next(self._numbers), time.monotonic() + DELIVERY_TIMEOUT_MS / 1000
        while self._oldest(now) < now:
            self._check()
            if time.monotonic() > deadline:
                raise LogError(
                    f"{len(self._under_way)} records were not delivered within five minutes: is "
                    "the broker up?"
                )
            self._producer.poll(0.01)
        self._check()

    def _oldest(self, none: int) -> int:
        """Number of the record that is under way longest; ``none`` where there is none."""
        while True:
            try:
                return next(iter(self._under_way), none)
            except RuntimeError:  # another thread has just sent one, or heard of one
                continue

    def _produce(self, topic: str, **record: Any) -> None:
        self._check()
        number = next(self._numbers)
        self._under_way[number] = None
        told = partial(self._delivered, number)
        while True:
            try:
                self._producer.produce(topic, on_delivery=told, **record)
                self._producer.poll(0)
                return
            except BufferError:
                self._producer.poll(0.1)
            except KafkaException as error:
                del self._under_way[number]
                size = len(record["value"])
                raise LogError(
                    f"topic {topic}: a record of {size:,} bytes is not taken: "
                    f"{error.args[0].str()}; with more partitions snapshots are smaller"
                ) from error

    def _delivered(self, number: int, error: KafkaError | None, message: Any) -> None:
        del self._under_way[number]
        if error is not None and self._failed is None:
            self._failed = f"topic {message.topic()}: {error.str()}"

    def _check(self) -> None:
        if self._failed:
            raise LogError(f"a record was not delivered: {self._failed}")


def create_topics(
    bootstrap: str,
    topics: Iterable[str],
    partitions: int,
    replication: int,
    compacted: bool = False,
) -> list[str]:
    """Creates the topics that do not exist yet; returns their names. Raises LogError, also when
    one exists with another number of partitions: keys would move."""
    admin = AdminClient(client(bootstrap))
    existing = _existing(admin, bootstrap)
    config = {"max.message.bytes": str(LARGEST_RECORD)}
    if compacted:
        config |= {"cleanup.policy": "compact", "segment.ms": "600000"}
    missing = []
    for topic in topics:
        if topic not in existing:
            missing.append(NewTopic(topic, partitions, replication, config=config))
        elif existing[topic] != partitions:
            raise LogError(
                f"topic {topic} has {existing[topic]} partitions, the configuration says "
                f"{partitions}; set broker.partitions to match, or use new topics"
            )
    for topic, future in admin.create_topics(missing).items() if missing else ():
        try:
            future.result(30)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise LogError(f"topic {topic} cannot be created: {error.args[0].str()}") from error
    return [topic.topic for topic in missing]


def _existing(admin: AdminClient, bootstrap: str) -> dict[str, int]:
    try:
        metadata = admin.list_topics(timeout=10)
    except KafkaException as error:
        raise LogError(f"broker {bootstrap} does not answer: {error.args[0].str()}") from error
    return {name: len(topic.partitions) for name, topic in metadata.topics.items()}


def partition_counts(bootstrap: str) -> dict[str, int]:
    """Topic → number of partitions. Raises LogError."""
    return _existing(AdminClient(client(bootstrap)), bootstrap)


def end_offsets(
    bootstrap: str, places: Iterable[tuple[str, int]], seconds: float = 30
) -> dict[tuple[str, int], int]:
    """(topic, partition) → its next offset, of all with one request on a connection of its own: on
    a consumer's, each would wait for a fetch to return. Raises LogError."""
    asked = {TopicPartition(*place): OffsetSpec.latest() for place in places}
    if not asked:
        return {}
    admin, deadline = AdminClient(client(bootstrap)), time.monotonic() + seconds
    while True:
        found = admin.list_offsets(asked, request_timeout=seconds)
        try:
            return {(p.topic, p.partition): future.result().offset for p, future in found.items()}
        except KafkaException as error:  # as one that was just made has no leader for a moment
            if time.monotonic() > deadline:
                raise LogError(f"the log's ends are not known: {error.args[0].str()}") from error
            time.sleep(0.2)


def _reader(bootstrap: str) -> Consumer:
    return Consumer(
        client(
            bootstrap,
            **{
                "group.id": "tickstream-reader",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "enable.partition.eof": False,
                "fetch.max.bytes": 64 * 1024 * 1024,
            },
        )
    )


def last_record(bootstrap: str, topic: str, partition: int) -> LogRecord | None:
    """The newest record of a partition; None when it is empty. Raises LogError."""
    for record, _ in read_partition(bootstrap, topic, partition, last=1):
        return record
    return None


def read_partition(
    bootstrap: str, topic: str, partition: int, last: int | None = None
) -> Iterator[tuple[LogRecord, int]]:
    """Every record of a partition up to its present end (or only the ``last`` so many), with its
    time in the log in ms. Raises LogError."""
    consumer = _reader(bootstrap)
    try:
        place = TopicPartition(topic, partition)
        low, high = _watermarks(consumer, place)
        if high > low:
            place.offset = low if last is None else max(low, high - last)
            consumer.assign([place])
            yield from _until(consumer, topic, partition, high)
    except KafkaException as error:
        raise LogError(f"{topic}/{partition}: {error.args[0].str()}") from error
    finally:
        consumer.close()


def _watermarks(consumer: Consumer, place: TopicPartition) -> tuple[int, int]:
    """First and next offset; a partition that was just made may have no leader for a moment."""
    deadline = time.monotonic() + 15
    while True:
        try:
            low, high = consumer.get_watermark_offsets(place, timeout=10)
            return low, high
        except KafkaException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _until(
    consumer: Consumer, topic: str, partition: int, high: int
) -> Iterator[tuple[LogRecord, int]]:
    while True:
        message = consumer.poll(30)
        if message is None:
            raise LogError(f"{topic}/{partition}: nothing came for 30 s, the end is at {high}")
        if message.error():
            raise LogError(f"{topic}/{partition}: {message.error().str()}")
        yield to_record(message), message.timestamp()[1]
        if message.offset() >= high - 1:
            return


def to_record(message: Any) -> LogRecord:
    """A confluent-kafka message as a LogRecord."""
    return LogRecord(
        message.topic(),
        message.partition(),
        message.offset(),
        (message.key() or b"").decode(errors="replace"),
        message.value() or b"",
        causes.of(message.headers()),
    )
