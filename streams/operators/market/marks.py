"""Marks for the risk gate: what an instrument can be bought and sold for, at a limited rate of
event time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from schemas.enums import MarketState
from schemas.frames import BOOK, TapeFrame, Trades
from schemas.inbox import Mark
from streams.kernels import kernel
from streams.operator import Output
from streams.operators.market.tape import BOOKS, ROWS, Columns


@dataclass(slots=True)
class Traded:
    """The trades of an instrument since its last mark: ``volume``, scaled, and the ``last``
    price, 0 before the first."""

    volume: int = 0
    last: int = 0

    def add(self, trades: Trades, start: int, stop: int) -> None:
        """Trades start … stop-1 of a frame."""
        if stop > start:
            self.volume += int(trades.size[start:stop].sum())
            self.last = int(trades.price[stop - 1])


class Marks:
    """``accounts`` get a mark each, not more often than every ``interval_ns``."""

    def __init__(self, accounts: tuple[str, ...], interval_ns: int) -> None:
        self._accounts, self._interval_ns = accounts, interval_ns

    def chosen(
        self, tape: TapeFrame, columns: Columns, cursor: Any, last_ns: int
    ) -> tuple[int, list[tuple[int, int]]]:
        """When the last one is due, after ``last_ns``; (book row, event) of what was written that
        makes marks."""
        if not self._accounts or not cursor[BOOKS]:
            return last_ns, []
        found = np.empty((int(cursor[BOOKS]), 2), np.int64)
        books, rows = columns.books, int(cursor[ROWS])
        sizes = books.bid_size, books.ask_size
        last_ns, count = _choose(
            columns.kinds[:rows],
            columns.event,
            books.ts_event,
            sizes,
            tape.levels,
            last_ns,
            self._interval_ns,
            found,
        )
        return last_ns, [(row, event) for row, event in found[:count].tolist()]

    def of_row(
        self, tape: TapeFrame, row: int, event: int, traded: Traded, state: MarketState
    ) -> Iterator[Output]:
        """A mark for each account of a row of the tape; what was traded is told once."""
        books, used = tape.books, slice(row * tape.levels, (row + 1) * tape.levels)
        bids, asks = books.bid_size[used] > 0, books.ask_size[used] > 0
        mark = Mark(
            "",
            tape.instrument,
            int(books.ts_event[row]),
            int(books.bid_price[used][0]),
            int(books.ask_price[used][0]),
            tape.price_scale,
            tape.size_scale,
            traded.last,
            traded.volume,
            state,
            tuple(books.bid_price[used][bids].tolist()),
            tuple(books.bid_size[used][bids].tolist()),
            tuple(books.ask_price[used][asks].tolist()),
            tuple(books.ask_size[used][asks].tolist()),
        )
        traded.volume = 0
        for account in self._accounts:
            yield Output("orders", account, replace(mark, account=account), event)

    def of_state(
        self, name: str, ts_event: int, scales: tuple[int, int], state: MarketState, event: int = 0
    ) -> Iterator[Output]:
        """That an instrument trades no more, or again: a mark without prices."""
        for account in self._accounts:
            mark = Mark(account, name, ts_event, 0, 0, *scales, state=state)
            yield Output("orders", account, mark, event)


@kernel
def _choose(kinds, event, ts, sizes, levels, last, interval, chosen):  # type: ignore[no-untyped-def]
    """(book row, event) of those with both sides at least ``interval`` after the one before."""
    bid_size, ask_size = sizes
    n = book = 0
    for row in range(len(kinds)):
        if kinds[row] == BOOK:
            first = book * levels
            if bid_size[first] and ask_size[first] and ts[book] >= last + interval:
                chosen[n, 0], chosen[n, 1] = book, event[row]
                last = ts[book]
                n += 1
            book += 1
    return last, n
