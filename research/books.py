"""The books of a recording at a moment, folded by the same code as in the pipeline."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.compressed import Tell, nobody
from connectors.events import Rejected
from research import frames
from schemas.frames import MarketFrame
from schemas.records import Status
from streams.operators.market import book as bk
from streams.operators.market.follow import Book
from streams.operators.market.queries import Level, levels


@dataclass(slots=True)
class BookAt:
    """An instrument's book; ``ts_recv`` is that of the last event in it."""

    instrument: str
    price_scale: int
    size_scale: int
    book: Book = field(default_factory=Book)
    ts_event: int = 0
    ts_recv: int = 0
    events: int = 0

    @property
    def synced(self) -> bool:
        return bool(self.book.state.meta[bk.SYNCED])

    def side(self, side: int, most: int) -> list[Level]:
        """Best first; nothing where the book is not synced."""
        return levels(self.book.state, side, most) if self.synced else []

    def orders(self) -> Any:
        """(n, 4): id, side, price, size of every order, where the venue shows them."""
        return self.book.orders.live(self.book.state)


def at(path: Path, until_ns: int | None = None, tell: Tell = nobody) -> dict[str, BookAt]:
    """The book of each instrument after the last event received up to a time (None: to the end).
    Raises OSError and UnknownForm."""
    books: dict[str, BookAt] = {}
    for part in frames.read(path, until_ns, tell):
        match part:
            case MarketFrame():
                known = books.get(part.instrument)
                if known is None:
                    known = BookAt(part.instrument, part.price_scale, part.size_scale)
                    books[part.instrument] = known
                _fold(known, part)
            case Status() if part.instrument in books:
                books[part.instrument].book.hear(part.kind)
            case Rejected() | Status():
                pass
    return books


def _fold(known: BookAt, frame: MarketFrame) -> None:
    known.book.fold(frame)
    known.events += len(frame)
    meta = known.book.state.meta
    known.ts_event, known.ts_recv = int(meta[bk.TS_EVENT]), int(meta[bk.TS_RECV])
