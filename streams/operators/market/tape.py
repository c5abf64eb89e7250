"""The tape while it is written: columns that the kernels fill, on memory that is used again for
every frame, and the frames that are made of them.

A frame's columns are copies of just the rows that were written. Room for all that could be written
is many times that, so fresh columns for each frame cost more than the copies.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from schemas.frames import NO_CHECKS, NO_PRINTS, Bars, Books, Checks, Prints, TapeFrame, cut_tape
from streams.operators.market.bars_state import new_bars

# how many rows are written, as cursor columns behind those of ``follow``
ROWS, BOOKS, BARS, CHECKS, PRINTS = range(7, 12)
CURSOR_COLUMNS = 12
MOST_ROWS = 2048  # of a tape frame: a record of them fits the broker's limit of 1 MB

# whether trades are told, and on which side of the bar that they close
SILENT, BEFORE, BEHIND = range(3)

_KEPT = 1 << 14  # rows of a section; room for more is not kept
_NO_BARS = new_bars(0)


class Columns(NamedTuple):
    """``event`` is the market event each row belongs to; ``told`` is SILENT, BEFORE or BEHIND."""

    kinds: Any
    event: Any
    books: Books
    bars: Bars
    checks: Checks
    prints: Prints
    told: int


class Tape:
    """Room for rows with ``levels`` a side."""

    def __init__(self, levels: int, told: int = SILENT) -> None:
        self.levels, self.told = levels, told
        self.columns = _columns((64, 16, 0, 0), levels, told)

    def make_room(self, books: int, bars: int, checks: int, trades: int) -> None:
        """For so many rows of each section. What was written is gone."""
        needed = books, bars, checks, trades if self.told else 0
        room = [len(section[0]) for section in self.columns[2:6]]
        if all(n <= has <= max(n, _KEPT) for n, has in zip(needed, room, strict=True)):
            return
        self.columns = _columns(
            [max(n, min(has, _KEPT)) for n, has in zip(needed, room, strict=True)],
            self.levels,
            self.told,
        )

    def frame(
        self, name: str, scales: tuple[int, int], specs: tuple[str, ...], cursor: Any
    ) -> TapeFrame:
        """What was written, on memory of its own."""
        rows, books, bars, checks, prints = cursor[ROWS:].tolist()
        kinds, _, *sections = self.columns[:6]
        wide = books * self.levels
        return TapeFrame(
            name,
            *scales,
            self.levels,
            specs,
            kinds[:rows].copy(),
            Books._make(
                [
                    *[column[:books].copy() for column in sections[0][:3]],
                    *[column[:wide].copy() for column in sections[0][3:]],
                ]
            ),
            Bars._make([column[:bars].copy() for column in sections[1]]) if bars else _NO_BARS,
            Checks._make([c[:checks].copy() for c in sections[2]]) if checks else NO_CHECKS,
            Prints._make([c[:prints].copy() for c in sections[3]]) if prints else NO_PRINTS,
        )


def _columns(rows: Any, levels: int, told: int) -> Columns:
    books, bars, checks, prints = rows
    return Columns(
        np.empty(sum(rows), np.uint8),
        np.empty(sum(rows), np.int64),
        Books._make(
            [
                *[np.empty(books, np.int64) for _ in range(3)],
                *[np.empty(books * levels, np.int64) for _ in range(4)],
            ]
        ),
        new_bars(bars),
        Checks._make([np.empty(checks, np.int64) for _ in range(4)]),
        Prints._make([np.empty(prints, dtype) for dtype in (np.int64,) * 3 + (np.int8,)]),
        told,
    )


def parts(tape: TapeFrame) -> Iterator[tuple[int, TapeFrame]]:
    """(first row, frame) of pieces of at most MOST_ROWS rows."""
    if len(tape) <= MOST_ROWS:
        yield from [(0, tape)] if len(tape) else []
        return
    for first in range(0, len(tape), MOST_ROWS):
        yield first, cut_tape(tape, first, min(first + MOST_ROWS, len(tape)))
