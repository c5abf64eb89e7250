"""What the book and the trades did during a bar, as columns for indicators behind the bar's own.

One pass over the rows of a tape frame; *during* a bar is what stands between its row and the row
of the bar before. Prices in price, sizes in units.

| column | definition |
| --- | --- |
| sold | volume sold by aggressors |
| spread, imbalance, depth | means over the time that the book had two sides: (ask - bid) / mid in basis points; (bid size - ask size) / their sum; half their sum, at the best prices |
| bid_added, bid_removed, ask_added, ask_removed | sizes that came to and went from the best price, as in Cont, Kukanov and Stoikov (2014): all of a better price's size is added, all of a price's that is left behind removed |
| book_changes | rows of the book |
| book_seconds | for how long the book had two sides |
| ofi_1 … ofi_10 | order-flow imbalance of a level: bid added - removed - (ask added - removed) |
| bid_1 … ask_10, bid_size_1 … ask_size_10 | the book as it stood when the bar closed |
| tick_rule, lee_ready | volume with the sign of the tick rule; of Lee and Ready (1991): above the mid 1, below -1, at it or without a mid the tick rule's |
| signed | volume with the sign of the aggressor, or of Lee and Ready where a venue does not tell; this and the next three: of trades that met a book with two sides |
| signed_mid, traded_mid | sums of that sign x size x mid; of size x mid |
| cost | sum of sign x size x (price - mid): half the effective spread |
| last_trade | seconds since 1970 |
| buys_100ms … sells_10s | sum over all trades so far of exp(-age / 100 ms) …, the signs as above |

The sums are 0 in a bar where nothing happened. What tells the state of the book is NaN while it is
not known: before its first row, and from a gap, a crossed book, a failed checksum or a lost line
until it is back; nothing is summed over such a hole. A level that the book has not has the size 0
and no price, one that the tape does not tell is NaN. What is of single trades (from tick_rule on)
is NaN where the tape tells none.
"""  # noqa: E501

import math
from typing import Any, NamedTuple

import numpy as np

from schemas.frames import BAR, BOOK, PRINT, TapeFrame
from streams.kernels import inlined, kernel
from streams.operators.features.indicators import indicator as col
from streams.operators.features.indicators.fold import FloatArray, columns_of
from streams.operators.features.indicators.indicator import LEVELS
from streams.operators.market.book import read_only, read_only_section

# rows of ``book``; the price of a bid that is absent is lower than any, of an ask higher
BIDS, BID_SIZES, ASKS, ASK_SIZES = range(4)
_FAR = 2**62
# ``at``: whether the book is known; the time up to which it was weighed; the last trade's price,
# sign by the tick rule and time; whether there was one
KNOWN, WEIGHED, PRICE, SIGN, LAST, TOLD = range(6)
# ``sums``: over time, then over changes and trades, all of the bar; then what outlives it
SPREAD_NS, IMBALANCE_NS, DEPTH_NS, SIDED_NS = range(4)
BID_ADDED, BID_REMOVED, ASK_ADDED, ASK_REMOVED, CHANGES = range(4, 9)
OFI = 9
TICK_RULE, LEE_READY, SIGNED, SIGNED_MID, TRADED_MID, COST = range(OFI + LEVELS, OFI + LEVELS + 6)
OF_A_BAR = COST + 1
BUYS, SELLS = OF_A_BAR, OF_A_BAR + 3
DECAYS = (1e8, 1e9, 1e10)  # ns, of buys and sells


class State(NamedTuple):
    """See the names above."""

    book: Any
    at: Any
    sums: Any


def empty_state() -> State:
    return State(np.zeros((4, LEVELS), np.int64), np.zeros(6, np.int64), np.zeros(SELLS + 3))


def blank(state: State) -> None:
    """The book is lost."""
    state.at[KNOWN] = 0


