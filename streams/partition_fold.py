"""A chain on one partition of a log that delivers at least once: what makes it exactly once.

What always holds:

- Offsets are folded one after the other without a hole; what was folded already is dropped, and a
  hole is reported, so that the host seeks back. (A fold over a log with a hole is wrong for ever.)
- A record whose cause is not newer than the last taken from that writer and source is dropped.
- A record that cannot be decoded or folded goes to the dead letters, and the stream goes on.
- A snapshot holds state, offset and causes together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from schemas.codec import Codec, CodecError, Message
from schemas.records import DeadLetter, Snapshot
from streams.cause import Cause, Taken
from streams.chain import ChainFold
from streams.log import LogRecord, Writer
from streams.operator import Refused
from streams.topology import Chain, OperatorConfigs


class Outcome(Enum):
    """What became of a record."""

    FOLDED = auto()
    DUPLICATE = auto()  # by offset or by cause
    DEAD = auto()
    HOLE = auto()  # nothing was done: read again from ``next_offset``


@dataclass(frozen=True, slots=True)
class Step:
    outcome: Outcome
    outputs: int = 0
    events: int = 0


class PartitionFold:
    """``snapshot`` is where to take up; without one the fold starts at the first offset. ``decode``
    is the codec's, where several folds share what it makes."""

    def __init__(
        self,
        chain: Chain,
        partition: int,
        configs: OperatorConfigs,
        codec: Codec,
        writer: Writer,
        snapshot: Snapshot | None,
        decode: Callable[[bytes], Message] | None = None,
    ) -> None:
        self.chain, self.partition = chain, partition
        self._codec, self._writer = codec, writer
        self._decode = decode or codec.decode
        self._fold = ChainFold(chain, configs)
        self._taken = Taken(snapshot.causes if snapshot else None)
        self.next_offset = snapshot.next_offset if snapshot else 0
        if snapshot:
            self._fold.restore(snapshot.state)

    def take(self, record: LogRecord) -> Step:
        """Folds a record and sends what comes of it. Raises LogError when that fails."""
        if record.offset > self.next_offset:
            return Step(Outcome.HOLE)
        if record.offset < self.next_offset:
            return Step(Outcome.DUPLICATE)
        self.next_offset += 1
        if not self._taken.is_new(record.cause):
            return Step(Outcome.DUPLICATE)
        try:
            return self._send_on(record, self._decode(record.value))
        except (CodecError, Refused) as error:
            stage = "codec" if isinstance(error, CodecError) else self.chain.name
            self._dead(record, stage, str(error), record.topic, record.value)
            return Step(Outcome.DEAD)

    def _send_on(self, record: LogRecord, message: Message) -> Step:
        emitted, troubles = self._fold.apply(message)
        source = f"{record.topic}/{record.partition}"
        for item in emitted:
            cause = Cause(item.stage, source, record.offset, item.index)
            value = self._codec.encode(item.output.message)
            self._writer.send(item.output.topic, item.output.key, value, cause)
        for trouble in troubles:
            value = self._codec.encode(trouble.message)
            self._dead(record, trouble.stage, trouble.error, trouble.topic, value)
        events = len(message) if hasattr(message, "__len__") else 0
        return Step(Outcome.FOLDED, len(emitted), events)

    def _dead(self, record: LogRecord, stage: str, error: str, topic: str, payload: bytes) -> None:
        letter = DeadLetter(topic, record.partition, record.offset, stage, error, payload)
        cause = Cause(
            f"{self.chain.name}.dead", f"{record.topic}/{record.partition}", record.offset, 0
        )
        self._writer.send("dead-letters", topic, self._codec.encode(letter), cause)

    def snapshot(self) -> Snapshot:
        return Snapshot(
            self.chain.name,
            self.partition,
            self.next_offset,
            self._taken.as_map(),
            self._fold.snapshot(),
        )
