"""What a strategy that looks between vectors keeps of an instrument: the best prices as they were
told last, the newest event time, and the features that it saw last.

Time does not go back: a bar may close later than the book that it closes on was told, so what it
says carries the newest time of all that came before.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from schemas.enums import StatusKind
from schemas.frames import BOOK, PRINT, TapeFrame
from streams.operator import Refused
from streams.operators.execution import shown_book
from streams.operators.execution.shown_book import ShownBook
from streams.operators.strategies.moment import Moment


@dataclass(slots=True)
class Between:
    """``lost``: the book is not known, or nobody could trade with it, since the strategy was called
    last. ``features`` by column, of the last vector; none while it lacked what is needed."""

    book: ShownBook = field(default_factory=ShownBook)
    now: int = 0
    lost: bool = True
    features: dict[str, float] | None = None

    def vector(self, at: Moment) -> Moment:
        """The next vector, at a time that does not go back."""
        self.now = max(self.now, at.ts)
        return at._replace(ts=self.now)

    def take(self, tape: TapeFrame, row: int) -> None:
        self.book.take(tape, row)
        self.now = max(self.now, self.book.heard)
        self.lost = self.lost or not self.book.firm

    def hear(self, kind: StatusKind, stops: bool) -> None:
        self.book.hear(kind)
        self.lost = self.lost or stops or not self.book.firm

    def moment(self, instrument: str) -> Moment:
        """Now, at the best prices."""
        bid, ask = self.book.bids[0][0], self.book.asks[0][0]
        return Moment(instrument, self.now, bid, ask, *self.book.scales, self.features or {})

    def pack(self) -> dict[str, Any]:
        return {
            "book": shown_book.pack(self.book),
            "now": self.now,
            "lost": self.lost,
            "features": self.features,
        }


def unpacked(packed: dict[str, Any]) -> Between:
    return Between(**{**packed, "book": shown_book.unpack(packed["book"])})


def check(tape: TapeFrame) -> None:
    """Raises Refused where the rows are not books and trades, as many as the kinds say."""
    shown_book.check(tape)
    books, prints = (np.count_nonzero(tape.kinds == kind) for kind in (BOOK, PRINT))
    if prints != len(tape.prints.price) or books + prints != len(tape.kinds):
        raise Refused(f"{tape.instrument}: between vectors stand books and trades, no other rows")
