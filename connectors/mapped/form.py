"""Tables by a mapping, played like a recording; the mapping's path stands for them."""

from collections.abc import Iterator
from pathlib import Path

from connectors.compressed import Tell, nobody
from connectors.lake.pieces import pieces_of
from connectors.mapped.mapping import MappingError, describe, is_one, load
from connectors.mapped.tables import rows_of
from connectors.piece import Piece


def recognise(path: Path) -> str | None:
    """What a mapping is called; None when it is something else. Raises MappingError."""
    return describe(load(path)) if is_one(path) else None


def pieces(path: Path, tell: Tell = nobody) -> Iterator[Piece]:
    """A file and instrument after the other. Raises MappingError, also for bars."""
    mapping = load(path)
    if mapping.kind == "bars":
        raise MappingError(
            f"{path}: bars cannot be played, only trades and quotes; tickstream data import puts "
            "them into a lake"
        )
    return pieces_of(rows_of(mapping))
