"""``tickstream verify``: refolds every chain over what it read, and compares with what it wrote.

The log is the only clock, so the operators must say today what they said then, byte for byte. A
worker may have been stopped before it had folded the end of its input: what is not in the
recording yet is counted as ``ahead``, not as a difference. Only signatures are left out, which
depend on a key that a recording does not hold.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from console import recording
from console.context import Context
from console.errors import Failure
from schemas.codec import Codec, Message
from schemas.execution import ApprovedOrder, CancelRequest
from streams.cause import Cause
from streams.partition_fold import Outcome, PartitionFold
from streams.topology import TOPICS, Chain, chains


@dataclass(slots=True)
class Compared:
    """What came of one chain."""

    compared: int = 0
    ahead: int = 0
    differences: list[str] = field(default_factory=list)


class _Collector:
    """A ``Writer`` that keeps what a chain sends."""

    def __init__(self) -> None:
        self.sent: dict[tuple[str, Cause], bytes] = {}

    def send(self, topic: str, key: str, value: bytes, cause: Cause) -> None:
        self.sent[topic, cause] = value

    def flush(self) -> None:
        """Nothing waits."""


def verify(made: Context, folder: Path) -> dict[str, Any]:
    """Raises Failure when the folder is no complete recording, or does not begin at the start."""
    recording.read_manifest(folder)
    written = _written(folder)
    results = {}
    for chain in chains(made.settings.worker.fused):
        results[chain.name] = _verify_chain(made, folder, chain, written)
    return {
        "recording": str(folder),
        "ok": not any(r.differences for r in results.values()),
        "chains": {
            name: {
                "compared": r.compared,
                "ahead": r.ahead,
                "differences": len(r.differences),
                "first_difference": r.differences[0] if r.differences else "",
            }
            for name, r in results.items()
        },
    }


def _written(folder: Path) -> dict[tuple[str, Cause], bytes]:
    """Every derived record that a reader would take: duplicates by cause dropped."""
    found: dict[tuple[str, Cause], bytes] = {}
    for topic in TOPICS:
        for partition in recording.partitions(folder, topic):
            for item in recording.fresh(recording.read_partition(folder, topic, partition)):
                if item.record.cause:
                    found[topic, item.record.cause] = item.record.value
    return found


def _verify_chain(
    made: Context, folder: Path, chain: Chain, written: dict[tuple[str, Cause], bytes]
) -> Compared:
    result = Compared()
    collector = _Collector()
    for partition in recording.partitions(folder, chain.reads):
        fold = PartitionFold(chain, partition, made.configs, made.codec, collector, None)
        for item in recording.read_partition(folder, chain.reads, partition):
            if fold.take(item.record).outcome is Outcome.HOLE:
                raise Failure(
                    f"{chain.reads}/{partition}: offset {fold.next_offset} is not in the "
                    "recording; only a recording from the start of the topics can be verified"
                )
    writers = {stage.name for stage in chain.stages}
    for (topic, cause), value in collector.sent.items():
        recorded = written.get((topic, cause))
        if recorded is None:
            result.ahead += 1
        else:
            result.compared += 1
            _compare(made.codec, topic, cause, value, recorded, result)
    for topic, cause in written:
        if cause.writer in writers and (topic, cause) not in collector.sent:
            result.differences.append(f"{topic}: {cause} was recorded but is not made again")
    return result


def _compare(
    codec: Codec, topic: str, cause: Cause, value: bytes, recorded: bytes, result: Compared
) -> None:
    if value == recorded:
        return
    mine, theirs = _unsigned(codec.decode(value)), _unsigned(codec.decode(recorded))
    if codec.encode(mine) != codec.encode(theirs):
        fields = [n for n in mine.__slots__ if repr(getattr(mine, n)) != repr(getattr(theirs, n))]
        result.differences.append(f"{topic}: {cause}: {', '.join(fields)} differ")


def _unsigned(message: Message) -> Message:
    if isinstance(message, ApprovedOrder | CancelRequest):
        return replace(message, key_id="", signature=b"")
    return message
