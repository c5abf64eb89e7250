"""Recordings: topics as files, with offsets, keys, causes and times, in Avro object containers.

    DIR/recording.json          what it is: version, configuration, topics with their offsets
    DIR/<topic>/<partition>.avro

A file is written beside its name and renamed when it is complete.
"""

import heapq
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastavro

from console.errors import Failure
from streams import cause as causes
from streams.cause import Taken
from streams.log import LogRecord

_SCHEMA = fastavro.parse_schema(
    {
        "type": "record",
        "name": "Recorded",
        "namespace": "tickstream",
        "fields": [
            {"name": "offset", "type": "long"},
            {"name": "timestamp_ms", "type": "long"},
            {"name": "key", "type": "string"},
            {"name": "cause", "type": ["null", "bytes"]},
            {"name": "value", "type": "bytes"},
        ],
    }
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A record and its time in the log."""

    record: LogRecord
    timestamp_ms: int


def write_partition(folder: Path, topic: str, partition: int, records: Iterable[Recorded]) -> int:
    """Writes one partition; returns how many records it held."""
    target = folder / topic / f"{partition}.avro"
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    count = 0

    def counted() -> Iterator[dict[str, Any]]:
        nonlocal count
        for item in records:
            count += 1
            yield _datum(item)

    with partial.open("wb") as file:
        fastavro.writer(file, _SCHEMA, counted(), codec="zstandard")
        file.flush()
        os.fsync(file.fileno())
    partial.rename(target)
    return count


def _datum(item: Recorded) -> dict[str, Any]:
    record = item.record
    return {
        "offset": record.offset,
        "timestamp_ms": item.timestamp_ms,
        "key": record.key,
        "cause": record.cause.header()[0][1] if record.cause else None,
        "value": record.value,
    }


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """The last file of a recording: without it, it is not complete."""
    partial = folder / "recording.json.partial"
    partial.write_text(json.dumps(manifest, indent=2, sort_keys=True))
    partial.rename(folder / "recording.json")


def is_one(path: Path) -> bool:
    """Whether a path is a recording, complete or not, rather than raw market data."""
    if not path.is_dir():
        return False
    return (path / "recording.json").exists() or not any(p.is_file() for p in path.iterdir())


def read_manifest(folder: Path) -> dict[str, Any]:
    """Raises Failure when the folder holds no complete recording."""
    try:
        manifest: dict[str, Any] = json.loads((folder / "recording.json").read_text())
    except (OSError, ValueError) as error:
        raise Failure(
            f"{folder}: holds no complete recording (recording.json); "
            "make one with tickstream record"
        ) from error
    return manifest


def partitions(folder: Path, topic: str) -> list[int]:
    return sorted(int(path.stem) for path in (folder / topic).glob("*.avro"))


def read_partition(folder: Path, topic: str, partition: int) -> Iterator[Recorded]:
    """Raises Failure on a damaged file."""
    path = folder / topic / f"{partition}.avro"
    try:
        with path.open("rb") as file:
            for datum in fastavro.reader(file):
                yield _recorded(topic, partition, datum)
    except (OSError, ValueError, EOFError, StopIteration) as error:
        raise Failure(f"{path}: is damaged: {error or type(error).__name__}") from error


def fresh(items: Iterable[Recorded]) -> Iterator[Recorded]:
    """As a reader of a partition takes them: duplicates by cause dropped."""
    taken = Taken()
    return (item for item in items if taken.is_new(item.record.cause))


def _recorded(topic: str, partition: int, datum: Any) -> Recorded:
    cause = causes.parse(datum["cause"]) if datum["cause"] else None
    record = LogRecord(topic, partition, datum["offset"], datum["key"], datum["value"], cause)
    return Recorded(record, datum["timestamp_ms"])


def read_topic(folder: Path, topic: str) -> Iterator[Recorded]:
    """All partitions, in the order of their times in the log."""
    streams = [read_partition(folder, topic, p) for p in partitions(folder, topic)]
    return heapq.merge(*streams, key=lambda item: item.timestamp_ms)
