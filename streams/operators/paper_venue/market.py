"""One instrument at the venue: its book, its terms, the live orders, and who holds how much."""

from decimal import Decimal
from typing import Any

import numpy as np

from schemas.enums import StatusKind
from schemas.frames import Trades
from schemas.records import PaperOrder
from streams.operators.market import book as bk
from streams.operators.market.bars_calendar import Calendar
from streams.operators.market.follow import Book
from streams.operators.market.levels import best, count
from streams.operators.paper_venue import columns as c
from streams.operators.paper_venue import orders
from streams.operators.paper_venue.columns import Desk
from streams.operators.paper_venue.reports import Order
from streams.operators.paper_venue.terms import Terms
from streams.operators.risk.money import EXACT, scaled

_PHASES = {
    StatusKind.TRADING: c.TRADING,
    StatusKind.AUCTION: c.AUCTION,
    StatusKind.HALTED: c.HALTED,
    StatusKind.CLOSED: c.CLOSED,
}


class Market:
    """``orders``: a row of ``live`` each, in the order in which they entered the log;
    ``accounts``: whose position each of ``positions`` is; ``carried_ns``: the last interval of
    holding that was paid for, None before the first clock record."""

    def __init__(self, scales: tuple[int, int], terms: Terms, calendar: Calendar) -> None:
        self.scales, self.terms, self.calendar = scales, terms, calendar
        self.book = Book()
        self.orders: list[Order] = []
        self.live = np.empty((0, c.ORDER_COLUMNS), np.int64)
        self.requests = np.empty((0, c.REQUEST_COLUMNS), np.int64)
        self.accounts: list[str] = []
        self.positions = np.empty(0, np.int64)
        self.session = np.zeros(c.SESSION, np.int64)
        self.carried_ns: int | None = None

    def rows(self) -> int:
        return len(self.live)

    def desk(self, rules: Any, events: int) -> Desk:
        """For kernels that fold so many events and levels. An order takes at most every level when
        it begins to act and after a change, meets every other order there, and trades and ends
        at each event."""
        n, begins = len(self.live), 2 * len(self.live) + len(self.requests)
        held = self.book.state.levels
        levels = max(count(held, side) for side in (bk.BID, bk.ASK)) + events if n else events
        room = begins * (levels + 2 * n + 4) + 4 * n * (events + 1)
        out = np.empty((room, c.EXECUTION_COLUMNS), np.int64)
        return Desk(self.live, self.requests, self.positions, rules, self.session, out)

    def hear_trades(self, trades: Trades) -> None:
        """Keeps the last trade of a frame."""
        if len(trades.price):
            last = (trades.price[-1], trades.size[-1], trades.ts_event[-1])
            self.session[c.LAST_PRICE : c.LAST_TS + 1] = last

    def enter_phase(self, kind: StatusKind) -> None:
        self.session[c.PHASE] = _PHASES.get(kind, self.session[c.PHASE])

    def price(self) -> Decimal | None:
        """The middle of the book, or the last trade; None before either."""
        state, scale = self.book.state, self.scales[0]
        (bid, bids), (ask, asks) = (best(state.levels, side) for side in (bk.BID, bk.ASK))
        if state.meta[bk.SYNCED] and bids and asks:
            return EXACT.divide(scaled(int(bid + ask), scale), Decimal(2))
        if self.session[c.LAST_TS]:
            return scaled(int(self.session[c.LAST_PRICE]), scale)
        return None

    def find(self, cl_ord_id: str) -> int | None:
        """The row of an order that is live."""
        for i, order in enumerate(self.orders):
            if order.sent.cl_ord_id == cl_ord_id and self.live[i, c.STATE] != c.DONE:
                return i
        return None

    def add(self, order: Order, arrives: int) -> None:
        sent = order.sent
        expires = orders.expiry(sent, arrives, self.calendar)
        row = orders.live_row(sent, arrives, expires, self._account(sent.account))
        self.live = np.concatenate((self.live, row[None]))
        self.orders.append(order)

    def _account(self, name: str) -> int:
        if name not in self.accounts:
            self.accounts.append(name)
            self.positions = np.append(self.positions, 0)
        return self.accounts.index(name)

    def ask(self, i: int, asked: int, comes: int, change: PaperOrder) -> None:
        """A request for order ``i`` is on its way."""
        values = (i, asked, comes, change.price, change.size, change.stop_price, 0)
        self.requests = np.concatenate((self.requests, np.array([values], np.int64)))

    def tidy(self) -> None:
        """Drops what is finished: answered requests, and orders that no request goes to."""
        if len(self.requests):
            self.requests = self.requests[self.requests[:, c.ANSWERED] == 0]
        keep = self.live[:, c.STATE] != c.DONE
        keep[self.requests[:, c.OF]] = True
        if keep.all():
            return
        self.requests[:, c.OF] = (np.cumsum(keep) - 1)[self.requests[:, c.OF]]
        self.orders = [o for o, kept in zip(self.orders, keep, strict=True) if kept]
        self.live = np.ascontiguousarray(self.live[keep])

    def pack(self) -> dict[str, Any]:
        """For a snapshot."""
        return {
            "scales": list(self.scales),
            "book": self.book.pack(),
            "orders": [orders.pack(order) for order in self.orders],
            "live": self.live,
            "requests": self.requests,
            "accounts": self.accounts,
            "positions": self.positions,
            "session": self.session,
            "carried_ns": self.carried_ns,
        }

    def unpack(self, packed: dict[str, Any]) -> None:
        """Takes up what ``pack`` gave. Raises ValueError for orders as an older version kept them;
        where there are none, its state will do."""
        if not len(packed["live"]):
            packed = packed | {"live": np.empty((0, c.ORDER_COLUMNS), np.int64)}
        if packed["live"].shape[1] != c.ORDER_COLUMNS:
            raise ValueError(
                "the paper venue's snapshot holds open orders of an older version: end them with "
                "that version, or drop the topic paper_venue.state and fold from the start"
            )
        self.book = Book.unpack(packed["book"])
        self.orders = [orders.unpack(order) for order in packed["orders"]]
        self.live, self.requests = packed["live"], packed["requests"]
        self.accounts, self.positions = packed["accounts"], packed["positions"]
        self.session, self.carried_ns = packed["session"], packed["carried_ns"]
