"""The alerts' loop: from the ledger and the dead letters to people.

A message is written down in the snapshot before it is sent and struck out after it was taken. So
a process that dies anywhere is taken up where it stood: what was not delivered still is, and what
was on its way goes out once more under the same key. Kafka's committed offsets are for lag
displays only.
"""

import threading
import time
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition
from prometheus_client import CollectorRegistry, Counter, Gauge

from schemas.codec import Codec, CodecError
from sinks.alerts.channel import Channel
from sinks.alerts.courier import Courier
from sinks.alerts.fold import AlertFold, state_topic
from sinks.alerts.rules import Rule
from sinks.alerts.silence import Silence
from streams.kafka import client, to_record
from streams.log import LogError, LogRecord
from streams.snapshots import SnapshotStore

GROUP = "tickstream-alerts"
READS = ("ledger", "dead-letters")
_SAVE_EVERY_NS = 5 * 10**9
_LAST_ANSWERS_S = 15.0

Place = tuple[str, int]


class _Counts:
    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, label: str) -> Counter:
            return Counter(f"tickstream_alerts_{name}", text, [label], registry=registry)

        self.records = counter("records", "Records read", "topic")
        self.raised = counter("raised", "Alerts that rules raised", "severity")
        self.delivered = counter("delivered", "Messages that a channel took", "channel")
        self.failed = counter("failed", "Attempts that a channel did not take", "channel")
        self.waiting = Gauge(
            "tickstream_alerts_waiting",
            "Messages not delivered yet",
            ["channel"],
            registry=registry,
        )


