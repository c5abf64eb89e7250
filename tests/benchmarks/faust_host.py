"""The whole topology in one Faust worker on a real broker, at 1000 and at 100 events a frame.

Beside it plain Faust with a message a tick: decode JSON, keep a sum, send a message on."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson

from connectors.sim.venue import SimConfig, SimVenue
from console.broker import KafkaProcess
from schemas.codec import Codec
from streams import kafka
from streams.cause import Cause
from streams.kafka import KafkaWriter
from tests.crash.system import System

PLAIN = 30_000


def run() -> dict[str, Any]:
    return {
        "unit": "events a second through ticks, tape, features, orders and ledger, one worker",
        "frames_of_1000": measure(1000, 4_000_000),
        "frames_of_100": measure(100, 600_000),
        "plain_faust_a_message_a_tick": plain(),
    }


def measure(events_a_frame: int, events: int) -> int:
    """From the first frame folded to the last, as the offsets on the health page tell."""
    with tempfile.TemporaryDirectory() as home:
        broker = KafkaProcess(Path(home) / "kafka")
        broker.start()
        system = System(broker.bootstrap, Path(home))
        try:
            system.start("worker")
            while not system.children["worker"].says("worker: ready"):
                time.sleep(0.2)
            total = feed(broker.bootstrap, events_a_frame, events)
            seconds = folded(system)
        finally:
            system.stop_all()
            broker.stop()
    return round(total / seconds)


def feed(bootstrap: str, events_a_frame: int, events: int) -> int:
    """One instrument, so that all its frames lie in one partition, in order."""
    writer, codec = KafkaWriter(bootstrap), Codec()
    only = SimConfig().instruments[:1]
    config = SimConfig(
        rate=1_000_000, frame_ns=10**9, max_events=events_a_frame - 1 or 1, instruments=only
    )
    total = 0
    for step, frame in SimVenue(config).advance(config.start_ns + 60 * 10**9):
        writer.send("ticks", frame.instrument, codec.encode(frame), Cause("b", "b", step, 0))
        total += len(frame)
        if total >= events:
            break
    writer.flush()
    return total


def folded(system: System) -> float:
    """Seconds that the worker takes for all frames: by the times of what it wrote."""
    system.wait_until_folded()
    times = []
    for partition in range(kafka.partition_counts(system.bootstrap)["tape"]):
        times += [ms for _, ms in kafka.read_partition(system.bootstrap, "tape", partition)]
    skipped = sorted(times)[len(times) // 10 :]  # without the start
    return (skipped[-1] - skipped[0]) / 1000 * len(times) / len(skipped)


PLAIN_APP = """
import sys, time, faust
app = faust.App("plain", broker="kafka://" + sys.argv.pop(1), store="memory://", web_enabled=False,
                topic_disable_leader=True, consumer_auto_offset_reset="earliest")
ticks = app.topic("plain-ticks", value_serializer="json")
out = app.topic("plain-out", value_serializer="json")
@app.agent(ticks)
async def fold(stream):
    total = 0
    async for tick in stream:
        total += tick["size"]
        await out.send(key=tick["instrument"], value={"total": total})
sys.argv = ["plain", "worker", "-l", "ERROR", "--without-web"]
app.main()
"""


def plain() -> int:
    with tempfile.TemporaryDirectory() as home:
        broker = KafkaProcess(Path(home) / "kafka")
        broker.start()
        kafka.create_topics(broker.bootstrap, ["plain-ticks", "plain-out"], 1, 1)
        writer = KafkaWriter(broker.bootstrap)
        tick = orjson.dumps({"instrument": "X", "price": 1, "size": 2})
        for n in range(PLAIN):
            writer.send("plain-ticks", "X", tick, Cause("b", "b", n, 0))
        writer.flush()
        worker = subprocess.Popen(
            [sys.executable, "-c", PLAIN_APP, broker.bootstrap],
            cwd=home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            times: list[int] = []
            deadline = time.monotonic() + 90
            while len(times) < PLAIN and time.monotonic() < deadline:
                time.sleep(2)
                times = [ms for _, ms in kafka.read_partition(broker.bootstrap, "plain-out", 0)]
        finally:
            worker.kill()
            broker.stop()
    return round(len(times) / max((times[-1] - times[0]) / 1000, 1e-3)) if times else 0
