"""The Faust host on a real broker: it says what the local host says, drops what it has folded,
puts rubbish aside, and shares partitions with a second worker."""

import json
import urllib.request
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from connectors.sim.venue import SimConfig, SimVenue
from console.processes import free_port
from schemas.codec import Codec
from schemas.enums import ExecType, Side
from schemas.ledger import Decision, Fill
from schemas.records import DeadLetter
from streams.cause import Cause
from streams.kafka import KafkaWriter, partition_of
from tests.crash.system import CONFIG, System
from tests.crash.test_crash import operators_say_the_same_again
from tests.risk.market import mark, report, signal

ACCOUNTS = ("left", "right")
LIVE = """
[accounts.{0}]
venue = "alpaca"
[accounts.{0}.limits]
max_position = "1000"
"""


def feed(bootstrap: str, codec: Codec, first: int, last: int) -> None:
    """Frames of the simulated venue by number, as its connector would send them."""
    writer = KafkaWriter(bootstrap)
    config = SimConfig(rate=3000)
    frames = SimVenue(config).advance(config.start_ns + 60 * 10**9)
    for step, frame in islice(frames, first, last):
        cause = Cause("connector.sim", "sim/test/0", step, 0)
        writer.send("ticks", frame.instrument, codec.encode(frame), cause)
    writer.flush()


def test_rubbish_becomes_dead_letters_with_the_original_bytes_and_the_stream_goes_on(
    broker_alone: str, tmp_path: Path, codec: Codec
) -> None:
    """And metrics and health are served."""
    system, port = System(broker_alone, tmp_path), free_port()
    system.use_port("worker", port)
    try:
        system.start("worker")
        system.wait_for(lambda: system.count("ticks") == 0 and started(system, "worker"))
        writer = KafkaWriter(broker_alone)
        writer.send("ticks", "SIM:BTC-USD", b"rubbish", Cause("nobody", "x", 0, 0))
        writer.send("ticks", "SIM:BTC-USD", b"\xc3\x01unknown!rest", Cause("nobody", "x", 1, 0))
        writer.flush()
        feed(broker_alone, codec, 0, 200)
        system.wait_for(lambda: system.count("tape") >= 150)
        letters = [codec.decode(record.value) for record in system.taken("dead-letters")]
        health = json.loads(fetch(port, "health"))
        metrics = fetch(port, "metrics")
    finally:
        system.stop_all()
    assert {bytes(letter.payload) for letter in letters if isinstance(letter, DeadLetter)} == {
        b"rubbish",
        b"\xc3\x01unknown!rest",
    }
    assert all(isinstance(letter, DeadLetter) and letter.stage == "codec" for letter in letters)
    partition = partition_of("SIM:BTC-USD", 2)
    assert health["ok"]
    assert f"ticks/{partition}" in health["assigned"]
    assert 'tickstream_records_total{chain="builder"}' in metrics


def test_records_sent_twice_are_folded_once(
    broker_alone: str, tmp_path: Path, codec: Codec
) -> None:
    system = System(broker_alone, tmp_path)
    try:
        system.start("worker")
        feed(broker_alone, codec, 0, 300)
        system.wait_for(lambda: system.count("tape") >= 250)
        system.wait_until_folded()
        before = {topic: system.count(topic) for topic in ("tape", "features", "ledger")}
        feed(broker_alone, codec, 100, 300)
        system.wait_until_folded()
        assert {topic: system.count(topic) for topic in before} == before
        feed(broker_alone, codec, 300, 400)
        system.wait_for(lambda: system.count("tape") >= before["tape"] + 50)
    finally:
        system.stop_all()


def trade(bootstrap: str, codec: Codec, first: int, last: int) -> None:
    """Orders of both accounts by number, and a venue's reports, in their inboxes."""
    writer = KafkaWriter(bootstrap)
    for account in ACCOUNTS:
        for n in range(first, last):
            asked = signal(account, f"s{n}", "X:Y", n * 10**9, (Side.BUY, Side.SELL)[n % 3 > 0], 3)
            trade = report(asked, ExecType.TRADE, asked.ts_event, 3)
            for at, message in enumerate((mark(account, "X:Y", n * 10**9, 9_999), asked, trade)):
                cause = Cause(f"test.{account}", "test/0", n, at)
                writer.send("orders", account, codec.encode(message), cause)
    writer.flush()


def decisions(system: System, codec: Codec) -> int:
    """On the orders of ``trade``."""
    told = (codec.decode(record.value) for record in system.taken("ledger"))
    return sum(isinstance(entry, Decision) and entry.account in ACCOUNTS for entry in told)


def test_a_second_worker_takes_partitions_and_gives_them_back(
    broker_alone: str, tmp_path: Path, codec: Codec
) -> None:
    """Two accounts on two workers: their ledgers are those of a fold on one."""
    assert {partition_of(account, 2) for account in ACCOUNTS} == {0, 1}
    system = System(broker_alone, tmp_path, CONFIG + "".join(map(LIVE.format, ACCOUNTS)))
    try:
        system.start("worker", "connector")
        trade(broker_alone, codec, 1, 50)
        system.wait_for(lambda: system.count("tape") > 100)
        system.start("worker2")
        system.wait_for(lambda: started(system, "worker2"))
        trade(broker_alone, codec, 50, 100)
        grows(system, "tape", 50)
        system.kill("worker2")
        trade(broker_alone, codec, 100, 150)
        grows(system, "tape", 50)
        system.stop("connector")
        system.wait_for(lambda: decisions(system, codec) == 2 * 149)
        system.wait_until_folded()
        system.stop("worker")
        ledger = [codec.decode(record.value) for record in system.taken("ledger")]
        assert operators_say_the_same_again(system, tmp_path / "recording")
    finally:
        system.stop_all()
    for account in ACCOUNTS:
        mine = [entry for entry in ledger if entry.account == account]
        assert sum(isinstance(entry, Decision) for entry in mine) == 149
        assert sum(isinstance(entry, Fill) for entry in mine) == 149


def fetch(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5) as answer:
        text: str = answer.read().decode()
        return text


def started(system: System, name: str) -> bool:
    return system.children[name].says("worker: ready")


def grows(system: System, topic: str, by: int) -> None:
    before = system.count(topic)
    condition: Callable[[], bool] = lambda: system.count(topic) >= before + by  # noqa: E731
    system.wait_for(condition)
