"""A real Apache Kafka child process: it starts, it dies, its data does not."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from console.broker import Broker, BrokerError, KafkaProcess, open_broker
from console.broker.java import find_java, find_maven, major_version
from console.broker.kafka_files import installed
from console.broker.kafka_home import PORTS, free_ports

needs_kafka = pytest.mark.skipif(
    find_java() is None or (find_maven() is None and installed() is None),
    reason="needs Java 17 or later, and mvn to fetch Apache Kafka's jars once",
)
MESSAGES = [f"message {n}".encode() for n in range(100)]
KILL_ITSELF = """
import os, sys
from pathlib import Path
from console.broker import KafkaProcess
broker = KafkaProcess(Path(sys.argv[1]))
broker.start()
print(broker.bootstrap, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaProcess]:
    made = KafkaProcess(tmp_path_factory.mktemp("broker") / "kafka")
    yield made
    made.stop()


@pytest.fixture
def kafka(process: KafkaProcess) -> KafkaProcess:
    """It runs, whatever the test before did to it."""
    process.start()
    return process


def create_topic(bootstrap: str, topic: str) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(30)


def produce(bootstrap: str, topic: str, messages: list[bytes]) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "message.max.bytes": 16_000_000})
    for message in messages:
        producer.produce(topic, message)
    assert producer.flush(30) == 0


def consume(bootstrap: str, topic: str, count: int) -> list[bytes | None]:
    """Through a consumer group, so the group coordinator is part of the proof."""
    settings = {"bootstrap.servers": bootstrap, "group.id": "t", "auto.offset.reset": "earliest"}
    consumer = Consumer({**settings, "enable.auto.commit": False})
    consumer.subscribe([topic])
    try:
        return [record.value() for record in consumer.consume(count, timeout=30)]
    finally:
        consumer.close()


@needs_kafka
def test_data_survives_a_kill_and_a_restart_on_the_same_port(kafka: KafkaProcess) -> None:
    create_topic(kafka.bootstrap, "ticks")
    produce(kafka.bootstrap, "ticks", MESSAGES)
    before = kafka.bootstrap
    kafka.kill()
    assert not kafka.running
    kafka.start()
    assert kafka.bootstrap == before
    assert consume(kafka.bootstrap, "ticks", len(MESSAGES)) == MESSAGES


@needs_kafka
def test_a_frame_of_ten_megabytes_passes(kafka: KafkaProcess) -> None:
    create_topic(kafka.bootstrap, "frames")
    produce(kafka.bootstrap, "frames", [b"x" * 10_000_000])
    assert consume(kafka.bootstrap, "frames", 1) == [b"x" * 10_000_000]


@needs_kafka
def test_a_topic_that_nobody_created_does_not_appear(kafka: KafkaProcess) -> None:
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    admin.list_topics("tikcs", timeout=10)
    assert "tikcs" not in admin.list_topics(timeout=10).topics


@needs_kafka
def test_the_broker_dies_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    parent = [sys.executable, "-c", KILL_ITSELF, str(tmp_path)]
    done = subprocess.run(parent, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    port = int(done.stdout.rpartition(":")[2])
    assert closes_within(port, 10.0)


def closes_within(port: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return True
        time.sleep(0.05)
    return False


@needs_kafka
def test_auto_without_docker_is_kafka(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.broker.choose.available", lambda: False)
    said: list[str] = []
    broker = open_broker("auto", tmp_path, said.append)
    assert broker is not None
    with broker:
        assert broker.kind == "kafka"
        assert open_broker(broker.bootstrap, tmp_path, said.append) == Broker(
            broker.bootstrap, "external"
        )
    assert any("starting Apache Kafka" in line for line in said)


@needs_kafka
def test_a_broker_that_cannot_start_says_why(tmp_path: Path) -> None:
    storage = tmp_path / "data"
    storage.mkdir()
    of_another = "version=1\ncluster.id=AAAAAAAAAAAAAAAAAAAAAQ\nnode.id=2\n"
    (storage / "meta.properties").write_text(of_another)
    with pytest.raises(BrokerError, match=r"(?s)did not come up.*node id"):
        KafkaProcess(tmp_path).start()


@needs_kafka
def test_a_broker_is_not_disturbed_by_a_second_one_in_its_place(kafka: KafkaProcess) -> None:
    with pytest.raises(BrokerError, match=r"a broker runs on .*/data already"):
        KafkaProcess(kafka.home).start()
    create_topic(kafka.bootstrap, "undisturbed")


@needs_kafka
def test_stopping_twice_is_harmless(kafka: KafkaProcess) -> None:
    kafka.stop()
    kafka.stop()
    assert not kafka.running


def test_auto_without_docker_and_java_is_the_local_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.broker.choose.available", lambda: False)
    monkeypatch.setattr("console.broker.choose.find_java", lambda: None)
    said: list[str] = []
    assert open_broker("auto", tmp_path, said.append) is None
    assert "local host" in said[0]


def test_local_needs_no_broker(tmp_path: Path) -> None:
    assert open_broker("local", tmp_path, print) is None


def test_a_closed_port_is_told_at_once(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(BrokerError, match=r"no broker at 127\.0\.0\.1:1: Connection"):
        open_broker("127.0.0.1:1", tmp_path, print)
    assert time.monotonic() - started < 4


def test_a_port_that_speaks_no_kafka_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.broker.probe.METADATA_S", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(BrokerError, match="answered no Kafka metadata request"):
            open_broker(address, tmp_path, print)


@pytest.mark.parametrize("choice", ["kafak", "host:", ":9092", "host:99999", ""])
def test_a_choice_that_is_none_names_those_that_are(choice: str, tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match="expected auto, local, redpanda, kafka or HOST:PORT"):
        open_broker(choice, tmp_path, print)


def test_redpanda_without_docker_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.broker.redpanda.engine_answers", lambda: False)
    with pytest.raises(BrokerError, match="no Docker engine answers"):
        open_broker("redpanda", tmp_path, print)


def test_kafka_without_java_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.broker.kafka_process.find_java", lambda: None)
    with pytest.raises(BrokerError, match="needs Java 17 or later"):
        open_broker("kafka", tmp_path, print)


def test_ports_lie_below_those_of_outgoing_connections() -> None:
    ports = free_ports()
    assert {ports.broker, ports.controller} <= set(PORTS)
    assert ports.broker != ports.controller
    ephemeral = Path("/proc/sys/net/ipv4/ip_local_port_range")
    if os.path.exists(ephemeral):
        assert PORTS.stop <= int(ephemeral.read_text().split()[0])


@pytest.mark.parametrize(
    ("banner", "major"),
    [('openjdk version "17.0.15" 2025-04-15', 17), ('java version "1.8.0_201"', 1), ("", None)],
)
def test_the_version_of_java_is_read_from_its_banner(banner: str, major: int | None) -> None:
    assert major_version(banner) == major
