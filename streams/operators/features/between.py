"""What strategies that look between vectors are told of the tape: each change of the best prices,
and trades where they ask for them, in one order with the vectors on ``features``.

A vector and what stands before it on the tape leave in the order of the tape, however that was cut
into frames, so a strategy never sees a vector before the book that it was made of.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from schemas.frames import (
    BOOK,
    NO_CHECKS,
    NO_PRINTS,
    PRINT,
    Bars,
    Books,
    FeatureFrame,
    Prints,
    TapeFrame,
    cut_features,
)
from streams.operator import Output

_TOPIC = "features"


class Watched(NamedTuple):
    """Instruments, as a pattern, whose best prices are told; ``trades``: these too."""

    pattern: str
    trades: bool


class Top(NamedTuple):
    """Best prices, scaled; 0 where there is none."""

    bid: int
    ask: int


def told(tape: TapeFrame, before: Top, trades: bool) -> Any:
    """The rows of the tape that are told; ``before`` is the top as it stood before the frame."""
    best = slice(None, None, tape.levels)
    _, _, _, bids, bid_sizes, asks, ask_sizes = tape.books
    changed = np.zeros(len(tape.books.seq), np.bool_)
    for prices, sizes, last in ((bids, bid_sizes, before.bid), (asks, ask_sizes, before.ask)):
        shown = np.where(sizes[best] > 0, prices[best], 0)
        changed |= shown != np.concatenate([[last], shown[:-1]])
    rows = np.zeros(len(tape.kinds), np.bool_)
    rows[tape.kinds == BOOK] = changed
    if trades:
        rows[tape.kinds == PRINT] = True
    return np.flatnonzero(rows)


def woven(tape: TapeFrame, rows: Any, vectors: Output | None) -> list[Output]:
    """These rows of the tape and the vectors, each in its place."""
    frame = vectors.message if vectors else None
    at = vectors.rows if vectors and vectors.rows is not None else np.empty(0, np.int64)
    behind = np.searchsorted(rows, at)  # of each vector, how many of the rows stand before it
    outputs, row, vector = list[Output](), 0, 0
    for upto in dict.fromkeys([*behind.tolist(), len(rows)]):
        if upto > row:
            outputs.append(_piece(tape, rows[row:upto]))
            row = upto
        stop = int(np.searchsorted(behind, upto, side="right"))
        if stop > vector and isinstance(frame, FeatureFrame):
            cut = at[vector:stop]
            part = cut_features(frame, vector, stop)
            outputs.append(Output(_TOPIC, frame.instrument, part, int(cut[-1]), cut))
            vector = stop
    return outputs


def _piece(tape: TapeFrame, rows: Any) -> Output:
    kinds = tape.kinds[rows]
    books = _of(tape, rows, BOOK)
    levels = [column[:: tape.levels][books] for column in tape.books[3:]]
    prints = _of(tape, rows, PRINT)
    piece = replace(
        tape,
        levels=1,
        specs=(),
        kinds=kinds,
        books=Books(*(column[books] for column in tape.books[:3]), *levels),
        bars=Bars(*(column[:0] for column in tape.bars)),
        checks=NO_CHECKS,
        prints=Prints(*(column[prints] for column in tape.prints)) if len(prints) else NO_PRINTS,
    )
    return Output(_TOPIC, tape.instrument, piece, int(rows[-1]), rows)


def _of(tape: TapeFrame, rows: Any, kind: int) -> Sequence[int]:
    """Where the rows of a kind lie in its section."""
    index = np.cumsum(tape.kinds == kind) - 1
    found: Sequence[int] = index[rows[tape.kinds[rows] == kind]]
    return found
