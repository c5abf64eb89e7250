"""The kinds of models that learn online, each with its parameters: the classes are the tables
``[models.NAME]`` of the configuration.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from streams.operators.features.models import linear
from streams.operators.features.models.labels import KINDS as LABELS
from streams.operators.features.models.labels import Label
from streams.operators.features.models.learner import Learner
from streams.operators.features.models.linear_learner import LinearLearner
from streams.operators.features.models.online import OnlineSlot
from streams.operators.features.models.parameter import check_parameters, number, one_of
from streams.operators.features.models.slot import Place, chosen
from streams.operators.period import Period

TEN_SECONDS = Period(10 * 10**9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Online:
    """What every model that learns from labels takes."""

    kind: ClassVar[str]
    sides: ClassVar[bool]  # it learns which way the mid went, else how far

    inputs: tuple[str, ...] = ()
    label: str = one_of("horizon", LABELS, "what it learns to foresee")
    horizon: Period = TEN_SECONDS
    bars: int = number(10, 1, 100_000, "vectors until the label of kind bars is known")
    up: float = number(10.0, 1e-6, 1e6, "upper barrier: basis points, or multiples of volatility")
    down: float = number(10.0, 1e-6, 1e6, "lower barrier")
    volatility: str = ""
    vertical: str = one_of("sign", ("sign", "none"), "the side where no barrier is touched in time")
    warm_up: int = number(30, 0, 1_000_000, "labels learnt before it predicts")
    seed: int = number(1, 0, 2**31 - 1, "of its random numbers")

    def check(self) -> None:
        check_parameters(self)
        self._label().check()

    def columns(self, name: str) -> tuple[str, ...]:
        return (name,)

    def reads(self, features: Sequence[str], earlier: Sequence[str]) -> tuple[str, ...]:
        found = chosen(self.inputs, features, earlier)
        if not self.volatility:
            return found
        return (*found, *chosen((self.volatility,), features, earlier)[:1])

    def slot(self, name: str, reads: tuple[str, ...], place: Place) -> OnlineSlot:
        widths = bool(self.volatility)
        inputs = reads[:-1] if widths else reads
        return OnlineSlot(
            name, self.learner(inputs), len(inputs), self._label(), self.sides, widths
        )

    def learner(self, inputs: tuple[str, ...]) -> Learner:
        raise NotImplementedError

    def _label(self) -> Label:
        return Label(self.label, self.horizon, self.bars, self.up, self.down, self.vertical)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Linear(Online):
    loss: ClassVar[int]

    learning_rate: float = number(0.05, 1e-9, 10.0, "of the weights, a step")
    intercept_rate: float = number(0.01, 0.0, 10.0, "of the intercept, a step")
    l2: float = number(0.0, 0.0, 10.0, "how much weights are pulled towards zero")
    batch: int = number(1, 1, 10_000, "labels whose mean gradient makes a step")

    def learner(self, inputs: tuple[str, ...]) -> Learner:
        rates = (self.learning_rate, self.intercept_rate, self.l2)
        return LinearLearner(
            linear.Descent(self.loss, *rates, self.batch, self.warm_up), len(inputs)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic(_Linear):
    """Logistic regression over standardised inputs, by stochastic gradient descent; a kernel."""

    kind: ClassVar[str] = "logistic"
    sides: ClassVar[bool] = True
    loss: ClassVar[int] = linear.LOGISTIC


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear(_Linear):
    """Linear regression of the return, over standardised inputs, by stochastic gradient descent; a
    kernel."""

    kind: ClassVar[str] = "linear"
    sides: ClassVar[bool] = False
    loss: ClassVar[int] = linear.LINEAR
