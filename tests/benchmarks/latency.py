"""From a tick's record in the log to the approved order's, at 10,000 events a second.

Through broker, market chain, broker and gate; by the records' times, in whole milliseconds.
"""

import tempfile
import time
from pathlib import Path
from typing import Any

from console.broker import KafkaProcess
from streams import kafka
from tests.crash.system import System

SECONDS = 30


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as home:
        broker = KafkaProcess(Path(home) / "kafka")
        broker.start()
        system = System(broker.bootstrap, Path(home))
        text = system.config.read_text().replace("rate = 3000", "rate = 10000")
        system.config.write_text(text.replace('"300ms"\n[clickhouse]', '"5s"\n[clickhouse]'))
        try:
            system.start("worker", "connector")
            while system.count("execution") == 0:
                time.sleep(1)
            skipped = system.count("execution")
            time.sleep(SECONDS)
            delays = order_delays(system)[skipped:]
        finally:
            system.stop_all()
            broker.stop()
    ordered = sorted(delays)
    return {
        "unit": "ms from the tick's record to the approved order's record",
        "orders": len(ordered),
        "p50": ordered[len(ordered) // 2] if ordered else None,
        "p99": ordered[int(len(ordered) * 0.99)] if ordered else None,
    }


def order_delays(system: System) -> list[int]:
    """Each approved order's time less that of the tick that caused its signal."""
    orders = [
        (record.cause, at)
        for partition in range(kafka.partition_counts(system.bootstrap)["execution"])
        for record, at in kafka.read_partition(system.bootstrap, "execution", partition)
    ]
    signals = {}
    for partition in range(kafka.partition_counts(system.bootstrap)["orders"]):
        for record, _ in kafka.read_partition(system.bootstrap, "orders", partition):
            if record.cause and record.cause.writer == "strategies":
                signals[f"orders/{partition}", record.offset] = record.cause
    ticks = times(system, "ticks")  # last: it holds every tick that the others tell of
    causes = [(signals[cause.source, cause.offset], at) for cause, at in orders if cause]
    return [at - ticks[signal.source, signal.offset] for signal, at in causes]


def times(system: System, topic: str) -> dict[tuple[str, int], int]:
    return {
        (f"{topic}/{partition}", record.offset): at
        for partition in range(kafka.partition_counts(system.bootstrap)[topic])
        for record, at in kafka.read_partition(system.bootstrap, topic, partition)
    }
