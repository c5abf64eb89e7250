"""A consumer reads ahead of what is folded, and one whose buffer was full reads on, though nothing
comes in its other partitions."""

import asyncio
from pathlib import Path
from typing import Any

import faust

from streams import kafka
from streams.cause import Cause
from streams.faust_consumer import ANSWER_WITHIN_MS, LOOK_AGAIN_S, PromptConsumer
from streams.kafka import KafkaWriter
from tests.venues.trading_desk import until

TOPIC, RECORDS = "busy", 400


class Watched(PromptConsumer):
    """Remembers how long it waited for records while a buffer was full."""

    def on_init(self) -> None:
        self.waits: list[float] = []

    async def _getmany(self, active_partitions: Any, timeout: float) -> Any:  # noqa: ASYNC109
        if self._buffered_partitions:
            self.waits.append(timeout)
        return await super()._getmany(active_partitions=active_partitions, timeout=timeout)


def app_of(bootstrap: str, home: Path) -> faust.App:
    """With room for a few records."""
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
    return app


async def read(bootstrap: str, home: Path) -> tuple[int, Watched]:
    """Reads all the records."""
    app = app_of(bootstrap, home)
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


async def held_up(bootstrap: str, home: Path) -> tuple[int, list[bytes]]:
    """Records that are there while the first is folded for long; and what is folded at last."""
    app = app_of(bootstrap, home)
    folded, begun, go_on = list[bytes](), asyncio.Event(), asyncio.Event()

    async def fold(stream: faust.StreamT[bytes]) -> None:
        async for value in stream:
            begun.set()
            await go_on.wait()
            folded.append(value)

    app.agent(app.topic(TOPIC, value_type=bytes, value_serializer="raw"))(fold)
    await app.start()
    try:
        async with asyncio.timeout(60):
            await begun.wait()
        kept = app.consumer._thread._ahead
        await until(lambda: sum(map(len, kept.values())) >= RECORDS // 2)
        ahead = sum(map(len, kept.values()))
        go_on.set()
        await until(lambda: len(folded) == RECORDS)
        return ahead, folded
    finally:
        await app.stop()


def fill(bootstrap: str) -> None:
    kafka.create_topics(bootstrap, [TOPIC], partitions=2, replication=1)  # one stays empty
    writer = KafkaWriter(bootstrap)
    for n in range(RECORDS):
        writer.send(TOPIC, "key", str(n).encode(), Cause("test", "test/0", n, 0))
    writer.flush()


def test_records_are_read_while_one_is_folded(broker_alone: str, tmp_path: Path) -> None:
    fill(broker_alone)
    ahead, folded = asyncio.run(held_up(broker_alone, tmp_path))
    assert ahead >= RECORDS // 2
    assert folded == [str(n).encode() for n in range(RECORDS)]


def test_a_full_buffer_is_looked_at_again_at_once(broker_alone: str, tmp_path: Path) -> None:
    fill(broker_alone)
    seen, consumer = asyncio.run(read(broker_alone, tmp_path))
    assert seen == RECORDS
    assert consumer.waits
    assert set(consumer.waits) == {LOOK_AGAIN_S}
    assert consumer._thread._consumer._fetch_max_wait_ms == ANSWER_WITHIN_MS
