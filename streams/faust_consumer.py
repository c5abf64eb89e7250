"""Faust's consumer, but one that reads on at once after it was behind.

Two waits of Faust and of aiokafka beneath it suppose that a consumer has one partition, or that all
of its partitions are equally busy. A worker that was once a few hundred records behind stayed
seconds behind for ever, its processor idle:

- Faust asks for no more of a partition whose buffer is full. It asks for the others' records and
  waits up to a second for one, and does not hear meanwhile that the buffer has emptied.
- aiokafka has one request under way to a broker, and leaves out of it the partitions whose records
  nobody took yet. Faust lets the broker answer 1.5 seconds later when the rest has nothing new.
"""

from typing import Any

from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer

ANSWER_WITHIN_MS = 25  # an idle worker asks forty times a second
LOOK_AGAIN_S = 0.005  # while a buffer is full; its records take the worker longer than that


class _Thread(AIOKafkaConsumerThread):  # type: ignore[misc]  # Faust has no types
    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = ANSWER_WITHIN_MS
        return consumer


class PromptConsumer(Consumer):  # type: ignore[misc]
    """What Faust makes its consumer of when ``app.transport.Consumer`` is set to it."""

    def _new_consumer_thread(self) -> _Thread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    async def _wait_next_records(self, timeout: float) -> Any:  # noqa: ASYNC109  # as Faust's
        while self._buffered_partitions and not self._get_active_partitions():
            await self.sleep(LOOK_AGAIN_S)
        return await super()._wait_next_records(
            LOOK_AGAIN_S if self._buffered_partitions else timeout
        )
