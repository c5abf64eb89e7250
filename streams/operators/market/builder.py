"""Builder: market events → the tape (book tops and bars), legs of baskets, and marks.

One pass over a frame folds the book and every bar, because what the tape tells is also an order:
a bar closes between two states of the book. Every output belongs to one event, so that frames
may be cut anywhere. Marks for the risk gate leave at a limited rate of event time.

``tape_fold`` is the pass in kernels, ``tape_pass`` what Python does about it, ``tape`` the memory.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from schemas.execution import ApprovedOrder, CancelRequest
from schemas.frames import MarketFrame, TapeFrame
from schemas.ledger import Decision, Fill, OrderUpdate
from schemas.records import Clock, Disclosure, ModelChange, Status
from streams import canonical
from streams.operator import Output, Refused
from streams.operators.market import bars_fold
from streams.operators.market.instrument import BuilderConfig, Instrument, told_by
from streams.operators.market.legs import LEGS, with_books, with_legs
from streams.operators.market.marks import Marks
from streams.operators.market.tape import CURSOR_COLUMNS, Tape, parts
from streams.operators.market.tape_fold import close_bars, emit_top, new_top
from streams.operators.market.tape_pass import Pass
from streams.operators.market.validate import check

__all__ = ["Builder", "BuilderConfig"]


class Builder:
    """Operator: ``ticks`` → ``tape``, legs → ``baskets``, and marks → ``orders``."""

    def __init__(self, config: BuilderConfig) -> None:
        self._config = config
        self._specs = tuple(map(str, config.bars))
        self._marks = Marks(config.accounts, config.mark_interval_ns)
        self._tape = Tape(config.levels, told_by(config.prints))
        self._instruments: dict[str, Instrument] = {}

    def apply(self, message: Any) -> list[Output]:
        match message:
            case MarketFrame():
                return self._shared(message.instrument, self._fold(message))
            case Clock():
                return self._tick(message)
            case Status():
                return self._shared(message.instrument, self._status(message))
            case ModelChange():
                return [Output("tape", message.key, message)]
            case Disclosure():
                return [Output("tape", message.instrument, message)]
            case ApprovedOrder() | CancelRequest() | Decision() | Fill() | OrderUpdate():
                told = [Output("tape", message.instrument, message)]  # for the algorithms
                return self._shared(message.instrument, told)
        return []

    def _fold(self, frame: MarketFrame) -> list[Output]:
        check(frame)
        at = self._of(frame)
        return Pass(self._specs, self._marks, self._tape, frame, at).run()

    def _of(self, frame: MarketFrame) -> Instrument:
        scales = (frame.price_scale, frame.size_scale)
        known = self._instruments.get(frame.instrument)
        if known is None or known.scales != scales:
            known = Instrument(self._config, frame.instrument, scales)
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
        told = (*((basket,) if basket else ()), *self._config.groups.get(clock.key, ()))
        if told and at and at.open and at.synced:
            book = self._restate(clock.key, at)
            outputs += [Output(LEGS, name, replace(book, basket=name)) for name in told]
        if basket:
            outputs.append(Output(LEGS, basket, replace(clock, key=basket)))
        return outputs

    def _close(self, clock: Clock, at: Instrument) -> list[Output]:
        now = clock.ts_event - self._config.grace_ns
        cursor, tape = np.zeros(CURSOR_COLUMNS, np.int64), self._tape
        tape.make_room(0, int(bars_fold.most_periods(at.bars, np.array([now]), 0)), 0, 0)
        close_bars(at.bars, now, cursor, tape.columns)
        frame = tape.frame(clock.key, at.scales, self._specs, cursor)
        return [Output("tape", clock.key, part) for _, part in parts(frame)]

    def _restate(self, name: str, at: Instrument) -> TapeFrame:
        """The book as it stands, with the time of its last message: a basket must know that a
        venue is there whose top has not changed for long."""
        cursor, tape = np.zeros(CURSOR_COLUMNS, np.int64), self._tape
        tape.make_room(1, 0, 0, 0)
        emit_top(at.book.state, new_top(0), tape.levels, 0, cursor, tape.columns)
        return tape.frame(name, at.scales, (), cursor)

    def _status(self, status: Status) -> list[Output]:
        at, name = self._instruments.get(status.instrument), status.instrument
        outputs = [Output("tape", name, status)]
        if at:
            before = at.state
            at.hear(status.kind)
            if at.state is not before:
                outputs += self._marks.of_state(name, status.ts_event, at.scales, at.state)
        return outputs

    def _shared(self, name: str, outputs: list[Output]) -> list[Output]:
        """Tells the instrument's basket and groups, if it has any."""
        basket, groups = self._config.baskets.get(name), self._config.groups.get(name, ())
        at = self._instruments.get(name)
        open_ = at is not None and at.open
        if basket:
            outputs = with_legs(outputs, basket, open_)
        if groups and at:
            outputs = with_books(outputs, groups, open_, at.scales, self._config.levels)
        return outputs

    def snapshot(self) -> bytes:
        return canonical.pack({name: at.pack() for name, at in self._instruments.items()})

    def restore(self, state: bytes) -> None:
        self._instruments = {
            name: Instrument.unpack(self._config, name, packed)
            for name, packed in canonical.unpack(state).items()
        }
