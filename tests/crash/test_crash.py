"""Kill anything at any time, while models and limits are changed: the tables equal those of an
undisturbed fold of the log, row for row, the log is what an undisturbed connector would have
written, and the operators say the same again, a change of a model at the same place."""

import json
import os
import random
import subprocess
import sys
import time
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from connectors.sim.venue import CELL_STEPS, SimConfig, SimVenue
from schemas.codec import Codec
from schemas.frames import FeatureFrame
from schemas.inbox import Signal
from schemas.ledger import Fill, LimitChanged
from schemas.records import DriftDetected, Evaluation, FeatureDrift, ModelState
from tests.crash import everything
from tests.crash.system import System

ROUNDS = int(os.environ.get("TICKSTREAM_CRASH_ROUNDS", "1"))
KILLED = ("worker", "worker", "sink", "connector")


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_tables_equal_an_undisturbed_replay_whatever_is_killed(
    broker_alone: str, tmp_path: Path, codec: Codec, seed: int
) -> None:
    rng = random.Random(seed)
    config, version = everything.write(tmp_path)
    system = System(broker_alone, tmp_path, config)
    try:
        system.start("worker", "sink", "connector")
        wait_for_growth(system, "features")
        disturb(system, rng, version)
        system.wait_for(lambda: everything_spoke(system, codec))
        settle(system)
    finally:
        system.stop_all()

    assert system.count("dead-letters") == 0
    found = tables(system.clickhouse)
    expected = tables(tmp_path / "undisturbed", system.bootstrap)
    assert {n: len(rows) for n, rows in found.items()} == {n: len(r) for n, r in expected.items()}
    assert found == expected
    assert connector_wrote_everything_once(system, codec)
    swapped = [everything.BEFORE, version, everything.AFTER]
    assert model_said(system, codec) == [swapped, swapped]
    assert operators_say_the_same_again(system, tmp_path / "recording")


def disturb(system: System, rng: random.Random, version: str) -> None:
    """Kills, the worker twice and at work; and changes what runs, in the midst."""
    for act in rng.sample([*KILLED, "swap", "limit"], len(KILLED) + 2):
        if act == "worker":
            wait_for_growth(system, "tape")
        time.sleep(rng.uniform(0.0, 1.0))
        if act == "swap":
            command(system, "model", "deploy", everything.SLOT, version)
        elif act == "limit":
            command(system, "desk", "limit", *everything.LIMIT)
        else:
            system.kill(act)
            time.sleep(rng.uniform(0.0, 0.5))
            system.start(act)


def command(system: System, *words: str) -> None:
    done = system.tickstream(*words, "--who", "test")
    assert done.returncode == 0, done.stderr


def everything_spoke(system: System, codec: Codec) -> bool:
    """Every strategy, each account, what watches models, and the new version in each partition."""
    topics = ("orders", "ledger", "features")
    told = [codec.decode(record.value) for topic in topics for record in system.taken(topic)]
    return (
        {m.strategy for m in told if isinstance(m, Signal)} >= everything.STRATEGIES
        and {m.account for m in told if isinstance(m, Fill)} == set(everything.ACCOUNTS)
        and {type(m) for m in told} >= {Evaluation, FeatureDrift, DriftDetected, LimitChanged}
        and all(said[-1] == everything.AFTER for said in model_said(system, codec))
    )


def model_said(system: System, codec: Codec) -> list[list[float | str]]:
    """By partition of ``features``, in the order of the log: what the model says, where that is
    another than before, and the versions that came to work."""
    found: list[list[float | str]] = []
    for _, records in groupby(system.taken("features"), key=lambda record: record.partition):
        said: list[float | str] = []
        for message in (codec.decode(record.value) for record in records):
            if isinstance(message, FeatureFrame):
                columns = message.vectors.values.reshape(len(message), -1)
                values = columns[:, message.names.index(everything.SLOT)]
                said += values[np.isfinite(values)].tolist()
            elif isinstance(message, ModelState):
                said.append(message.version)
        found.append([each for each, _ in groupby(said)])
    return found


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
    _, seed, rate, start = sources.pop().split("/")
    last = max(record.cause.offset for record in frames)
    written = {record.cause.offset: record.value for record in frames}
    undisturbed = {}
    config = SimConfig(int(seed), float(rate), int(start))
    for step, frame in SimVenue(config).advance(config.start_ns + 600 * 10**9):
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
