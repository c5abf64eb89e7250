"""A version swapped while the stream runs: at its place in the log, without a missing vector."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from connectors.sim.venue import SimConfig, SimVenue
from console.commands.demo import DEMO_CONFIG
from console.tally import Tally
from schemas.codec import Codec, Message
from schemas.enums import ModelCondition, ModelRole
from schemas.frames import FeatureFrame
from schemas.records import DeadLetter, ModelChange, ModelState
from streams.cause import Cause
from streams.local_host import LocalHost
from streams.log import LogRecord
from streams.models.description import Stage
from streams.models.store import Store
from streams.partition_fold import PartitionFold
from streams.topology import OperatorConfigs, chains
from tests.models.makers import constant, put, store_in

FRAMES, SWAP_AT = 300, 150
INPUTS = ("imbalance", "spread")


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        made = store_in(Path(folder))
        put(made, "trend", constant(2, 0.25), INPUTS, Stage.PRODUCTION)
        put(made, "trend", constant(2, 0.75), INPUTS)
        yield made


def versions(store: Store) -> list[str]:
    return [d.version for d in store.registry.versions("trend")]


@pytest.fixture(scope="module")
def configs(store: Store, tmp_path_factory: pytest.TempPathFactory) -> OperatorConfigs:
    file = tmp_path_factory.mktemp("swap") / "own.toml"
    folder = store.registry.folder
    file.write_text(
        f'{DEMO_CONFIG.read_text()}\n[models_registry]\nfolder = "{folder}"\n'
        '[models.trend]\nkind = "onnx"\nmodel = "trend"\n'
    )
    return operator_configs(load(file, environment={}), REPLAY_KEY)


@pytest.fixture(scope="module")
def ticks() -> list[Message]:
    config = SimConfig(rate=3000, seed=3)
    frames = SimVenue(config).advance(config.start_ns + 60 * 10**9)
    return [frame for _, frame in islice(frames, FRAMES)]


def with_change(ticks: list[Message], version: str, **more: Any) -> list[Message]:
    change = ModelChange("models/0", 1, 7, "trend", ModelRole.PRODUCTION, version, 0.0, "ann", "")
    return [*ticks[:SWAP_AT], replace(change, **more), *ticks[SWAP_AT:]]


def run(configs: OperatorConfigs, messages: list[Message]) -> tuple[list[Message], dict[str, Any]]:
    """Everything on the topic ``features`` and the dead letters, and the hashes of all topics."""
    codec, tally, seen = Codec(), Tally(), list[Message]()

    def read(record: LogRecord, message: Message) -> None:
        tally(record, message)
        if record.topic in ("features", "dead-letters"):
            seen.append(message)

    host = LocalHost(configs, codec, [read])
    for n, message in enumerate(messages):
        key = message.key if isinstance(message, ModelChange) else message.instrument  # type: ignore[union-attr]
        host.send("ticks", key, codec.encode(message), Cause("connector.test", "t", n, 0))
    return seen, tally.facts(1.0)["topics"]


def said(frames: list[Message], name: str = "trend") -> list[tuple[str, int, float]]:
    """(instrument, time, value) of each vector in which the model had its inputs."""
    found = []
    for frame in frames:
        if isinstance(frame, FeatureFrame):
            column = frame.vectors.values.reshape(len(frame), -1)[:, frame.names.index(name)]
            times = frame.vectors.ts_event.tolist()
            found += [
                (frame.instrument, *pair) for pair in zip(times, column.tolist(), strict=True)
            ]
    return found


def test_a_swap_takes_its_place_in_the_log_and_no_vector_is_missing(
    configs: OperatorConfigs, store: Store, ticks: list[Message]
) -> None:
    first, second = versions(store)
    before, _ = run(configs, ticks[:SWAP_AT])
    undisturbed, _ = run(configs, ticks)
    swapped, _ = run(configs, with_change(ticks, second))
    vectors, expected = said(swapped), said(undisturbed)
    assert [v[:2] for v in vectors] == [v[:2] for v in expected]
    swap = len(said(before))
    assert {v for *_, v in vectors[:swap] if not np.isnan(v)} == {0.25}
    assert {v for *_, v in vectors[swap:] if not np.isnan(v)} == {0.75}
    (state,) = [m for m in swapped if isinstance(m, ModelState)]
    assert (state.version, state.condition) == (second, ModelCondition.ACTIVE)
    assert first != second


def test_a_run_with_a_model_and_a_swap_gives_the_same_hashes_twice(
    configs: OperatorConfigs, store: Store, ticks: list[Message]
) -> None:
    messages = with_change(ticks, versions(store)[1])
    assert run(configs, messages)[1] == run(configs, messages)[1]


def test_a_version_that_is_not_there_is_refused_and_the_old_one_goes_on(
    configs: OperatorConfigs, ticks: list[Message]
) -> None:
    seen, _ = run(configs, with_change(ticks, "0123456789ab"))
    (letter,) = [m for m in seen if isinstance(m, DeadLetter)]
    assert letter.stage == "features"
    assert "version '0123456789ab' of model 'trend' is not there" in letter.error
    assert {v for *_, v in said(seen) if not np.isnan(v)} == {0.25}


class _Sent:
    """A ``Writer`` that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, bytes, Cause]] = []

    def send(self, topic: str, key: str, value: bytes, cause: Cause) -> None:
        self.sent.append((topic, key, value, cause))

    def flush(self) -> None:
        """Nothing waits."""


@pytest.mark.parametrize("at", [SWAP_AT - 1, SWAP_AT, SWAP_AT + 1, SWAP_AT + 40])
def test_a_worker_that_was_killed_goes_on_with_the_swapped_version(
    configs: OperatorConfigs, store: Store, ticks: list[Message], at: int
) -> None:
    codec, chain = Codec(), next(c for c in chains() if c.name == "builder")
    messages = with_change(ticks[: SWAP_AT + 60], versions(store)[1])
    log = [
        LogRecord("ticks", 0, n, "", codec.encode(m), Cause("connector.test", "t", n, 0))
        for n, m in enumerate(messages)
    ]
    whole, parts = _Sent(), _Sent()
    fold = PartitionFold(chain, 0, configs, codec, whole, None)
    for record in log:
        fold.take(record)
    first = PartitionFold(chain, 0, configs, codec, parts, None)
    for record in log[:at]:
        first.take(record)
    second = PartitionFold(chain, 0, configs, codec, parts, first.snapshot())
    for record in log[at:]:
        second.take(record)
    assert parts.sent == whole.sent
    assert second.snapshot() == fold.snapshot()
