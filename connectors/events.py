"""What a venue's session makes of the venue's messages: plain events, integers already.

A session is pure: bytes in, events out. The publisher batches events of one instrument into a
frame in the order in which they came.
"""

from typing import NamedTuple, TypeAlias

from schemas.records import PriceBand, Status, TradeNotice, VendorBar


class Instrument(NamedTuple):
    """``price = integer / 10**price_scale``; ``name`` is VENUE:SYMBOL, the key in the log."""

    name: str
    price_scale: int
    size_scale: int


class TradeEvent(NamedTuple):
    """``side`` is the aggressor's: 1 buy, -1 sell, 0 unknown."""

    instrument: Instrument
    ts_event: int
    ts_recv: int
    trade_id: int
    price: int
    size: int
    side: int


class QuoteEvent(NamedTuple):
    """Top of book as the venue sent it."""

    instrument: Instrument
    ts_event: int
    ts_recv: int
    seq: int
    bid: int
    bid_size: int
    ask: int
    ask_size: int


class DepthEvent(NamedTuple):
    """A snapshot of the book, or changes to it. ``prev_seq`` is the update id that a diff
    follows (the venue's own, or its first id minus one), 0 in a snapshot."""

    instrument: Instrument
    ts_event: int
    ts_recv: int
    seq: int
    prev_seq: int
    snapshot: bool
    bids: list[tuple[int, int]]
    asks: list[tuple[int, int]]


class OrderEvent(NamedTuple):
    """A change to one order (L3); ``action`` and ``side`` as in ``schemas.frames.Orders``."""

    instrument: Instrument
    ts_event: int
    ts_recv: int
    seq: int
    action: int
    side: int
    order_id: int
    price: int
    size: int


class ChecksumEvent(NamedTuple):
    """The venue's checksum of the book after all that came before; ``scheme`` as in
    ``schemas.frames.Checksums``."""

    instrument: Instrument
    ts_event: int
    ts_recv: int
    seq: int
    scheme: int
    value: int


MarketEvent: TypeAlias = TradeEvent | QuoteEvent | DepthEvent | OrderEvent | ChecksumEvent
Notice: TypeAlias = TradeNotice | PriceBand | VendorBar  # what goes to the log as it is
Event: TypeAlias = MarketEvent | Status | Notice


class Rejected(NamedTuple):
    """A message that the venue's session could not read: it goes to the dead letters."""

    error: str
    payload: bytes


class Beat(NamedTuple):
    """The venue's clock, as a heartbeat or a pong tells it; for the session alone."""

    ts_event: int


class Reconnect(NamedTuple):
    """This line is no good, or the venue asks for a new one, not before ``wait_s``; for the
    session alone."""

    why: str
    wait_s: float = 0.0


class Slower(NamedTuple):
    """The venue says in an answer that we ask too often: nothing is asked for ``wait_s``; for the
    session alone."""

    wait_s: float


class GiveUp(NamedTuple):
    """The venue will not serve us, however often we ask: why, and what to do; for the session
    alone."""

    why: str
