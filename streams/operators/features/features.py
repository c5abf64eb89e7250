"""Features: the tape → feature vectors, with what models make of them.

A vector belongs to a bar that closed: the set ``core``, the indicators that the configuration asks
for, and the outputs of the models, which run in the order of the configuration (`models/slot.py`).
A gap or a crossed book blanks the book's features until the book is back.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from schemas.enums import StatusKind
from schemas.frames import FeatureFrame, TapeFrame, Vectors
from schemas.ledger import Decision, Fill, OrderUpdate
from schemas.records import Clock, Disclosure, ModelChange, Status
from streams import canonical
from streams.operator import Output, Refused
from streams.operators.features import columns, core
from streams.operators.features.between import Top, Watched, told, woven
from streams.operators.features.feature_drift import DriftConfig, Watcher
from streams.operators.features.indicators.asked import Asked
from streams.operators.features.indicators.fold import Program
from streams.operators.features.models.lineup import concerns
from streams.operators.features.models.onnx import lineup
from streams.operators.features.models.onnx_slot import OnnxSlot
from streams.operators.features.models.predictor import NO_PREDICTORS, Predictors
from streams.operators.features.models.slot import Model, Place, Said, Slot, plan
from streams.operators.market.book import read_only

FEATURE_SET = "core@1"
GROUPS = "baskets"  # the topic that groups are told on
NO_DRIFT = DriftConfig(0, 1)
_BLANK = (
    StatusKind.GAP,
    StatusKind.CROSSED,
    StatusKind.CHECKSUM,
    StatusKind.DISCONNECTED,
)


@dataclass(frozen=True, slots=True)
class FeaturesConfig:
    """``bar`` (kind:spec) paces the vectors; periods in bars; ``indicators`` stand in the vector
    behind ``core``, and what ``models`` (name, model) append behind these. Models are evaluated
    over periods of ``evaluation_ns``. ``groups``: instrument → those that it is a member of;
    ``hearers``: strategy → its group, which is told what became of its orders; ``watched``:
    instruments that strategies look at between vectors."""

    bar: str
    ema_fast: int
    ema_slow: int
    rsi: int
    vol_window: int
    indicators: tuple[Asked, ...] = ()
    models: tuple[tuple[str, Model], ...] = ()
    evaluation_ns: int = 60 * 10**9
    drift: DriftConfig = NO_DRIFT
    predictors: Predictors = NO_PREDICTORS
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hearers: Mapping[str, str] = field(default_factory=dict)
    watched: tuple[Watched, ...] = ()


def feature_names(indicators: Sequence[Asked]) -> tuple[str, ...]:
    """The vector's components before any model's."""
    return (*core.NAMES, *(name for asked in indicators for name in asked.names))


class _Instrument:
    """``watched``: whether its trades are told between vectors; None: nothing is."""

    def __init__(
        self,
        window: int,
        program: Program,
        slots: list[Slot],
        drift: Watcher,
        watched: bool | None,
    ) -> None:
        self.core = core.empty_state(window)
        self.columns = columns.empty_state()
        self.indicators = program.empty_state()
        self.slots, self.drift, self.watched = slots, drift, watched

    @property
    def top(self) -> Top:
        book = self.core.book
        return Top(
            int(book[core.BID]) if book[core.BID_SIZE] else 0,
            int(book[core.ASK]) if book[core.ASK_SIZE] else 0,
        )

    def swap(self, change: ModelChange) -> None:
        for slot in self.slots:
            if isinstance(slot, OnnxSlot) and slot.name == change.slot:
                slot.swap(change)


class Features:
    """Operator: ``tape`` → ``features``. Raises ValueError for models that cannot run, ModelError
    for one of the registry that is not there or does not fit."""

    def __init__(self, config: FeaturesConfig) -> None:
        self._config = config
        self._periods = (config.ema_fast, config.ema_slow, config.rsi, config.vol_window)
        self._program = Program(config.indicators)
        features = feature_names(config.indicators)
        self._plan = plan(config.models, features)
        self._features = len(features)
        self._names = (*features, *(name for _, _, made in self._plan for name in made))
        self._reads = [[self._names.index(name) for name in reads] for _, reads, _ in self._plan]
        self._set = _set_name(self._program.names)
        self.lineup = lineup(config.models, self._plan, self._set, config.predictors)
        self._instruments: dict[str, _Instrument] = {}

    def apply(self, message: Any) -> list[Output]:
        match message:
            case TapeFrame():
                return self._shared(message.instrument, self._fold(message))
            case Status() if message.kind in _BLANK and message.instrument in self._instruments:
                self._instruments[message.instrument].core.book[:] = 0
                columns.blank(self._instruments[message.instrument].columns)
            case ModelChange():
                return self._swap(message)
        return _passed_on(message, self._config)

    def _shared(self, instrument: str, outputs: list[Output]) -> list[Output]:
        """Tells the groups of the vectors, so that all members stand in one order."""
        groups = self._config.groups.get(instrument, ())
        return outputs + [
            output._replace(topic=GROUPS, key=group, message=replace(output.message, basket=group))
            for output in outputs
            if isinstance(output.message, FeatureFrame)
            for group in groups
        ]

    def _swap(self, change: ModelChange) -> list[Output]:
        state = self.lineup.take(change)
        for name, at in self._instruments.items():
            if concerns(change, name):
                at.swap(change)
        return [Output("features", change.key, state)]

    def _fold(self, tape: TapeFrame) -> list[Output]:
        if tape.levels < 1 or self._config.bar not in tape.specs:
            raise Refused(
                f"{tape.instrument}: the tape has {tape.levels} levels and bars {tape.specs}; "
                f"features need bar {self._config.bar}: add it to [market] bars"
            )
        at = self._instruments.get(tape.instrument)
        if at is None:
            at = self._instruments[tape.instrument] = self._empty(tape.instrument)
        books, bars, before = tape.books, tape.bars, at.top
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
        inputs = columns.of_tape(tape, spec, at.columns, self._program.made_of)
        outputs: list[Output] = []
        if count:
            if self._program.names:
                found = self._program.fold(inputs, at.indicators)
                values[:count, len(core.NAMES) : self._features] = found.T
            outputs = self._outputs(tape, at, marks[:, :count], values[:count])
        if at.watched is None:
            return outputs
        vectors = outputs[0] if outputs else None
        return [*woven(tape, told(tape, before, at.watched), vectors), *outputs[1:]]

    def _empty(self, instrument: str) -> _Instrument:
        place = Place(instrument, self._config.evaluation_ns, self.lineup)
        slots = [
            model.slot(name, reads, place)
            for (name, model), (_, reads, _) in zip(self._config.models, self._plan, strict=True)
        ]
        names = self._names[: self._features]
        drift = Watcher(self._config.drift, names, instrument, self._set)
        trades = [w.trades for w in self._config.watched if fnmatchcase(instrument, w.pattern)]
        watched = any(trades) if trades else None
        return _Instrument(self._config.vol_window, self._program, slots, drift, watched)

    def _outputs(self, tape: TapeFrame, at: _Instrument, marks: Any, values: Any) -> list[Output]:
        """The vectors, with what the models append, and what else these say."""
        ts, bid, ask, rows = marks
        mid = np.where((bid != 0) & (ask != 0), (bid + ask) / 2, np.nan)
        end = self._features
        said: list[Said] = [*at.drift.fold(ts, values[:, :end])]
        for slot, reads in zip(at.slots, self._reads, strict=True):
            made = slot.fold(ts, mid, values[:, reads])
            values[:, end : end + len(slot.names)] = made
            end += len(slot.names)
            said += slot.said()
        frame = FeatureFrame(
            tape.instrument,
            tape.price_scale,
            tape.size_scale,
            self._set,
            self._names,
            Vectors(ts, bid, ask, values.ravel()),
        )
        said.sort(key=lambda each: each[0])
        return [
            Output("features", tape.instrument, frame, int(rows[-1]), rows),
            *(Output("features", tape.instrument, what, int(rows[row])) for row, what in said),
        ]

    def snapshot(self) -> bytes:
        return canonical.pack(
            {
                "lineup": self.lineup.state(),
                "of": self._written(),
                "instruments": {
                    name: {
                        "core": list(at.core),
                        "columns": list(at.columns),
                        "indicators": at.indicators,
                        "slots": {model: slot.state() for model, slot in self._named(at)},
                        "drift": at.drift.state(),
                    }
                    for name, at in self._instruments.items()
                },
            }
        )

    def restore(self, state: bytes) -> None:
        """Where the configuration is another than that of the snapshot, what is still asked for
        goes on, and the rest begins anew."""
        self._instruments = {}
        whole, now = canonical.unpack(state), self._written()
        self.lineup.restore(whole["lineup"])
        was = whole["of"]
        same = [name for name, kept in was["models"].items() if now["models"].get(name) == kept]
        for name, packed in whole["instruments"].items():
            at = self._instruments[name] = self._empty(name)
            if was["bars"] == now["bars"]:
                at.core, at.columns = core.State(*packed["core"]), columns.State(*packed["columns"])
                at.indicators = self._program.take_up(was["indicators"], packed["indicators"])
            for model, slot in self._named(at):
                if model in same:
                    slot.restore(packed["slots"][model])
            if was["drift"] == now["drift"]:
                at.drift.restore(packed["drift"])

    def _named(self, at: _Instrument) -> list[tuple[str, Slot]]:
        names = (name for name, _ in self._config.models)
        return list(zip(names, at.slots, strict=True))

    def _written(self) -> dict[str, Any]:
        """What the state is made by, as far as its shape or its meaning depends on it."""
        config = self._config
        models = zip(config.models, self._plan, strict=True)
        return {
            "bars": [config.bar, config.vol_window],
            "indicators": [[name, size] for name, size in self._program.layout],
            "models": {name: f"{model!r} of {reads}" for (name, model), (_, reads, _) in models},
            "drift": [*self._names[: self._features], repr(config.drift)],
        }


def _passed_on(message: Any, config: FeaturesConfig) -> list[Output]:
    """What a strategy must know besides: that time passes, what is wrong, what became of orders,
    what others did."""
    match message:
        case Clock():
            groups = config.groups.get(message.key, ())
            told = [Output(GROUPS, group, replace(message, key=group)) for group in groups]
            return [Output("features", message.key, message), *told]
        case Decision() | OrderUpdate() | Fill() if message.strategy in config.hearers:
            return [Output(GROUPS, config.hearers[message.strategy], message)]
        case Status() | Decision() | OrderUpdate() | Fill() | Disclosure():
            return [Output("features", message.instrument, message)]
    return []


def _set_name(indicators: tuple[str, ...]) -> str:
    """A vector says what it is made of: another list of indicators is another set."""
    if not indicators:
        return FEATURE_SET
    digest = hashlib.blake2b("|".join(indicators).encode(), digest_size=4).hexdigest()
    return f"{FEATURE_SET}+{digest}"
