"""A NASDAQ TotalView-ITCH 5.0 file → market frames, statuses and what could not be read.

Pure: stretches of the file in, messages out; where it is cut makes no difference to what an
instrument's frames hold in sequence. An instrument is NASDAQ:SYMBOL, as the stock directory at the
file's beginning says it; prices have four decimals, sizes none. A file has no receive times:
``ts_recv`` is ``ts_event``. ``seq`` is the number of the message in the file, from 1: in NASDAQ's
own files that is the feed's sequence number.

What is not carried over: broken trades (B), imbalances (I) and whatever else is not about an order,
a trade or a trading state.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from connectors.events import Rejected
from connectors.itch import messages as ms
from connectors.itch.changes import STATUS, empty_changes, follow
from connectors.itch.cut import Sorted, by_instrument, runs
from connectors.itch.hidden import side_is_told
from connectors.itch.live_orders import no_orders, with_room
from schemas.enums import StatusKind
from schemas.frames import MarketFrame
from schemas.records import Status

VENUE = "NASDAQ"
_ROWS = 1 << 20  # messages parsed at a time
_SHOWN = 4096  # bytes of a damaged stretch that go to the dead letters

_STATES = {
    "T": (StatusKind.TRADING, "trading"),
    "H": (StatusKind.HALTED, "halted in all US markets"),
    "P": (StatusKind.HALTED, "paused in all US markets"),
    "Q": (StatusKind.AUCTION, "quotation only"),
}
_END_OF_SYSTEM_HOURS = ord("E")
_RARE = np.zeros(256, np.bool_)  # what is looked at row by row, in Python
_RARE[[ms.SYSTEM, ms.DIRECTORY, ms.BAD_LENGTH, ms.BAD_VALUE]] = True
_PROBLEMS = {
    ms.BAD_LENGTH: "a length that is 0, or not that of the message's kind",
    ms.BAD_VALUE: "a side, size, price or time that no such message has",
}

Told: TypeAlias = MarketFrame | Status | Rejected


class ItchReader:
    """``date_ns`` is the trading day's midnight in New York, in ns UTC. ``read`` takes the file a
    block after the other and must be read to its end each time; a block of many MB makes fewer and
    longer frames. ``end`` says what the file's end cut off."""

    def __init__(self, date_ns: int, rows: int = _ROWS) -> None:
        self._date_ns = date_ns
        self._messages = ms.empty_messages(rows)
        self._changes = empty_changes(rows)
        self._live = no_orders()
        self._names: dict[int, str] = {}
        self._rest = b""
        self._seq = 0

    def read(self, block: bytes) -> Iterator[Told]:
        """One frame an instrument (of up to 2**20 messages), and one more after each of its
        statuses; then what could not be read."""
        data = self._rest + block
        left, rows = np.frombuffer(data, np.uint8), len(self._messages.kind)
        while rows == len(self._messages.kind):
            rows, used, self._seq = ms.parse(left, self._seq, self._messages)
            yield from self._tell(left, rows)
            left = left[used:]
        self._rest = left.tobytes()

    def end(self) -> Iterator[Rejected]:
        rest, self._rest = self._rest, b""
        if rest:
            problem = f"the file ends inside message {self._seq + 1}, {len(rest)} bytes of it"
            yield Rejected(problem, rest[:_SHOWN])

    def _tell(self, block: Any, rows: int) -> Iterator[Told]:
        m = self._messages
        rare = np.flatnonzero(_RARE[m.kind[:rows]]).tolist()
        yield from self._learn(block, [i for i in rare if m.kind[i] == ms.DIRECTORY])
        self._live = with_room(self._live, rows)
        n = follow(m, rows, self._live, side_is_told(self._date_ns), self._changes)
        yield from self._by_instrument(block, n)
        for i in rare:
            if m.kind[i] == ms.SYSTEM:
                yield from self._system(i, int(block[m.at[i] + 13]))
            elif problem := _PROBLEMS.get(int(m.kind[i])):
                size = int(m.size[i])
                error = f"message {m.seq[i]}: {problem} ({size} bytes)"
                yield Rejected(error, _bytes(block, int(m.at[i]), size))

    def _learn(self, block: Any, rows: list[int]) -> Iterator[Rejected]:
        """The stock directory: which symbol a locate code stands for."""
        for i in rows:
            raw = self._raw(block, i)
            symbol = raw[13:21].rstrip(b" ")
            if symbol and all(33 <= byte <= 126 for byte in symbol):
                self._names[int(self._messages.locate[i])] = f"{VENUE}:{symbol.decode()}"
            else:
                error = f"message {self._messages.seq[i]}: {symbol!r} is not a symbol"
                yield Rejected(error, raw)

    def _system(self, i: int, event: int) -> Iterator[Status]:
        """System events belong to all: at the last one that matters NASDAQ takes no more orders."""
        if event == _END_OF_SYSTEM_HOURS:
            ts = self._date_ns + int(self._messages.ts[i])
            for name in self._names.values():
                yield Status(name, ts, ts, StatusKind.CLOSED, "end of system hours")

    def _by_instrument(self, block: Any, n: int) -> Iterator[Told]:
        """The changes of each instrument in a row; a status parts those before it from those
        after it."""
        changes = by_instrument(self._changes[:n])
        columns = Sorted(changes, self._messages, self._date_ns)
        for start, stop, kind, locate, message in runs(changes):
            name = self._names.get(locate)
            if name is None:
                error = f"locate {locate} is not in the stock directory ({stop - start} changes)"
                yield Rejected(error, self._raw(block, message))
            elif kind == STATUS:
                yield self._status(name, message, self._raw(block, message))
            else:
                yield columns.frame(name, start, stop)

    def _status(self, name: str, i: int, raw: bytes) -> Status | Rejected:
        """A trading action: state in byte 19 of the message, reason in 21 … 24."""
        state, reason = raw[21:22].decode("latin-1"), raw[23:27].decode("latin-1").strip()
        if state not in _STATES:
            error = f"message {self._messages.seq[i]}: trading state {state!r} is unknown"
            return Rejected(error, raw)
        kind, text = _STATES[state]
        ts = self._date_ns + int(self._messages.ts[i])
        return Status(name, ts, ts, kind, f"{text}: {reason}" if reason else text)

    def _raw(self, block: Any, i: int) -> bytes:
        """A message as it was, with its length before it."""
        at = int(self._messages.at[i])
        return _bytes(block, at, 2 + 256 * int(block[at]) + int(block[at + 1]))


def _bytes(block: Any, at: int, size: int) -> bytes:
    raw: bytes = block[at : at + min(size, _SHOWN)].tobytes()
    return raw
