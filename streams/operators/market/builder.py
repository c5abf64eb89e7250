"""Builder: market events → the tape (book tops and bars), legs of baskets, and marks.

One pass over a frame folds the book and every bar, because what the tape tells is also an order:
a bar closes between two states of the book. Every output belongs to one event, so that frames
may be cut anywhere. Marks for the risk gate leave at a limited rate of event time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from schemas.enums import StatusKind
from schemas.execution import ApprovedOrder, CancelRequest
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
    cut_tape,
)
from schemas.inbox import Mark
from schemas.ledger import Decision, Fill, OrderUpdate
from schemas.records import Clock, Status
from streams import canonical
from streams.kernels import kernel
from streams.operator import Output, Refused
from streams.operators.market import bars_fold, bars_state
from streams.operators.market import book as bk
from streams.operators.market.bars import BarSpec
from streams.operators.market.bars_calendar import Calendar, calendar_of
from streams.operators.market.bars_state import TimeBars
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
# what the last book row said: best prices and sizes, then the earliest time of the next row
NEXT, INTERVAL = 4, 5
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
    """``levels`` a side on the tape; ``book_interval_ns`` of event time between two book rows, 0
    for a row a change of the top; ``mark_interval_ns`` of event time between two marks;
    ``accounts`` that marks go to; a clock record closes bars ``grace_ns`` after their end;
    ``baskets``: instrument → the basket that it is a member of; ``time_bars`` says more of
    time bars."""

    bars: tuple[BarSpec, ...]
    levels: int
    accounts: tuple[str, ...]
    mark_interval_ns: int
    grace_ns: int
    baskets: Mapping[str, str] = field(default_factory=dict)
    time_bars: TimeBars = field(default_factory=TimeBars)
    book_interval_ns: int = 0


MOST_ROWS = 2048  # of a tape frame: a record of them fits the broker's limit of 1 MB


class _Tape(NamedTuple):
    """Columns that the kernel writes; ``event`` is the market event each row belongs to."""

    kinds: Any
    event: Any
    books: Books
    bars: Bars
    checks: Checks


class _Instrument:
    """What the builder knows of one instrument."""

    def __init__(
        self, config: BuilderConfig, price_scale: int, size_scale: int, calendar: Calendar
    ) -> None:
        self.scales = (price_scale, size_scale)
        self.calendar = calendar
        self.book = Book()
        self.top = _new_top(config.book_interval_ns)
        self.bars = bars_state.empty_state(
            config.bars, price_scale, size_scale, config.time_bars, calendar
        )
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
            case ApprovedOrder() | CancelRequest() | Decision() | Fill() | OrderUpdate():
                told = [Output("tape", message.instrument, message)]  # for the algorithms
                return self._shared(message.instrument, told)
        return []

    def _fold(self, frame: MarketFrame) -> list[Output]:
        check(frame)
        at = self._of(frame)
        return _Pass(self._config, self._specs, frame, at).run()

    def _of(self, frame: MarketFrame) -> _Instrument:
        scales = (frame.price_scale, frame.size_scale)
        known = self._instruments.get(frame.instrument)
        if known is None or known.scales != scales:
            known = _new_instrument(self._config, frame.instrument, scales)
        if not known.calendar.covers(frame.trades.ts_event):
            raise Refused(
                f"{frame.instrument}: a trade outside the years that its sessions are known for; "
                "widen market.session_years, or correct its time"
            )
        self._instruments[frame.instrument] = known
        return known

    def _tick(self, clock: Clock) -> list[Output]:
        at, basket = self._instruments.get(clock.key), self._config.baskets.get(clock.key)
        outputs = [*(self._close(clock, at) if at else []), Output("tape", clock.key, clock)]
        if basket is None:
            return outputs
        if at and _firm(at):
            outputs.append(Output(LEGS, basket, self._restate(clock.key, at)))
        return [*outputs, Output(LEGS, basket, replace(clock, key=basket))]

    def _close(self, clock: Clock, at: _Instrument) -> list[Output]:
        now = clock.ts_event - self._config.grace_ns
        rows = bars_fold.most_periods(at.bars, np.array([now]), 0)
        tape = _new_tape(0, rows, 0, self._config.levels)
        cursor = np.zeros(_COLUMNS, np.int64)
        _close_bars(at.bars, now, cursor, tape)
        frame = _to_frame(clock.key, at.scales, self._config.levels, self._specs, cursor, tape)
        return [Output("tape", clock.key, part) for _, part in _parts(frame)]

    def _restate(self, name: str, at: _Instrument) -> TapeFrame:
        """The book as it stands, with the time of its last message: a basket must know that a
        venue is there whose top has not changed for long."""
        levels, cursor = self._config.levels, np.zeros(_COLUMNS, np.int64)
        tape = _new_tape(1, 0, 0, levels)
        _emit_top(at.book.state, _new_top(0), levels, 0, cursor, tape)
        return _to_frame(name, at.scales, levels, (), cursor, tape)

    def _status(self, status: Status) -> list[Output]:
        at = self._instruments.get(status.instrument)
        if at and at.book.hear(status.kind):
            at.top[:INTERVAL] = -1
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
            name: _unpack(self._config, name, packed)
            for name, packed in canonical.unpack(state).items()
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
            self._at.top[:INTERVAL] = -1
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
        first_trade = int(cursor[TRADES])
        trades = len(market.trades.price) - first_trade
        checks = len(market.checksums.value) - int(cursor[CHECKSUMS])
        books = events - trades - checks + 1
        bars = bars_fold.most_rows(
            self._at.bars, market.trades.ts_event, market.trades.price, first_trade
        )
        self._tape = _new_tape(books, bars, checks, self._config.levels)

    def _flush_tape(self) -> None:
        frame, at = self._frame, self._at
        tape = _to_frame(
            frame.instrument, at.scales, self._config.levels, self._specs, self._cursor, self._tape
        )
        if len(tape):
            rows = self._tape.event[: len(tape)]
            for first, part in _parts(tape):
                events = rows[first : first + len(part)]
                output = Output("tape", frame.instrument, part, int(events[-1]), events)
                self._outputs.append(output)
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
    kinds, depth, quotes = market.kinds, market.depth, market.quotes
    while cursor[EVENT] < len(kinds):
        event = cursor[EVENT]
        cursor[EVENT] = event + 1
        if kinds[event] == TRADE:
            while cursor[EVENT] < len(kinds) and kinds[cursor[EVENT]] == TRADE:
                cursor[EVENT] += 1
            _on_trades(market.trades, event, cursor[EVENT] - event, bars, cursor, tape)
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
def _on_trades(trades, event, count, bars, cursor, tape):  # type: ignore[no-untyped-def]
    """Trades that follow one another, the first of them at ``event``."""
    first = cursor[TRADES]
    stop = first + count
    cursor[TRADES] = stop
    for spec in range(len(bars.kind)):
        bars.at[spec] = bars_fold.advance(bars, spec, trades, first, stop)
    while len(bars.at):
        spec = bars_fold.earliest(bars.at)
        row = bars.at[spec]
        if row == stop:
            break
        behind = bars_fold.finish(bars, spec, trades, row, tape.bars, cursor[BARS])
        _note_bars(behind, event + row - first, cursor, tape)
        bars.at[spec] = bars_fold.advance(bars, spec, trades, row + 1, stop)


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
def _close_bars(bars, ts, cursor, tape):  # type: ignore[no-untyped-def]
    _note_bars(bars_fold.close_until(bars, ts, tape.bars, cursor[BARS]), 0, cursor, tape)


@kernel
def _note_bars(behind, event, cursor, tape):  # type: ignore[no-untyped-def]
    """Puts the bars that were written, up to ``behind``, in their place on the tape."""
    while cursor[BARS] < behind:
        tape.kinds[cursor[ROWS]] = BAR
        tape.event[cursor[ROWS]] = event
        cursor[BARS] += 1
        cursor[ROWS] += 1


def _new_top(interval_ns: int) -> Any:
    top = np.full(6, -1, np.int64)
    top[INTERVAL] = interval_ns
    return top


@kernel
def _emit_top(book, top, levels, event, cursor, tape):  # type: ignore[no-untyped-def]
    """Writes a book row if the best price or size of a side is not what the last row said; with an
    interval, at the first change of anything in each."""
    nb, na = book.count[bk.BID], book.count[bk.ASK]
    bid = book.price[bk.BID, nb - 1] if nb else 0
    bid_size = book.size[bk.BID, nb - 1] if nb else 0
    ask = -book.price[bk.ASK, na - 1] if na else 0
    ask_size = book.size[bk.ASK, na - 1] if na else 0
    if top[INTERVAL]:
        ts = book.meta[bk.TS_EVENT]
        if ts < top[NEXT]:
            return
        top[NEXT] = ts - ts % top[INTERVAL] + top[INTERVAL]
    elif top[0] == bid and top[1] == bid_size and top[2] == ask and top[3] == ask_size:
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


def _new_instrument(config: BuilderConfig, name: str, scales: tuple[int, int]) -> _Instrument:
    try:
        return _Instrument(config, *scales, calendar_of(config.time_bars.calendars, name))
    except ValueError as error:
        raise Refused(f"{name}: {error}; change it in market.bars") from error


def _new_tape(books: int, bars: int, checks: int, levels: int) -> _Tape:
    """Room for so many rows."""
    rows = books + bars + checks
    return _Tape(
        np.empty(rows, np.uint8),
        np.empty(rows, np.int64),
        Books(
            *(np.empty(books, np.int64) for _ in range(3)),
            *(np.empty(books * levels, np.int64) for _ in range(4)),
        ),
        bars_state.new_bars(bars),
        Checks._make(np.empty(checks, np.int64) for _ in range(4)) if checks else NO_CHECKS,
    )


def _parts(tape: TapeFrame) -> Iterator[tuple[int, TapeFrame]]:
    """(first row, frame) of pieces of at most MOST_ROWS rows."""
    if len(tape) <= MOST_ROWS:
        yield from [(0, tape)] if len(tape) else []
        return
    for first in range(0, len(tape), MOST_ROWS):
        yield first, cut_tape(tape, first, min(first + MOST_ROWS, len(tape)))


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
        "bars": bars_state.pack(at.bars),
        "marked_ns": at.marked_ns,
    }


def _unpack(config: BuilderConfig, name: str, packed: dict[str, Any]) -> _Instrument:
    price_scale, size_scale = packed["scales"]
    at = _new_instrument(config, name, (price_scale, size_scale))
    at.book = Book.unpack(packed["book"])
    at.top[:INTERVAL], at.marked_ns = packed["top"][:INTERVAL], packed["marked_ns"]
    bars_state.unpack(at.bars, packed["bars"])
    return at
