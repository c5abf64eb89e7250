"""Events → frames: batches what came for one instrument, in the order in which it came."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from connectors.events import (
    ChecksumEvent,
    DepthEvent,
    Instrument,
    MarketEvent,
    OrderEvent,
    QuoteEvent,
    TradeEvent,
)
from schemas.frames import (
    CHECKSUM,
    DEPTH,
    NO_CHECKSUMS,
    NO_ORDERS,
    ORDER,
    QUOTE,
    TRADE,
    Checksums,
    Depth,
    MarketFrame,
    Orders,
    Quotes,
    Trades,
)

_TRADE_DTYPES = ("i8", "i8", "i8", "i8", "i8", "i1")
_QUOTE_DTYPES = ("i8",) * 7
_ORDER_DTYPES = ("i8", "i8", "i8", "u1", "i1", "i8", "i8", "i8")
_CHECKSUM_DTYPES = ("i8", "i8", "i8", "u1", "i8")


class Batch:
    """Collects the events of one instrument until ``frame`` takes them out."""

    def __init__(self, instrument: Instrument) -> None:
        self._instrument = instrument
        self._clear()

    def __len__(self) -> int:
        return len(self._kinds)

    def add(self, event: MarketEvent) -> None:
        match event:
            case TradeEvent():
                self._kinds.append(TRADE)
                self._trades.append(event[1:])
            case QuoteEvent():
                self._kinds.append(QUOTE)
                self._quotes.append(event[1:])
            case DepthEvent():
                self._kinds.append(DEPTH)
                self._depth.append(event)
            case OrderEvent():
                self._kinds.append(ORDER)
                self._orders.append(event[1:])
            case ChecksumEvent():
                self._kinds.append(CHECKSUM)
                self._checksums.append(event[1:])

    def frame(self) -> MarketFrame:
        """Everything added since the last call, as one frame."""
        frame = MarketFrame(
            *self._instrument,
            kinds=np.array(self._kinds, np.uint8),
            trades=Trades(*_columns(self._trades, _TRADE_DTYPES)),
            quotes=Quotes(*_columns(self._quotes, _QUOTE_DTYPES)),
            depth=_depth(self._depth),
            orders=Orders(*_columns(self._orders, _ORDER_DTYPES)) if self._orders else NO_ORDERS,
            checksums=Checksums(*_columns(self._checksums, _CHECKSUM_DTYPES))
            if self._checksums
            else NO_CHECKSUMS,
        )
        self._clear()
        return frame

    def _clear(self) -> None:
        self._kinds: list[int] = []
        self._trades: list[tuple[int, ...]] = []
        self._quotes: list[tuple[int, ...]] = []
        self._depth: list[DepthEvent] = []
        self._orders: list[tuple[int, ...]] = []
        self._checksums: list[tuple[int, ...]] = []


def _columns(rows: Sequence[tuple[int, ...]], dtypes: tuple[str, ...]) -> list[Any]:
    values = zip(*rows, strict=True) if rows else ((),) * len(dtypes)
    return [np.array(column, dtype) for column, dtype in zip(values, dtypes, strict=True)]


def _depth(messages: list[DepthEvent]) -> Depth:
    levels = [level for m in messages for side in (m.bids, m.asks) for level in side]
    rows = [
        (m.ts_event, m.ts_recv, m.seq, m.prev_seq, m.snapshot, len(m.bids), len(m.asks))
        for m in messages
    ]
    return Depth(
        *_columns(rows, ("i8", "i8", "i8", "i8", "u1", "i4", "i4")),
        *_columns(levels, ("i8", "i8")),
    )
