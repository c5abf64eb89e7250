"""What the tables ``[models.NAME]`` of models that learn online have in common, a class a table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from streams.operators.features.models.labels import KINDS as LABELS
from streams.operators.features.models.labels import Label
from streams.operators.features.models.learner import Learner
from streams.operators.features.models.online import OnlineSlot
from streams.operators.features.models.parameter import (
    check_parameters,
    meaning,
    number,
    one_of,
    says,
)
from streams.operators.features.models.slot import Place, chosen
from streams.operators.features.models.watched import ACTIONS, DETECTORS, Watch, Watched
from streams.operators.period import Period

_TEN_SECONDS = Period(10 * 10**9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A model of one column, named after it."""

    kind: ClassVar[str]
    inputs: tuple[str, ...] = says((), "columns or patterns of them; none: all features")
    seed: int = number(1, 0, 2**31 - 1, "of its random numbers")

    def check(self) -> None:
        check_parameters(self)

    def columns(self, name: str) -> tuple[str, ...]:
        return (name,)

    def reads(self, features: Sequence[str], earlier: Sequence[str]) -> tuple[str, ...]:
        return chosen(self.inputs, features, earlier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Online(Asked):
    """``sides``: it learns which way the mid goes, else how far."""

    sides: ClassVar[bool]
    label: str = one_of("horizon", LABELS, "what it learns to foresee")
    horizon: Period = field(default=_TEN_SECONDS, metadata=meaning("until the label, at most"))
    bars: int = number(10, 1, 100_000, "vectors after which a label of kind bars is known")
    up: float = number(10.0, 1e-6, 1e6, "upper barrier: basis points, or multiples of volatility")
    down: float = number(10.0, 1e-6, 1e6, "lower barrier, likewise")
    volatility: str = says("", "a column, in log returns, that scales barriers; none: basis points")
    vertical: str = one_of("sign", ("sign", "none"), "the side where time runs out first")
    warm_up: int = number(30, 0, 1_000_000, "labels learnt before it predicts")
    drift: str = one_of("", DETECTORS, "what watches its error")
    on_drift: str = one_of("tell", ACTIONS, "what follows when the error grew")
    adwin_delta: float = number(0.002, 1e-12, 1.0, "chance of a false alarm")
    page_hinkley_threshold: float = number(50.0, 1e-6, 1e9, "summed excess of the error")
    kswin_alpha: float = number(0.005, 1e-12, 1.0, "chance of a false alarm, a label")

    def check(self) -> None:
        Asked.check(self)
        self._label().check()

    def reads(self, features: Sequence[str], earlier: Sequence[str]) -> tuple[str, ...]:
        found = chosen(self.inputs, features, earlier)
        if not self.volatility:
            return found
        return (*found, *chosen((self.volatility,), features, earlier)[:1])

    def slot(self, name: str, reads: tuple[str, ...], place: Place) -> OnlineSlot:
        widths = bool(self.volatility)
        inputs = reads[:-1] if widths else reads
        learner, label = self._watched(inputs), self._label()
        return OnlineSlot(name, place, learner, len(inputs), label, self.sides, widths)

    def learner(self, inputs: tuple[str, ...], seed: int) -> Learner:
        """A fresh one."""
        raise NotImplementedError

    def _watched(self, inputs: tuple[str, ...]) -> Learner:
        def make(serial: int) -> Learner:
            return self.learner(inputs, self.seed + serial)

        if not self.drift:
            return make(0)
        parameter = {
            "adwin": self.adwin_delta,
            "page_hinkley": self.page_hinkley_threshold,
            "kswin": self.kswin_alpha,
        }[self.drift]
        watch = Watch(self.drift, parameter, self.on_drift, self.seed)
        return Watched(make, watch, self.sides, len(inputs))

    def _label(self) -> Label:
        return Label(self.label, self.horizon, self.bars, self.up, self.down, self.vertical)
