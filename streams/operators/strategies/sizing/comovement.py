"""How the members of a group move together, and amounts of them that carry the same risk each.

The covariance is a mean of products of log returns per second that forgets by half in
``half_life_ns`` of event time, as the variance of an instrument alone does (``meter``):

    w = 1 - 0.5 ** (dt / half_life);  S += w (r r' / dt - S)

(a plain mean at first, w = 1 / n). Returns are taken between moments at which all members have a
vector of the same bar time.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from streams.operators.statistics.equal_risk import equal_risk
from streams.operators.statistics.regression import FloatArray
from streams.operators.strategies.sizing.meter import YEAR_S


class Balanced(NamedTuple):
    """``money``: of each member, its sign the side, 1 in all; ``volatility``: of that, a year."""

    money: FloatArray
    volatility: float


class Comovement:
    """``covariance``: of log returns, a second; ``returns``: how many it is made of."""

    def __init__(self, members: int, half_life_ns: int) -> None:
        self._half_life_ns = half_life_ns
        self.ts, self.returns = 0, 0
        self.mids: list[float] = []
        self.covariance = np.zeros((members, members))

    def see(self, ts: int, mids: Sequence[float]) -> None:
        """The next moment, which is later than the last."""
        if self.mids:
            found = np.log(np.array(mids) / np.array(self.mids))
            self._add(found, (ts - self.ts) / 1e9)
        self.ts, self.mids = ts, list(mids)

    def _add(self, found: FloatArray, seconds: float) -> None:
        self.returns += 1
        weight = max(1 - 0.5 ** (seconds * 1e9 / self._half_life_ns), 1 / self.returns)
        self.covariance += weight * (np.outer(found, found) / seconds - self.covariance)

    def balanced(self, sides: Sequence[int]) -> Balanced | None:
        """``sides``: 1 long, -1 short, 0 not held. None while there are no more returns than
        members, or where no amounts carry the same risk."""
        held = np.flatnonzero(sides)
        if self.returns <= len(self.covariance) or not len(held):
            return None
        signs = np.array(sides, np.float64)[held]
        weights = equal_risk(self.covariance[np.ix_(held, held)] * np.outer(signs, signs))
        if weights is None:
            return None
        whole, money = float(weights.sum()), np.zeros(len(sides))
        money[held] = signs * weights / whole
        return Balanced(money, math.sqrt(YEAR_S) / whole)  # they vary by 1 a second

    def pack(self) -> dict[str, Any]:
        return {
            "ts": self.ts,
            "mids": self.mids,
            "returns": self.returns,
            "covariance": self.covariance.tolist(),
        }

    def unpack(self, packed: dict[str, Any]) -> None:
        self.ts, self.mids, self.returns = packed["ts"], packed["mids"], packed["returns"]
        self.covariance = np.array(packed["covariance"], np.float64)
