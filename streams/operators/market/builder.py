"""Builder: market events → the tape (book tops and bars), legs of baskets, and marks.

One pass over a frame folds the book and every bar, because what the tape tells is also an order:
a bar closes between two states of the book. Every output belongs to one event, so that frames
may be cut anywhere. Marks for the risk gate leave at a limited rate of event time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from schemas.frames import (
    BAR,
    BOOK,
    CHECK,
    CHECKSUM,
    DEPTH,
    NO_CHECKS,
    ORDER,
    TRADE,
    Bars,
    Books,
    Checks,
    MarketFrame,
    TapeFrame,
)
from schemas.records import Clock, Mark, Status, StatusKind
from streams import canonical
from streams.kernels import kernel
from streams.operator import Output
from streams.operators.market import bars as bar
from streams.operators.market import book as bk
from streams.operators.market.bars import BarSpec
from streams.operators.market.follow import (
    CHECKSUMS,
    DEPTHS,
    EVENT,
    ORDERS,
    TRADES,
    Book,
    follow_checksum,
    follow_depth,
    follow_order,
    follow_quote,
    market_of,
)
from streams.operators.market.legs import LEGS, with_legs
from streams.operators.market.levels import below
from streams.operators.market.validate import check

# further cursor columns: how many rows the tape has
ROWS, BOOKS, BARS, CHECKS = range(7, 11)
_COLUMNS = 11
DONE = -1  # why the kernel came back, beside what can become of an event

_TROUBLE = {
    bk.GAP: StatusKind.GAP,
    bk.CROSSED: StatusKind.CROSSED,
    bk.LOCKED: StatusKind.LOCKED,
    bk.BAD_CHECKSUM: StatusKind.CHECKSUM,
    bk.UNKNOWN_ORDER: StatusKind.UNKNOWN_ORDER,
}


@dataclass(frozen=True, slots=True)
class BuilderConfig:
    """``levels`` a side on the tape; ``mark_interval_ns`` of event time between two marks;
    ``accounts`` that marks go to; a clock record closes bars ``grace_ns`` after their end;
    ``baskets``: instrument → the basket that it is a member of."""

    bars: tuple[BarSpec, ...]
    levels: int
    accounts: tuple[str, ...]
    mark_interval_ns: int
    grace_ns: int
    baskets: Mapping[str, str] = field(default_factory=dict)


_BAR_DTYPES = (np.uint8, *(np.int64,) * 9, np.uint64, np.int64)


class _Tape(NamedTuple):
    """Columns that the kernel writes; ``event`` is the market event each row belongs to."""

    kinds: Any
    event: Any
    books: Books
    bars: Bars
    checks: Checks


class _Instrument:
    """What the builder knows of one instrument."""

    def __init__(self, config: BuilderConfig, price_scale: int, size_scale: int) -> None:
        self.scales = (price_scale, size_scale)
        self.book = Book()
        self.top = np.full(4, -1, np.int64)
        self.bars = bar.empty_state(config.bars, price_scale, size_scale)
        self.marked_ns = 0


def _open(at: _Instrument) -> bool:
    """The venue trades continuously: orders meet the quotes that it shows."""
    return bool(at.book.state.meta[bk.PHASE] == bk.CONTINUOUS)


def _firm(at: _Instrument) -> bool:
    """The book is known, and its quotes can be traded with."""
    return _open(at) and bool(at.book.state.meta[bk.SYNCED])


class Builder:
    """Operator: ``ticks`` → ``tape``, legs → ``baskets``, and marks → ``orders``."""

    def __init__(self, config: BuilderConfig) -> None:
        self._config = config
        self._specs = tuple(map(str, config.bars))
        self._instruments: dict[str, _Instrument] = {}

    def apply(self, message: Any) -> list[Output]:
        match message:
            case MarketFrame():
                return self._shared(message.instrument, self._fold(message))
            case Clock():
                return self._tick(message)
            case Status():
                return self._shared(message.instrument, self._status(message))
        return []

    def _fold(self, frame: MarketFrame) -> list[Output]:
        check(frame)
        at = self._of(frame)
        return _Pass(self._config, self._specs, frame, at).run()

    def _of(self, frame: MarketFrame) -> _Instrument:
        scales = (frame.price_scale, frame.size_scale)
        known = self._instruments.get(frame.instrument)
        if known is None or known.scales != scales:
            known = self._instruments[frame.instrument] = _Instrument(self._config, *scales)
        return known

    def _tick(self, clock: Clock) -> list[Output]:
        at, basket = self._instruments.get(clock.key), self._config.baskets.get(clock.key)
        outputs = self._close(clock, at) if at else []
        if basket is None:
            return outputs
        if at and _firm(at):
            outputs.append(Output(LEGS, basket, self._restate(clock.key, at)))
        return [*outputs, Output(LEGS, basket, replace(clock, key=basket))]

    def _close(self, clock: Clock, at: _Instrument) -> list[Output]:
        tape = _new_tape(0, len(self._specs), 0, self._config.levels)
        cursor = np.zeros(_COLUMNS, np.int64)
        _close_bars(at.bars, clock.ts_event - self._config.grace_ns, 0, cursor, tape)
        frame = _to_frame(clock.key, at.scales, self._config.levels, self._specs, cursor, tape)
        return [Output("tape", clock.key, frame)] if len(frame) else []

    def _restate(self, name: str, at: _Instrument) -> TapeFrame:
        """The book as it stands, with the time of its last message: a basket must know that a
        venue is there whose top has not changed for long."""
        levels, cursor = self._config.levels, np.zeros(_COLUMNS, np.int64)
        tape = _new_tape(1, 0, 0, levels)
        _emit_top(at.book.state, np.full(4, -1, np.int64), levels, 0, cursor, tape)
        return _to_frame(name, at.scales, levels, (), cursor, tape)

    def _status(self, status: Status) -> list[Output]:
        at = self._instruments.get(status.instrument)
        if at and at.book.hear(status.kind):
            at.top[:] = -1
        return [Output("tape", status.instrument, status)]

    def _shared(self, name: str, outputs: list[Output]) -> list[Output]:
        """Tells the instrument's basket, if it has one."""
        basket = self._config.baskets.get(name)
        if basket is None:
            return outputs
        at = self._instruments.get(name)
        return with_legs(outputs, basket, at is not None and _open(at))

    def snapshot(self) -> bytes:
        return canonical.pack({name: _pack(at) for name, at in self._instruments.items()})

    def restore(self, state: bytes) -> None:
        self._instruments = {
            name: _unpack(self._config, packed) for name, packed in canonical.unpack(state).items()
        }


