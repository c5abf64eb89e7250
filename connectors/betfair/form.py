"""Betfair's historic stream files: a line a change message of the Exchange Stream API."""

from collections.abc import Iterator
from pathlib import Path

from connectors.betfair.codec import BetfairCodec
from connectors.compressed import Tell, head, lines, nobody
from connectors.events import Rejected
from connectors.piece import Piece


def recognise(path: Path) -> str | None:
    """What such a file is called; None when it is something else."""
    start = b"" if path.is_dir() else head(path, 1 << 12).replace(b" ", b"")
    if start.startswith(b"{") and b'"op":"mcm"' in start:
        return "Betfair stream file"
    return None


def pieces(path: Path, tell: Tell = nobody) -> Iterator[Piece]:
    """Each line with the events it gave; the time is the publish time of the venue."""
    codec, last = BetfairCodec(), 0
    for number, data, problem in lines(path, tell):
        found = [Rejected(problem, b"")] if problem else codec.read(data, 0) if data.strip() else []
        last = max([last, *(e.ts_recv for e in found if not isinstance(e, Rejected))])
        yield Piece(number, last, [*found])
