"""What the recording knows of the market while an order was at work: where it was blind, and
whether it ever showed a price at which the order traded live.

- Blind: from the start until the first book, while a book is lost (after a gap, a disconnect or a
  failed checksum, until the next snapshot), and while the feed is stale.
- Shown: between the order's time and a second after the fill, the market that was recorded traded
  at the fill's price, or displayed it on the other side. For an order that rested, at its price or
  beyond, as a queue is also gone when the market trades through it.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from research.compare.outcome import price_of
from research.compare.session import Asked
from research.frames import event_times
from schemas.enums import Liquidity, Side, StatusKind
from schemas.frames import MarketFrame
from schemas.inbox import ExecutionReport
from schemas.records import Clock, Status
from streams.operators.market import book as bk
from streams.operators.market.follow import Book
from streams.operators.market.levels import table

_SLACK_NS = 10**9  # a venue may tell of a fill before its feed tells of the trade
_FOREVER = 2**63 - 1


@dataclass(slots=True)
class Watched:
    """A live fill, and whether the market showed its price."""

    order: str
    trade: ExecutionReport
    since_ns: int
    shown: bool = False

    @property
    def until_ns(self) -> int:
        return self.trade.ts_event + _SLACK_NS


@dataclass(slots=True)
class Witness:
    """Of one instrument. ``fills`` by the time of their orders; ``blind``: (from, to) in ns;
    ``end_ns``: the last event time."""

    fills: list[Watched]
    blind: list[tuple[int, int]] = field(default_factory=list)
    end_ns: int = 0
    _book: Book = field(default_factory=Book)
    _lost: int | None = 0
    _stale: int | None = None
    _scale: int = 0
    _next: int = 0
    _open: list[Watched] = field(default_factory=list)  # whose time it is

    def take(self, record: MarketFrame | Clock | Status) -> None:
        """The next record of the instrument's log."""
        if isinstance(record, Clock):
            return
        if isinstance(record, Status):
            self._hear(record)
            return
        times = event_times(record)
        if not len(times):
            return
        first, last = int(times.min()), int(times.max())
        self._look(record, first, last)
        self._book.fold(record)
        self.end_ns = max(self.end_ns, last)
        self._judge(last)

    def _hear(self, status: Status) -> None:
        self._book.hear(status.kind)
        if status.kind is StatusKind.STALE and self._stale is None:
            self._stale = status.ts_event
        elif status.kind is StatusKind.CONNECTED and self._stale is not None:
            self.blind.append((self._stale, status.ts_event))
            self._stale = None
        self._judge(status.ts_event)

    def _judge(self, ts: int) -> None:
        synced = bool(self._book.state.meta[bk.SYNCED])
        if synced and self._lost is not None:
            self.blind.append((self._lost, ts))
            self._lost = None
        elif not synced and self._lost is None:
            self._lost = ts

    def blind_in(self, start_ns: int, end_ns: int) -> bool:
        """Whether the market was not known at some time between."""
        still = [(since, _FOREVER) for since in (self._lost, self._stale) if since is not None]
        return any(a < end_ns and b > start_ns for a, b in (*self.blind, *still))

    def _look(self, frame: MarketFrame, first: int, last: int) -> None:
        self._begin(last)
        self._scale = frame.price_scale
        self._open = [fill for fill in self._open if fill.until_ns >= first]
        for fill in self._open:
            far = _far_side(fill.trade)
            prices = np.concatenate([frame.trades.price, *_displayed(frame, far)])
            fill.shown = self._is_among(fill.trade, prices, far)
        self._open = [fill for fill in self._open if not fill.shown]

    def _begin(self, until_ns: int) -> None:
        """Orders up to then saw the book as it stands."""
        while self._next < len(self.fills) and self.fills[self._next].since_ns <= until_ns:
            fill, self._next = self.fills[self._next], self._next + 1
            far = _far_side(fill.trade)
            prices, _ = table(self._book.state.levels, far)
            fill.shown = self._is_among(fill.trade, prices, far)
            if not fill.shown:
                self._open.append(fill)

    def _is_among(self, trade: ExecutionReport, prices: Any, far: int) -> bool:
        price = price_of(trade).scaleb(self._scale)
        if price != price.to_integral_value():
            return False
        if trade.liquidity is Liquidity.TAKER:
            return bool((prices == int(price)).any())
        beyond = prices <= int(price) if far == bk.ASK else prices >= int(price)
        return bool(beyond.any())

    def never_shown(self) -> dict[str, Decimal]:
        """Orders with a fill at a price that the recording does not know; the price. To be asked
        when all was taken."""
        self._begin(_FOREVER)
        return {fill.order: price_of(fill.trade) for fill in self.fills if not fill.shown}


def _far_side(trade: ExecutionReport) -> int:
    return bk.ASK if trade.side is Side.BUY else bk.BID


def _displayed(frame: MarketFrame, far: int) -> list[Any]:
    """Prices of one side in the frame's quotes, levels and orders."""
    quotes, depth, orders = frame.quotes, frame.depth, frame.orders
    counts = np.stack((depth.bids, depth.asks), axis=1).ravel()
    is_ask = np.repeat(np.tile([False, True], len(depth.bids)), counts)
    of_side = (is_ask == (far == bk.ASK)) & (depth.size > 0)
    quoted = quotes.ask if far == bk.ASK else quotes.bid
    placed = orders.price[orders.side == (-1 if far == bk.ASK else 1)]
    return [quoted, depth.price[of_side], placed]


def watch(orders: list[Asked]) -> Witness:
    """For the orders of one instrument."""
    fills = [
        Watched(asked.order.cl_ord_id, trade, asked.order.ts_event)
        for asked in orders
        for trade in asked.live.trades.values()
    ]
    return Witness(sorted(fills, key=lambda fill: fill.since_ns))
