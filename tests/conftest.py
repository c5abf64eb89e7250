"""What many tests need: the recorded data, a codec, a real broker."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from config.tree import Settings
from console.broker import BrokerError, docker, open_broker
from schemas.codec import Codec
from streams.topology import OperatorConfigs
from tests.wiped import wipe

DATA = Path(__file__).parent.parent.parent / "shared" / "data"

# Kernels compile when first called, and machines are slow at times: neither is a failure.
hypothesis.settings.register_profile("tickstream", deadline=None, derandomize=True)
hypothesis.settings.load_profile("tickstream")


_ON_A_BROKER = {"broker", "broker_alone", "kafka"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for processes and a broker comes first: where two workers share the tests, the
    other one computes meanwhile, and neither ends long after the other."""
    items.sort(key=lambda item: _ON_A_BROKER.isdisjoint(getattr(item, "fixturenames", ())))


@pytest.fixture(scope="session")
def recorded() -> Path:
    """The folder of recorded market data."""
    if not DATA.is_dir():
        pytest.skip("needs the recorded market data in ../shared/data, beside this checkout")
    return DATA


@pytest.fixture(scope="session")
def codec() -> Codec:
    return Codec()


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load(environment={})


@pytest.fixture(scope="session")
def configs(settings: Settings) -> OperatorConfigs:
    return operator_configs(settings, REPLAY_KEY)


@pytest.fixture
def broker_alone(broker: str) -> str:
    """The broker without what earlier tests left there: no topic, no consumer group."""
    wipe(broker)
    return broker


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """HOST:PORT of a real broker: Redpanda where a Docker engine answers, else Apache Kafka."""
    if docker.engine_answers():
        from testcontainers.kafka import RedpandaContainer

        with RedpandaContainer() as container:
            yield container.get_bootstrap_server()
        return
    with tempfile.TemporaryDirectory() as home:
        try:
            found = open_broker("kafka", Path(home), lambda _: None)
        except BrokerError as error:
            pytest.skip(f"needs a Docker engine, or Java 17 and Maven: {error}")
        assert found is not None
        with found:
            yield found.bootstrap