class _Pass:
    """One frame on its way through the kernel, which comes back where Python must act."""

    def __init__(
        self, config: BuilderConfig, specs: tuple[str, ...], frame: MarketFrame, at: _Instrument
    ) -> None:
        self._config, self._specs, self._frame, self._at = config, specs, frame, at
        self._market = market_of(frame)
        self._cursor = np.zeros(_COLUMNS, np.int64)
        self._outputs: list[Output] = []
        self._start_tape()

    def run(self) -> list[Output]:
        self._at.book.make_room(self._market)
        while (outcome := self._kernel()) != DONE:
            self._act(outcome)
        self._flush_tape()
        return self._outputs

    def _kernel(self) -> int:
        at, book, levels = self._at, self._at.book, self._config.levels
        books = (book.state, book.orders.state)
        outcome: int = _build(
            self._market, self._cursor, books, at.top, at.bars, levels, self._tape
        )
        return outcome

    def _act(self, outcome: int) -> None:
        """The kernel has passed an event that needs more than arithmetic."""
        at, cursor = self._at, self._cursor
        outcome = at.book.resolve(outcome, self._market, cursor)
        state = at.book.state
        if state.meta[bk.SYNCED]:
            _emit_top(state, at.top, self._config.levels, cursor[EVENT] - 1, cursor, self._tape)
        if outcome in _TROUBLE:
            self._trouble(_TROUBLE[outcome], self._detail(outcome))

    def _detail(self, outcome: int) -> str:
        market, cursor, meta = self._market, self._cursor, self._at.book.state.meta
        match outcome:
            case bk.GAP:
                follows = market.depth.prev_seq[int(cursor[DEPTHS]) - 1]
                return f"diff follows {follows}, the book is at {meta[bk.SEQ]}"
            case bk.BAD_CHECKSUM:
                stated = market.checksums.value[int(cursor[CHECKSUMS]) - 1]
                return f"the venue says {stated}, the book gives {meta[bk.COMPUTED]}"
            case bk.UNKNOWN_ORDER:
                order = market.orders.order_id[int(cursor[ORDERS]) - 1]
                return f"order {order} is not in the book; further ones are not reported"
        relation = "above" if outcome == bk.CROSSED else "at"
        return f"bid {relation} ask at {meta[bk.SEQ]}"

    def _trouble(self, kind: StatusKind, detail: str) -> None:
        self._flush_tape()
        self._start_tape()
        if not self._at.book.state.meta[bk.SYNCED]:
            self._at.top[:] = -1
        ts_event, ts_recv = self._times()
        status = Status(self._frame.instrument, ts_event, ts_recv, kind, detail)
        event = int(self._cursor[EVENT]) - 1
        self._outputs.append(Output("tape", self._frame.instrument, status, event))

    def _times(self) -> tuple[int, int]:
        """Of the event that the kernel stopped at."""
        market, event = self._market, int(self._cursor[EVENT]) - 1
        section: Any = market.orders
        row = int(self._cursor[ORDERS]) - 1
        if market.kinds[event] == DEPTH:
            section, row = market.depth, int(self._cursor[DEPTHS]) - 1
        elif market.kinds[event] == CHECKSUM:
            section, row = market.checksums, int(self._cursor[CHECKSUMS]) - 1
        return int(section.ts_event[row]), int(section.ts_recv[row])

    def _start_tape(self) -> None:
        cursor, market = self._cursor, self._market
        cursor[ROWS:] = 0
        events = len(market.kinds) - int(cursor[EVENT])
        trades = len(market.trades.price) - int(cursor[TRADES])
        checks = len(market.checksums.value) - int(cursor[CHECKSUMS])
        books = events - trades - checks + 1
        self._tape = _new_tape(books, trades * len(self._specs), checks, self._config.levels)

    def _flush_tape(self) -> None:
        frame, at = self._frame, self._at
        tape = _to_frame(
            frame.instrument, at.scales, self._config.levels, self._specs, self._cursor, self._tape
        )
        if len(tape):
            rows = self._tape.event[: len(tape)]
            self._outputs.append(Output("tape", frame.instrument, tape, int(rows[-1]), rows))
            self._outputs.extend(self._marks(tape, rows[tape.kinds == BOOK]))

    def _marks(self, tape: TapeFrame, events: Any) -> list[Output]:
        at, books, n = self._at, tape.books, tape.levels
        if not self._config.accounts:
            return []
        chosen = np.empty(len(events), np.int64)
        sizes = books.bid_size[::n], books.ask_size[::n]
        at.marked_ns, count = _choose(
            books.ts_event, *sizes, at.marked_ns, self._config.mark_interval_ns, chosen
        )
        return [
            Output("orders", account, _mark(account, tape, row), int(events[row]))
            for row in chosen[:count]
            for account in self._config.accounts
        ]


