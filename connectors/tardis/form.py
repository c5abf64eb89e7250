"""Tardis.dev's CSV files: the header says which kind of data it is."""

from collections.abc import Iterator
from pathlib import Path

from connectors.compressed import Tell, head, lines, nobody
from connectors.events import Rejected
from connectors.piece import Piece
from connectors.tardis.rows import TardisReader, kind_of


def recognise(path: Path) -> str | None:
    """What such a file is called; None when it is something else."""
    kind = None if path.is_dir() else kind_of(_header(path))
    return f"Tardis CSV of {kind}" if kind else None


def _header(path: Path) -> str:
    return head(path).partition(b"\n")[0].decode(errors="replace")


def pieces(path: Path, tell: Tell = nobody) -> Iterator[Piece]:
    """Each row with the events it completed. Raises ValueError when it is no such file."""
    header = _header(path)
    kind = kind_of(header)
    if kind is None:
        raise ValueError(f"{path}: is no Tardis CSV")
    reader, last, number = TardisReader(kind, header), 0, 0
    for number, row, problem in lines(path, tell):
        found = [*reader.finish(), Rejected(problem, b"")] if problem else reader.read(row)
        last = max([last, *(e.ts_recv for e in found if not isinstance(e, Rejected))])
        yield Piece(number, last, [*found])
    yield Piece(number + 1, last, [*reader.finish()])
