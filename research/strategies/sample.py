"""A made market for looking at strategies: trends, ranges, a crash, a standstill, an outage, and
somebody whose trades are disclosed.

Bars and books are drawn from a seed and folded by the very ``Features``, so a strategy sees what it
would see of a real market that behaved so. Nothing can be learnt here of whether it earns money.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from schemas.codec import Message
from schemas.enums import DisclosedAction, Side, StatusKind
from schemas.frames import BAR, BOOK, PRINT, Bars, Books, Prints, TapeFrame
from schemas.records import Clock, Disclosure, Status
from streams.operators.features.features import Features, FeaturesConfig

SECOND = 10**9
START = 1_700_000_000 * SECOND
INSTRUMENT = "SAMPLE:UP-DOWN"
FOLLOWED = "Renaissance"
_PRICE_SCALE, _SIZE_SCALE = 4, 6
# (bars, drift a bar, deviation a bar) of log returns
_REGIMES = (
    *((150, 0.0, 2e-4), (120, 4e-4, 3e-4), (100, 0.0, 5e-4), (60, -2e-3, 1e-3)),
    *((150, 1e-4, 2e-4), (40, 0.0, 0.0), (150, -3e-4, 3e-4), (130, 5e-4, 8e-4)),
)


def vectors(config: FeaturesConfig, seed: int = 1, repeats: int = 1) -> list[Message]:
    """What strategies read: a frame of up to ten vectors, a clock record after each, an outage."""
    features, made = Features(config), tape(config.bar, seed, repeats, bool(config.watched))
    return [o.message for m in made for o in features.apply(m)]


def tape(spec: str, seed: int, repeats: int, between: bool = False) -> Iterator[Message]:
    """Bars of one second, whatever ``spec`` says of them; ``between`` them more of the book, and
    trades."""
    closes = prices(seed, repeats)
    for n, first in enumerate(range(0, len(closes) - 10, 10)):
        frame = _frame(spec, closes, first, seed)
        yield _filled(frame, closes, first) if between else frame
        now = START + (first + 10) * SECOND
        yield Clock(INSTRUMENT, now)
        if n % 5 == 2:
            yield _disclosed(n // 5, now)
        if n == 40:
            yield Status(INSTRUMENT, now, now, StatusKind.DISCONNECTED, "made")


def _disclosed(number: int, now: int) -> Disclosure:
    """Somebody opens a position and gives it up again, by turns long and short."""
    action = DisclosedAction.SOLD if number % 2 else DisclosedAction.NEW
    side = Side.SELL if number % 4 > 1 else Side.BUY
    hour = 3600 * SECOND
    return Disclosure(INSTRUMENT, FOLLOWED, now, now - hour, action, side, 0.05, math.nan)


def prices(seed: int, repeats: int) -> list[int]:
    """Closes, scaled; each regime has a wave of some bars in it."""
    rng = np.random.default_rng(seed)
    steps = [
        rng.normal(drift, deviation, bars) + deviation * np.sin(np.arange(bars) / 4)
        for bars, drift, deviation in _REGIMES * repeats
    ]
    path = 100 * np.exp(np.concatenate([[0.0], *steps]).cumsum())
    return [int(p) for p in np.round(path * 10**_PRICE_SCALE)]


def _frame(spec: str, closes: list[int], first: int, seed: int) -> TapeFrame:
    rows = np.arange(first, first + 10)
    rng = np.random.default_rng([seed, first])
    before, close = (np.array(closes)[np.maximum(at, 0)] for at in (rows - 1, rows))
    wick = rng.integers(0, 400, (2, 10))
    volume = rng.integers(1, 5, 10) * 10**_SIZE_SCALE
    bought = (volume * rng.uniform(0.2, 0.8, 10)).astype(np.int64)
    ends, ones = START + (rows + 1) * SECOND, np.ones(10, np.int64)
    books = Books(
        *(ends - 1, ends - 1, rows + 1, close - 50, ones * 3 * 10**_SIZE_SCALE),
        *(close + 50, rng.integers(1, 6, 10) * 10**_SIZE_SCALE),
    )
    bars = Bars(
        *(np.zeros(10, np.uint8), ends - SECOND, ends, before),
        *(np.maximum(before, close) + wick[0], np.minimum(before, close) - wick[1], close),
        *(volume, bought, volume - bought, np.zeros(10, np.int64)),
        *((close * volume).astype(np.uint64), ones * 7, np.zeros(10, np.int32), ones * 0),
    )
    kinds = np.tile(np.array([BOOK, BAR], np.uint8), 10)
    return TapeFrame(INSTRUMENT, _PRICE_SCALE, _SIZE_SCALE, 1, (spec,), kinds, books, bars)


def _filled(frame: TapeFrame, closes: list[int], first: int) -> TapeFrame:
    """With what came within each bar: the book half way to its close, and an order that trades at
    the best price and a little beyond."""
    before, after = (np.array(closes)[max(at, 0) :][:10] for at in (first - 1, first))
    mids, books = (before + after) // 2, frame.books
    ts, beyond = books.ts_event - SECOND // 2, 10 * (np.arange(first, first + 10) % 7)
    middle = Books(ts, ts, books.seq, mids - 50, books.bid_size, mids + 50, books.ask_size)
    pairs = (np.stack(pair, axis=1).ravel() for pair in zip(middle, books, strict=True))
    prices = np.stack([mids + 50, mids + 50 + beyond], axis=1).ravel()
    prints = Prints(
        np.repeat(ts + SECOND // 4, 2), prices, np.full(20, 10**_SIZE_SCALE), np.ones(20, np.int8)
    )
    kinds = np.tile(np.array([BOOK, PRINT, PRINT, BOOK, BAR], np.uint8), 10)
    return replace(frame, kinds=kinds, books=Books(*pairs), prints=prints)
