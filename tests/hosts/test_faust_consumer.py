"""A consumer whose buffer was full reads on, though nothing comes in its other partitions."""

import asyncio
from pathlib import Path
from typing import Any

import faust

from streams import kafka
from streams.cause import Cause
from streams.faust_consumer import ANSWER_WITHIN_MS, LOOK_AGAIN_S, PromptConsumer
from streams.kafka import KafkaWriter

TOPIC, RECORDS = "busy", 400


class Watched(PromptConsumer):
    """Remembers how long it waited for records while a buffer was full."""

    def on_init(self) -> None:
        self.waits: list[float] = []

    async def _getmany(self, active_partitions: Any, timeout: float) -> Any:  # noqa: ASYNC109
        if self._buffered_partitions:
            self.waits.append(timeout)
        return await super()._getmany(active_partitions=active_partitions, timeout=timeout)


async def read(bootstrap: str, home: Path) -> tuple[int, Watched]:
    """Reads all the records with room for a few of them."""
    app = faust.App(
        "reader",
        broker=f"kafka://{bootstrap}",
        datadir=str(home),
        store="memory://",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        broker_max_poll_records=50,
        stream_buffer_maxsize=20,
        autodiscover=False,
    )
    app.transport.Consumer = Watched
    seen, done = 0, asyncio.Event()

    async def count(stream: faust.StreamT[bytes]) -> None:
        nonlocal seen
        async for _ in stream:
            seen += 1
            await asyncio.sleep(0.001)
            if seen == RECORDS:
                done.set()

    app.agent(app.topic(TOPIC, value_type=bytes, value_serializer="raw"))(count)
    await app.start()
    try:
        async with asyncio.timeout(60):
            await done.wait()
        return seen, app.consumer
    finally:
        await app.stop()


def test_a_full_buffer_is_looked_at_again_at_once(broker_alone: str, tmp_path: Path) -> None:
    kafka.create_topics(broker_alone, [TOPIC], partitions=2, replication=1)  # one stays empty
    writer = KafkaWriter(broker_alone)
    for n in range(RECORDS):
        writer.send(TOPIC, "key", b"value", Cause("test", "test/0", n, 0))
    writer.flush()
    seen, consumer = asyncio.run(read(broker_alone, tmp_path))
    assert seen == RECORDS
    assert consumer.waits
    assert set(consumer.waits) == {LOOK_AGAIN_S}
    assert consumer._thread._consumer._fetch_max_wait_ms == ANSWER_WITHIN_MS
