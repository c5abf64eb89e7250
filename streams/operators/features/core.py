"""The feature set ``core``: computed at each bar of one spec, from that bar, those before it and
the book as it stood when the bar closed.

| name | unit | definition |
| --- | --- | --- |
| ret_1, ret_10 | log return | ln(close / close n bars before) |
| vol | log return | sqrt(sum of squared one-bar log returns over the window): realised volatility |
| ema_fast, ema_slow | price | e += 2 / (n + 1) (close - e), seeded with the first close |
| ema_spread | ratio | (ema_fast - ema_slow) / ema_slow |
| rsi | 0 … 100 | Wilder, *New Concepts in Technical Trading Systems*; 100 without losses |
| imbalance | -1 … 1 | (bid size - ask size) / (bid size + ask size) at the best prices |
| imbalance_n | -1 … 1 | the same over all levels on the tape |
| spread | basis points | (ask - bid) / mid × 10 000 |
| flow | -1 … 1 | (bought - sold by aggressors) / volume of the bar |
| flow_10 | -1 … 1 | the same over ten bars |

NaN while a feature warms up or the book shows no two sides.
"""

from typing import Any, NamedTuple

import numpy as np

from schemas.frames import BAR, BOOK
from streams.kernels import kernel

NAMES = (
    "ret_1",
    "ret_10",
    "vol",
    "ema_fast",
    "ema_slow",
    "ema_spread",
    "rsi",
    "imbalance",
    "imbalance_n",
    "spread",
    "flow",
    "flow_10",
)
INPUTS = tuple(name for name in NAMES if name not in ("ema_fast", "ema_slow"))

LAG = 10
# float state: scalars first, then the ring of returns
FAST, SLOW, GAIN, LOSS = range(4)
# ring columns
CLOSE, RETURN, SIGNED, VOLUME = range(4)
# book columns
BID, ASK, BID_SIZE, ASK_SIZE, BIDS, ASKS = range(6)


class State(NamedTuple):
    """``scalars``: EMAs and Wilder averages; ``ring``: (bars, 4) of the last bars; ``bars``: how
    many were seen; ``book``: the last top and depth."""

    scalars: Any
    ring: Any
    bars: Any
    book: Any


def empty_state(window: int) -> State:
    return State(
        np.zeros(4),
        np.zeros((max(window, LAG) + 1, 4)),
        np.zeros(1, np.int64),
        np.zeros(6, np.int64),
    )


@kernel
def fold(  # type: ignore[no-untyped-def]
    kinds, books, bars, levels, spec, unit, state, periods, marks, values
):
    """Folds a tape frame; ``unit`` is 10**price_scale, ``books`` and ``bars`` are the columns that
    are looked at. For each bar of ``spec`` goes (ts, bid, ask, tape row) to a column of ``marks``
    and the features to a row of ``values``. Returns how many."""
    specs, revision, ts_close = bars[0], bars[1], bars[2]
    book_rows = bar_row = count = 0
    for row in range(len(kinds)):
        if kinds[row] == BOOK:
            book_rows += 1
        if kinds[row] != BAR:
            continue
        if specs[bar_row] == spec and revision[bar_row] == 0:
            if book_rows:
                _see_book(books, book_rows - 1, levels, state.book)
            _add_bar(bars, bar_row, unit, state, periods)
            _vector(state, periods, values[count])
            marks[0, count] = ts_close[bar_row]
            marks[1, count], marks[2, count] = state.book[BID], state.book[ASK]
            marks[3, count] = row
            count += 1
        bar_row += 1
    if book_rows:
        _see_book(books, book_rows - 1, levels, state.book)
    return count


@kernel
def _see_book(books, row, levels, book):  # type: ignore[no-untyped-def]
    """What a bar sees is the last row before it; those before that row say nothing more."""
    bid_price, bid_size, ask_price, ask_size = books
    first = row * levels
    book[BID], book[ASK] = bid_price[first], ask_price[first]
    book[BID_SIZE], book[ASK_SIZE] = bid_size[first], ask_size[first]
    bids = asks = 0
    for level in range(first, first + levels):
        bids += bid_size[level]
        asks += ask_size[level]
    book[BIDS], book[ASKS] = bids, asks


@kernel
def _add_bar(bars, row, unit, state, periods):  # type: ignore[no-untyped-def]
    fast, slow, rsi, _ = periods
    s, ring, n = state.scalars, state.ring, state.bars[0]
    _, _, _, closes, volume, bought = bars
    close = closes[row] / unit
    at = n % len(ring)
    last = ring[(n - 1) % len(ring), CLOSE]
    ring[at, CLOSE] = close
    ring[at, RETURN] = np.log(close / last) if n and last > 0 and close > 0 else 0.0
    ring[at, VOLUME] = volume[row]
    ring[at, SIGNED] = 2.0 * bought[row] - volume[row]
    if n == 0:
        s[FAST] = s[SLOW] = close
    else:
        s[FAST] += 2.0 / (fast + 1) * (close - s[FAST])
        s[SLOW] += 2.0 / (slow + 1) * (close - s[SLOW])
        weight = 1.0 / min(n, rsi)  # a plain mean at first, then Wilder's smoothing
        s[GAIN] += weight * (max(close - last, 0.0) - s[GAIN])
        s[LOSS] += weight * (max(last - close, 0.0) - s[LOSS])
    state.bars[0] = n + 1


@kernel
def _vector(state, periods, v):  # type: ignore[no-untyped-def]
    _, slow, rsi, window = periods
    s, ring, n, book = state.scalars, state.ring, state.bars[0], state.book
    size = len(ring)
    v[:] = np.nan
    if n > 1:
        v[0] = ring[(n - 1) % size, RETURN]
    if n > LAG:
        then = ring[(n - 1 - LAG) % size, CLOSE]
        v[1] = np.log(ring[(n - 1) % size, CLOSE] / then) if then > 0 else np.nan
    if n > window:
        total = 0.0
        for k in range(window):
            total += ring[(n - 1 - k) % size, RETURN] ** 2
        v[2] = np.sqrt(total)
    if n >= slow:
        v[3], v[4] = s[FAST], s[SLOW]
        v[5] = (s[FAST] - s[SLOW]) / s[SLOW]
    if n > rsi:
        v[6] = 100.0 - 100.0 / (1.0 + s[GAIN] / s[LOSS]) if s[LOSS] > 0 else 100.0
    if book[BID_SIZE] > 0 and book[ASK_SIZE] > 0:
        v[7] = _balance(book[BID_SIZE], book[ASK_SIZE])
        v[8] = _balance(book[BIDS], book[ASKS])
        v[9] = 2e4 * (book[ASK] - book[BID]) / (book[ASK] + book[BID])
    v[10] = _flow(ring, n, 1)
    if n >= LAG:
        v[11] = _flow(ring, n, LAG)


@kernel
def _balance(a, b):  # type: ignore[no-untyped-def]
    return (a - b) / (a + b)


@kernel
def _flow(ring, n, bars):  # type: ignore[no-untyped-def]
    signed = volume = 0.0
    for k in range(bars):
        at = (n - 1 - k) % len(ring)
        signed += ring[at, SIGNED]
        volume += ring[at, VOLUME]
    return signed / volume if volume > 0 else 0.0
