"""Snapshots on a compacted topic: an operator's state with the input offset that it holds.

The newest record of a state partition is all there is to know, so recovery reads one record. It
is written only after every output that led to it is in the log. There a state is compressed, to a
tenth: the broker takes records up to a size, and a partition may hold hundreds of instruments.
"""

import zlib
from dataclasses import replace
from typing import Protocol

from schemas.codec import Codec
from schemas.records import Snapshot
from streams import kafka
from streams.log import LogError


class SnapshotStore(Protocol):
    """Keeps the newest snapshot of each chain and partition."""

    def load(self, topic: str, partition: int) -> Snapshot | None: ...
    def save(self, *newest: tuple[str, Snapshot]) -> None: ...


def load(bootstrap: str, codec: Codec, topic: str, partition: int) -> Snapshot | None:
    """The newest snapshot of a state partition; None where there is none. Raises LogError."""
    record = kafka.last_record(bootstrap, topic, partition)
    if record is None:
        return None
    message = codec.decode(record.value)
    if not isinstance(message, Snapshot):
        raise LogError(f"{topic}/{partition}: holds {type(message).__name__}, not a snapshot")
    return replace(message, state=_restored(message.state, f"{topic}/{partition}"))


def _restored(state: bytes, where: str) -> bytes:
    if state[:1] == b"{":  # as it was kept before it was compressed
        return state
    try:
        return zlib.decompress(state)
    except zlib.error as error:
        raise LogError(f"{where}: its newest snapshot is damaged: {error}") from error


class KafkaSnapshots:
    """On the broker; ``save`` returns when the snapshots, and all sent before, are in the log."""

    def __init__(self, bootstrap: str, codec: Codec, writer: kafka.KafkaWriter) -> None:
        self._bootstrap, self._codec, self._writer = bootstrap, codec, writer

    def load(self, topic: str, partition: int) -> Snapshot | None:
        """None where the chain has never run. Raises LogError."""
        return load(self._bootstrap, self._codec, topic, partition)

    def save(self, *newest: tuple[str, Snapshot]) -> None:
        """Snapshots with the state topic of each. Raises LogError."""
        self._writer.flush()
        for topic, snapshot in newest:
            small = replace(snapshot, state=zlib.compress(snapshot.state, level=1))
            value = self._codec.encode(small)
            self._writer.send_to(topic, snapshot.partition, snapshot.stage, value)
        self._writer.flush()
