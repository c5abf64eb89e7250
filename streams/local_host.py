"""The local host: the same topology in one process, over an in-process log, in event time.

It is a ``Writer``, so whatever feeds a broker can feed it instead. A market frame is folded by
the market chain at once; where that chain wants an order, or tells a group of something whose
strategies may want one, the frame is cut behind the event that caused it, the order enters the
instrument's log there, and what the paper venue reports meets marks and signals in the inbox in the
order of their events. That makes the outcome independent of how the events were batched: a cut
frame gives what the whole frame gives, only causes differ.
"""

from collections import deque
from collections.abc import Callable, Iterable

import numpy as np

from schemas.codec import Codec, CodecError, Message
from schemas.frames import (
    ConsolidatedFrame,
    FeatureFrame,
    MarketFrame,
    TapeFrame,
    cut_consolidated,
    cut_features,
    cut_market,
    cut_tape,
)
from schemas.inbox import OrderCommand, Signal
from schemas.records import DeadLetter
from streams.cause import Cause
from streams.chain import ChainFold, Emitted, Trouble
from streams.log import LogRecord
from streams.operator import Output, Refused
from streams.topology import Chain, OperatorConfigs, chains

Reader = Callable[[LogRecord, Message], None]


class LocalHost:
    """``readers`` see every record of every topic, in the order in which it enters the log.
    ``only``: these chains of the topology, the paper venue's among them; all when left out."""

    def __init__(
        self,
        configs: OperatorConfigs,
        codec: Codec,
        readers: Iterable[Reader] = (),
        only: Iterable[Chain] | None = None,
    ) -> None:
        self._codec = codec
        self._readers = list(readers)
        folds = {c.name: ChainFold(c, configs) for c in (chains() if only is None else only)}
        self._market, self._venue = folds.get("builder"), folds["paper_venue"]
        self._acting = {one.group: 0 for one in configs.group_strategies.strategies}
        self._readers_of: dict[str, tuple[ChainFold, ...]] = {}
        for fold in folds.values():
            others = self._readers_of.get(fold.chain.reads, ())
            self._readers_of[fold.chain.reads] = (*others, fold)
        self._offsets: dict[str, int] = {}
        self._queue: deque[tuple[LogRecord, Message]] = deque()

    def send(self, topic: str, key: str, value: bytes, cause: Cause) -> None:
        """Takes a record as a broker would, and folds all that follows from it."""
        try:
            message = self._codec.decode(value)
        except CodecError as error:
            self._dead(topic, self._offset(topic), "codec", str(error), value)
            return
        self.take(topic, key, message, cause, value)

    def take(self, topic: str, key: str, message: Message, cause: Cause, value: bytes) -> None:
        """The same for who has decoded ``value`` already, as where several hosts take it."""
        if isinstance(message, MarketFrame):
            self._take_frame(key, message, cause, value)
        else:
            self._append(topic, key, message, cause, value)
        self._drain()

    def flush(self) -> None:
        """Everything sent is folded already."""

    def _take_frame(self, key: str, frame: MarketFrame, cause: Cause, value: bytes) -> None:
        emitted, troubles = list[Emitted](), list[Trouble]()
        if self._market:
            try:
                emitted, troubles = self._market.apply(frame)
            except Refused as error:
                stage, offset = self._market.chain.name, self._offset("ticks")
                self._dead("ticks", offset, stage, str(error), value)
                return
        ends = sorted({row + 1 for e in emitted for row in self._asking_rows(e.output)})
        start = 0
        for n, stop in enumerate(dict.fromkeys((*ends, len(frame)))):
            if stop - start == len(frame):
                piece, data, outputs = frame, value, emitted
            else:
                piece = cut_market(frame, start, stop)
                data = self._codec.encode(piece)
                outputs = [e for e in (_within(e, start, stop) for e in emitted) if e]
            record = self._log("ticks", key, piece, cause._replace(index=n), data)
            self._take_piece(record, piece, start, outputs)
            self._drain()
            start = stop
        self._report_troubles(troubles, self._offsets["ticks"] - 1)

    def _asking_rows(self, output: Output) -> list[int]:
        """The events behind which an order may enter the log because of this output."""
        match output.message:
            case Signal() | OrderCommand():
                return [output.event]
            case FeatureFrame() | TapeFrame() as told if told.basket in self._acting:
                return [output.event] if output.rows is None else output.rows.tolist()
        return []

    def _take_piece(
        self, record: LogRecord, piece: MarketFrame, start: int, emitted: list[Emitted]
    ) -> None:
        """Puts the chain's and the venue's outputs for a piece's events into the log."""
        try:
            venue, _ = self._venue.apply(piece)
        except Refused as error:
            self._dead("ticks", record.offset, self._venue.chain.name, str(error), record.value)
            venue = []
        if start:
            venue = [e._replace(output=_moved(e.output, start)) for e in venue]
        for item in sorted([*emitted, *venue], key=_event):
            self._emit(item, record)

    def _append(self, topic: str, key: str, message: Message, cause: Cause, value: bytes) -> None:
        self._queue.append((self._log(topic, key, message, cause, value), message))

    def _emit(self, emitted: Emitted, source: LogRecord) -> None:
        output = emitted.output
        cause = Cause(emitted.stage, f"{source.topic}/0", source.offset, emitted.index)
        value = self._codec.encode(output.message)
        self._append(output.topic, output.key, output.message, cause, value)

    def _drain(self) -> None:
        """Folds queued records, and what comes of them, until nothing is left."""
        while self._queue:
            record, message = self._queue.popleft()
            for fold in self._readers_of.get(record.topic, ()):
                self._fold(fold, record, message)

    def _fold(self, fold: ChainFold, record: LogRecord, message: Message) -> None:
        try:
            emitted, troubles = fold.apply(message)
        except Refused as error:
            self._dead(record.topic, record.offset, fold.chain.name, str(error), record.value)
            return
        for item in emitted:
            self._emit(item, record)
        self._report_troubles(troubles, record.offset)

    def _report_troubles(self, troubles: list[Trouble], offset: int) -> None:
        for trouble in troubles:
            value = self._codec.encode(trouble.message)
            self._dead(trouble.topic, offset, trouble.stage, trouble.error, value)

    def _dead(self, topic: str, offset: int, stage: str, error: str, payload: bytes) -> None:
        letter = DeadLetter(topic, 0, offset, stage, error, payload)
        cause = Cause(stage, f"{topic}/0", offset, 0)
        self._log("dead-letters", topic, letter, cause, self._codec.encode(letter))

    def _log(self, topic: str, key: str, message: Message, cause: Cause, value: bytes) -> LogRecord:
        record = LogRecord(topic, 0, self._offset(topic), key, value, cause)
        self._offsets[topic] = record.offset + 1
        for read in self._readers:
            read(record, message)
        return record

    def _offset(self, topic: str) -> int:
        return self._offsets.get(topic, 0)


def _event(emitted: Emitted) -> int:
    return emitted.output.event


def _within(emitted: Emitted, start: int, stop: int) -> Emitted | None:
    """The part of an output that belongs to the events start … stop-1; None if there is none."""
    output = emitted.output
    if output.rows is None:
        return emitted if start <= output.event < stop else None
    first, last = (int(np.searchsorted(output.rows, n)) for n in (start, stop))
    if first == last:
        return None
    if last - first == len(output.rows):
        return emitted
    rows = output.rows[first:last]
    part = output._replace(
        message=_cut(output.message, first, last), event=int(rows[-1]), rows=rows
    )
    return emitted._replace(output=part)


def _cut(message: Message, first: int, last: int) -> Message:
    match message:
        case TapeFrame():
            return cut_tape(message, first, last)
        case FeatureFrame():
            return cut_features(message, first, last)
        case ConsolidatedFrame():
            return cut_consolidated(message, first, last)
    raise TypeError(f"{type(message).__name__} has no rows to cut")


def _moved(output: Output, by: int) -> Output:
    return output._replace(event=output.event + by)
