"""The broker dies and comes back: everything goes on, and nothing is lost or doubled."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.broker import BrokerError, KafkaProcess
from tests.crash.system import System
from tests.crash.test_crash import (
    operators_say_the_same_again,
    settle,
    tables,
    wait_for_growth,
)


@pytest.fixture
def kafka(tmp_path: Path) -> Iterator[KafkaProcess]:
    process = KafkaProcess(tmp_path / "kafka")
    try:
        process.start()
    except BrokerError as error:
        pytest.skip(f"needs Java 17 and Maven for a broker that can be killed: {error}")
    yield process
    process.stop()


def test_a_broker_that_was_away_changes_nothing(kafka: KafkaProcess, tmp_path: Path) -> None:
    system = System(kafka.bootstrap, tmp_path)
    try:
        system.start("worker", "sink", "connector")
        system.wait_for(lambda: system.count("ledger") > 5)
        kafka.kill()
        time.sleep(3)
        kafka.start()
        wait_for_growth(system, "tape")
        running = {name: child.running for name, child in system.children.items()}
        settle(system)
        assert running == {"worker": True, "sink": True, "connector": True}
        assert tables(system.clickhouse) == tables(tmp_path / "undisturbed", system.bootstrap)
        assert operators_say_the_same_again(system, tmp_path / "recording")
    finally:
        system.stop_all()
