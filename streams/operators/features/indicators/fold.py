"""A list of indicators as one fold over rows of bars."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from schemas.frames import Bars
from streams.kernel_pointers import addresses, call
from streams.kernels import inlined, kernel
from streams.operators.features.indicators.asked import Asked
from streams.operators.features.indicators.candles import parts
from streams.operators.features.indicators.indicator import BAR_COLUMNS, COLUMNS, OF_BARS
from streams.operators.features.indicators.jobs import Job, jobs

BLOCK = 4096  # bars

FloatArray = npt.NDArray[np.float64]


class Program:
    """The compiled list: which kernels, with which parameters, state and outputs."""

    def __init__(self, asked: tuple[Asked, ...]) -> None:
        self.names = tuple(name for one in asked for name in one.names)
        self.warm_up = max((one.warm_up for one in asked), default=0)
        self.made_of = max((one.made_of for one in asked), default=OF_BARS)
        self._takes = BAR_COLUMNS if self.made_of == OF_BARS else COLUMNS
        steps, indicators = jobs(asked, len(self._takes))
        table = [*steps, *indicators]
        self._step_rows = sum(job.rows for job in steps)
        kernels = addresses([job.run for job in table])
        places, needs = _places(steps, indicators, len(self._takes)), _needs(table)
        candles = np.array([job.candles for job in table], np.bool_)
        self._of_bars = (len(steps), kernels[~candles], places[~candles], needs[~candles])
        self._of_candles = (0, kernels[candles], places[candles], needs[candles])
        self._warm_ups = np.array([a.warm_up for a in asked if a.indicator.candles], np.int64)
        self._params = np.array([value for job in table for value in job.params], np.float64)
        self._floats = sum(job.state for job in table)
        self.layout = [(job.name, job.state) for job in table]
        if len(self._warm_ups):
            self.layout.append(("candles", 1 + parts.STATE))

    def empty_state(self) -> FloatArray:
        return np.zeros(sum(size for _, size in self.layout))

    def take_up(self, kept: Sequence[Sequence[Any]], state: FloatArray) -> FloatArray:
        """From the state of another program, whose ``layout`` was ``kept``: what both compute goes
        on, the rest begins anew."""
        found, made, lo = dict[str, FloatArray](), self.empty_state(), 0
        for name, size in kept:
            found[name] = state[lo : lo + size]
            lo += size
        lo = 0
        for name, size in self.layout:
            if len(found.get(name, ())) == size:
                made[lo : lo + size] = found[name]
            lo += size
        return made

    def fold(
        self, columns: FloatArray, state: FloatArray, out: FloatArray | None = None
    ) -> FloatArray:
        """``columns``: a row an input (see ``COLUMNS``), a column a bar. Returns a row a name, a
        column a bar, in ``out`` if there is one: over a long history the machine takes a seventh
        of the time to find new memory for each part. ``state`` goes on. The bar's own columns do
        where nothing is asked for that is made of others. Raises ValueError where the columns are
        not those, or ``out`` has another shape."""
        if columns.shape[0] not in (len(self._takes), len(COLUMNS)):
            takes = ", ".join(self._takes)
            raise ValueError(f"{columns.shape[0]} columns; indicators take {takes}")
        shape = len(self.names), columns.shape[1]
        if out is None:
            out = np.empty(shape)
        if out.shape != shape or not out.flags.c_contiguous:
            raise ValueError(f"out has the shape {out.shape}; {shape} in a row are written")
        _fold(*self._of_bars, self._with_steps(columns), 0, self._params, state, out)
        if len(self._warm_ups):
            self._fold_candles(columns, state, out)
        return out

    def _with_steps(self, columns: FloatArray) -> FloatArray:
        """The columns, and room for the rows of steps behind them."""
        if not self._step_rows:
            return columns
        wide = np.empty((len(self._takes) + self._step_rows, columns.shape[1]))
        wide[: len(self._takes)] = columns[: len(self._takes)]
        return wide

    def _fold_candles(self, columns: FloatArray, state: FloatArray, out: FloatArray) -> None:
        """Behind the state of the indicators stand the bars so far, and the candles before."""
        candles = np.empty((len(parts.PARTS), parts.BEHIND + columns.shape[1]))
        parts.look(columns, state[self._floats + 1 :], candles)
        _fold(*self._of_candles, candles, parts.BEHIND, self._params, state, out)
        _blank(self._of_candles[2], self._warm_ups, int(state[self._floats]), out)
        state[self._floats] += columns.shape[1]


def _places(steps: list[Job], indicators: list[Job], free: int) -> Any:
    """A row a job: where its params, its state and its rows begin and end. Steps write behind the
    columns, from row ``free`` on; indicators to the output."""
    table = [*steps, *indicators]
    sizes = np.array([(len(j.params), j.state, j.rows) for j in table], np.int64).reshape(-1, 3)
    ends = np.cumsum(sizes, axis=0)
    starts = ends - sizes
    behind = np.where(np.arange(len(table)) < len(steps), free, -sum(j.rows for j in steps))
    starts[:, 2] += behind
    ends[:, 2] += behind
    return np.ascontiguousarray(np.stack([starts, ends], axis=2).reshape(-1, 6))


def _needs(table: list[Job]) -> Any:
    """A row a job: the columns that must be known, then -1."""
    widest = max((len(job.needs) for job in table), default=0)
    rows = [[*job.needs, *[-1] * (1 + widest - len(job.needs))] for job in table]
    return np.array(rows, np.int64).reshape(len(table), widest + 1)


@kernel
def _fold(steps, kernels, places, needs, columns, first, params, state, out):  # type: ignore[no-untyped-def]
    """A block at a time, so that what all kernels read stays near the processor. The first kernels
    are ``steps``."""
    for lo in range(first, columns.shape[1], BLOCK):
        hi = min(lo + BLOCK, columns.shape[1])
        for i in range(len(kernels)):
            p, p_end, s, s_end, o, o_end = places[i]
            made = columns[o:o_end] if i < steps else out[o:o_end]
            made[:, lo - first : hi - first] = np.nan
            row = lo
            while row < hi:
                start = _missing(columns, needs[i], row, hi)
                row = _stretch(columns, needs[i], start, hi)
                if row > start:
                    call(kernels[i], columns, start, row, params[p:p_end], state[s:s_end], made)


@kernel
def _missing(columns, needs, row, stop):  # type: ignore[no-untyped-def]
    """The first bar, from ``row`` on, at which all is known."""
    while row < stop and not _known(columns, needs, row):
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
