"""Where approvals come from: one partition of ``execution``."""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from confluent_kafka import Consumer, TopicPartition

from streams import kafka
from streams.log import LogError, LogRecord


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
        self._bootstrap = bootstrap
        self._consumer = Consumer(
            kafka.client(
                bootstrap,
                **{
                    "group.id": f"tickstream-trade-{account}",
                    "enable.auto.commit": False,
                    "auto.offset.reset": "earliest",
                },
            )
        )

    def end(self) -> int:
        place = TopicPartition("execution", self.partition)
        return int(self._consumer.get_watermark_offsets(place, timeout=30)[1])

    async def records(self, start: int) -> AsyncIterator[LogRecord]:
        """Raises LogError."""
        self._consumer.assign([TopicPartition("execution", self.partition, start)])
        try:
            while True:
                first = await asyncio.to_thread(self._consumer.poll, 0.2)
                rest = self._consumer.consume(500, 0) if first else []
                for message in [first, *rest] if first else []:
                    if message.error():
                        raise LogError(f"execution/{self.partition}: {message.error().str()}")
                    yield kafka.to_record(message)
        finally:
            self._consumer.close()
