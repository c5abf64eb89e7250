"""An account has one adapter: who starts a second takes over from the first."""

import asyncio
from pathlib import Path

import pytest
from confluent_kafka import Consumer

from connectors.trading.execution_log import KafkaExecution
from schemas.codec import Codec
from streams.cause import Cause
from streams.kafka import KafkaWriter, client
from streams.log import LogError
from tests.crash.system import System
from tests.venues.trading_desk import order

pytestmark = pytest.mark.asyncio


async def test_a_second_adapter_takes_over_and_the_first_ends_saying_so(
    broker: str, tmp_path: Path
) -> None:
    assert System(broker, tmp_path).tickstream("topics", "create").returncode == 0
    writer, codec = KafkaWriter(broker), Codec()
    first, second = KafkaExecution(broker, "twice"), KafkaExecution(broker, "twice")

    def approve(n: int) -> None:
        message = codec.encode(order(f"o{n}", "X:Y", 1))
        writer.send("execution", "twice", message, Cause("gate", "orders/0", n, 0))
        writer.flush()

    start = first.end()
    approve(0)
    told = first.records(start)
    assert (await anext(told)).offset == start
    taking_over = asyncio.create_task(anext(second.records(start)))
    with pytest.raises(LogError, match="another adapter of account twice"):
        await anext(told)
    approve(1)
    assert (await taking_over).offset == start


async def test_a_group_that_forms_anew_goes_on_where_it_was(broker: str, tmp_path: Path) -> None:
    assert System(broker, tmp_path).tickstream("topics", "create").returncode == 0
    writer, codec, log = KafkaWriter(broker), Codec(), KafkaExecution(broker, "anew")
    group = {"group.id": "tickstream-trade-anew", "group.instance.id": "another"}
    another = Consumer(client(broker, **group))
    start = log.end()
    told = log.records(start)

    def approve(n: int) -> None:
        message = codec.encode(order(f"o{n}", "X:Y", 1))
        writer.send("execution", "anew", message, Cause("gate", "orders/0", n, 0))
        writer.flush()

    approve(0)
    assert (await anext(told)).offset == start
    another.subscribe(["execution"])
    reading = asyncio.create_task(anext(told))
    while not another.assignment():  # which it has when the first has given and taken anew
        await asyncio.to_thread(another.poll, 0.1)
    approve(1)
    assert (await reading).offset == start + 1
    another.close()
