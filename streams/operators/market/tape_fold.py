"""Market events → rows of the tape, as one pass over a frame: the book and every bar together."""

from typing import Any

import numpy as np

from schemas.frames import BAR, BOOK, CHECK, CHECKSUM, DEPTH, ORDER, PRINT, TRADE
from streams.kernels import kernel
from streams.operators.market import bars_fold
from streams.operators.market import book as bk
from streams.operators.market.follow import (
    CHECKSUMS,
    DEPTHS,
    EVENT,
    TRADES,
    follow_checksum,
    follow_depth,
    follow_order,
    follow_quote,
)
from streams.operators.market.levels import best, copy
from streams.operators.market.tape import BARS, BEFORE, BOOKS, CHECKS, PRINTS, ROWS

# what the last book row said: best prices and sizes, then the earliest time of the next row
NEXT, INTERVAL = 4, 5
DONE = -1  # why the kernel came back, beside what can become of an event


def new_top(interval_ns: int) -> Any:
    top = np.full(6, -1, np.int64)
    top[INTERVAL] = interval_ns
    return top


@kernel
def build(market, cursor, books, top, bars, levels, tape):  # type: ignore[no-untyped-def]
    book, orders = books
    kinds, depth, quotes = market.kinds, market.depth, market.quotes
    while cursor[EVENT] < len(kinds):
        event = cursor[EVENT]
        cursor[EVENT] = event + 1
        if kinds[event] == TRADE:
            while cursor[EVENT] < len(kinds) and kinds[cursor[EVENT]] == TRADE:
                cursor[EVENT] += 1
            _on_trades(market.trades, event, cursor[EVENT] - event, bars, cursor, tape)
        elif kinds[event] == DEPTH:
            outcome = follow_depth(depth, cursor, book)
            if depth.snapshot[cursor[DEPTHS] - 1] or outcome >= bk.PENDING:
                return outcome
            if outcome == bk.APPLIED:
                emit_top(book, top, levels, event, cursor, tape)
        elif kinds[event] == ORDER:
            outcome = follow_order(market.orders, cursor, book, orders)
            if outcome >= bk.PENDING:
                return outcome
            emit_top(book, top, levels, event, cursor, tape)
        elif kinds[event] == CHECKSUM:
            outcome = follow_checksum(market.checksums, cursor, book, market.scales)
            if outcome != bk.STALE:
                _emit_check(market.checksums, book, event, cursor, tape)
            if outcome >= bk.PENDING:
                return outcome
        elif follow_quote(quotes, cursor, book) == bk.APPLIED:
            emit_top(book, top, levels, event, cursor, tape)
    return DONE


@kernel
def _on_trades(trades, event, count, bars, cursor, tape):  # type: ignore[no-untyped-def]
    """Trades that follow one another, the first of them at ``event``."""
    first = told = cursor[TRADES]
    stop = first + count
    cursor[TRADES] = stop
    for spec in range(len(bars.kind)):
        bars.at[spec] = bars_fold.advance(bars, spec, trades, first, stop)
    while len(bars.at):
        spec = bars_fold.earliest(bars.at)
        row = bars.at[spec]
        if row == stop:
            break
        if tape.told:
            told = _tell(trades, told, row + (tape.told == BEFORE), event - first, cursor, tape)
        behind = bars_fold.finish(bars, spec, trades, row, tape.bars, cursor[BARS])
        _note_bars(behind, event + row - first, cursor, tape)
        bars.at[spec] = bars_fold.advance(bars, spec, trades, row + 1, stop)
    if tape.told:
        _tell(trades, told, stop, event - first, cursor, tape)


@kernel
def _tell(trades, row, stop, before, cursor, tape):  # type: ignore[no-untyped-def]
    """Writes the trades row … stop-1 as they are; ``before`` and its row make a trade's event."""
    out, at = tape.prints, cursor[PRINTS]
    while row < stop:
        out.ts_event[at], out.price[at] = trades.ts_event[row], trades.price[row]
        out.size[at], out.side[at] = trades.size[row], trades.side[row]
        tape.kinds[cursor[ROWS]], tape.event[cursor[ROWS]] = PRINT, before + row
        cursor[ROWS] += 1
        at += 1
        row += 1
    cursor[PRINTS] = at
    return row


@kernel
def _emit_check(checksums, book, event, cursor, tape):  # type: ignore[no-untyped-def]
    source, row = cursor[CHECKSUMS] - 1, cursor[CHECKS]
    tape.checks.ts_event[row] = checksums.ts_event[source]
    tape.checks.seq[row] = checksums.seq[source]
    tape.checks.stated[row] = checksums.value[source]
    tape.checks.computed[row] = book.meta[bk.COMPUTED]
    tape.kinds[cursor[ROWS]] = CHECK
    tape.event[cursor[ROWS]] = event
    cursor[CHECKS] += 1
    cursor[ROWS] += 1


@kernel
def close_bars(bars, ts, cursor, tape):  # type: ignore[no-untyped-def]
    _note_bars(bars_fold.close_until(bars, ts, tape.bars, cursor[BARS]), 0, cursor, tape)


@kernel
def _note_bars(behind, event, cursor, tape):  # type: ignore[no-untyped-def]
    """Puts the bars that were written, up to ``behind``, in their place on the tape."""
    while cursor[BARS] < behind:
        tape.kinds[cursor[ROWS]] = BAR
        tape.event[cursor[ROWS]] = event
        cursor[BARS] += 1
        cursor[ROWS] += 1


@kernel
def emit_top(book, top, levels, event, cursor, tape):  # type: ignore[no-untyped-def]
    """Writes a book row if the best price or size of a side is not what the last row said; with an
    interval, at the first change of anything in each."""
    (bid, bid_size), (ask, ask_size) = best(book.levels, bk.BID), best(book.levels, bk.ASK)
    if top[INTERVAL]:
        ts = book.meta[bk.TS_EVENT]
        if ts < top[NEXT]:
            return
        top[NEXT] = ts - ts % top[INTERVAL] + top[INTERVAL]
    elif top[0] == bid and top[1] == bid_size and top[2] == ask and top[3] == ask_size:
        return
    top[0], top[1], top[2], top[3] = bid, bid_size, ask, ask_size
    row = cursor[BOOKS]
    out = tape.books
    out.ts_event[row] = book.meta[bk.TS_EVENT]
    out.ts_recv[row] = book.meta[bk.TS_RECV]
    out.seq[row] = book.meta[bk.SEQ]
    first = row * levels
    copy(book.levels, bk.BID, out.bid_price, out.bid_size, first, first + levels)
    copy(book.levels, bk.ASK, out.ask_price, out.ask_size, first, first + levels)
    tape.kinds[cursor[ROWS]] = BOOK
    tape.event[cursor[ROWS]] = event
    cursor[BOOKS] += 1
    cursor[ROWS] += 1
