"""Kill the archive, or what writes the topics, at any time: the lake holds every row of the log
once, and replays like it."""

import random
import time
from pathlib import Path

import pytest

from console.commands.archive import GROUP
from schemas.codec import Codec
from schemas.frames import MarketFrame, TapeFrame
from schemas.lake import files, layout
from sinks.archive.writer import KEPT, LakeWriter
from streams import kafka
from tests.crash.system import CONFIG, System


@pytest.fixture
def system(broker_alone: str, tmp_path: Path):
    running = System(broker_alone, tmp_path, CONFIG.replace("rate = 100", "rate = 600"))
    yield running
    running.stop_all()


def test_the_lake_is_that_of_an_undisturbed_archive_whatever_is_killed(
    system: System, tmp_path: Path, codec: Codec
) -> None:
    rng = random.Random(3)
    system.start("archive", "connector")
    system.wait_for(lambda: layout.is_one(system.lake) and any(layout.places(system.lake)))
    for victim in ("archive", "connector", "archive"):
        time.sleep(rng.uniform(0.5, 1.5))
        system.kill(victim)
        system.start(victim)
    system.stop("connector")
    system.wait_for(lambda: system.sink_lag(GROUP, KEPT) == 0)
    system.stop("archive")

    undisturbed = LakeWriter(tmp_path / "undisturbed")
    for topic in KEPT:
        for partition in range(kafka.partition_counts(system.bootstrap)[topic]):
            for record, _ in kafka.read_partition(system.bootstrap, topic, partition):
                undisturbed.add(record, codec.decode(record.value))
    undisturbed.close()
    found, expected = contents(system.lake), contents(tmp_path / "undisturbed")
    assert found == expected
    events = sum(
        len(message)
        for record in system.taken("ticks")
        if isinstance(message := codec.decode(record.value), MarketFrame | TapeFrame)
    )
    assert sum(rows for rows, *_ in found.values()) >= events > 1_000


def contents(lake: Path) -> dict[layout.Place, tuple[int, str, tuple[str, ...]]]:
    manifests = {place: files.read_manifest(lake, place) for place in layout.places(lake)}
    return {place: (m.rows, m.sha256, m.sources) for place, m in manifests.items()}
