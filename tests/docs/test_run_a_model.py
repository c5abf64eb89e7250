"""The page on models is run line by line, against a worker on a real broker; what it did there a
replay of the log does again, at the same places."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from config.keys import REPLAY_KEY
from console import context
from console.feeding import feed_recording
from schemas.codec import Codec, Message
from schemas.enums import ModelCondition, ModelRole
from schemas.frames import FeatureFrame
from schemas.records import DeadLetter, ModelState
from streams.local_host import LocalHost
from streams.log import LogRecord
from tests.crash.system import CONFIG, System
from tests.crash.test_crash import operators_say_the_same_again, wait_for_growth
from tests.docs.test_docs import ROOT, blocks, commands, run

PAGE = "docs/how-to/run-a-model.md"
PARTITIONS = 2


def shown(kind: str) -> list[str]:
    return [text for page, text in blocks(kind) if page == PAGE]


@pytest.fixture
def system(broker_alone: str, tmp_path: Path) -> Any:
    """The files that the page names, and a configuration with its first slot."""
    (tmp_path / "make_model.py").write_text(shown("script")[0])
    (tmp_path / "trend.toml").write_text(shown("description")[0])
    registry = f'[models_registry]\nfolder = "{tmp_path / "models"}"\n'
    made = System(broker_alone, tmp_path, CONFIG + registry + shown("toml")[0])
    yield made
    made.stop_all()


def test_the_page_on_models_works_line_by_line(
    system: System, tmp_path: Path, codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = {"TICKSTREAM_CONFIG": str(system.config), "TICKSTREAM_BROKER": system.bootstrap}
    changes = 0
    for line in (line for text in shown("model") for line in commands(text)):
        if "better.onnx" in line and not system.children:
            system.start("worker", "connector")
            system.wait_for(lambda: system.count("tape") > 20)
        done = run(line, tmp_path, **env)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        if "--why" in line:
            changes += 1
            system.wait_for(lambda n=changes: len(states(system, codec)) == n * PARTITIONS)
            wait_for_growth(system, "features")
    system.stop("connector")
    system.wait_until_folded()
    system.stop("worker")
    assert changes == 5
    told = [(s.role, bool(s.version)) for s in states(system, codec)][::PARTITIONS]
    assert told == [
        (ModelRole.SHADOW, True),
        (ModelRole.PRODUCTION, True),
        (ModelRole.PRODUCTION, True),
        (ModelRole.CHALLENGER, True),
        (ModelRole.CHALLENGER, False),
    ]
    recording = tmp_path / "recording"
    assert operators_say_the_same_again(system, recording)
    monkeypatch.setenv("TICKSTREAM_CONFIG", str(system.config))
    live = vectors(codec.decode(record.value) for record in system.taken("features"))
    assert replayed(recording) == live
    assert len({value for vector in live.values() for value in vector if value == value}) > 20


def states(system: System, codec: Codec) -> list[ModelState]:
    """In the order of their times. A change that was refused would be a dead letter."""
    letters = [codec.decode(record.value) for record in system.taken("dead-letters")]
    assert not [m.error for m in letters if isinstance(m, DeadLetter)]
    found = [codec.decode(record.value) for record in system.taken("features")]
    told = [m for m in found if isinstance(m, ModelState)]
    assert all(m.condition is ModelCondition.ACTIVE for m in told)
    return sorted(told, key=lambda m: m.ts_event)


def vectors(messages: Any) -> dict[tuple[str, int, int], tuple[float, ...]]:
    """(instrument, time, number of the vector) → what the models say; NaN as -1."""
    found: dict[tuple[str, int, int], tuple[float, ...]] = {}
    counts: dict[str, int] = {}
    for frame in messages:
        if isinstance(frame, FeatureFrame):
            columns = [frame.names.index(name) for name in ("p_up", "trend", "trend_shadow")]
            values = np.nan_to_num(frame.vectors.values.reshape(len(frame), -1), nan=-1.0)
            for ts, row in zip(frame.vectors.ts_event.tolist(), values, strict=True):
                n = counts[frame.instrument] = counts.get(frame.instrument, 0) + 1
                found[frame.instrument, ts, n] = tuple(row[columns].tolist())
    return found


def replayed(recording: Path) -> dict[tuple[str, int, int], tuple[float, ...]]:
    made, seen = context.make(None, REPLAY_KEY), list[Message]()

    def read(record: LogRecord, message: Message) -> None:
        if record.topic == "features":
            seen.append(message)

    feed_recording(recording, LocalHost(made.configs, made.codec, [read]))
    return vectors(seen)


@pytest.mark.parametrize("word", ["import", "list", "show", "check", "promote", "deploy"])
def test_every_command_of_models_is_on_the_page(word: str) -> None:
    assert re.search(rf"tickstream model {word}\b", (ROOT / PAGE).read_text())
