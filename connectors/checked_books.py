"""The books of a feed whose venue sends checksums, folded to know which of them is wrong.

The fold is the book operator's own. It takes the frames that the publisher sends, so it costs once
a frame and not once a message.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from connectors.batch import Batch
from connectors.events import ChecksumEvent, DepthEvent, Instrument
from schemas.frames import KRAKEN_CRC32, MarketFrame
from streams.operators.market.book import BAD_CHECKSUM
from streams.operators.market.follow import CHECKSUMS, Book, follow, market_of


class CheckedBooks:
    """``wrong`` is called with the name of an instrument whose book fails."""

    def __init__(self, wrong: Callable[[str], None]) -> None:
        self._wrong = wrong
        self._books: dict[str, Book] = {}

    def take(self, frame: MarketFrame) -> None:
        book = self._books.get(frame.instrument)
        if book is None:
            book = self._books[frame.instrument] = Book()
        if _fails(book, frame):
            self._wrong(frame.instrument)


def _fails(book: Book, frame: MarketFrame) -> bool:
    market, cursor = market_of(frame), np.zeros(CHECKSUMS + 1, np.int64)
    book.make_room(market)
    failed: Any = False
    while (outcome := follow(market, cursor, book.state, book.orders.state)) != -1:
        failed |= book.resolve(outcome, market, cursor) == BAD_CHECKSUM
    return bool(failed)


def warm_up() -> None:
    """Compiles the kernels before the first message waits for them."""
    instrument = Instrument("WARM:UP", 0, 0)
    batch = Batch(instrument)
    batch.add(DepthEvent(instrument, 1, 1, 1, 0, True, [(1, 1)], [(2, 1)]))
    batch.add(ChecksumEvent(instrument, 1, 1, 1, KRAKEN_CRC32, 0))
    CheckedBooks(lambda _: None).take(batch.frame())
