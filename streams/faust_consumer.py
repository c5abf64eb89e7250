"""Faust's consumer, but one that reads ahead, and reads on at once after it was behind.

Three waits of Faust and of aiokafka beneath it suppose that a consumer has one partition, or that
all of its partitions are equally busy. A worker was idle while records waited for it, and one that
was once a few hundred records behind stayed seconds behind for ever:

- aiokafka asks a broker for more only when everything that it sent last was taken, and Faust takes
  more only when its agents have folded what they have: nothing is folded while the answer is
  under way. Here what comes is taken at once and kept.
- aiokafka has one request under way to a broker. Faust lets the broker answer 1.5 seconds later
  when the partitions asked for have nothing new, and others must wait for that.
- Faust asks for no more of a partition whose buffer is full. It asks for the others' records and
  waits up to a second for one, and does not hear meanwhile that the buffer has emptied.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any

from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer
from faust.types import TP
from mode import Service

ANSWER_WITHIN_MS = 25  # an idle worker asks forty times a second
LOOK_AGAIN_S = 0.005  # while a buffer is full; its records take the worker longer than that
IDLE_S = 0.1  # until the assigned partitions are looked at again when nothing comes
AHEAD = 500  # records of a partition that are read ahead
AT_ONCE = 100  # records of a partition for Faust, so that none keeps the others waiting for long


class _Thread(AIOKafkaConsumerThread):  # type: ignore[misc]  # Faust has no types
    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._ahead: dict[TP, deque[Any]] = {}
        self._came = asyncio.Event()  # of the loop that folds

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = ANSWER_WITHIN_MS
        return consumer

    @Service.task  # type: ignore[untyped-decorator]
    async def _read_ahead(self) -> None:
        fetcher = self._ensure_consumer()._fetcher
        while not self.should_stop:
            assigned = self.assignment()
            with_room = [tp for tp in assigned if len(self._ahead.get(tp, ())) < AHEAD]
            wait = IDLE_S if len(with_room) == len(assigned) else LOOK_AGAIN_S
            if not with_room:
                await self.sleep(wait)
                continue
            with fetcher._subscriptions.fetch_context():
                found = await fetcher.fetched_records(with_room, wait, AHEAD)
            for tp, records in found.items():
                self._ahead.setdefault(TP(*tp), deque()).extend(records)
            if found:
                self.parent_loop.call_soon_threadsafe(self._came.set)

    async def getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:  # noqa: ASYNC109  # as Faust's
        """What was read ahead, without asking the thread for it; called by the loop that folds."""
        self._came.clear()
        found = self._taken(active_partitions or set())
        if found or not self.consumer.flow_active:
            return found
        try:
            async with asyncio.timeout(timeout):
                await self._came.wait()
        except TimeoutError:
            return {}
        return self._taken(active_partitions or set())

    def _taken(self, active: set[TP]) -> dict[TP, list[Any]]:
        if not self.consumer.flow_active:
            return {}
        found = {}
        for tp in active:
            ahead = self._ahead.get(tp)
            if ahead:
                found[tp] = [ahead.popleft() for _ in range(min(len(ahead), AT_ONCE))]
        return found

    def seek(self, partition: TP, offset: int) -> None:
        self._ahead.pop(partition, None)
        super().seek(partition, offset)

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        for partition in partitions:
            self._ahead.pop(partition, None)
        await super().seek_wait(partitions)

    async def seek_to_committed(self) -> Any:
        self._ahead.clear()
        return await super().seek_to_committed()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        self._ahead.clear()
        await super().on_partitions_revoked(revoked)


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
