"""The same risk from each instrument of a group."""

import math
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import numpy as np

from streams.operators.period import Period
from streams.operators.statistics.equal_risk import equal_risk
from streams.operators.statistics.regression import FloatArray
from streams.operators.strategies.parameters import money, names, number, numbers, span
from streams.operators.strategies.sizing.sizing import Case, share


@dataclass(frozen=True, slots=True)
class RiskParity:
    """Equal risk contributions: weights w for which w_i (Sw)_i is the same of each, S the
    covariance of their returns, and that vary together by ``target`` a year (Maillard, Roncalli and
    Teiletche 2010, The Properties of Equally Weighted Risk Contribution Portfolios; found as in
    Griveau-Billion, Richard and Roncalli 2013).

    A strategy of a group sees all members, and S is measured over about ``half_life``. What it
    holds long stays long, and what short short, but how much of each, and of all, this rule says:
    weights that are a hedge (pairs) are a hedge no longer. Nothing is held while there are no more
    bars than members, or where positions cancel each other's risk.

    A strategy of single instruments sees no other, so it names all that share the risk in
    ``covers`` and says their ``correlations``: what each contributes depends on these and on its
    own volatility alone, w_i = ``target`` x_i / volatility with x from the correlations. The
    volatility is measured over about ``half_life``; correlations that changed, and positions on
    different sides, make it wrong. With one correlation for all pairs x is the same for all:
    weights are in proportion to 1 / volatility."""

    covers: tuple[str, ...] = names(
        (), "instruments that share the risk; none: the group's members"
    )
    correlations: tuple[float, ...] = numbers(
        "between those: one for all pairs, or of the first with the second, with the third, …, the "
        "second with the third, …; none: 0"
    )
    target: float = number(0.1, 1e-6, 10, "volatility of all together a year, of the capital")
    half_life: Period = span(3600, "in which a return counts half in what is measured", 1)
    most: float = number(
        1.0, 0, 100, "largest position, of the capital: of an instrument, or of all of a group"
    )
    capital: Decimal = money("0", "quote currency; 0: the account's")
    kind: str = "risk_parity"
    hears = False

    def check(self) -> None:
        n = len(self.covers)
        if len(set(self.covers)) < n:
            raise ValueError("covers names an instrument twice")
        if len(self.correlations) > 1 and len(self.correlations) != n * (n - 1) // 2:
            raise ValueError(
                f"correlations: {len(self.correlations)} of them; {n} instruments have "
                f"{n * (n - 1) // 2} pairs: give as many, or one for all"
            )
        if not n and self.correlations:
            raise ValueError("correlations: name the instruments in covers; a group's are measured")
        if n:
            _checked(_matrix(n, self.correlations))

    @property
    def half_life_ns(self) -> int:
        return self.half_life

    @property
    def balances(self) -> bool:
        return not self.covers

    def units(self, case: Case) -> Decimal:
        if not case.volatility > 0:
            return Decimal(0)
        part = self.target / case.volatility
        if self.covers:
            place = self.covers.index(case.instrument)
            part *= _parts(len(self.covers), self.correlations)[place]
        return share(self.capital, case, part, self.most)


def _matrix(n: int, correlations: tuple[float, ...]) -> FloatArray:
    pairs = n * (n - 1) // 2
    values = correlations * pairs if len(correlations) == 1 else correlations or (0.0,) * pairs
    found = np.zeros((n, n))
    found[np.triu_indices(n, 1)] = values
    matrix: FloatArray = found + found.T + np.eye(n)
    return matrix


def _checked(matrix: FloatArray) -> None:
    least = float(np.linalg.eigvalsh(matrix)[0])
    if not (np.abs(matrix) <= 1).all() or least < -1e-8:
        raise ValueError(
            "correlations: they cannot all hold together; each lies in -1 … 1, and what most move "
            f"against each other varies by less than nothing here ({least:.3g})"
        )
    if equal_risk(matrix) is None:
        raise ValueError("correlations: some of these instruments cancel each other's risk")


@lru_cache(maxsize=64)
def _parts(n: int, correlations: tuple[float, ...]) -> tuple[float, ...]:
    found = equal_risk(_matrix(n, correlations))
    return (math.nan,) * n if found is None else tuple(found.tolist())
