"""Following an instrument's book through a market frame: the one way to do it.

Builder and paper venue run different kernels over the same events; both call ``follow_depth``,
``follow_order`` and ``follow_checksum`` for what concerns the book, and come back to Python after a
snapshot and where these return PENDING or more, because a diff must wait, or somebody must be told.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from schemas.enums import StatusKind
from schemas.frames import (
    ADD,
    CHECKSUM,
    DEPTH,
    MODIFY,
    NO_CHECKSUMS,
    NO_ORDERS,
    ORDER,
    QUOTE,
    Checksums,
    Depth,
    MarketFrame,
    Orders,
    Quotes,
    Trades,
)
from streams.kernels import inlined, kernel
from streams.operators.market import book as bk
from streams.operators.market import levels as lv
from streams.operators.market.book import BookState, one_message, read_only, read_only_section
from streams.operators.market.checksum import compute
from streams.operators.market.order_book import UNKNOWN, OrderBook, apply_order

# cursor columns that every kernel over a market frame has first: the next row of each section
EVENT, TRADES, QUOTES, DEPTHS, LEVELS, ORDERS, CHECKSUMS = range(7)
MAX_WAITING = 10_000  # diffs kept while there is no snapshot; the oldest go first
_LOST = (StatusKind.DISCONNECTED, StatusKind.GAP)
_PHASES = {
    StatusKind.TRADING: bk.CONTINUOUS,
    StatusKind.AUCTION: bk.PAUSED,
    StatusKind.HALTED: bk.PAUSED,
    StatusKind.CLOSED: bk.PAUSED,
}


_NO_ORDERS, _NO_CHECKSUMS = read_only_section(NO_ORDERS), read_only_section(NO_CHECKSUMS)


class Market(NamedTuple):
    """A frame as kernels take it: read-only columns."""

    kinds: Any
    trades: Trades
    quotes: Quotes
    depth: Depth
    orders: Orders
    checksums: Checksums
    scales: tuple[int, int]


def market_of(frame: MarketFrame) -> Market:
    return Market(
        read_only(frame.kinds),
        read_only_section(frame.trades),
        read_only_section(frame.quotes),
        read_only_section(frame.depth),
        read_only_section(frame.orders) if len(frame.orders.seq) else _NO_ORDERS,
        read_only_section(frame.checksums) if len(frame.checksums.seq) else _NO_CHECKSUMS,
        (frame.price_scale, frame.size_scale),
    )


@kernel
def follow_depth(depth, cursor, book):  # type: ignore[no-untyped-def]
    """Folds the next depth message; says what became of it."""
    row, level = cursor[DEPTHS], cursor[LEVELS]
    cursor[DEPTHS] += 1
    cursor[LEVELS] += depth.bids[row] + depth.asks[row]
    return bk.apply_message(book, depth, row, level)


@kernel
def follow_quote(quotes, cursor, book):  # type: ignore[no-untyped-def]
    """Folds the next best quotes, where they are all there is."""
    row = cursor[QUOTES]
    cursor[QUOTES] += 1
    return bk.apply_quote(book, quotes, row)


@inlined
def follow_order(section, cursor, book, orders):  # type: ignore[no-untyped-def]
    """Folds the next change to an order; tells of the first that is unknown."""
    row = cursor[ORDERS]
    cursor[ORDERS] += 1
    known = apply_order(orders, book, section, row)
    return bk.UNKNOWN_ORDER if not known and orders.counts[UNKNOWN] == 1 else bk.APPLIED


@kernel
def follow_orders(section, first, count, book, orders):  # type: ignore[no-untyped-def]
    """Folds changes to orders that come one after the other. Returns how many, and whether it
    stopped because the last of them names the first unknown order."""
    for n in range(count):
        known = apply_order(orders, book, section, first + n)
        if not known and orders.counts[UNKNOWN] == 1:
            return n + 1, True
    return count, False


@kernel
def follow_checksum(checksums, cursor, book, scales):  # type: ignore[no-untyped-def]
    """Compares the next checksum with the book's; a book that fails is no longer synced."""
    row = cursor[CHECKSUMS]
    cursor[CHECKSUMS] += 1
    if not book.meta[bk.SYNCED]:
        return bk.STALE
    book.meta[bk.COMPUTED] = compute(checksums.scheme[row], book, scales[0], scales[1])
    if book.meta[bk.COMPUTED] == checksums.value[row]:
        return bk.VERIFIED
    book.meta[bk.SYNCED] = 0
    return bk.BAD_CHECKSUM


@kernel
def follow(market, cursor, book, orders):  # type: ignore[no-untyped-def]
    """Folds the book alone over the rest of a frame; -1 at its end."""
    kinds, quotes, depth = market.kinds, market.quotes, market.depth
    section, checksums = market.orders, market.checksums
    while cursor[EVENT] < len(kinds):
        event = cursor[EVENT]
        cursor[EVENT] = event + 1
        outcome = bk.APPLIED
        if kinds[event] == DEPTH:
            outcome = follow_depth(depth, cursor, book)
            if depth.snapshot[cursor[DEPTHS] - 1]:
                return outcome
        elif kinds[event] == ORDER:
            stop = event + 1
            while stop < len(kinds) and kinds[stop] == ORDER:
                stop += 1
            folded, unknown = follow_orders(section, cursor[ORDERS], stop - event, book, orders)
            cursor[ORDERS] += folded
            cursor[EVENT] = event + folded
            if unknown:
                return bk.UNKNOWN_ORDER
        elif kinds[event] == CHECKSUM:
            outcome = follow_checksum(checksums, cursor, book, market.scales)
        elif kinds[event] == QUOTE:
            follow_quote(quotes, cursor, book)
        if outcome >= bk.PENDING:
            return outcome
    return -1


