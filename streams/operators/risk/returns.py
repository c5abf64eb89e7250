"""A window of returns of several instruments, aligned on bar closes: what VaR is estimated from.

Time is cut into periods, aligned to the epoch; a close belongs to the period that its time falls
in, and the last by event time is the period's close. Late closes and revisions go where they
belong, so the window does not depend on which instrument's bar came first. Rules:

- Only a period in which something closed counts: a night without trading makes no row of zeros.
- An instrument without a close in a counted period keeps its last one, a return of 0.
- The newest period is under way and gives no return until a later one begins.
- Before its first close an instrument has no returns; they are unknown, not 0.

Returns are simple (``p1/p0 - 1``): a position's P&L is its exposure times that, exactly.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from streams.kernels import kernel

FloatArray = npt.NDArray[np.float64]


class UnknownReturns(LookupError):
    """An instrument has no returns, or fewer than asked for."""


class ReturnWindow:
    """Keeps ``length`` returns of ``period_ns`` for every instrument it is told of."""

    def __init__(self, period_ns: int, length: int) -> None:
        if period_ns <= 0 or length <= 0:
            raise ValueError(f"a window of {length} returns over {period_ns} ns holds nothing")
        self.period_ns, self.length = period_ns, length
        self._columns: dict[str, int] = {}
        self._periods = np.zeros(0, np.int64)  # ascending; the last is under way
        self._closes = np.zeros((0, 0))  # period × instrument, NaN where nothing closed
        self._times = np.zeros((0, 0), np.int64)

    def add(self, instrument: str, ts_ns: int, close: float) -> None:
        """Takes the close of a bar that ended at ``ts_ns``, or any price of that time. Raises
        ValueError on a price that has no returns."""
        if not (close > 0 and math.isfinite(close)):
            raise ValueError(f"close {close} of {instrument}: returns need prices above zero")
        column = self._column(instrument)
        row = self._row(ts_ns // self.period_ns)
        if math.isnan(self._closes[row, column]) or ts_ns >= self._times[row, column]:
            self._closes[row, column], self._times[row, column] = close, ts_ns
        self._trim()

    def _column(self, instrument: str) -> int:
        if instrument not in self._columns:
            self._columns[instrument] = len(self._columns)
            rows = len(self._periods)
            self._closes = np.column_stack((self._closes, np.full(rows, np.nan)))
            self._times = np.column_stack((self._times, np.zeros(rows, np.int64)))
        return self._columns[instrument]

    def _row(self, period: int) -> int:
        """Where the period lies, made where it is new."""
        row = int(np.searchsorted(self._periods, period))
        if row == len(self._periods) or self._periods[row] != period:
            self._periods = np.insert(self._periods, row, period)
            self._closes = np.insert(self._closes, row, np.nan, axis=0)
            self._times = np.insert(self._times, row, 0, axis=0)
        return row

    def _trim(self) -> None:
        """Drops what is too old; what it alone knows of an instrument moves on to the next."""
        while len(self._periods) > self.length + 2:
            newer = np.isnan(self._closes[1]) | (self._times[1] < self._times[0])
            carried = newer & ~np.isnan(self._closes[0])
            self._closes[1, carried] = self._closes[0, carried]
            self._times[1, carried] = self._times[0, carried]
            self._periods = self._periods[1:].copy()
            self._closes, self._times = self._closes[1:].copy(), self._times[1:].copy()

    def returns(self, instruments: Sequence[str], least: int = 1) -> FloatArray:
        """A row a period, oldest first; a column an instrument. Over the periods for which all
        are known. Raises UnknownReturns where there are fewer than ``least``."""
        unknown = [name for name in instruments if name not in self._columns]
        if unknown:
            raise UnknownReturns(f"no closes of {', '.join(unknown)} have been seen")
        columns = np.array([self._columns[name] for name in instruments], np.int64)
        done = self._closes[: max(len(self._periods) - 1, 0)]
        found = np.empty((max(len(done) - 1, 0), len(columns)))
        first = _returns(done, columns, found) if len(found) else 0
        if len(found) - first < least:
            raise UnknownReturns(
                f"{len(found) - first} returns of {', '.join(instruments)} are known together, "
                f"{least} are needed"
            )
        return found[first:]

    def pack(self) -> dict[str, Any]:
        """As canonical.pack takes it."""
        return {
            "columns": dict(self._columns),
            "periods": self._periods,
            "closes": self._closes,
            "times": self._times,
        }

    def unpack(self, packed: dict[str, Any]) -> None:
        """Takes up what ``pack`` gave."""
        self._columns = dict(packed["columns"])
        self._periods, self._closes = packed["periods"], packed["closes"]
        self._times = packed["times"]


@kernel
def _returns(closes, columns, out):  # type: ignore[no-untyped-def]
    """Writes the returns; answers with the first row in which all are known."""
    first = 0
    for j in range(len(columns)):
        last = closes[0, columns[j]]
        for i in range(1, closes.shape[0]):
            close = closes[i, columns[j]]
            if math.isnan(close):
                close = last
            out[i - 1, j] = close / last - 1.0
            if math.isnan(last):
                first = max(first, i)
            last = close
    return first
