"""Messages → rows of the lake. Pure."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from schemas.codec import Message
from schemas.frames import BAR, MarketFrame, TapeFrame
from schemas.lake.kinds import KINDS, SECTIONS, Kind
from schemas.lake.rows import Rows
from schemas.records import Status
from streams.cause import Cause


def rows_of(message: Message, cause: Cause) -> Iterator[Rows]:
    """What a message holds of each kind; nothing for a message that no lake keeps."""
    match message:
        case MarketFrame():
            for kind in SECTIONS.values():
                section = getattr(message, kind.name)
                if len(section.ts_event):
                    at = np.flatnonzero(message.kinds == kind.code)
                    yield _rows(kind, message, section._asdict(), cause, at)
        case TapeFrame() if len(message.bars.spec):
            columns = message.bars._asdict()
            columns["spec"] = np.array(message.specs, object)[message.bars.spec]
            at = np.flatnonzero(message.kinds == BAR)
            yield _rows(KINDS["bars"], message, columns, cause, at)
        case Status():
            texts = {name: np.array([str(getattr(message, name))], object) for name in _TEXTS}
            times = {name: np.array([getattr(message, name)], np.int64) for name in _TIMES}
            origin = _origin(cause, np.zeros(1, np.int32))
            columns = {**times, **texts, **origin}
            yield Rows(KINDS["statuses"], message.instrument, 0, 0, (name_of(cause),), columns)


_TEXTS = ("kind", "detail")
_TIMES = ("ts_event", "ts_recv")


def of_columns(
    kind: Kind, instrument: str, scales: tuple[int, int], columns: dict[str, Any], cause: Cause
) -> Rows:
    """Whole columns that one cause gave, in the order in which they came."""
    at = np.arange(len(columns[kind.event]))
    return Rows(kind, instrument, *scales, (name_of(cause),), {**columns, **_origin(cause, at)})


def _rows(
    kind: Kind, frame: MarketFrame | TapeFrame, columns: dict[str, Any], cause: Cause, at: Any
) -> Rows:
    scales = (frame.price_scale, frame.size_scale)
    columns = {**columns, **_origin(cause, at)}
    return Rows(kind, frame.instrument, *scales, (name_of(cause),), columns)


def _origin(cause: Cause, at: Any) -> dict[str, Any]:
    count = len(at)
    return {
        "source": np.zeros(count, np.uint16),
        "offset": np.full(count, cause.offset, np.int64),
        "index": np.full(count, cause.index, np.int32),
        "row": at.astype(np.int32),
    }


def name_of(cause: Cause) -> str:
    """The source of a cause, as ``Taken`` names it."""
    return f"{cause.writer}@{cause.source}"
