"""Messages → rows of the lake. Pure."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from schemas.codec import Message
from schemas.frames import BAR, MarketFrame, TapeFrame
from schemas.lake.kinds import KINDS, SECTIONS, Kind
from schemas.lake.rows import Rows, of_columns
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
            columns = {**times, **texts}
            name = message.instrument
            yield of_columns(KINDS["statuses"], name, (0, 0), columns, name_of(cause), *cause[2:])


_TEXTS = ("kind", "detail")
_TIMES = ("ts_event", "ts_recv")


def _rows(
    kind: Kind, frame: MarketFrame | TapeFrame, columns: dict[str, Any], cause: Cause, at: Any
) -> Rows:
    """``at``: places of the rows among the frame's events."""
    scales = (frame.price_scale, frame.size_scale)
    rows = of_columns(kind, frame.instrument, scales, columns, name_of(cause), *cause[2:])
    rows.columns["row"] = at.astype(np.int32)
    return rows


def name_of(cause: Cause) -> str:
    """The source of a cause, as ``Taken`` names it."""
    return f"{cause.writer}@{cause.source}"
