"""Features: the tape → feature vectors, with what the online model makes of them.

A vector belongs to a bar that closed: the set ``core``, the indicators that the configuration asks
for, and the model's probability. A gap or a crossed book blanks the book's features until the book
is back.
"""

import hashlib
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from schemas.enums import StatusKind
from schemas.frames import FeatureFrame, TapeFrame, Vectors
from schemas.ledger import Decision, Fill, OrderUpdate
from schemas.records import Clock, Status
from streams import canonical
from streams.operator import Output, Refused
from streams.operators.features import core
from streams.operators.features.indicators.asked import Asked
from streams.operators.features.indicators.fold import Program, columns_of
from streams.operators.features.learner import Learner
from streams.operators.market.book import read_only

FEATURE_SET = "core@1"
PROBABILITY = "p_up"
_INPUTS = [core.NAMES.index(name) for name in core.INPUTS]
_BLANK = (
    StatusKind.GAP,
    StatusKind.CROSSED,
    StatusKind.CHECKSUM,
    StatusKind.DISCONNECTED,
)


@dataclass(frozen=True, slots=True)
class FeaturesConfig:
    """``bar`` (kind:spec) paces the vectors; periods in bars; the label is the direction of the
    mid over ``horizon_ns``; ``indicators`` stand in the vector behind ``core``."""

    bar: str
    ema_fast: int
    ema_slow: int
    rsi: int
    vol_window: int
    horizon_ns: int
    warm_up: int
    learning_rate: float
    indicators: tuple[Asked, ...] = ()


class _Instrument:
    def __init__(self, config: FeaturesConfig, program: Program) -> None:
        self.core = core.empty_state(config.vol_window)
        self.indicators = program.empty_state()
        self.learner = Learner(core.INPUTS, config.horizon_ns, config.warm_up, config.learning_rate)


class Features:
    """Operator: ``tape`` → ``features``."""

    def __init__(self, config: FeaturesConfig) -> None:
        self._config = config
        self._periods = (config.ema_fast, config.ema_slow, config.rsi, config.vol_window)
        self._program = Program(config.indicators)
        self._names = (*core.NAMES, *self._program.names, PROBABILITY)
        self._set = _set_name(self._program.names)
        self._instruments: dict[str, _Instrument] = {}

    def apply(self, message: Any) -> list[Output]:
        match message:
            case TapeFrame():
                return self._fold(message)
            case Status() if message.kind in _BLANK and message.instrument in self._instruments:
                self._instruments[message.instrument].core.book[:] = 0
        return _passed_on(message)

    def _fold(self, tape: TapeFrame) -> list[Output]:
        if tape.levels < 1 or self._config.bar not in tape.specs:
            raise Refused(
                f"{tape.instrument}: the tape has {tape.levels} levels and bars {tape.specs}; "
                f"features need bar {self._config.bar}: add it to [market] bars"
            )
        at = self._instruments.get(tape.instrument)
        if at is None:
            at = self._instruments[tape.instrument] = self._empty()
        books, bars = tape.books, tape.bars
        rows = len(bars.spec)
        marks, values = np.empty((4, rows), np.int64), np.empty((rows, len(self._names)))
        looked_at = (bars.spec, bars.revision, bars.ts_close, bars.close, bars.volume)
        spec = tape.specs.index(self._config.bar)
        count = core.fold(
            read_only(tape.kinds),
            tuple(map(read_only, books[3:])),
            tuple(map(read_only, (*looked_at, bars.buy_volume))),
            tape.levels,
            spec,
            10.0**tape.price_scale,
            at.core,
            self._periods,
            marks,
            values,
        )
        if not count:
            return []
        if self._program.names:
            chosen = (bars.spec == spec) & (bars.revision == 0)
            columns = columns_of(bars, chosen, tape.price_scale, tape.size_scale)
            found = self._program.fold(columns, at.indicators)
            values[:count, len(core.NAMES) : -1] = found.T
        return [self._frame(tape, at.learner, marks[:, :count], values[:count])]

    def _empty(self) -> _Instrument:
        return _Instrument(self._config, self._program)

    def _frame(self, tape: TapeFrame, learner: Learner, marks: Any, values: Any) -> Output:
        """The vectors, with the model's probability put in as their last component."""
        ts, bid, ask, rows = marks
        steps = zip(ts.tolist(), bid.tolist(), ask.tolist(), values.tolist(), strict=True)
        for vector, (now, best_bid, best_ask, features) in zip(values, steps, strict=True):
            mid = (best_bid + best_ask) / 2 if best_bid and best_ask else math.nan
            vector[-1] = learner.step(now, mid, [features[n] for n in _INPUTS])
        frame = FeatureFrame(
            tape.instrument,
            tape.price_scale,
            tape.size_scale,
            self._set,
            self._names,
            Vectors(ts, bid, ask, values.ravel()),
        )
        return Output("features", tape.instrument, frame, int(rows[-1]), rows)

    def snapshot(self) -> bytes:
        return canonical.pack(
            {
                name: {
                    "core": list(at.core),
                    "indicators": at.indicators,
                    "learner": at.learner.state(),
                }
                for name, at in self._instruments.items()
            }
        )

    def restore(self, state: bytes) -> None:
        self._instruments = {}
        for name, packed in canonical.unpack(state).items():
            at = self._instruments[name] = self._empty()
            at.core, at.indicators = core.State(*packed["core"]), packed["indicators"]
            at.learner.restore(packed["learner"])


def _passed_on(message: Any) -> list[Output]:
    """What a strategy must know besides: that time passes, what is wrong, what became of orders."""
    match message:
        case Clock():
            return [Output("features", message.key, message)]
        case Status() | Decision() | OrderUpdate() | Fill():
            return [Output("features", message.instrument, message)]
    return []


def _set_name(indicators: tuple[str, ...]) -> str:
    """A vector says what it is made of: another list of indicators is another set."""
    if not indicators:
        return FEATURE_SET
    digest = hashlib.blake2b("|".join(indicators).encode(), digest_size=4).hexdigest()
    return f"{FEATURE_SET}+{digest}"