def _placing(orders: Orders, tick: int) -> Any:
    """The prices that can become levels: one that an order only traded at may lie between ticks."""
    if tick == 1:
        return orders.price
    return read_only(orders.price[(orders.action == ADD) | (orders.action == MODIFY)])


def _set_side(state: BookState, side: int, prices: Any, sizes: Any) -> None:
    lv.set_levels(state.levels, side, read_only(prices), read_only(sizes), 0, len(prices))


class Book:
    """An instrument's book: its levels, its orders where the venue shows them, and the diffs that
    wait for a snapshot, oldest first."""

    def __init__(self) -> None:
        self.state: BookState = bk.empty_state()
        self.orders = OrderBook()
        self.waiting: list[Depth] = []

    def make_room(self, market: Market) -> None:
        """Before a kernel folds a frame."""
        columns = [market.depth.price]
        if not self.state.meta[bk.DEEP]:
            columns += [market.quotes.bid, market.quotes.ask]
        if len(market.orders.action):
            columns.append(_placing(market.orders, self.state.levels.tick))
            self.orders.make_room(len(market.orders.action))
        self.state = bk.with_room(self.state, *columns)

    def fold(self, frame: MarketFrame) -> None:
        """The whole frame, for whom the book alone matters."""
        market, cursor = market_of(frame), np.zeros(CHECKSUMS + 1, np.int64)
        self.make_room(market)
        while (outcome := follow(market, cursor, self.state, self.orders.state)) != -1:
            self.resolve(outcome, market, cursor)

    def resolve(self, outcome: int, market: Market, cursor: Any) -> int:
        """Does what a kernel cannot for the event it stopped at: keeps a diff that must wait,
        folds those that waited for this snapshot. Returns what became of it all."""
        if market.kinds[int(cursor[EVENT]) - 1] != DEPTH:
            return outcome
        depth, row = market.depth, int(cursor[DEPTHS]) - 1
        if depth.snapshot[row] and outcome != bk.CROSSED:
            return self._replay() or outcome
        if outcome in (bk.PENDING, bk.GAP):
            level = int(cursor[LEVELS] - depth.bids[row] - depth.asks[row])
            self.waiting.append(one_message(depth, row, level))
            del self.waiting[:-MAX_WAITING]
        return outcome

    def _replay(self) -> int:
        """Those after a gap go on waiting."""
        outcome = bk.APPLIED
        waiting, self.waiting = self.waiting, []
        for message in waiting:
            self.state = bk.with_room(self.state, message.price)
            result = bk.apply_message(self.state, message, 0, 0)
            if result in (bk.GAP, bk.PENDING):
                self.waiting.append(message)
            if result in (bk.GAP, bk.CROSSED):
                outcome = result
        return outcome

    def hear(self, kind: StatusKind) -> bool:
        """What a feed's status means for the book. True when it is lost: nothing is shown until
        the next snapshot."""
        self.state.meta[bk.PHASE] = _PHASES.get(kind, self.state.meta[bk.PHASE])
        if kind in _LOST:
            self.state.meta[bk.SYNCED] = 0
        return kind in _LOST

    def pack(self) -> dict[str, Any]:
        """For a snapshot; of the arrays only the levels."""
        return {
            "meta": self.state.meta,
            "bids": self._side(bk.BID),
            "asks": self._side(bk.ASK),
            "orders": self.orders.pack(self.state),
            "waits": [np.concatenate(column) for column in zip(*self.waiting, strict=True)],
        }

    def _side(self, side: int) -> list[Any]:
        """Best last, prices of asks negated."""
        prices, sizes = lv.table(self.state.levels, side)
        return [prices[::-1] if side == bk.BID else -prices[::-1], sizes[::-1]]

    @staticmethod
    def unpack(packed: dict[str, Any]) -> "Book":
        book = Book()
        (bids, bid_sizes), (asks, ask_sizes) = packed["bids"], packed["asks"]
        columns = bids, -asks, np.ascontiguousarray(packed["orders"][0][:, 2])
        book.state = bk.with_room(book.state, *map(read_only, columns))
        book.orders = OrderBook.unpack(packed["orders"], book.state)
        lv.clear(book.state.levels)
        _set_side(book.state, bk.BID, bids, bid_sizes)
        _set_side(book.state, bk.ASK, -asks, ask_sizes)
        book.state.meta[:] = packed["meta"]
        waits = packed.get("waits")  # older states name them otherwise: the next snapshot mends it
        book.waiting = list(_messages(Depth(*waits))) if waits else []
        return book


def _messages(depth: Depth) -> Iterator[Depth]:
    """Each message of a section as a section of its own."""
    level = 0
    for row in range(len(depth.seq)):
        yield one_message(depth, row, level)
        level += int(depth.bids[row]) + int(depth.asks[row])
