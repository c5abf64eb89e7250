"""Renko bars: bricks of one height, a row a brick.

The first brick starts at the first price, rounded down to whole bricks. A brick up is done by the
trade a brick above the top of the last one, a brick down by the trade a brick below its bottom:
so a reversal takes two bricks from the last close. A trade that goes through several makes a row
for each: the first has all that was traded since the brick before, the further ones nothing.

Open, high, low and close are the brick's own prices. Of more than MOST_BRICKS by one trade the
last are left out, and the next brick starts where they would have ended.
"""

from streams.kernels import kernel
from streams.operators.market.bars_state import (
    BOTTOM,
    CLOSE,
    HIGH,
    KNOWN,
    LOW,
    OPEN,
    TOP,
    TS_CLOSE,
    TS_OPEN,
    clear,
    write,
)

MOST_BRICKS = 10_000


@kernel
def scan(acc, brick, trades, row, stop):  # type: ignore[no-untyped-def]
    """(row behind the last trade that was looked at, whether it makes a brick)."""
    price = trades.price
    if not acc[KNOWN] and row < stop:
        acc[KNOWN] = 1
        acc[TOP] = acc[BOTTOM] = price[row] // brick * brick
    up, down = acc[TOP] + brick, acc[BOTTOM] - brick
    while row < stop:
        row += 1
        if price[row - 1] >= up or price[row - 1] <= down:
            return row, True
    return row, False


@kernel
def write_bricks(acc, spec, brick, price, out, at):  # type: ignore[no-untyped-def]
    """Writes all bricks up or down to ``price``; returns the next free row."""
    sign = 1 if price > acc[TOP] else -1
    start = acc[TOP] if sign > 0 else acc[BOTTOM]
    bricks, ts = abs(price - start) // brick, acc[TS_CLOSE]
    for n in range(min(bricks, MOST_BRICKS)):
        if n:
            clear(acc)
            acc[TS_OPEN], acc[TS_CLOSE] = ts, ts
        acc[OPEN] = start + sign * n * brick
        acc[CLOSE] = acc[OPEN] + sign * brick
        acc[HIGH], acc[LOW] = max(acc[OPEN], acc[CLOSE]), min(acc[OPEN], acc[CLOSE])
        write(acc, spec, out, at)
        at += 1
    end = start + sign * bricks * brick
    acc[TOP], acc[BOTTOM] = max(end, end - sign * brick), min(end, end - sign * brick)
    return at


@kernel
def most_bricks(acc, brick, price, row):  # type: ignore[no-untyped-def]
    """No fewer rows than the trades from ``row`` on can make."""
    rows = 0
    if row >= len(price):
        return rows
    last = acc[TOP] if acc[KNOWN] else price[row]
    for n in range(row, len(price)):
        rows += min(abs(price[n] - last) // brick + 1, MOST_BRICKS)
        last = price[n]
    return rows
