"""Correlated exposure: what an account really has in one thing, counted with all that moves alike.

Ten long positions in coins that move as one are one large position. For instrument i the correlated
exposure is the sum over j of ``rho_ij × value_j``; for the portfolio ``sqrt(v' rho v)``, which is
the gross where all correlations are one and all values of one sign, and less where they diversify
(both follow from the variance of a sum, with every volatility set to one).

Correlations are estimates, so these figures are float64: measures to compare with a limit, not
money. Sums are exact sums of the products (``fsum``), so no order of summing shows in them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import numpy.typing as npt


class UnknownCorrelation(LookupError):
    """An instrument with an exposure is missing from the matrix: unknown, which is not zero."""


@dataclass(frozen=True, slots=True, eq=False)
class Correlation:
    """``matrix[i, j]`` between ``instruments[i]`` and ``[j]``. Raises ValueError on what cannot
    be a correlation matrix."""

    instruments: tuple[str, ...]
    matrix: npt.NDArray[np.float64]
    places: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        places = {name: place for place, name in enumerate(self.instruments)}
        object.__setattr__(self, "places", places)
        n, matrix = len(self.instruments), self.matrix
        if matrix.shape != (n, n):
            raise ValueError(f"correlations of {n} instruments have shape {matrix.shape}")
        if not np.all(np.abs(matrix) <= 1) or not np.all(np.diag(matrix) == 1):
            raise ValueError("correlations lie between -1 and 1, and are 1 on the diagonal")
        if not np.array_equal(matrix, matrix.T):
            raise ValueError("a correlation matrix is symmetric")
        if n and np.linalg.eigvalsh(matrix)[0] < -1e-8:
            raise ValueError(
                "a correlation matrix has no negative eigenvalue: estimate all pairs over the "
                "same returns"
            )

    def exposure(self, instrument: str, values: Mapping[str, Decimal]) -> float:
        """To one instrument, given the values held by name. Raises UnknownCorrelation."""
        row = self.matrix[self._place(instrument)]
        return math.fsum(row[self._place(n)] * float(v) for n, v in values.items() if v)

    def total(self, values: Mapping[str, Decimal]) -> float:
        """Of the portfolio. Raises UnknownCorrelation."""
        held = [(self._place(name), float(value)) for name, value in values.items() if value]
        products = (self.matrix[i, j] * a * b for i, a in held for j, b in held)
        return math.sqrt(max(math.fsum(products), 0.0))

    def _place(self, instrument: str) -> int:
        try:
            return self.places[instrument]
        except KeyError:
            raise UnknownCorrelation(f"no correlations of {instrument} are known") from None