def of_tape(tape: TapeFrame, spec: int, state: State, made_of: int) -> FloatArray:
    """A row a column (see ``COLUMNS``) and a column a bar of ``spec``; ``state`` goes on. The bar's
    own columns alone where nothing is ``made_of`` more."""
    bars = tape.bars
    chosen = (bars.spec == spec) & (bars.revision == 0)
    own = columns_of(bars, chosen, tape.price_scale, tape.size_scale)
    if made_of == col.OF_BARS:
        return own
    out = np.full((len(col.COLUMNS), own.shape[1]), np.nan)
    out[: len(own)] = own
    looked_at = (chosen, bars.ts_close, bars.sell_volume, bars.trades)
    books = (tape.books.ts_event, *tape.books[3:])
    _fold(
        read_only(tape.kinds),
        tuple(map(read_only, books)),
        tuple(map(read_only, looked_at)),
        read_only_section(tape.prints),
        tape.levels,
        (10.0**tape.price_scale, 10.0**tape.size_scale),
        state,
        out,
    )
    return out


@kernel
def _fold(kinds, books, bars, prints, levels, units, state, out):  # type: ignore[no-untyped-def]
    chosen, ts_close, sold, trades = bars
    book_row = bar_row = print_row = count = 0
    for row in range(len(kinds)):
        if kinds[row] == BOOK:
            _see_book(books, book_row, levels, state)
            book_row += 1
        elif kinds[row] == PRINT:
            _see_trade(prints, print_row, state)
            print_row += 1
        elif kinds[row] == BAR:
            if chosen[bar_row]:
                now = ts_close[bar_row]
                out[col.SOLD, count] = sold[bar_row] / units[1]
                _weigh(state, now)
                _write_during(state, units, out[:, count])
                _write_book(state, min(levels, LEVELS), units, out[:, count])
                if state.at[TOLD] or not trades[bar_row]:
                    _write_trades(state, now, units, out[:, count])
                state.sums[:OF_A_BAR] = 0.0
                count += 1
            bar_row += 1


@inlined
def _two_sided(state):  # type: ignore[no-untyped-def]
    sizes = min(state.book[BID_SIZES, 0], state.book[ASK_SIZES, 0])
    return state.at[KNOWN] != 0 and sizes > 0


@inlined
def _top(book):  # type: ignore[no-untyped-def]
    """(spread, imbalance, depth) as above, sizes scaled."""
    twice = book[ASKS, 0] + book[BIDS, 0]
    spread = 2e4 * (book[ASKS, 0] - book[BIDS, 0]) / twice if twice > 0 else np.nan
    sizes = np.float64(book[BID_SIZES, 0] + book[ASK_SIZES, 0])
    return spread, (book[BID_SIZES, 0] - book[ASK_SIZES, 0]) / sizes, sizes / 2


@inlined
def _weigh(state, now):  # type: ignore[no-untyped-def]
    """The book as it stood counts up to ``now``."""
    at, sums = state.at, state.sums
    passed = now - at[WEIGHED]
    if passed > 0:
        if _two_sided(state):
            spread, imbalance, depth = _top(state.book)
            sums[SPREAD_NS] += spread * passed
            sums[IMBALANCE_NS] += imbalance * passed
            sums[DEPTH_NS] += depth * passed
            sums[SIDED_NS] += passed
        at[WEIGHED] = now


@kernel
def _see_book(books, row, levels, state):  # type: ignore[no-untyped-def]
    ts, bid_price, bid_size, ask_price, ask_size = books
    _weigh(state, ts[row])
    known, book, sums = state.at[KNOWN], state.book, state.sums
    for level in range(min(levels, LEVELS)):
        at = row * levels + level
        size = bid_size[at]
        price = bid_price[at] if size else -_FAR
        added, removed = _moved(book[BIDS, level] - price, book[BID_SIZES, level], size)
        book[BIDS, level], book[BID_SIZES, level] = price, size
        size = ask_size[at]
        price = ask_price[at] if size else _FAR
        came, went = _moved(price - book[ASKS, level], book[ASK_SIZES, level], size)
        book[ASKS, level], book[ASK_SIZES, level] = price, size
        if known:
            sums[OFI + level] += (added - removed) - (came - went)
            if level == 0:
                sums[BID_ADDED] += added
                sums[BID_REMOVED] += removed
                sums[ASK_ADDED] += came
                sums[ASK_REMOVED] += went
    sums[CHANGES] += known
    state.at[KNOWN] = 1


