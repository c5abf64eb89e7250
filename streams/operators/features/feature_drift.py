"""How far the features of a period are from those of the beginning.

The first ``reference`` values of a feature are its reference. Their deciles are ten bins, and a
period's values are counted in them:

| | unit | definition |
| --- | --- | --- |
| psi | nats | population stability index, sum of (p - q) ln(p / q); each count plus 1/2 |
| shift | standard deviations | mean less the reference's mean, by the reference's deviation |

By chance alone psi is about 9 (1 / period's values + 1 / reference's); over that, 0.1 is called a
small change and 0.25 a large one (Siddiqi, *Credit Risk Scorecards*). A feature that was constant
has one bin, and no shift. NaN counts nowhere.
"""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.records import FeatureDrift
from streams.kernels import kernel

FloatArray = npt.NDArray[np.float64]
BINS = 10


@dataclass(frozen=True, slots=True)
class DriftConfig:
    """``reference`` values are compared with those of each period of event time; 0: with none."""

    reference: int
    period_ns: int


class _State(NamedTuple):
    """A row a feature. ``first``: the reference while it grows; ``edges``: of its bins; ``was``
    and ``now``: counts; ``sums``: of the reference mean and deviation, of now count and sum."""

    filled: Any
    first: Any
    edges: Any
    was: Any
    now: Any
    sums: Any


_MEAN, _DEVIATION, _COUNT, _SUM = range(4)


class Watcher:
    """Of the features of one instrument, ``names``."""

    def __init__(
        self, config: DriftConfig, names: tuple[str, ...], instrument: str, feature_set: str
    ) -> None:
        self._config, self._names = config, names
        self._instrument, self._set = instrument, feature_set
        k = len(names)
        self._state = _State(
            np.zeros(k, np.int64),
            np.zeros((k, config.reference)),
            np.zeros((k, BINS - 1)),
            np.zeros((k, BINS)),
            np.zeros((k, BINS)),
            np.zeros((k, 4)),
        )
        self._period = -1

    def fold(self, ts: Any, values: FloatArray) -> list[tuple[int, FeatureDrift]]:
        """(row, what the period before it was like) for the rows that begin one."""
        if not self._config.reference:
            return []
        said, done = list[tuple[int, FeatureDrift]](), 0
        if len(ts) == 1 and int(ts[0]) // self._config.period_ns == self._period:
            self._count(values, 0, 1)  # as most calls are
            return said
        highest = np.maximum.accumulate(np.append(self._period, ts // self._config.period_ns))
        for row in np.flatnonzero(np.diff(highest)).tolist():
            self._count(values, done, row)
            said += [(row, told) for told in self._told()]
            self._state.now[:], self._state.sums[:, _COUNT:] = 0, 0
            done, self._period = row, int(highest[row + 1])
        self._count(values, done, len(values))
        return said

    def _count(self, values: FloatArray, lo: int, hi: int) -> None:
        while lo < hi:
            lo = _fold(values, lo, hi, self._state)
            if lo < 0:
                lo = -lo
                full = np.flatnonzero(self._state.filled == self._config.reference)
                for feature in full.tolist():
                    self._refer(feature)

    def _refer(self, feature: int) -> None:
        """A reference is complete."""
        s = self._state
        first = np.sort(s.first[feature])
        s.edges[feature] = first[np.arange(1, BINS) * len(first) // BINS]
        bins = np.searchsorted(s.edges[feature], first, side="right")
        s.was[feature] = np.bincount(bins, minlength=BINS)
        s.sums[feature, _MEAN] = math.fsum(first) / len(first)
        s.sums[feature, _DEVIATION] = first.std()
        s.first[feature], s.filled[feature] = 0.0, len(first) + 1

    def _told(self) -> list[FeatureDrift]:
        s, counted = self._state, self._state.sums[:, _COUNT]
        if not counted.any():
            return []
        p, q = (counts + 0.5 for counts in (s.now, s.was))
        p, q = (shares / shares.sum(axis=1, keepdims=True) for shares in (p, q))
        psi = ((p - q) * np.log(p / q)).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            shift = (s.sums[:, _SUM] / counted - s.sums[:, _MEAN]) / s.sums[:, _DEVIATION]
        known = counted > 0
        psi[~known] = math.nan
        shift[~known | (s.sums[:, _DEVIATION] == 0)] = math.nan
        return [
            FeatureDrift(
                self._instrument,
                (self._period + 1) * self._config.period_ns,
                self._config.period_ns,
                self._set,
                self._names,
                tuple(map(int, counted.tolist())),
                tuple(psi.tolist()),
                tuple(shift.tolist()),
            )
        ]

    def state(self) -> dict[str, Any]:
        growing = self._state.filled <= self._config.reference
        kept = self._state._replace(first=self._state.first[growing])
        return {**kept._asdict(), "period": self._period}

    def restore(self, state: dict[str, Any]) -> None:
        growing = state["filled"] <= self._config.reference
        first = np.zeros((len(self._names), self._config.reference))
        first[growing] = state["first"]
        kept = {name: state[name] for name in _State._fields}
        self._state, self._period = _State(**{**kept, "first": first}), state["period"]


@kernel
def _fold(values, lo, hi, state):  # type: ignore[no-untyped-def]
    """Counts rows. Returns the next one; below zero where it stopped since a reference is
    complete."""
    size = state.first.shape[1]
    for row in range(lo, hi):
        complete = False
        for k in range(len(state.filled)):
            value = values[row, k]
            if not np.isfinite(value):
                continue
            if state.filled[k] < size:
                state.first[k, state.filled[k]] = value
                state.filled[k] += 1
                complete = complete or state.filled[k] == size
                continue
            at = 0
            while at < BINS - 1 and value >= state.edges[k, at]:
                at += 1
            state.now[k, at] += 1
            state.sums[k, _COUNT] += 1
            state.sums[k, _SUM] += value
        if complete:
            return -row - 1
    return hi
