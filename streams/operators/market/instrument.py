"""What the builder knows of one instrument, and how it lies in a snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.enums import MarketState, StatusKind
from streams.operator import Refused
from streams.operators.market import bars_state
from streams.operators.market import book as bk
from streams.operators.market.bars import BarSpec
from streams.operators.market.bars_calendar import calendar_of
from streams.operators.market.bars_state import TimeBars
from streams.operators.market.follow import Book
from streams.operators.market.marks import Traded
from streams.operators.market.tape import BEFORE, BEHIND, SILENT
from streams.operators.market.tape_fold import INTERVAL, new_top


@dataclass(frozen=True, slots=True)
class BuilderConfig:
    """``levels`` a side on the tape; ``book_interval_ns`` of event time between two book rows, 0
    for a row a change of the top; ``mark_interval_ns`` of event time between two marks;
    ``accounts`` that marks go to; a clock record closes bars ``grace_ns`` after their end;
    ``baskets``: instrument → the basket that it is a member of; ``time_bars`` says more of
    time bars; ``prints``: the kind of the bars that features of single trades are made at, which
    puts the trades on the tape, none without; ``groups``: instrument → the groups that are told of
    its book."""

    bars: tuple[BarSpec, ...]
    levels: int
    accounts: tuple[str, ...]
    mark_interval_ns: int
    grace_ns: int
    baskets: Mapping[str, str] = field(default_factory=dict)
    time_bars: TimeBars = field(default_factory=TimeBars)
    book_interval_ns: int = 0
    prints: str | None = None
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_PHASES = {
    StatusKind.TRADING: MarketState.TRADING,
    StatusKind.AUCTION: MarketState.AUCTION,
    StatusKind.HALTED: MarketState.HALTED,
    StatusKind.CLOSED: MarketState.CLOSED,
}


def told_by(prints: str | None) -> int:
    """A trade that closes a bar is part of it, so it stands before; but one that closes a time bar
    is the first of the next."""
    if prints is None:
        return SILENT
    return BEHIND if prints == "time" else BEFORE


class Instrument:
    """Raises Refused where a bar cannot be made of it."""

    def __init__(self, config: BuilderConfig, name: str, scales: tuple[int, int]) -> None:
        try:
            self.calendar = calendar_of(config.time_bars.calendars, name)
            self.bars = bars_state.empty_state(
                config.bars, *scales, config.time_bars, self.calendar
            )
        except ValueError as error:
            raise Refused(f"{name}: {error}; change it in market.bars") from error
        self.specs, self.scales = config.bars, scales
        self.book = Book()
        self.top = new_top(config.book_interval_ns)
        self.marked_ns = 0
        self.traded = Traded()
        self.phase = MarketState.TRADING

    @property
    def open(self) -> bool:
        """The venue trades continuously: orders meet the quotes that it shows."""
        return bool(self.book.state.meta[bk.PHASE] == bk.CONTINUOUS)

    @property
    def synced(self) -> bool:
        return bool(self.book.state.meta[bk.SYNCED])

    @property
    def state(self) -> MarketState:
        """Whether it trades; DARK while its book is not known."""
        return self.phase if self.synced else MarketState.DARK

    def hear(self, kind: StatusKind) -> None:
        """What a feed or a venue says of it."""
        self.phase = _PHASES.get(kind, self.phase)
        if self.book.hear(kind):
            self.forget_top()

    def forget_top(self) -> None:
        """The next book row is written whatever it says."""
        self.top[:INTERVAL] = -1

    def pack(self) -> dict[str, Any]:
        """For a snapshot."""
        return {
            "scales": list(self.scales),
            "book": self.book.pack(),
            "top": self.top,
            "bars": bars_state.pack(self.bars, self.specs),
            "marked_ns": self.marked_ns,
            "traded": [self.traded.volume, self.traded.last],
            "phase": self.phase,
        }

    @staticmethod
    def unpack(config: BuilderConfig, name: str, packed: dict[str, Any]) -> "Instrument":
        price_scale, size_scale = packed["scales"]
        at = Instrument(config, name, (price_scale, size_scale))
        at.book = Book.unpack(packed["book"])
        at.top[:INTERVAL], at.marked_ns = packed["top"][:INTERVAL], packed["marked_ns"]
        at.traded, at.phase = Traded(*packed["traded"]), MarketState(packed["phase"])
        bars_state.unpack(at.bars, config.bars, packed["bars"])
        return at
