"""A list of indicators as one fold over rows of bars."""

from typing import Any

import numpy as np
import numpy.typing as npt

from schemas.frames import Bars
from streams.kernel_pointers import addresses, call
from streams.kernels import inlined, kernel
from streams.operators.features.indicators.asked import Asked
from streams.operators.features.indicators.candles import parts
from streams.operators.features.indicators.indicator import BAR_COLUMNS, COLUMNS, OF_BARS

BLOCK = 4096  # bars

FloatArray = npt.NDArray[np.float64]


class Program:
    """The compiled list: which kernels, with which parameters, state and outputs."""

    def __init__(self, asked: tuple[Asked, ...]) -> None:
        self.names = tuple(name for one in asked for name in one.names)
        self.warm_up = max((one.warm_up for one in asked), default=0)
        self.made_of = max((one.made_of for one in asked), default=OF_BARS)
        self._takes = BAR_COLUMNS if self.made_of == OF_BARS else COLUMNS
        kernels = addresses([one.indicator.run for one in asked])
        sizes = [(len(a.params), a.indicator.state(a.params), len(a.names)) for a in asked]
        ends = np.cumsum(np.array(sizes, np.int64).reshape(-1, 3), axis=0)
        starts = ends - np.array(sizes, np.int64).reshape(-1, 3)
        places = np.ascontiguousarray(np.stack([starts, ends], axis=2).reshape(-1, 6))
        candles, needs = np.array([one.indicator.candles for one in asked], np.bool_), _needs(asked)
        self._of_bars = (kernels[~candles], places[~candles], needs[~candles])
        self._of_candles = (kernels[candles], places[candles], needs[candles])
        self._warm_ups = np.array([a.warm_up for a in asked if a.indicator.candles], np.int64)
        self._params = np.array([value for one in asked for value in one.params], np.float64)
        self._floats = int(ends[-1, 1]) if len(asked) else 0

    def empty_state(self) -> FloatArray:
        return np.zeros(self._floats + (1 + parts.STATE if len(self._warm_ups) else 0))

    def fold(self, columns: FloatArray, state: FloatArray) -> FloatArray:
        """``columns``: a row an input (see ``COLUMNS``), a column a bar. Returns a row a name, a
        column a bar; ``state`` goes on. The bar's own columns do where nothing is asked for that is
        made of others. Raises ValueError where the columns are not those."""
        if columns.shape[0] not in (len(self._takes), len(COLUMNS)):
            takes = ", ".join(self._takes)
            raise ValueError(f"{columns.shape[0]} columns; indicators take {takes}")
        out = np.empty((len(self.names), columns.shape[1]))
        _fold(*self._of_bars, columns, 0, self._params, state, out)
        if len(self._warm_ups):
            self._fold_candles(columns, state, out)
        return out

    def _fold_candles(self, columns: FloatArray, state: FloatArray, out: FloatArray) -> None:
        """Behind the state of the indicators stand the bars so far, and the candles before."""
        candles = np.empty((len(parts.PARTS), parts.BEHIND + columns.shape[1]))
        parts.look(columns, state[self._floats + 1 :], candles)
        _fold(*self._of_candles, candles, parts.BEHIND, self._params, state, out)
        _blank(self._of_candles[1], self._warm_ups, int(state[self._floats]), out)
        state[self._floats] += columns.shape[1]


def _needs(asked: tuple[Asked, ...]) -> Any:
    """A row an indicator: the columns that must be known, then -1."""
    widest = max((len(one.needs) for one in asked), default=0)
    rows = [[*one.needs, *[-1] * (1 + widest - len(one.needs))] for one in asked]
    return np.array(rows, np.int64).reshape(len(asked), widest + 1)


@kernel
def _fold(kernels, places, needs, columns, first, params, state, out):  # type: ignore[no-untyped-def]
    """A block at a time, so that what all kernels read stays near the processor."""
    for lo in range(first, columns.shape[1], BLOCK):
        hi = min(lo + BLOCK, columns.shape[1])
        for i in range(len(kernels)):
            p, p_end, s, s_end, o, o_end = places[i]
            row = lo
            while row < hi:
                start = _missing(columns, needs[i], row, hi, out[o:o_end])
                row = _stretch(columns, needs[i], start, hi)
                if row > start:
                    kernel_state, kernel_out = state[s:s_end], out[o:o_end]
                    call(kernels[i], columns, start, row, params[p:p_end], kernel_state, kernel_out)


@kernel
def _missing(columns, needs, row, stop, out):  # type: ignore[no-untyped-def]
    """The first bar, from ``row`` on, at which all is known; NaN for those before."""
    while row < stop and not _known(columns, needs, row):
        out[:, row] = np.nan
        row += 1
    return row


@kernel
def _stretch(columns, needs, row, stop):  # type: ignore[no-untyped-def]
    """The first bar, from ``row`` on, at which something is not known."""
    if needs[0] < 0:
        return stop
    while row < stop and _known(columns, needs, row):
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


@kernel
def _blank(places, warm_ups, count, out):  # type: ignore[no-untyped-def]
    """No pattern before its warm-up; ``count`` bars came before these."""
    for i in range(len(warm_ups)):
        for row in range(min(warm_ups[i] - 1 - count, out.shape[1])):
            out[places[i, 4], row] = np.nan


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
