"""Ask a broker for its metadata: the only proof that it is one, and that it is ready."""

import logging
import socket
import time
from collections.abc import Callable

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from console.broker.errors import BrokerError

CONNECT_S = 3.0
METADATA_S = 5.0
POLL_S = 0.5

# A broker that is still starting refuses connections; the client must not report each refusal.
_SILENT = logging.getLogger("tickstream.broker.probe")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


def check_broker(bootstrap: str) -> None:
    """Raise unless a broker answers at HOST:PORT; a closed port is told apart from a mute one."""
    host, port = split_address(bootstrap)
    try:
        socket.create_connection((host, port), timeout=CONNECT_S).close()
    except OSError as error:
        raise BrokerError(
            f"no broker at {bootstrap}: {error.strerror or error}. "
            "Check the address and that the broker runs, or use --broker auto."
        ) from error
    if not _serves(_client(bootstrap), METADATA_S):
        raise BrokerError(
            f"{bootstrap} accepts connections but answered no Kafka metadata request within "
            f"{METADATA_S:.0f} s. Is it a plaintext Kafka listener?"
        )


def wait_until_ready(bootstrap: str, alive: Callable[[], bool], timeout_s: float) -> bool:
    """Wait for a broker that leads all its partitions; False when it died or took too long."""
    client, deadline = _client(bootstrap), time.monotonic() + timeout_s
    while alive() and time.monotonic() < deadline:
        if _serves(client, POLL_S):
            return True
    return False


def split_address(address: str) -> tuple[str, int]:
    """HOST:PORT as a pair, or a clear error."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise BrokerError(
            f"{address!r} is no broker: expected auto, local, redpanda, kafka or HOST:PORT, "
            "such as localhost:9092."
        )
    return host.strip("[]"), int(port)


def _client(bootstrap: str) -> AdminClient:
    settings = {
        "bootstrap.servers": bootstrap,
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 100,
        "log_level": 0,
    }
    return AdminClient(settings, logger=_SILENT)


def _serves(client: AdminClient, timeout_s: float) -> bool:
    try:
        cluster = client.list_topics(timeout=timeout_s)
    except KafkaException:
        return False
    partitions = [p for t in cluster.topics.values() for p in t.partitions.values()]
    return bool(cluster.brokers) and all(p.leader >= 0 for p in partitions)
