"""``tickstream record``: topics to files, as they are now."""

import dataclasses
import hashlib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from config.models_tree import as_tables
from config.tree import Settings
from console import recording
from console.errors import Failure
from streams import kafka
from streams.topology import TOPICS


def record(settings: Settings, bootstrap: str, out: Path, topics: list[str]) -> dict[str, Any]:
    """Writes every record that the topics hold at the moment; returns what was written."""
    unknown = [topic for topic in topics if topic not in TOPICS]
    if unknown:
        raise Failure(f"unknown topics {', '.join(unknown)}; there are {', '.join(TOPICS)}")
    if (out / "recording.json").exists():
        raise Failure(f"{out}: holds a recording already; choose another folder")
    counts = kafka.partition_counts(bootstrap)
    if not any(topic in counts for topic in topics or TOPICS):
        raise Failure(f"broker {bootstrap} has none of these topics: is it the right one?")
    digest = hashlib.sha256()
    written = {}
    for topic in topics or list(TOPICS):
        parts = {}
        for partition in range(counts.get(topic, 0)):
            items = _hashed(kafka.read_partition(bootstrap, topic, partition), digest)
            parts[str(partition)] = recording.write_partition(out, topic, partition, items)
        written[topic] = parts
    manifest = {
        "tickstream": version("tickstream"),
        "settings": describe(settings),
        "topics": written,
        "sha256": digest.hexdigest(),
    }
    recording.write_manifest(out, manifest)
    records = {topic: sum(parts.values()) for topic, parts in written.items()}
    return {"recording": str(out), "records": records, "sha256": digest.hexdigest()}


def _hashed(records: Iterator[tuple[Any, int]], digest: Any) -> Iterator[recording.Recorded]:
    for item, timestamp_ms in records:
        digest.update(item.value)
        yield recording.Recorded(item, timestamp_ms)


def describe(settings: Settings) -> dict[str, Any]:
    """What the outcome depends on, for the manifest."""
    tree = {**dataclasses.asdict(settings), "models": as_tables(settings.models)}
    chosen = (
        *("market", "features", "models", "evaluation", "strategies"),
        *("paper_venue", "accounts", "instruments"),
    )
    plain: dict[str, Any] = _plain({name: tree[name] for name in chosen})
    return plain


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_plain(item) for item in node]
    return node if isinstance(node, str | int | float | bool) else str(node)
