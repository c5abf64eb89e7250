"""One frame on its way through the kernel, which comes back where Python must act: a diff waits
for a snapshot, or somebody must be told of trouble."""

from typing import Any

import numpy as np

from schemas.enums import StatusKind
from schemas.frames import CHECKSUM, DEPTH, TRADE, MarketFrame, TapeFrame
from schemas.records import Status
from streams.operator import Output
from streams.operators.market import bars_fold
from streams.operators.market import book as bk
from streams.operators.market.follow import CHECKSUMS, DEPTHS, EVENT, ORDERS, TRADES, market_of
from streams.operators.market.instrument import Instrument
from streams.operators.market.marks import Marks
from streams.operators.market.tape import CURSOR_COLUMNS, ROWS, Columns, Tape, parts
from streams.operators.market.tape_fold import DONE, build, emit_top

_TROUBLE = {
    bk.GAP: StatusKind.GAP,
    bk.CROSSED: StatusKind.CROSSED,
    bk.LOCKED: StatusKind.LOCKED,
    bk.BAD_CHECKSUM: StatusKind.CHECKSUM,
    bk.UNKNOWN_ORDER: StatusKind.UNKNOWN_ORDER,
}


class Pass:
    """Of ``frame`` through what is known of its instrument; ``tape`` is room for what it gives."""

    def __init__(
        self, specs: tuple[str, ...], marks: Marks, tape: Tape, frame: MarketFrame, at: Instrument
    ) -> None:
        self._specs, self._marks, self._tape = specs, marks, tape
        self._frame, self._at = frame, at
        self._market = market_of(frame)
        self._cursor = np.zeros(CURSOR_COLUMNS, np.int64)
        self._outputs: list[Output] = []
        self._counted = 0  # trades that marks know of

    def run(self) -> list[Output]:
        self._at.book.make_room(self._market)
        self._start_tape()
        while (outcome := self._kernel()) != DONE:
            self._act(outcome)
        self._flush_tape()
        self._count_trades(len(self._frame.trades.price))
        return self._outputs

    def _kernel(self) -> int:
        at, tape = self._at, self._tape
        books = (at.book.state, at.book.orders.state)
        outcome: int = build(
            self._market, self._cursor, books, at.top, at.bars, tape.levels, tape.columns
        )
        return outcome

    def _act(self, outcome: int) -> None:
        """The kernel has passed an event that needs more than arithmetic."""
        at, cursor, tape = self._at, self._cursor, self._tape
        outcome = at.book.resolve(outcome, self._market, cursor)
        if at.synced:
            event = cursor[EVENT] - 1
            emit_top(at.book.state, at.top, tape.levels, event, cursor, tape.columns)
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
        if not self._at.synced:
            self._at.forget_top()
        ts_event, ts_recv = self._times()
        status = Status(self._frame.instrument, ts_event, ts_recv, kind, detail)
        event = int(self._cursor[EVENT]) - 1
        at, name = self._at, self._frame.instrument
        self._outputs.append(Output("tape", name, status, event))
        if not at.synced:
            self._outputs += self._marks.of_state(name, ts_event, at.scales, at.state, event)

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
        """Room for all that the rest of the frame can give."""
        cursor, market = self._cursor, self._market
        cursor[ROWS:] = 0
        trades = len(market.trades.price) - int(cursor[TRADES])
        checks = len(market.checksums.value) - int(cursor[CHECKSUMS])
        books = len(market.kinds) - int(cursor[EVENT]) - trades - checks + 1
        self._tape.make_room(books, self._most_bars() if trades else 0, checks, trades)

    def _most_bars(self) -> int:
        trades = self._market.trades
        most: int = bars_fold.most_rows(
            self._at.bars, trades.ts_event, trades.price, int(self._cursor[TRADES])
        )
        return most

    def _flush_tape(self) -> None:
        if not self._cursor[ROWS]:
            return
        name, at, columns = self._frame.instrument, self._at, self._tape.columns
        tape = self._tape.frame(name, at.scales, self._specs, self._cursor)
        rows = columns.event[: len(tape)].copy()
        for first, part in parts(tape):
            events = rows[first : first + len(part)]
            self._outputs.append(Output("tape", name, part, int(events[-1]), events))
        self._mark(tape, columns)

    def _mark(self, tape: TapeFrame, columns: Columns) -> None:
        at, market = self._at, self._market
        at.marked_ns, chosen = self._marks.chosen(tape, columns, self._cursor, at.marked_ns)
        for row, event in chosen:
            self._count_trades(int(np.count_nonzero(market.kinds[: event + 1] == TRADE)))
            self._outputs += self._marks.of_row(tape, row, event, at.traded, at.state)

    def _count_trades(self, stop: int) -> None:
        self._at.traded.add(self._frame.trades, self._counted, stop)
        self._counted = max(self._counted, stop)
