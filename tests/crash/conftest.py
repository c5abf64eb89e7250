"""A broker of its own for each test: its topics start empty."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.broker import BrokerError, docker, open_broker


@pytest.fixture
def broker_alone() -> Iterator[str]:
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
