"""Linear models, as kernels."""

from dataclasses import dataclass
from typing import ClassVar

from streams.operators.features.models import linear
from streams.operators.features.models.kinds import Online
from streams.operators.features.models.learner import Learner
from streams.operators.features.models.linear_learner import LinearLearner
from streams.operators.features.models.parameter import number


@dataclass(frozen=True, slots=True, kw_only=True)
class _Linear(Online):
    loss: ClassVar[int]
    learning_rate: float = number(0.05, 1e-9, 10.0, "of the weights, a step")
    intercept_rate: float = number(0.01, 0.0, 10.0, "of the intercept, a step")
    l2: float = number(0.0, 0.0, 10.0, "how much weights are pulled towards zero")
    batch: int = number(1, 1, 10_000, "labels whose mean gradient makes a step")

    def learner(self, inputs: tuple[str, ...], seed: int) -> Learner:
        rates = (self.learning_rate, self.intercept_rate, self.l2)
        descent = linear.Descent(self.loss, *rates, self.batch, self.warm_up)
        return LinearLearner(descent, len(inputs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic(_Linear):
    """Logistic regression over standardised inputs, by stochastic gradient descent."""

    kind: ClassVar[str] = "logistic"
    sides: ClassVar[bool] = True
    loss: ClassVar[int] = linear.LOGISTIC


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear(_Linear):
    """Linear regression over standardised inputs, by stochastic gradient descent."""

    kind: ClassVar[str] = "linear"
    sides: ClassVar[bool] = False
    loss: ClassVar[int] = linear.LINEAR
    learning_rate: float = number(0.001, 1e-9, 10.0, "of the weights, a step")
