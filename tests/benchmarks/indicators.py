"""Indicators over a history of bars, beside TA-Lib and pandas, and one bar at a time."""

import time
from typing import Any

import numpy as np
import pandas as pd
import talib

from streams.operators.features.indicators.asked import Asked, parse
from streams.operators.features.indicators.fold import Program
from streams.operators.features.indicators.library import LIBRARY
from tests.benchmarks.timing import median_seconds
from tests.features.series import bars

_BARS = 200_000
_STEPS = 2000
_PERIODS = (10, 20, 50)


def run() -> dict[str, Any]:
    columns = bars(_BARS)
    close = columns[3]
    everything = tuple(parse(name) for name in LIBRARY)
    averages = _averages()
    ours = median_seconds(lambda: _fold(averages, columns), 5)
    peer = median_seconds(lambda: [_ta_lib(close, n) for n in _PERIODS], 5)
    frames = median_seconds(lambda: [_pandas(pd.Series(close), n) for n in _PERIODS], 3)
    whole = median_seconds(lambda: _fold(everything, columns), 3)
    outputs = len(Program(everything).names)
    return {
        "bars": _BARS,
        "sma_ema_rsi_stddev_at_three_periods_seconds": round(ours, 4),
        "ta_lib_seconds": round(peer, 4),
        "pandas_seconds": round(frames, 4),
        "whole_library_outputs": outputs,
        "whole_library_ns_an_output_and_bar": round(whole / outputs / _BARS * 1e9, 1),
        "whole_library_a_bar_us": round(_step_us(everything, columns), 1),
    }


def _averages() -> tuple[Asked, ...]:
    names = ("sma", "ema", "rsi", "stddev")
    return tuple(parse(f"{name}({n})") for n in _PERIODS for name in names)


def _fold(asked: tuple[Asked, ...], columns: Any) -> Any:
    program = Program(asked)
    return program.fold(columns, program.empty_state())


def _ta_lib(close: Any, n: int) -> list[Any]:
    makers = (talib.SMA, talib.EMA, talib.RSI, talib.STDDEV)
    return [make(close, n) for make in makers]


def _pandas(close: Any, n: int) -> list[Any]:
    moved = close.diff()
    rise = moved.clip(lower=0).ewm(alpha=1 / n, adjust=False).mean()
    fall = (-moved.clip(upper=0)).ewm(alpha=1 / n, adjust=False).mean()
    rolling = close.rolling(n)
    average = close.ewm(span=n, adjust=False).mean()
    return [rolling.mean(), average, 100 * rise / (rise + fall), rolling.std(ddof=0)]


def _step_us(asked: tuple[Asked, ...], columns: Any) -> float:
    """Median of one bar through the whole library, as the operator sees it."""
    program = Program(asked)
    state, times = program.empty_state(), []
    for n in range(_STEPS):
        row = np.ascontiguousarray(columns[:, n : n + 1])
        started = time.perf_counter()
        program.fold(row, state)
        times.append(time.perf_counter() - started)
    return float(np.median(times)) * 1e6
