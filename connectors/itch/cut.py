"""Changes of a stretch of messages → one instrument's frame after the other."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from connectors.itch.changes import ACTION, ID, KIND, LOCATE, MESSAGE, PRICE, SIDE, SIZE, STATUS
from connectors.itch.messages import Messages
from schemas.frames import ORDER, TRADE, Depth, MarketFrame, Orders, Quotes, Trades

PRICE_SCALE, SIZE_SCALE = 4, 0
_NO_QUOTES = Quotes._make(np.empty(0, np.int64) for _ in Quotes._fields)
_NO_DEPTH = Depth._make(
    np.empty(0, t) for t in ("i8", "i8", "i8", "i8", "u1", "i4", "i4", "i8", "i8")
)


def by_instrument(changes: Any) -> Any:
    """Sorted by locate, otherwise in the order in which they came."""
    locates = changes[:, LOCATE].astype(np.uint16)
    return changes[np.argsort(locates, kind="stable")]  # of two bytes: a radix sort


def runs(changes: Any) -> Iterator[tuple[int, int, int, int, int]]:
    """Stretches of one locate, a status by itself: start, stop, and the kind, locate and message
    that a stretch begins with."""
    if len(changes):
        locates, alone = changes[:, LOCATE], changes[:, KIND] == STATUS
        new = (locates[1:] != locates[:-1]) | alone[1:] | alone[:-1]
        starts = np.concatenate(([0], np.flatnonzero(new) + 1))
        stops = [*starts[1:].tolist(), len(changes)]
        firsts = changes[starts][:, [KIND, LOCATE, MESSAGE]].T.tolist()
        yield from zip(starts.tolist(), stops, *firsts, strict=True)


class Sorted:
    """Changes sorted by instrument, as columns; those of a frame are views of them."""

    def __init__(self, changes: Any, messages: Messages, date_ns: int) -> None:
        self._kinds = changes[:, KIND].astype(np.uint8)
        is_order, is_trade = self._kinds == ORDER, self._kinds == TRADE
        self._orders_before, self._trades_before = _before(is_order), _before(is_trade)
        of, side, id_, price, size, action = _columns(changes[is_order])
        ts = date_ns + messages.ts[of]
        self._orders = Orders(ts, ts, messages.seq[of], action, side, id_, price, size)
        of, side, id_, price, size, _ = _columns(changes[is_trade])
        ts = date_ns + messages.ts[of]
        self._trades = Trades(ts, ts, id_, price, size, side)

    def frame(self, name: str, start: int, stop: int) -> MarketFrame:
        orders = slice(self._orders_before[start], self._orders_before[stop])
        trades = slice(self._trades_before[start], self._trades_before[stop])
        return MarketFrame(
            name,
            PRICE_SCALE,
            SIZE_SCALE,
            self._kinds[start:stop],
            Trades._make([column[trades] for column in self._trades]),
            _NO_QUOTES,
            _NO_DEPTH,
            Orders._make([column[orders] for column in self._orders]),
        )


def _before(chosen: Any) -> list[int]:
    """How many are chosen before each row, and in all."""
    return [0, *np.cumsum(chosen).tolist()]


def _columns(changes: Any) -> tuple[Any, ...]:
    side, action = changes[:, SIDE].astype(np.int8), changes[:, ACTION].astype(np.uint8)
    of, id_, price, size = changes[:, [MESSAGE, ID, PRICE, SIZE]].T.copy()
    return of, side, id_, price, size, action
