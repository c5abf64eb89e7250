"""Linear and logistic regression by stochastic gradient descent over standardised inputs, as a
kernel.

It is river's ``StandardScaler | LogisticRegression(SGD)`` (or ``LinearRegression``), number for
number to 1e-12, and river's own loop is its twin in the tests. The scaler learns from a vector when
it comes, the weights when its label is known; inputs are scaled with what the scaler knows then.
With ``batch`` over one, gradients are averaged over so many labels before a step.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from streams.kernels import kernel

FloatArray = npt.NDArray[np.float64]

LOGISTIC, LINEAR = range(2)
_STEPS, _INTERCEPT, _SEEN, _LEARNT, _SUMMED, _SUM = range(6)  # scalars
_CLIP = 1e12  # of a gradient, as in river


@dataclass(frozen=True, slots=True)
class Descent:
    """``l2`` pulls weights towards zero; ``batch`` labels make a step."""

    loss: int
    learning_rate: float
    intercept_rate: float
    l2: float
    batch: int
    warm_up: int

    def spec(self) -> tuple[int, float, float, float, int, int]:
        """As the kernel takes it."""
        rates = (self.learning_rate, self.intercept_rate, self.l2)
        return self.loss, *rates, self.batch, self.warm_up


class Numbers(NamedTuple):
    """The whole model: a mean, a variance and a weight an input, the gradients summed up in an
    unfinished batch, and scalars."""

    scalars: FloatArray
    weights: FloatArray
    means: FloatArray
    variances: FloatArray
    gradient: FloatArray


def empty(inputs: int) -> Numbers:
    return Numbers(np.zeros(6), *(np.zeros(inputs) for _ in range(4)))


@kernel
def fold(batch, lo, hi, lesson, spec, state, out):  # type: ignore[no-untyped-def]
    """Folds the rows ``lo`` … ``hi`` - 1 of a batch (see learner.py): first a row's lessons, from
    number ``lesson`` on, then its prediction into ``out``. Returns the next lesson."""
    warm_up = spec[5]
    for row in range(lo, hi):
        while lesson < len(batch.row) and batch.row[lesson] == row:
            if not np.isnan(batch.target[lesson]):
                _learn(batch.ring[batch.place[lesson]], batch.target[lesson], spec, state)
            lesson += 1
        if batch.usable[row]:
            _scale(batch.inputs[row], state)
            if state.scalars[_LEARNT] >= warm_up:
                value = _value(batch.inputs[row], state)
                out[row] = 1.0 / (1.0 + np.exp(-value)) if spec[0] == LOGISTIC else value
    return lesson


@kernel
def _scale(x, state):  # type: ignore[no-untyped-def]
    """Welford's means and variances."""
    state.scalars[_SEEN] += 1
    seen, means, variances = state.scalars[_SEEN], state.means, state.variances
    for k in range(len(means)):
        before = means[k]
        means[k] += (x[k] - before) / seen
        variances[k] += ((x[k] - before) * (x[k] - means[k]) - variances[k]) / seen


@kernel
def _scaled(x, k, state):  # type: ignore[no-untyped-def]
    variance = state.variances[k]
    return (x[k] - state.means[k]) / np.sqrt(variance) if variance else 0.0


@kernel
def _value(x, state):  # type: ignore[no-untyped-def]
    value = 0.0
    for k in range(len(state.weights)):
        value += state.weights[k] * _scaled(x, k, state)
    return value + state.scalars[_INTERCEPT]


@kernel
def _learn(x, target, spec, state):  # type: ignore[no-untyped-def]
    loss, rate, intercept_rate, l2, size, _ = spec
    s, gradient = state.scalars, state.gradient
    slope = _slope(loss, target, _value(x, state))
    s[_LEARNT] += 1
    s[_SUMMED] += 1
    s[_SUM] += slope
    for k in range(len(gradient)):
        gradient[k] += _scaled(x, k, state) * slope
    if s[_SUMMED] < size:
        return
    s[_INTERCEPT] -= intercept_rate * (s[_SUM] / size)
    for k in range(len(gradient)):
        state.weights[k] -= rate * (gradient[k] / size + l2 * state.weights[k])
        gradient[k] = 0.0
    s[_STEPS] += 1
    s[_SUMMED] = s[_SUM] = 0.0


@kernel
def _slope(loss, target, value):  # type: ignore[no-untyped-def]
    """Of the loss, by the value that was predicted."""
    if loss == LINEAR:
        return min(max(2.0 * (value - target), -_CLIP), _CLIP)
    sign = 1.0 if target > 0 else -1.0
    z = value * sign
    if z > 18.0:
        return np.exp(-z) * -sign
    if z < -18.0:
        return -sign
    return -sign / (np.exp(z) + 1.0)
