"""LOBSTER files → events: NASDAQ's order messages of one stock and day, as researchers get them.

The format is "LOBSTER output structure" (lobsterdata.com/info/DataStructure.php): a row of the
message file is time (seconds after New York's midnight), type, order id, size, price × 10000 and
direction (that of the resting order); newer files add the participant. A row of the orderbook file
is the book after the message of the same row: ask price, ask size, bid price, bid size, level by
level. An instrument is NASDAQ:SYMBOL, prices have four decimals, sizes none. There are no receive
times (``ts_recv`` is ``ts_event``) and no sequence or match numbers: the row's number stands in.

Orphans: a file begins at 9:30 or later, and LOBSTER gives no ids of orders that rest by then. The
first that is heard of them is a cancellation or an execution of an order that nobody added; such
events go on as they are, and the book counts them as unknown. The same comes of files cut to a
number of levels: an order may have been added outside of what the file covers.
"""

import re
from datetime import date

from connectors.decimals import scaled
from connectors.events import DepthEvent, Event, Instrument, OrderEvent, Rejected, TradeEvent
from connectors.itch.hidden import side_is_told
from schemas.enums import StatusKind
from schemas.frames import ADD, CANCEL, EXECUTE
from schemas.records import Status

_SUBMITTED, _SHRUNK, _DELETED, _EXECUTED, _HIDDEN, _CROSS, _HALT = range(1, 8)
_ACTIONS = {_SUBMITTED: ADD, _SHRUNK: CANCEL, _DELETED: CANCEL, _EXECUTED: EXECUTE}
_STATES = {
    -1: (StatusKind.HALTED, "trading is halted"),
    0: (StatusKind.AUCTION, "quoting resumes"),
    1: (StatusKind.TRADING, "trading resumes"),
}
_NO_ASK, _NO_BID = 9_999_999_999, -9_999_999_999  # prices of levels that are not there
_DAY_NS = 86_400 * 10**9
_LARGEST = 10**17  # what a frame may hold
_NAME = re.compile(
    r"([^\s_/\\]+)_(\d{4}-\d\d-\d\d)_\d+_\d+_(?:message|orderbook)_\d+\.csv", re.ASCII
)


def parse_name(name: str) -> tuple[str, date] | None:
    """Symbol and day of a message or orderbook file; None when it is not named like one."""
    match = _NAME.fullmatch(name)
    try:
        return (match[1], date.fromisoformat(match[2])) if match else None
    except ValueError:
        return None


class LobsterReader:
    """``date_ns`` is the trading day's midnight in New York, in ns UTC."""

    def __init__(self, symbol: str, date_ns: int) -> None:
        self._instrument = Instrument(f"NASDAQ:{symbol}", 4, 0)
        self._date_ns = date_ns
        self._hidden_sides = side_is_told(date_ns)
        self._rows = 0
        self._at = date_ns  # time of the last message

    def read(self, row: bytes) -> list[Event | Rejected]:
        """A row of the message file."""
        self._rows += 1
        try:
            return list(self._events(row.decode("ascii").strip().split(",")))
        except ValueError as error:
            return [Rejected(f"row {self._rows}: {error}", row)]

    def book_row(self, row: bytes, levels: int) -> DepthEvent | Rejected:
        """A row of the orderbook file, once the message of that row has been read: the book after
        it, so it stands in its place."""
        try:
            values = [_integer(text) for text in row.decode("ascii").strip().split(",")]
            if len(values) != 4 * levels:
                raise ValueError(f"{len(values)} columns where {levels} levels have {4 * levels}")
            asks, bids = _side(values[0::4], values[1::4]), _side(values[2::4], values[3::4])
        except ValueError as error:
            return Rejected(f"orderbook: {error}", row)
        at = self._at
        return DepthEvent(self._instrument, at, at, self._rows, 0, True, bids, asks)

    def _events(self, fields: list[str]) -> list[Event]:
        if len(fields) not in (6, 7):
            raise ValueError(f"{len(fields)} columns where a message has 6")
        time = scaled(fields[0], 9)
        if not 0 <= time < _DAY_NS:
            raise ValueError(f"time {fields[0]!r} is not within a day")
        kind, order_id, size, price, direction = (_integer(text) for text in fields[1:6])
        at = self._date_ns + time
        if kind == _HALT:
            events: list[Event] = [self._status(at, price)]
        elif kind == _CROSS:
            events = [self._trade(at, price, size, 0)] if size else []
        else:
            events = self._of_order(at, kind, order_id, size, price, direction)
        self._at = at
        return events

    def _of_order(
        self, at: int, kind: int, order_id: int, size: int, price: int, direction: int
    ) -> list[Event]:
        if direction not in (-1, 1):
            raise ValueError(f"direction {direction} is neither 1 nor -1")
        if kind == _HIDDEN:
            return [self._trade(at, price, size, -direction if self._hidden_sides else 0)]
        if kind not in _ACTIONS:
            raise ValueError(f"type {kind} is unknown")
        _positive(price, size)
        order = (self._instrument, at, at, self._rows, _ACTIONS[kind], direction)
        events: list[Event] = [OrderEvent(*order, order_id, price, size)]
        if kind == _EXECUTED:
            events.append(self._trade(at, price, size, -direction))
        return events

    def _trade(self, at: int, price: int, size: int, side: int) -> TradeEvent:
        _positive(price, size)
        return TradeEvent(self._instrument, at, at, self._rows, price, size, side)

    def _status(self, at: int, price: int) -> Status:
        if price not in _STATES:
            raise ValueError(f"trading halt indicator {price} is unknown")
        kind, detail = _STATES[price]
        return Status(self._instrument.name, at, at, kind, detail)


def _side(prices: list[int], sizes: list[int]) -> list[tuple[int, int]]:
    """Best first, without the levels that are not there."""
    levels = [level for level in zip(prices, sizes, strict=True) if _is_there(*level)]
    for price, size in levels:
        _positive(price, size)
    return levels


def _is_there(price: int, size: int) -> bool:
    return size != 0 and price not in (_NO_ASK, _NO_BID)


def _integer(text: str) -> int:
    value = scaled(text, 0)
    if abs(value) > _LARGEST:
        raise ValueError(f"{text!r} is implausibly large")
    return value


def _positive(price: int, size: int) -> None:
    if price <= 0 or size <= 0:
        raise ValueError(f"price {price} and size {size} are not positive")