@inlined
def _moved(worse, before, size):  # type: ignore[no-untyped-def]
    """(added, removed) where a price became ``worse`` and its size was ``before``."""
    if worse < 0:
        return np.float64(size), 0.0
    if worse > 0:
        return 0.0, np.float64(before)
    return np.float64(max(size - before, 0)), np.float64(max(before - size, 0))


@kernel
def _see_trade(prints, row, state):  # type: ignore[no-untyped-def]
    book, at, sums = state.book, state.at, state.sums
    ts, price, size = prints.ts_event[row], prints.price[row], np.float64(prints.size[row])
    if at[TOLD] and price != at[PRICE]:
        at[SIGN] = 1 if price > at[PRICE] else -1
    at[PRICE], tick = price, at[SIGN]
    sign, side, quoted = tick, np.int64(prints.side[row]), _two_sided(state)
    if quoted:
        away = 2 * price - book[BIDS, 0] - book[ASKS, 0]
        sign = np.sign(away) if away != 0 else tick
    sums[TICK_RULE] += tick * size
    sums[LEE_READY] += sign * size
    side = side if side != 0 else sign
    if quoted:
        mid = (book[BIDS, 0] + book[ASKS, 0]) / 2.0
        sums[SIGNED] += side * size
        sums[SIGNED_MID] += side * size * mid
        sums[TRADED_MID] += size * mid
        sums[COST] += side * size * (price - mid)
    _excite(at, sums, ts, side)


@inlined
def _excite(at, sums, ts, side):  # type: ignore[no-untyped-def]
    passed = ts - at[LAST] if at[TOLD] else 0
    if passed > 0:
        for n in range(3):
            decayed = math.exp(-passed / DECAYS[n])
            sums[BUYS + n] *= decayed
            sums[SELLS + n] *= decayed
    if side != 0:
        for n in range(3):
            sums[(BUYS if side > 0 else SELLS) + n] += math.exp(min(passed, 0) / DECAYS[n])
    at[LAST] = max(at[LAST], ts) if at[TOLD] else ts
    at[TOLD] = 1


@kernel
def _write_during(state, units, out):  # type: ignore[no-untyped-def]
    sums, size = state.sums, units[1]
    if _two_sided(state):
        spread, imbalance, depth = _top(state.book)
        ns = sums[SIDED_NS]
        out[col.SPREAD] = sums[SPREAD_NS] / ns if ns > 0 else spread
        out[col.IMBALANCE] = sums[IMBALANCE_NS] / ns if ns > 0 else imbalance
        out[col.DEPTH] = (sums[DEPTH_NS] / ns if ns > 0 else depth) / size
    for n in range(4):
        out[col.BID_ADDED + n] = sums[BID_ADDED + n] / size
    out[col.CHANGES], out[col.BOOK_S] = sums[CHANGES], sums[SIDED_NS] / 1e9


@kernel
def _write_book(state, levels, units, out):  # type: ignore[no-untyped-def]
    book, (price, size) = state.book, units
    for n in range(levels):
        out[col.OFI + n] = state.sums[OFI + n] / size
        if state.at[KNOWN]:
            bids, asks = book[BID_SIZES, n], book[ASK_SIZES, n]
            out[col.BID_SIZE + n], out[col.ASK_SIZE + n] = bids / size, asks / size
            out[col.BID + n] = book[BIDS, n] / price if bids else np.nan
            out[col.ASK + n] = book[ASKS, n] / price if asks else np.nan


@kernel
def _write_trades(state, now, units, out):  # type: ignore[no-untyped-def]
    sums, (price, size) = state.sums, units
    for n in range(3):  # tick rule, Lee and Ready, signed
        out[col.TICK_RULE + n] = sums[TICK_RULE + n] / size
    for n in range(3):  # signed mid, traded mid, cost
        out[col.SIGNED_MID + n] = sums[SIGNED_MID + n] / (price * size)
    age = 0.0
    if state.at[TOLD]:
        out[col.LAST_TRADE] = state.at[LAST] / 1e9
        age = max(now - state.at[LAST], 0)
    for n in range(3):
        decayed = math.exp(-age / DECAYS[n])
        out[col.BUYS + n], out[col.SELLS + n] = sums[BUYS + n] * decayed, sums[SELLS + n] * decayed
