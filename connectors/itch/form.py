"""NASDAQ's ITCH 5.0 files, as its FTP site has them: ``01302020.NASDAQ_ITCH50.gz``,
``S081321-v50.txt.gz``. The day is in the name; without it times count from 1970."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from connectors.compressed import Damaged, Tell, blocks, head, nobody
from connectors.events import Rejected
from connectors.itch.reader import ItchReader
from connectors.new_york import midnight_ns
from connectors.piece import Found, Piece
from schemas.frames import MarketFrame

_START = b"\x00\x0cS"  # a file begins with a system event of 12 bytes
_BLOCK = 16 << 20  # few long frames, see ItchReader
_NAMES = (
    re.compile(r"(?P<month>\d\d)(?P<day>\d\d)(?P<year>20\d\d)\."),
    re.compile(r"S(?P<month>\d\d)(?P<day>\d\d)(?P<year>\d\d)-"),
)


def recognise(path: Path) -> str | None:
    """What such a file is called; None when it is something else."""
    if path.is_dir() or not head(path, 4).startswith(_START):
        return None
    day = day_of(path.name)
    return f"NASDAQ ITCH 5.0 file of {day or 'a day that its name does not tell'}"


def day_of(name: str) -> date | None:
    """The trading day that a file's name tells."""
    match = next((found for form in _NAMES if (found := form.match(name))), None)
    if match is None:
        return None
    year = int(match["year"])
    try:
        return date(year if year > 99 else 2000 + year, int(match["month"]), int(match["day"]))
    except ValueError:
        return None


def pieces(path: Path, tell: Tell = nobody) -> Iterator[Piece]:
    """The frames, statuses and damages of each block."""
    day = day_of(path.name)
    reader, number, last = ItchReader(midnight_ns(day) if day else 0), 0, 0
    try:
        for number, block in enumerate(_large(blocks(path, tell)), 1):
            found: list[Found] = list(reader.read(block))
            first = min((_time(one, last) for one in found), default=last)
            last = max([last, *(_time(one, last) for one in found)])
            yield Piece(number, first, found)
    except Damaged as error:
        problem = f"{path.name}: damaged after block {number}: {error}"
        yield Piece(number + 1, last, [Rejected(problem, b"")])
        return
    yield Piece(number + 1, last, [*reader.end()])


def _large(small: Iterator[bytes]) -> Iterator[bytes]:
    """Blocks together; what came before damage is given before its error is raised."""
    waiting: list[bytes] = []
    try:
        for block in small:
            waiting.append(block)
            if sum(map(len, waiting)) >= _BLOCK:
                yield b"".join(waiting)
                waiting = []
    except Damaged:
        yield b"".join(waiting)
        raise
    if waiting:
        yield b"".join(waiting)


def _time(found: Found, otherwise: int) -> int:
    match found:
        case Rejected():
            return otherwise
        case MarketFrame():
            sections = (found.trades.ts_event, found.orders.ts_event)
            return min(int(times[0]) for times in sections if len(times))
    return found.ts_event
