"""Marks for the risk gate: what an instrument can be bought and sold for, at a limited rate of
event time."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from schemas.frames import BOOK, TapeFrame
from schemas.inbox import Mark
from streams.kernels import kernel
from streams.operator import Output
from streams.operators.market.tape import BOOKS, ROWS, Columns


class Marks:
    """``accounts`` get a mark each, not more often than every ``interval_ns``."""

    def __init__(self, accounts: tuple[str, ...], interval_ns: int) -> None:
        self._accounts, self._interval_ns = accounts, interval_ns

    def of(
        self, tape: TapeFrame, columns: Columns, cursor: Any, last_ns: int
    ) -> tuple[int, list[Output]]:
        """When the last one was made, after ``last_ns``; and the marks in what was written."""
        if not self._accounts or not cursor[BOOKS]:
            return last_ns, []
        chosen = np.empty((int(cursor[BOOKS]), 2), np.int64)
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
            chosen,
        )
        return last_ns, list(self._outputs(tape, chosen[:count].tolist()))

    def _outputs(self, tape: TapeFrame, chosen: list[tuple[int, int]]) -> Iterator[Output]:
        books = tape.books
        for row, event in chosen:
            first = row * tape.levels
            ts, bid, ask = books.ts_event[row], books.bid_price[first], books.ask_price[first]
            for account in self._accounts:
                mark = Mark(account, tape.instrument, int(ts), int(bid), int(ask), tape.price_scale)
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
