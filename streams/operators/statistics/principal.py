"""Eigenportfolios: what moves many instruments together.

Avellaneda and Lee 2010, Statistical Arbitrage in the US Equities Market, section 2: the
eigenvectors of the correlation matrix of returns, largest eigenvalue first, each component over its
instrument's deviation. The sign of an eigenvector is free; here its largest component (the first of
equal ones) is positive.
"""

from typing import NamedTuple

import numpy as np

from streams.operators.statistics.regression import FloatArray


class Principal(NamedTuple):
    """``portfolios``: a row each, amounts of money by instrument; ``explained``: part of the
    variance, by portfolio; ``returns``: of the portfolios, a column each."""

    portfolios: FloatArray
    explained: FloatArray
    returns: FloatArray


def eigenportfolios(returns: FloatArray, count: int) -> Principal | None:
    """Of returns (rows, instruments). None where an instrument does not move."""
    deviations = returns.std(axis=0, ddof=1)
    if not deviations.min() > 0:
        return None
    standard = (returns - returns.mean(axis=0)) / deviations
    values, vectors = np.linalg.eigh(standard.T @ standard / (len(returns) - 1))
    order = np.argsort(-values, kind="stable")[:count]
    chosen = vectors[:, order].T
    largest = np.abs(chosen).argmax(axis=1)
    chosen = chosen * np.sign(chosen[np.arange(len(chosen)), largest])[:, None]
    portfolios = chosen / deviations
    return Principal(portfolios, values[order] / values.sum(), returns @ portfolios.T)