class AlertHost:
    """Holds a fold for each partition that the group gave it, and a courier for each channel."""

    def __init__(
        self,
        bootstrap: str,
        codec: Codec,
        store: SnapshotStore,
        rules: tuple[Rule, ...],
        channels: tuple[Channel, ...],
        look_back_s: float,
        registry: CollectorRegistry,
    ) -> None:
        self._codec, self._store, self._rules = codec, store, rules
        self._couriers = {channel.name: Courier(channel) for channel in channels}
        self._policies = {channel.name: channel.policy for channel in channels}
        self._look_back_s = look_back_s
        self._silence = Silence(rules, time.time_ns())
        self._counts = _Counts(registry)
        self._folds: dict[Place, AlertFold] = {}
        self._saved: dict[Place, int] = {}
        self._saved_ns = time.monotonic_ns()
        self._consumer = Consumer(
            client(
                bootstrap,
                **{
                    "group.id": GROUP,
                    "enable.auto.commit": False,
                    "auto.offset.reset": "earliest",
                    "partition.assignment.strategy": "range",
                    "session.timeout.ms": 6_000,  # the least that brokers allow by default
                },
            )
        )

    def run(self, stop: threading.Event) -> None:
        """Until ``stop`` is set. Raises LogError."""
        self._consumer.subscribe(
            list(READS), on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
        )
        try:
            while not stop.is_set():
                self._step()
            self._await_answers()
        except KafkaException as error:
            raise LogError(f"the alerts cannot read: {error.args[0].str()}") from error
        finally:
            self._consumer.close()
            for courier in self._couriers.values():
                courier.close()

    def health(self) -> dict[str, Any]:
        """Well while every channel takes what it is given."""
        failing = {name: c.failing for name, c in self._couriers.items() if c.failing}
        return {
            "ok": not failing,
            "failing": failing,
            "assigned": sorted(f"{topic}/{partition}" for topic, partition in list(self._folds)),
            "waiting": {name: self._waiting(name) for name in self._couriers},
        }

    def _step(self) -> None:
        for message in self._consumer.consume(200, 0.1):
            if not message.error():
                self._take(to_record(message))
            elif message.error().fatal():
                raise LogError(f"the alerts cannot read: {message.error().str()}")
        self._listen()
        self._collect()
        self._dispatch()
        if time.monotonic_ns() - self._saved_ns >= _SAVE_EVERY_NS:
            self._save_all()

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        for place in partitions:
            key = place.topic, place.partition
            snapshot = self._store.load(state_topic(place.topic), place.partition)
            fold = AlertFold(place.partition, self._rules, self._policies, 0)
            if snapshot:
                fold.restore(snapshot)
                self._saved[key] = fold.next_offset
            else:
                fold.next_offset = self._first(consumer, place)
            self._folds[key] = fold
            if not snapshot:
                self._save(key)  # from now on it is known what was seen
            place.offset = fold.next_offset
        consumer.assign(partitions)

    def _first(self, consumer: Consumer, place: TopicPartition) -> int:
        """Where the very first start begins: what is older is no news."""
        since = int((time.time() - self._look_back_s) * 1000)
        (found,) = consumer.offsets_for_times(
            [TopicPartition(place.topic, place.partition, since)], timeout=15
        )
        if found.offset >= 0:
            return int(found.offset)
        end: int = consumer.get_watermark_offsets(place, timeout=15)[1]
        return end

    def _on_revoke(self, _: Consumer, __: list[TopicPartition]) -> None:
        self._save_all()
        self._folds.clear()
        self._saved.clear()

    def _on_lost(self, _: Consumer, __: list[TopicPartition]) -> None:
        """Another process has them by now, and may have saved what is newer."""
        self._folds.clear()
        self._saved.clear()

    def _take(self, record: LogRecord) -> None:
        fold = self._folds.get((record.topic, record.partition))
        if fold is None or record.offset < fold.next_offset:
            return  # read just before the partitions were shared out anew
        self._counts.records.labels(record.topic).inc()
        if record.topic == "ledger":
            self._silence.heard(time.time_ns())
        try:
            alerts = fold.take(record, self._codec.decode(record.value))
        except CodecError:
            fold.next_offset = record.offset + 1  # the sink makes a dead letter of it
            return
        for alert in alerts:
            self._counts.raised.labels(alert.severity.word).inc()

    def _listen(self) -> None:
        """Who holds no partition of the ledger cannot know that it is silent."""
        ledgers = sorted(place for place in self._folds if place[0] == "ledger")
        if not ledgers:
            self._silence.heard(time.time_ns())
            return
        for alert in self._silence.check(time.time_ns()):
            self._counts.raised.labels(alert.severity.word).inc()
            self._folds[ledgers[0]].tell(alert)

    def _collect(self) -> None:
        """What the channels said of what was under way."""
        for name, courier in self._couriers.items():
            done = courier.done(time.monotonic_ns())
            if done is None:
                continue
            (self._counts.failed if done.failure else self._counts.delivered).labels(name).inc()
            fold = self._folds.get(done.place)
            if fold is None:
                continue  # its partition went to another process, which sends it again
            if done.failure is None:
                fold.outboxes[name].taken(done.message.key)
            elif done.unacceptable:
                fold.outboxes[name].refused(done.message.key, time.time_ns())
            self._save(done.place)

    def _dispatch(self) -> None:
        for name, courier in self._couriers.items():
            self._counts.waiting.labels(name).set(self._waiting(name))
            for place, fold in self._folds.items():
                if not courier.ready(time.monotonic_ns()):
                    break
                now, outbox = time.time_ns(), fold.outboxes[name]
                if outbox.freeze(now):
                    self._save(place)
                if message := outbox.next(now):
                    courier.send(place, message, time.monotonic_ns())

    def _await_answers(self) -> None:
        """What is under way when it is asked to stop, as far as it comes in a while."""
        deadline = time.monotonic() + _LAST_ANSWERS_S
        while time.monotonic() < deadline and any(c.busy for c in self._couriers.values()):
            self._collect()
            time.sleep(0.02)
        self._save_all()

    def _waiting(self, channel: str) -> int:
        return sum(len(fold.outboxes[channel]) for fold in list(self._folds.values()))

    def _save(self, place: Place) -> None:
        fold = self._folds[place]
        self._store.save((state_topic(place[0]), fold.snapshot()))
        self._saved[place] = fold.next_offset

    def _save_all(self) -> None:
        """Every partition that moved on, and the group's offsets."""
        self._saved_ns = time.monotonic_ns()
        for place, fold in self._folds.items():
            if self._saved.get(place) != fold.next_offset:
                self._save(place)
        offsets = [TopicPartition(*place, offset) for place, offset in self._saved.items()]
        if offsets:
            self._consumer.commit(offsets=offsets)
