"""The whole system as processes on a broker, to be killed; and what its tables must be."""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
from confluent_kafka import Consumer, TopicPartition

from console.processes import READY, Child
from sinks.run import GROUP
from streams import kafka
from streams.cause import Taken
from streams.topology import TOPICS, chains
from tests.commands import Done, tickstream
from tests.waiting import wait_for

WORKERS = "tickstream-worker"  # their consumer group
CONFIG = """
[broker]
partitions = 2
[market]
bars = ["time:200ms", "time:1s"]
mark_interval = "100ms"
[baskets]
ALL = ["SIM:BTC-USD", "SIM:ETH-USD"]
[features]
bar = "time:200ms"
ema_fast = 2
ema_slow = 4
rsi = 3
vol_window = 5
[models.p_up]
horizon = "400ms"
warm_up = 2
[strategies.ema_cross.sizing]
notional = "1000"
[sim]
rate = 100
[worker]
snapshot_interval = "300ms"
[clickhouse]
block_delay = "300ms"
[archive]
block_delay = "300ms"
"""


class System:
    """Connector, worker and sink; each may be killed and started again."""

    def __init__(self, bootstrap: str, folder: Path, config: str = CONFIG) -> None:
        self.bootstrap, self.folder = bootstrap, folder
        self.config = folder / "config.toml"
        self.config.write_text(config)
        self.clickhouse, self.lake = folder / "clickhouse", folder / "lake"
        self._env = {
            "TICKSTREAM_CONFIG": str(self.config),
            "TICKSTREAM_BROKER": bootstrap,
            "TICKSTREAM_RISK_KEY": "a key for tests",
        }
        self._commands = {
            "worker": ["worker", "--port", "0"],
            "worker2": ["worker", "--port", "0"],
            "sink": ["sink", "--clickhouse", f"embedded:{self.clickhouse}"],
            "archive": ["archive", "--lake", str(self.lake)],
            "connector": ["connect", "sim"],
        }
        self.children: dict[str, Child] = {}

    def start(self, *names: str) -> None:
        for name in names:
            log = self.folder / f"{name}.log"
            self.children[name] = Child(name, self._commands[name], log, self._env)

    def add_trading(self, account: str, key: str, secret: str) -> None:
        """``trade``: the adapter of an account, with its keys."""
        self._commands["trade"] = ["trade", account]
        self._env[f"TICKSTREAM_{account.upper()}_KEY"] = key
        self._env[f"TICKSTREAM_{account.upper()}_SECRET"] = secret

    def use_port(self, name: str, port: int) -> None:
        """Serves a process's metrics and health there."""
        self._commands[name] = [*self._commands[name][:-2], "--port", str(port)]

    def kill(self, name: str) -> None:
        self.children.pop(name).kill()

    def stop(self, *names: str) -> None:
        for name in names:
            self.children[name].stop()

    def stop_all(self) -> None:
        for child in self.children.values():
            child.stop()

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """As ``wait_for`` does. Raises Failure when a process ends with an error meanwhile."""
        wait_for(condition, self.children.values())

    def tickstream(self, *arguments: str) -> Done:
        """Another command on the same system."""
        return tickstream(*arguments, **self._env)

    def count(self, topic: str) -> int:
        """Records in a topic, from its offsets: none is compacted away, none is a marker."""
        return sum(kafka.end_offsets(self.bootstrap, self._places(topic)).values())

    def wait_until_folded(self) -> None:
        """Until the workers have folded all that the topics hold, and what they made of it."""
        ends: dict[tuple[str, int], int] = {}
        while True:
            self.wait_for(self._folded)
            before, ends = ends, self._ends()
            if ends == before:
                return
            time.sleep(0.3)  # what was sent is in the log by then

    def _folded(self) -> bool:
        """By what is folded or, where nothing came since a worker got the partition, by what was
        folded and saved before."""
        ends, at = self._ends(), self._offsets()
        saved = self._committed(WORKERS, ends)
        return all(
            max(at.get(f"{chain.name}:{topic}/{partition}", 0), saved[topic, partition]) == end
            for (topic, partition), end in ends.items()
            for chain in chains()
            if chain.reads == topic
        )

    def _ends(self) -> dict[tuple[str, int], int]:
        """Of what the workers read."""
        return kafka.end_offsets(self.bootstrap, self._places(*{c.reads for c in chains()}))

    def _offsets(self) -> dict[str, int]:
        """``CHAIN:TOPIC/PARTITION`` → the next offset, by the health pages of the workers."""
        found: dict[str, int] = {}
        for name, child in self.children.items():
            if name.startswith("worker") and child.running and child.says(READY):
                port = re.findall(r"health on port (\d+)", child.log.read_text())[-1]
                told = httpx.get(f"http://127.0.0.1:{port}/health", timeout=120).json()["offsets"]
                found |= {place: max(n, found.get(place, 0)) for place, n in told.items()}
        return found

    def sink_lag(self, group: str = GROUP, topics: Iterable[str] = TOPICS) -> int:
        """Records that a sink has not stored, by its committed offsets."""
        ends = kafka.end_offsets(self.bootstrap, self._places(*topics))
        stored = self._committed(group, ends)
        return sum(end - stored[place] for place, end in ends.items())

    def _committed(self, group: str, places: Iterable[tuple[str, int]]) -> dict[Any, int]:
        reader = Consumer(kafka.client(self.bootstrap, **{"group.id": group}))
        try:
            found = reader.committed([TopicPartition(*place) for place in places], timeout=120)
        finally:
            reader.close()
        return {(p.topic, p.partition): max(p.offset, 0) for p in found}

    def _places(self, *topics: str) -> list[tuple[str, int]]:
        counts = kafka.partition_counts(self.bootstrap)
        return [(topic, n) for topic in topics for n in range(counts.get(topic, 0))]

    def taken(self, topic: str) -> Iterator[Any]:
        """The records of a topic as a reader takes them: duplicates by cause dropped."""
        for partition in range(kafka.partition_counts(self.bootstrap)[topic]):
            taken = Taken()
            for record, _ in kafka.read_partition(self.bootstrap, topic, partition):
                if taken.is_new(record.cause):
                    yield record