def _mark(account: str, tape: TapeFrame, row: int) -> Mark:
    books, first = tape.books, row * tape.levels
    return Mark(
        account,
        tape.instrument,
        int(books.ts_event[row]),
        int(books.bid_price[first]),
        int(books.ask_price[first]),
        tape.price_scale,
    )


@kernel
def _choose(ts, bid_size, ask_size, last, interval, chosen):  # type: ignore[no-untyped-def]
    """Rows with both sides at least ``interval`` after the one before."""
    n = 0
    for row in range(len(ts)):
        if bid_size[row] and ask_size[row] and ts[row] >= last + interval:
            chosen[n] = row
            last = ts[row]
            n += 1
    return last, n


@kernel
def _build(market, cursor, books, top, bars, levels, tape):  # type: ignore[no-untyped-def]
    book, orders = books
    kinds, trades, depth, quotes = market.kinds, market.trades, market.depth, market.quotes
    for event in range(cursor[EVENT], len(kinds)):
        cursor[EVENT] = event + 1
        if kinds[event] == TRADE:
            _on_trade(trades, event, bars, cursor, tape)
        elif kinds[event] == DEPTH:
            outcome = follow_depth(depth, cursor, book)
            if depth.snapshot[cursor[DEPTHS] - 1] or outcome >= bk.PENDING:
                return outcome
            if outcome == bk.APPLIED:
                _emit_top(book, top, levels, event, cursor, tape)
        elif kinds[event] == ORDER:
            outcome = follow_order(market.orders, cursor, book, orders)
            if outcome >= bk.PENDING:
                return outcome
            _emit_top(book, top, levels, event, cursor, tape)
        elif kinds[event] == CHECKSUM:
            outcome = follow_checksum(market.checksums, cursor, book, market.scales)
            if outcome != bk.STALE:
                _emit_check(market.checksums, book, event, cursor, tape)
            if outcome >= bk.PENDING:
                return outcome
        elif follow_quote(quotes, cursor, book) == bk.APPLIED:
            _emit_top(book, top, levels, event, cursor, tape)
    return DONE


