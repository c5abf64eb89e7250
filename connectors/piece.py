"""What every reader of recorded files gives: piece after piece, in the order of the file."""

from dataclasses import dataclass, field
from typing import TypeAlias

from connectors.events import Event, Rejected
from schemas.frames import MarketFrame

Found: TypeAlias = Event | Rejected | MarketFrame


@dataclass(slots=True)
class Piece:
    """A line or a block: ``number`` only grows, ``at`` is its receive time in ns. Readers that
    make whole columns at once give frames, the others events."""

    number: int
    at: int
    found: list[Found] = field(default_factory=list)
