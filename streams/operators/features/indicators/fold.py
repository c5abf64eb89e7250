"""A list of indicators as one fold over rows of bars."""

from typing import Any

import numpy as np
import numpy.typing as npt

from schemas.frames import Bars
from streams.kernel_pointers import addresses, call
from streams.kernels import inlined, kernel
from streams.operators.features.indicators.asked import Asked
from streams.operators.features.indicators.indicator import BAR_COLUMNS, COLUMNS, OF_BARS

FloatArray = npt.NDArray[np.float64]


class Program:
    """The compiled list: which kernels, with which parameters, state and outputs."""

    def __init__(self, asked: tuple[Asked, ...]) -> None:
        self.names = tuple(name for one in asked for name in one.names)
        self.warm_up = max((one.warm_up for one in asked), default=0)
        self.made_of = max((one.made_of for one in asked), default=OF_BARS)
        self._takes = BAR_COLUMNS if self.made_of == OF_BARS else COLUMNS
        self._kernels = addresses([one.indicator.run for one in asked])
        sizes = [(len(a.params), a.indicator.state(a.params), len(a.names)) for a in asked]
        ends = np.cumsum(np.array(sizes, np.int64).reshape(-1, 3), axis=0)
        starts = ends - np.array(sizes, np.int64).reshape(-1, 3)
        self._places = np.ascontiguousarray(np.stack([starts, ends], axis=2).reshape(-1, 6))
        self._needs = _needs(asked)
        self._params = np.array([value for one in asked for value in one.params], np.float64)
        self._floats = int(ends[-1, 1]) if len(asked) else 0

    def empty_state(self) -> FloatArray:
        return np.zeros(self._floats)

    def fold(self, columns: FloatArray, state: FloatArray) -> FloatArray:
        """``columns``: a row an input (see ``COLUMNS``), a column a bar. Returns a row a name, a
        column a bar; ``state`` goes on. The bar's own columns do where nothing is asked for that is
        made of others. Raises ValueError where the columns are not those."""
        takes = self._takes
        if columns.shape[0] not in (len(takes), len(COLUMNS)):
            raise ValueError(f"{columns.shape[0]} columns; indicators take {', '.join(takes)}")
        bars = columns.shape[1]
        out = np.empty((len(self.names), bars))
        _fold(self._kernels, self._places, self._needs, columns, bars, self._params, state, out)
        return out


def _needs(asked: tuple[Asked, ...]) -> Any:
    """A row an indicator: the columns that must be known, then -1."""
    widest = max((len(one.needs) for one in asked), default=0)
    rows = [[*one.needs, *[-1] * (1 + widest - len(one.needs))] for one in asked]
    return np.array(rows, np.int64).reshape(len(asked), widest + 1)


@kernel
def _fold(kernels, places, needs, columns, bars, params, state, out):  # type: ignore[no-untyped-def]
    for i in range(len(kernels)):
        p, p_end, s, s_end, o, o_end = places[i]
        lo = hi = 0
        while hi < bars:
            lo = hi = _missing(columns, needs[i], hi, bars, out[o:o_end])
            hi = _stretch(columns, needs[i], hi, bars)
            if hi > lo:
                call(kernels[i], columns, lo, hi, params[p:p_end], state[s:s_end], out[o:o_end])


@kernel
def _missing(columns, needs, row, bars, out):  # type: ignore[no-untyped-def]
    """The first bar, from ``row`` on, at which all is known; NaN for those before."""
    while row < bars and not _known(columns, needs, row):
        out[:, row] = np.nan
        row += 1
    return row


@kernel
def _stretch(columns, needs, row, bars):  # type: ignore[no-untyped-def]
    """The first bar, from ``row`` on, at which something is not known."""
    if needs[0] < 0:
        return bars
    while row < bars and _known(columns, needs, row):
        row += 1
    return row


@inlined
def _known(columns, needs, row):  # type: ignore[no-untyped-def]
    for column in needs:
        if column < 0:
            return True
        if np.isnan(columns[column, row]):
            return False
    return True


def over(asked: tuple[Asked, ...], columns: Any) -> FloatArray:
    """Over a whole history."""
    program = Program(asked)
    return program.fold(np.ascontiguousarray(columns, np.float64), program.empty_state())


def columns_of(bars: Bars, chosen: Any, price_scale: int, size_scale: int) -> FloatArray:
    """The inputs of indicators from the chosen rows of bars, in prices, units and seconds."""
    price, size = 10.0**price_scale, 10.0**size_scale
    notional = bars.notional_hi[chosen] * 2.0**64 + bars.notional_lo[chosen]
    return np.stack(
        [
            *(column[chosen] / price for column in (bars.open, bars.high, bars.low, bars.close)),
            bars.volume[chosen] / size,
            bars.buy_volume[chosen] / size,
            notional / (price * size),
            bars.trades[chosen],
            bars.ts_close[chosen] / 1e9,
        ]
    )