@kernel
def _on_trade(trades, event, bars, cursor, tape):  # type: ignore[no-untyped-def]
    row = cursor[TRADES]
    cursor[TRADES] += 1
    ts = trades.ts_event[row]
    _close_bars(bars, ts, event, cursor, tape)
    for spec in range(len(bars.kind)):
        if bar.add_trade(bars, spec, ts, trades.price[row], trades.size[row], trades.side[row]):
            _emit_bar(bars, spec, event, cursor, tape)


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
def _close_bars(bars, ts, event, cursor, tape):  # type: ignore[no-untyped-def]
    for spec in range(len(bars.kind)):
        if bar.close_before(bars, spec, ts):
            _emit_bar(bars, spec, event, cursor, tape)


@kernel
def _emit_bar(bars, spec, event, cursor, tape):  # type: ignore[no-untyped-def]
    bar.emit(bars, spec, tape.bars, cursor[BARS])
    tape.kinds[cursor[ROWS]] = BAR
    tape.event[cursor[ROWS]] = event
    cursor[BARS] += 1
    cursor[ROWS] += 1


@kernel
def _emit_top(book, top, levels, event, cursor, tape):  # type: ignore[no-untyped-def]
    """Writes a book row if the best price or size of a side is not what the last row said."""
    nb, na = book.count[bk.BID], book.count[bk.ASK]
    bid = book.price[bk.BID, nb - 1] if nb else 0
    bid_size = book.size[bk.BID, nb - 1] if nb else 0
    ask = -book.price[bk.ASK, na - 1] if na else 0
    ask_size = book.size[bk.ASK, na - 1] if na else 0
    if top[0] == bid and top[1] == bid_size and top[2] == ask and top[3] == ask_size:
        return
    top[0], top[1], top[2], top[3] = bid, bid_size, ask, ask_size
    row = cursor[BOOKS]
    out = tape.books
    out.ts_event[row] = book.meta[bk.TS_EVENT]
    out.ts_recv[row] = book.meta[bk.TS_RECV]
    out.seq[row] = book.meta[bk.SEQ]
    first = row * levels
    for i in range(first, first + levels):
        nb, na = below(book.size[bk.BID], nb), below(book.size[bk.ASK], na)
        out.bid_price[i] = book.price[bk.BID, nb] if nb >= 0 else 0
        out.bid_size[i] = book.size[bk.BID, nb] if nb >= 0 else 0
        out.ask_price[i] = -book.price[bk.ASK, na] if na >= 0 else 0
        out.ask_size[i] = book.size[bk.ASK, na] if na >= 0 else 0
    tape.kinds[cursor[ROWS]] = BOOK
    tape.event[cursor[ROWS]] = event
    cursor[BOOKS] += 1
    cursor[ROWS] += 1


def _new_tape(books: int, bars: int, checks: int, levels: int) -> _Tape:
    """Room for so many rows. A trade can close a bar of a spec that it then also completes."""
    bars = 2 * bars + 2
    rows = books + bars + checks
    return _Tape(
        np.empty(rows, np.uint8),
        np.empty(rows, np.int64),
        Books(
            *(np.empty(books, np.int64) for _ in range(3)),
            *(np.empty(books * levels, np.int64) for _ in range(4)),
        ),
        Bars._make(np.empty(bars, dtype) for dtype in _BAR_DTYPES),
        Checks._make(np.empty(checks, np.int64) for _ in range(4)) if checks else NO_CHECKS,
    )


def _to_frame(
    name: str,
    scales: tuple[int, int],
    levels: int,
    specs: tuple[str, ...],
    cursor: Any,
    tape: _Tape,
) -> TapeFrame:
    rows, books, bars, checks = (int(n) for n in cursor[ROWS:])
    return TapeFrame(
        name,
        *scales,
        levels,
        specs,
        tape.kinds[:rows],
        Books(*(c[:books] for c in tape.books[:3]), *(c[: books * levels] for c in tape.books[3:])),
        Bars(*(c[:bars] for c in tape.bars)),
        Checks(*(c[:checks] for c in tape.checks)) if checks else NO_CHECKS,
    )


def _pack(at: _Instrument) -> dict[str, Any]:
    return {
        "scales": list(at.scales),
        "book": at.book.pack(),
        "top": at.top,
        "bars": at.bars.acc,
        "marked_ns": at.marked_ns,
    }


def _unpack(config: BuilderConfig, packed: dict[str, Any]) -> _Instrument:
    at = _Instrument(config, *packed["scales"])
    at.book = Book.unpack(packed["book"])
    at.top, at.marked_ns = packed["top"], packed["marked_ns"]
    at.bars.acc[:] = packed["bars"]
    return at
