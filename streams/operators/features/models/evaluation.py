"""How good a slot's predictions were, over periods of event time. Each counts in the period in
which its label became known (prequential evaluation: Gama, Sebastião and Rodrigues 2013).

Of probabilities: log loss, Brier score, accuracy, calibration in ten bins, and the area under the
ROC curve over the period's predictions, sorted into 200 bins of probability, where those of one bin
count as ties. Of returns in basis points: mean absolute and root mean square error, correlation,
and the share of right directions.

A kernel sums; `Evaluation` is worked out once a period.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.records import Evaluation
from streams.kernels import kernel
from streams.operators.features.models.slot import FloatArray, IntArray, Place, Said

BINS = 10  # of calibration
_FINE = 200  # of the ROC curve; a multiple of BINS
_COUNT, _LOSS, _SQUARE, _RIGHT, _ABSOLUTE, _P, _Y, _PP, _YY, _PY = range(10)  # sums
_LEAST = 1e-15  # of a probability, in its logarithm


class _Sums(NamedTuple):
    """``fine``: predictions by bin and side; ``told``: the sum of the probabilities in a bin of
    calibration."""

    totals: FloatArray
    fine: FloatArray
    told: FloatArray


class Evaluator:
    """``sides``: of probabilities of a rise, targets 1 and 0; else of returns."""

    def __init__(self, name: str, place: Place, sides: bool) -> None:
        self._name, self._place, self._sides = name, place, int(sides)
        self._sums = _Sums(np.zeros(10), np.zeros((_FINE, 2)), np.zeros(BINS))
        self._period, self._drifts = -1, 0

    def fold(
        self,
        ts: IntArray,
        known: IntArray,
        predicted: FloatArray,
        target: FloatArray,
        drifted: Sequence[int] = (),
    ) -> list[Said]:
        """The evaluations that end at these rows. ``known``: the rows at which targets were told,
        in order; ``drifted``: those at which drift was. NaN on either side counts nowhere."""
        said, done, drifts = list[Said](), 0, 0
        for row, period in self._turns(ts):
            upto = int(np.searchsorted(known, row))
            past = sum(at < row for at in drifted)
            _add(predicted, target, done, upto, self._sides, self._sums)
            self._drifts += past - drifts
            said += [(row, made) for made in self._ended()]
            done, drifts, self._period = upto, past, period
        if done < len(known):
            _add(predicted, target, done, len(known), self._sides, self._sums)
        self._drifts += len(drifted) - drifts
        return said

    def _turns(self, ts: IntArray) -> list[tuple[int, int]]:
        """(row, period) of each row that begins one."""
        if len(ts) == 1 and int(ts[0]) // self._place.period_ns == self._period:
            return []  # as most calls are
        highest = np.maximum.accumulate(np.append(self._period, ts // self._place.period_ns))
        turns = np.flatnonzero(np.diff(highest))
        return list(zip(turns.tolist(), highest[turns + 1].tolist(), strict=True))

    def _ended(self) -> list[Evaluation]:
        made = []
        if self._sums.totals[_COUNT] or self._drifts:
            made.append(self._evaluation())
        for each in self._sums:
            each[:] = 0
        self._drifts = 0
        return made

    def _evaluation(self) -> Evaluation:
        s, p, nothing = self._sums.totals, self._sides, math.nan
        n = s[_COUNT] or nothing
        bins = self._sums.fine.reshape(BINS, -1, 2).sum(axis=1)
        held, empty = bins.sum(axis=1), np.full((2, BINS), nothing)
        shares = np.divide((self._sums.told, bins[:, 1]), held, empty, where=held > 0)
        return Evaluation(
            self._place.instrument,
            self._name,
            (self._period + 1) * self._place.period_ns,
            self._place.period_ns,
            int(s[_COUNT]),
            float(s[_Y] / n) if p else nothing,
            float(s[_LOSS] / n) if p else nothing,
            float(s[_SQUARE] / n) if p else nothing,
            area(self._sums.fine) if p else nothing,
            float(s[_RIGHT] / n),
            nothing if p else float(s[_ABSOLUTE] / n),
            nothing if p else math.sqrt(s[_SQUARE] / n),
            nothing if p else _correlation(s),
            self._drifts,
            tuple(held.tolist()) if p else (),
            tuple(shares[0].tolist()) if p else (),
            tuple(shares[1].tolist()) if p else (),
        )

    def state(self) -> dict[str, Any]:
        return {**self._sums._asdict(), "period": self._period, "drifts": self._drifts}

    def restore(self, state: dict[str, Any]) -> None:
        self._sums = _Sums(*(state[name] for name in _Sums._fields))
        self._period, self._drifts = state["period"], state["drifts"]


def area(fine: npt.NDArray[np.float64]) -> float:
    """Under the ROC curve: how likely a rise got a higher probability than a fall, ties half; NaN
    where there are not both."""
    falls, rises = fine[:, 0], fine[:, 1]
    pairs = falls.sum() * rises.sum()
    if not pairs:
        return math.nan
    below = np.cumsum(falls) - falls
    return float((rises * (below + falls / 2)).sum() / pairs)


def _correlation(s: FloatArray) -> float:
    n = s[_COUNT]
    p, y = s[_PP] - s[_P] ** 2 / n, s[_YY] - s[_Y] ** 2 / n
    if n < 3 or p <= 0 or y <= 0:
        return math.nan
    return float((s[_PY] - s[_P] * s[_Y] / n) / math.sqrt(p * y))


@kernel
def _add(predicted, target, lo, hi, sides, sums):  # type: ignore[no-untyped-def]
    s = sums.totals
    for n in range(lo, hi):
        p, y = predicted[n], target[n]
        if np.isnan(p) or np.isnan(y):
            continue
        s[_COUNT] += 1
        s[_SQUARE] += (p - y) ** 2
        s[_Y] += y
        if sides:
            at = min(int(p * _FINE), _FINE - 1)
            sums.fine[at, int(y)] += 1
            sums.told[at * BINS // _FINE] += p
            s[_LOSS] -= np.log(max(p if y > 0 else 1.0 - p, _LEAST))
            s[_RIGHT] += (p >= 0.5) == (y > 0)
        else:
            s[_ABSOLUTE] += abs(p - y)
            s[_RIGHT] += p * y > 0
            s[_P] += p
            s[_PP] += p * p
            s[_YY] += y * y
            s[_PY] += p * y
