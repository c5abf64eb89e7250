"""A book over time as a heat map: price up, time right, colour by the size displayed, trades as
marks. An SVG with a small PNG inside, for light and dark."""

import base64
import math
import struct
import zlib
from itertools import pairwise
from typing import NamedTuple

from console.report.charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Axis,
    clock,
    empty,
    grid,
    marker,
    svg,
)

_MOST_ROWS = 160  # price bins
_BID, _ASK = (42, 157, 143), (231, 111, 81)
_MOST_MARKS = 400

Levels = list[tuple[float, float]]


class Column(NamedTuple):
    """The book from ``at`` (seconds) on: (price, size), best first."""

    at: float
    bids: Levels
    asks: Levels


def heat_map(columns: list[Column], trades: list[tuple[float, float, float, str]]) -> str:
    """``trades``: (seconds, price, size, "buy" or "sell"); the largest are drawn."""
    columns = [column for column in columns if column.bids and column.asks]
    if len(columns) < 2:
        return empty("not enough of a book yet")
    low, high = _prices(columns)
    xs = Axis(columns[0].at, columns[-1].at, LEFT, WIDTH - RIGHT)
    ys = Axis(low, high, HEIGHT - BOTTOM, TOP)
    bins = min(_MOST_ROWS, max(round((high - low) / _tick(columns)), 1))
    image = base64.b64encode(_png(_pixels(columns, low, high, bins))).decode()
    place = f'x="{LEFT}" y="{TOP}" width="{WIDTH - RIGHT - LEFT}" height="{HEIGHT - BOTTOM - TOP}"'
    picture = (
        f'<image {place} preserveAspectRatio="none" style="image-rendering:pixelated" '
        f'href="data:image/png;base64,{image}"/>'
    )
    largest = sorted(trades, key=lambda trade: -trade[2])[:_MOST_MARKS]
    marks = [
        marker(xs(at), ys(price), side)
        for at, price, _, side in largest
        if xs.low <= at <= xs.high and low <= price <= high
    ]
    return svg(grid(xs, ys, clock(xs.high - xs.low)) + picture + "".join(marks))


def _prices(columns: list[Column]) -> tuple[float, float]:
    """The touch over time, and around it what is within most columns' view; whole ticks."""
    bids = [column.bids[0][0] for column in columns]
    asks = [column.asks[0][0] for column in columns]
    reach = sorted(c.asks[-1][0] - c.bids[-1][0] for c in columns)[len(columns) // 2] / 2
    margin = min(reach, max((max(asks) - min(bids)) * 0.5, 12 * _spread(columns)))
    half = _tick(columns) / 2
    return min(bids) - margin - half, max(asks) + margin + half


def _tick(columns: list[Column]) -> float:
    """The smallest distance between two levels of a column in the middle."""
    column = columns[len(columns) // 2]
    prices = sorted(price for price, _ in [*column.bids, *column.asks])
    return min(b - a for a, b in pairwise(prices))


def _spread(columns: list[Column]) -> float:
    return sorted(c.asks[0][0] - c.bids[0][0] for c in columns)[len(columns) // 2]


def _pixels(columns: list[Column], low: float, high: float, bins: int) -> list[bytearray]:
    """RGBA rows, the highest price first; the opacity grows with the logarithm of the size."""
    binned = [[_binned(side, low, high, bins) for side in (c.bids, c.asks)] for c in columns]
    sizes = sorted(size for pair in binned for side in pair for size in side.values())
    if not sizes:
        return [bytearray(4 * len(columns)) for _ in range(bins)]
    least, most = sizes[len(sizes) // 20], sizes[-1 - len(sizes) // 200]
    span = math.log(most / least) or 1.0
    rows = [bytearray(4 * len(columns)) for _ in range(bins)]
    for x, pair in enumerate(binned):
        for colour, side in zip((_BID, _ASK), pair, strict=True):
            for y, size in side.items():
                share = min(max(math.log(size / least) / span, 0.0), 1.0)
                rows[bins - 1 - y][4 * x : 4 * x + 4] = bytes((*colour, int(40 + 215 * share)))
    return rows


def _binned(levels: Levels, low: float, high: float, bins: int) -> dict[int, float]:
    found: dict[int, float] = {}
    for price, size in levels:
        if low <= price < high:
            at = int((price - low) / (high - low) * bins)
            found[at] = found.get(at, 0.0) + size
    return found


def _png(rows: list[bytearray]) -> bytes:
    """Eight bits RGBA, no filter (PNG specification, third edition)."""
    header = struct.pack(">IIBBBBB", len(rows[0]) // 4, len(rows), 8, 6, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
