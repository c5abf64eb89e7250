"""Rows of one instrument as the pieces of a recording."""

from collections.abc import Iterable, Iterator

from connectors.compressed import Damaged
from connectors.events import Rejected
from connectors.lake.order import arrive, parts_of
from connectors.piece import Piece
from schemas.lake.rows import Rows


def pieces_of(tables: Iterable[Rows], after: int = 0) -> Iterator[Piece]:
    """Table after table, each in its own order, numbered on from ``after``."""
    number = after
    for rows in tables:
        for part in parts_of(arrive([rows])) if len(rows) else ():
            number += 1
            yield Piece(number, part.at, [part.found])


def pieces_or_rejected(tables: Iterable[Rows], file: str, after: int = 0) -> Iterator[Piece]:
    """The same, and where a table cannot be read (ValueError, Damaged) a last, rejected piece."""
    number, at = after, 0
    try:
        for piece in pieces_of(tables, after):
            number, at = piece.number, piece.at
            yield piece
    except (ValueError, Damaged) as error:
        yield Piece(number + 1, at, [Rejected(f"{file}: {error}", b"")])
