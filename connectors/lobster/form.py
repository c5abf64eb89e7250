"""LOBSTER's message files: ``AAPL_2012-06-21_34200000_57600000_message_10.csv``.

Where the orderbook file of the same name lies beside it, every row of it is the book after the
message of that row, exact to the levels that it has; else the book is made of the orders that the
file tells of, without those that rested before it begins.
"""

from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

from connectors.compressed import Line, Tell, lines, nobody
from connectors.events import OrderEvent, Rejected
from connectors.lobster.rows import LobsterReader, parse_name
from connectors.new_york import midnight_ns
from connectors.piece import Found, Piece
from schemas.frames import MarketFrame

_TIMELESS = (Rejected, MarketFrame)
_PACKED = {".gz", ".zst", ".bz2", ".zip"}


def recognise(path: Path) -> str | None:
    """What such a file is called; None when it is something else."""
    named = parse_name(_plain(path.name))
    if path.is_dir() or named is None or "_message_" not in path.name:
        return None
    symbol, day = named
    book = " with its orderbook file" if _orderbook(path).exists() else ""
    return f"LOBSTER messages of {symbol}, {day}{book}"


def _plain(name: str) -> str:
    path = Path(name)
    return path.stem if path.suffix in _PACKED else name


def _orderbook(path: Path) -> Path:
    return path.with_name(path.name.replace("_message_", "_orderbook_"))


def pieces(path: Path, tell: Tell = nobody) -> Iterator[Piece]:
    """Each message with its events. Raises ValueError when the name is not LOBSTER's."""
    named = parse_name(_plain(path.name))
    if named is None:
        raise ValueError(f"{path}: is not named as LOBSTER names its files")
    symbol, day = named
    start = last = midnight_ns(day)
    reader, orderbook = LobsterReader(symbol, start), _orderbook(path)
    books: Iterator[Line | None] = lines(orderbook) if orderbook.exists() else repeat(None)
    for (number, row, problem), book in zip(lines(path, tell), books, strict=False):
        found: list[Found] = [Rejected(problem, b"")] if problem else [*reader.read(row)]
        if book is not None and not problem:
            found = _with_book(found, reader, book)
        last = max([last, *(one.ts_event for one in found if not isinstance(one, _TIMELESS))])
        yield Piece(number, last, found)


def _with_book(found: list[Found], reader: LobsterReader, book: Line) -> list[Found]:
    """The book says what the orders did; trades and statuses stay."""
    kept = [one for one in found if not isinstance(one, OrderEvent)]
    if book.problem:
        return [*kept, Rejected(book.problem, b"")]
    return [*kept, reader.book_row(book.data, (book.data.count(b",") + 1) // 4)]
