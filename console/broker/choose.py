"""Which broker a run uses: what the user names, or the most real one that this machine can run."""

from collections.abc import Callable
from pathlib import Path

from console.broker.broker import Broker
from console.broker.java import find_java, find_maven
from console.broker.kafka_files import installed
from console.broker.kafka_process import KafkaProcess
from console.broker.probe import check_broker
from console.broker.redpanda import available, open_redpanda

Say = Callable[[str], None]


def open_broker(choice: str, home: Path, say: Say) -> Broker | None:
    """The broker of `auto`, `redpanda`, `kafka` or HOST:PORT; None means the local host."""
    match choice:
        case "local":
            return None
        case "auto":
            return _open_best(home, say)
        case "redpanda":
            return open_redpanda(say)
        case "kafka":
            return _open_kafka(home, say)
    check_broker(choice)
    return Broker(choice, "external")


def _open_best(home: Path, say: Say) -> Broker | None:
    if available():
        return open_redpanda(say)
    if find_java() is not None and (find_maven() is not None or installed() is not None):
        return _open_kafka(home, say)
    say("neither a Docker engine nor Java 17 with mvn: using the local host, without a broker")
    return None


def _open_kafka(home: Path, say: Say) -> Broker:
    process = KafkaProcess(home / "kafka", say)
    process.start()
    return Broker(process.bootstrap, "kafka", process.stop)
