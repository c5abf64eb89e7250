"""Made markets of several instruments, for looking at strategies of groups: prices that come back
to each other, part and meet again, one that falls silent, books that cross, an outage.

Nothing can be learnt here of whether a strategy earns money.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from schemas.codec import Message
from schemas.enums import StatusKind
from schemas.frames import BOOK, Bars, Books, FeatureFrame, TapeFrame, Vectors
from schemas.records import Clock, Status
from streams.operators.strategies.groups.config import GroupConfig
from streams.operators.strategies.groups.kind import BOOKS

SECOND = 10**9
START = 1_700_000_000 * SECOND
_PRICE_SCALE, _SIZE_SCALE = 4, 6
_FRAME = 10  # rows
_SILENT = range(700, 760)  # rows that the second member does not show

FloatArray = npt.NDArray[np.float64]


def messages(group: GroupConfig, rows: int = 1500, seed: int = 1) -> list[Message]:
    """What the group's strategies read, of bars of a second or of books."""
    prices = paths(len(group.members), rows, seed)
    if group.config.kind.of == BOOKS:
        return _books(group, prices, seed)
    return _vectors(group, prices, seed)


def paths(members: int, rows: int, seed: int) -> FloatArray:
    """One walk that all follow, each with a part of its own that comes back, faster and slower."""
    rng = np.random.default_rng(seed)
    market = rng.normal(0, 2e-4, rows).cumsum()
    own, pull = np.zeros((rows, members)), rng.uniform(0.05, 0.3, members)
    for row in range(1, rows):
        own[row] = own[row - 1] * (1 - pull) + rng.normal(0, 4e-4, members)
    found: FloatArray = 100 * np.exp(market[:, None] * rng.uniform(0.8, 1.2, members) + own)
    return found


def vectors(group: GroupConfig, member: int, ts: Sequence[int], mids: FloatArray) -> FeatureFrame:
    """A frame of one member; its features are a number each, of the mid and the time."""
    names = tuple(dict.fromkeys(group.config.columns.values()))
    scaled = np.round(mids * 10**_PRICE_SCALE).astype(np.int64)
    times = np.array(ts, np.int64)
    values = np.column_stack([np.sin(mids + n) for n in range(len(names))] or [np.empty((0, 0))])
    return FeatureFrame(
        group.members[member],
        *(_PRICE_SCALE, _SIZE_SCALE),
        "made@1",
        names,
        Vectors(times, scaled - 50, scaled + 50, values.ravel()),
        group.group,
    )


def _vectors(group: GroupConfig, prices: FloatArray, seed: int) -> list[Message]:
    rng = np.random.default_rng([seed, 2])
    made: list[Message] = []
    for first in range(0, len(prices), _FRAME):
        rows = range(first, min(first + _FRAME, len(prices)))
        for member in rng.permutation(len(group.members)).tolist():
            shown = [row for row in rows if member != 1 or row not in _SILENT]
            if shown:
                ts = [START + row * SECOND for row in shown]
                made.append(vectors(group, member, ts, prices[shown, member]))
        made.append(Clock(group.group, START + rows[-1] * SECOND))
    return made


def book(
    group: GroupConfig, member: int, ts: Sequence[int], bids: FloatArray, asks: FloatArray
) -> TapeFrame:
    """Rows of (price, size) a level: ``bids`` and ``asks`` are (rows, levels, 2), in units."""
    rows, levels = bids.shape[:2]
    unit = np.array([10.0**_PRICE_SCALE, 10.0**_SIZE_SCALE])
    scaled = [np.round(side * unit).astype(np.int64) for side in (bids, asks)]
    times = np.array(ts, np.int64)
    columns = [side[:, :, n].ravel() for side in scaled for n in (0, 1)]
    none = Bars(*(np.empty(0, np.int64) for _ in Bars._fields))
    return TapeFrame(
        group.members[member],
        *(_PRICE_SCALE, _SIZE_SCALE, levels),
        (),
        np.full(rows, BOOK, np.uint8),
        Books(times, times, np.arange(rows), *columns),
        none,
        basket=group.group,
    )


def _books(group: GroupConfig, prices: FloatArray, seed: int) -> list[Message]:
    """Three members are taken for a triangle whose last one is the rate of the first two."""
    rng = np.random.default_rng([seed, 3])
    if len(group.members) == 3 and group.config.kind.members == (3, 3):
        rate = prices[:, 1] / prices[:, 0] * (1 + rng.normal(0, 1e-3, len(prices)))
        prices = np.column_stack([prices[:, :2], rate])
    made: list[Message] = []
    for first in range(0, len(prices), _FRAME):
        rows = range(first, min(first + _FRAME, len(prices)))
        ts = [START + row * SECOND // 5 for row in rows]
        for member in rng.permutation(len(group.members)).tolist():
            made.append(_book(group, member, ts, prices[list(rows), member], rng))
        made.append(Clock(group.group, ts[-1]))
        if first == 40 * _FRAME:
            name = group.members[0]
            made.append(Status(name, ts[-1], ts[-1], StatusKind.DISCONNECTED, "made"))
    return made


def _book(
    group: GroupConfig, member: int, ts: list[int], mids: FloatArray, rng: np.random.Generator
) -> TapeFrame:
    away = mids[:, None] * np.array([2e-5, 4e-5, 6e-5])
    sizes = rng.integers(1, 5, (2, len(ts), 3)).astype(float)
    bids, asks = mids[:, None] - away, mids[:, None] + away
    sides = [np.stack([price, size], 2) for price, size in zip((bids, asks), sizes, strict=True)]
    return book(group, member, ts, *sides)
