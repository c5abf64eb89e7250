"""European options on spot and on futures: what a contract says, in columns.

A row is an option. On spot the underlying pays a continuous yield (dividends, or the interest of
the coin); on a future it is the future's price, which costs nothing to carry.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Floats: TypeAlias = float | Sequence[float] | FloatArray
Flags: TypeAlias = bool | Sequence[bool] | npt.NDArray[np.bool_]

_POSITIVE = float(np.nextafter(0.0, 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class Options:
    """``years`` to expiry; ``rate`` and ``dividend_yield`` continuously compounded, a year."""

    call: npt.NDArray[np.bool_]
    future: npt.NDArray[np.bool_]
    underlying: FloatArray
    strike: FloatArray
    years: FloatArray
    rate: FloatArray
    dividend_yield: FloatArray

    def __post_init__(self) -> None:
        for name in ("underlying", "strike", "years", "rate", "dividend_yield"):
            column = getattr(self, name)
            least = {"years": 0.0, "underlying": _POSITIVE, "strike": _POSITIVE}.get(name, -np.inf)
            wrong = np.flatnonzero(~(np.isfinite(column) & (column >= least)))
            if len(wrong):
                raise ValueError(f"option {wrong[0]}: {name} {column[wrong[0]]}")

    def __len__(self) -> int:
        return len(self.underlying)


def on_spot(
    call: Flags,
    spot: Floats,
    strike: Floats,
    years: Floats,
    rate: Floats,
    dividend_yield: Floats = 0.0,
) -> Options:
    """For Black-Scholes-Merton. Single values are repeated. Raises ValueError on an impossible
    one, which names its row."""
    return _columns(call, False, spot, strike, years, rate, dividend_yield)


def on_future(call: Flags, future: Floats, strike: Floats, years: Floats, rate: Floats) -> Options:
    """For Black-76. Single values are repeated. Raises ValueError."""
    return _columns(call, True, future, strike, years, rate, rate)


def _columns(call: Flags, future: bool, *numbers: Floats) -> Options:
    flags, *columns = np.broadcast_arrays(np.atleast_1d(call), *map(np.atleast_1d, numbers))
    floats = (np.ascontiguousarray(column, np.float64) for column in columns)
    return Options(np.ascontiguousarray(flags, np.bool_), np.full(len(flags), future), *floats)
