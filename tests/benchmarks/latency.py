"""From a tick's record in the log to the approved order's: connector, broker, market chain, gate, at
10,000 events a second. Measured by the broker's record times, in whole milliseconds."""

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
        system.config.write_text(system.config.read_text().replace("rate = 3000", "rate = 10000"))
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
    ticks = times(system, "ticks")
    signals = {}
    for partition in range(kafka.partition_counts(system.bootstrap)["orders"]):
        for record, _ in kafka.read_partition(system.bootstrap, "orders", partition):
            if record.cause and record.cause.writer == "ema_cross":
                signals[f"orders/{partition}", record.offset] = record.cause
    delays = []
    for partition in range(kafka.partition_counts(system.bootstrap)["execution"]):
        for record, at in kafka.read_partition(system.bootstrap, "execution", partition):
            signal = signals[record.cause.source, record.cause.offset] if record.cause else None
            if signal:
                delays.append(at - ticks[signal.source, signal.offset])
    return delays


def times(system: System, topic: str) -> dict[tuple[str, int], int]:
    return {
        (f"{topic}/{partition}", record.offset): at
        for partition in range(kafka.partition_counts(system.bootstrap)[topic])
        for record, at in kafka.read_partition(system.bootstrap, topic, partition)
    }
