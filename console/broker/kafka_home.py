"""A broker's home: its settings, its formatted storage and its free ports.

One node is broker and controller, on the loopback interface, in plaintext: a log for one machine.
The quorum is named in the settings, not in the storage, so a home may move to other ports.
"""

import base64
import fcntl
import random
import shutil
import socket
import uuid
from dataclasses import dataclass
from pathlib import Path

from console.broker.errors import BrokerError
from console.broker.kafka_files import KafkaFiles

# Below the range the kernel gives to outgoing connections (32768 up on Linux). Inside it, a client
# that retries a broker which is down can take the broker's port, or even connect to itself.
PORTS = range(20_000, 32_000)
PORT_ATTEMPTS = 200

SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={storage}

# topics are made by the topology, never by a typing error
auto.create.topics.enable=false
message.max.bytes=16777216

# one node, few resources
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=16777216
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1

# a lone consumer starts at once, and a broker that was killed is let back in soon
group.initial.rebalance.delay.ms=0
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000

# an idle node writes to its own log every five seconds, not twice a second: half of what it costs
metadata.max.idle.interval.ms=5000
"""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where clients connect, and where the node talks to itself as controller."""

    broker: int
    controller: int


def free_ports() -> Ports:
    """Two ports that nothing listens on now, chosen at random so that neighbours rarely collide."""
    found: list[int] = []
    for port in random.sample(PORTS, PORT_ATTEMPTS):
        if _is_free(port):
            found.append(port)
        if len(found) == 2:
            return Ports(*found)
    raise BrokerError(f"no free port among {PORT_ATTEMPTS} tried in {PORTS}; stop some servers.")


def prepare_home(home: Path, ports: Ports, files: KafkaFiles) -> Path:
    """Write the settings, format the storage on first use; return the settings' path. Raises
    BrokerError when a broker runs there."""
    storage = home / "data"
    _refuse_if_used(storage)
    if not (storage / "meta.properties").exists():
        _format(storage, files)
    settings = home / "server.properties"
    settings.write_text(
        SETTINGS.format(broker=ports.broker, controller=ports.controller, storage=storage)
    )
    return settings


def _refuse_if_used(storage: Path) -> None:
    """A second broker asks for Kafka's lock only when it has written to the quorum's log: the
    first one would never stop in order after that."""
    lock = storage / ".lock"
    if not lock.exists():
        return
    with lock.open("ab") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BrokerError(
                f"a broker runs on {storage} already: stop it, or use another folder."
            ) from error


def _format(storage: Path, files: KafkaFiles) -> None:
    storage.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(files.template, storage / files.template.name)
    identity = f"version=1\ncluster.id={_kafka_uuid()}\nnode.id=1\ndirectory.id={_kafka_uuid()}\n"
    # last, because its presence says that the folder is formatted
    (storage / "meta.properties").write_text(identity)


def _kafka_uuid() -> str:
    """A UUID as Kafka writes it: 22 characters of base64. A random one never starts with a dash."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
