"""Where approvals come from: one partition of ``execution``, for one adapter at a time.

Two adapters of an account would both send its orders. Both are the same static member of one
consumer group (KIP-345), so the broker fences the older one as soon as another starts; the new one
waits for longer than that may take before it reads anything.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Protocol

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from streams import kafka
from streams.log import LogError, LogRecord

_HEARTBEAT_S = 0.5  # how often an adapter asks whether it still is the one
_FENCED = (KafkaError._FATAL, KafkaError.FENCED_INSTANCE_ID)


class ExecutionLog(Protocol):
    """A partition: its present end, and its records from an offset on, for ever."""

    @property
    def partition(self) -> int: ...
    def end(self) -> int: ...
    def records(self, start: int) -> AsyncIterator[LogRecord]: ...


class KafkaExecution:
    """The partition of ``execution`` that holds an account."""

    def __init__(self, bootstrap: str, account: str) -> None:
        counts = kafka.partition_counts(bootstrap)
        if "execution" not in counts:
            raise LogError("there is no topic execution; run tickstream topics create")
        self.partition = kafka.partition_of(account, counts["execution"])
        self._account = account
        self._consumer = Consumer(
            kafka.client(
                bootstrap,
                **{
                    "group.id": f"tickstream-trade-{account}",
                    "group.instance.id": account,
                    "heartbeat.interval.ms": int(_HEARTBEAT_S * 1000),
                    "enable.auto.commit": False,
                    "auto.offset.reset": "earliest",
                },
            )
        )

    def end(self) -> int:
        place = TopicPartition("execution", self.partition)
        return int(self._consumer.get_watermark_offsets(place, timeout=30)[1])

    async def records(self, start: int) -> AsyncIterator[LogRecord]:
        """Raises LogError, also when another adapter of the account was started."""
        alone_at = 0.0  # when an adapter before this one has ended for sure
        position = start  # a group that forms anew, after the broker was away, goes on from here

        def begin(consumer: Consumer, _: list[TopicPartition]) -> None:
            nonlocal alone_at
            alone_at = time.monotonic() + 2 * _HEARTBEAT_S
            consumer.assign([TopicPartition("execution", self.partition, position)])

        self._consumer.subscribe(["execution"], on_assign=begin)
        try:
            while True:
                first = await asyncio.to_thread(self._consumer.poll, 0.2)
                rest = self._consumer.consume(500, 0) if first else []
                for message in [first, *rest] if first else []:
                    self._check(message)
                    await asyncio.sleep(max(alone_at - time.monotonic(), 0.0))
                    position = message.offset() + 1
                    yield kafka.to_record(message)
        finally:
            self._consumer.close()

    def _check(self, message: Message) -> None:
        error = message.error()
        if error and error.code() in _FENCED:
            raise LogError(
                f"another adapter of account {self._account} was started and trades now; this one "
                "ends: run one only"
            )
        if error:
            raise LogError(f"execution/{self.partition}: {error.str()}")
