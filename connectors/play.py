"""Plays recorded market data into the log, with the time that passes between its pieces.

``pace`` is asked before each piece, so that a live demonstration may wait; a replay does not.
"""

from collections.abc import Callable, Iterable

from connectors.clock import Clock
from connectors.events import Rejected
from connectors.piece import Found, Piece
from connectors.publish import Publisher
from schemas.frames import MarketFrame
from schemas.records import PriceBand, Status, TradeNotice, VendorBar


def at_once(_: int) -> None:
    """The pace of one who waits for nothing."""


def play(
    pieces: Iterable[Piece],
    publisher: Publisher,
    accounts: tuple[str, ...],
    clock_ns: int,
    pace: Callable[[int], None] = at_once,
) -> int:
    """Publishes everything; returns the number of the last piece. Time passes for the accounts
    from the start, for an instrument once it was heard of."""
    clock, last = Clock(clock_ns), 0
    instruments: dict[str, None] = {}
    for piece in pieces:
        pace(piece.at)
        for ts in clock.due(piece.at):
            for name in instruments:
                publisher.clock("ticks", name, ts, piece.number)
            for account in accounts:
                publisher.clock("orders", account, ts, piece.number)
        for found in piece.found:
            if name := _instrument(found):
                instruments[name] = None
            publisher.take(found, piece.at, piece.number)
        last = piece.number
    publisher.flush()
    return last


def _instrument(found: Found) -> str:
    """Its name; empty for what could not be read."""
    match found:
        case Rejected():
            return ""
        case MarketFrame() | Status() | TradeNotice() | PriceBand() | VendorBar():
            return found.instrument
    return found.instrument.name
