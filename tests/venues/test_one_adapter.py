"""An account has one adapter: who starts a second takes over from the first."""

import asyncio
from pathlib import Path

import pytest

from connectors.trading.execution_log import KafkaExecution
from schemas.codec import Codec
from streams.cause import Cause
from streams.kafka import KafkaWriter
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
