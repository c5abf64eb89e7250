"""Kill anything at any time: the tables equal those of an undisturbed fold of the log, row for row,
and the log is what an undisturbed connector would have written."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from connectors.sim.venue import CELL_STEPS, SimConfig, SimVenue
from schemas.codec import Codec
from schemas.ledger import Fill
from tests.crash.system import System

ROUNDS = int(os.environ.get("TICKSTREAM_CRASH_ROUNDS", "1"))


@pytest.fixture
def system(broker_alone: str, tmp_path: Path):
    running = System(broker_alone, tmp_path)
    yield running
    running.stop_all()


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_tables_equal_an_undisturbed_replay_whatever_is_killed(
    system: System, tmp_path: Path, codec: Codec, seed: int
) -> None:
    rng = random.Random(seed)
    system.start("worker", "sink", "connector")
    system.wait_for(lambda: system.count("ledger") > 5)
    for victim in rng.sample(["worker", "sink", "connector", "worker"], 4):
        time.sleep(rng.uniform(0.5, 2.0))
        system.kill(victim)
        time.sleep(rng.uniform(0.0, 0.5))
        system.start(victim)
    wait_for_growth(system, "tape")
    system.wait_for(lambda: bought_something(system, codec))
    settle(system)

    found = tables(system.clickhouse)
    expected = tables(tmp_path / "undisturbed", system.bootstrap)
    assert {n: len(rows) for n, rows in found.items()} == {n: len(r) for n, r in expected.items()}
    assert found == expected
    assert len(found["fills"]) > 0
    assert connector_wrote_everything_once(system, codec)
    assert operators_say_the_same_again(system, tmp_path / "recording")


def bought_something(system: System, codec: Codec) -> bool:
    return any(isinstance(codec.decode(r.value), Fill) for r in system.taken("ledger"))


def settle(system: System) -> None:
    """Stops the connector, lets worker and sink take what is there, and stops them."""
    system.stop("connector")
    system.wait_until_folded()
    system.stop("worker")
    system.wait_for(lambda: system.sink_lag() == 0)
    system.stop("sink")


def wait_for_growth(system: System, topic: str) -> None:
    before = system.count(topic)
    system.wait_for(lambda: system.count(topic) > before + 20)


def tables(folder: Path, *bootstrap: str) -> dict[str, list[list[str]]]:
    command = [sys.executable, "-m", "tests.crash.tables", str(folder), *bootstrap]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def connector_wrote_everything_once(system: System, codec: Codec) -> bool:
    """The frames in the log, duplicates dropped, are those of a venue that was never killed."""
    frames = [r for r in system.taken("ticks") if r.cause and r.cause.writer == "connector.sim"]
    sources = {record.cause.source for record in frames}
    assert len(sources) == 1, f"the connector started anew: {sources}"
    start, last = int(sources.pop().split("/")[-1]), max(r.cause.offset for r in frames)
    written = {record.cause.offset: record.value for record in frames}
    undisturbed = {}
    venue = SimVenue(SimConfig(1, 3000, start))
    for step, frame in venue.advance(start + 600 * 10**9):
        if step > last:
            break
        undisturbed[step] = codec.encode(frame)
    lost = [step for step in undisturbed if step not in written]
    assert not [step for step in lost if step < last - 3 * CELL_STEPS], f"lost {lost[:5]}"
    return all(written[step] == undisturbed[step] for step in written)


def operators_say_the_same_again(system: System, folder: Path) -> bool:
    recorded = system.tickstream("record", "--out", str(folder), "--json")
    assert recorded.returncode == 0, recorded.stderr
    verified = system.tickstream("verify", str(folder), "--json")
    facts = json.loads(verified.stdout)
    assert facts["ok"], facts
    # they speak only of orders, or of groups, and there may be none
    quiet = ("router", "smart_router", "group_strategies")
    return all(chain["compared"] for name, chain in facts["chains"].items() if name not in quiet)
