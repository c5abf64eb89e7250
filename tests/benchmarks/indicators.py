"""Indicators over a history of bars, beside TA-Lib and pandas, and one bar at a time.

Times are of the processor, not of the wall: other programs on the machine count less.
"""

import time
from collections.abc import Callable
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd
import talib

from streams.operators.features.indicators.asked import Asked, parse
from streams.operators.features.indicators.fold import Program
from streams.operators.features.indicators.indicator import OF_BARS
from streams.operators.features.indicators.library import GROUPS, LIBRARY
from tests.benchmarks.timing import median_seconds
from tests.features.series import bars

_BARS = 1_000_000
_FRAME = 50_000  # bars a call: as the stream and a reader of a history hand them over
_STEPS = 2000
_PERIODS = (10, 20, 50)
_FEATURES = 200


def run() -> dict[str, Any]:
    columns = bars(_BARS)
    close = columns[3]
    averages, chosen = _averages(), _outputs(_FEATURES)
    everything = tuple(parse(name) for name, one in LIBRARY.items() if one.made_of == OF_BARS)
    patterns = tuple(one.name for one in GROUPS["candlesticks"])
    candles = tuple(map(parse, patterns))

    def seconds(work: Callable[[], object], rounds: int = 3) -> float:
        return round(median_seconds(work, rounds, time.process_time), 3)

    return {
        "bars": _BARS,
        "sma_ema_rsi_stddev_at_three_periods_seconds": {
            "tickstream": seconds(lambda: _fold(averages, columns)),
            "ta_lib": seconds(lambda: [_ta_lib(close, n) for n in _PERIODS]),
            "pandas": seconds(lambda: [_pandas(pd.Series(close), n) for n in _PERIODS]),
        },
        "candlestick_patterns_seconds": {
            "patterns": len(patterns),
            "tickstream": seconds(lambda: _fold(candles, columns)),
            "ta_lib": seconds(lambda: [_pattern(name, columns) for name in patterns]),
        },
        "features": {
            "outputs": len(Program(chosen).names),
            "seconds": seconds(lambda: _fold(chosen, columns)),
            "a_bar_us": round(_step_us(chosen, columns), 1),
        },
        "whole_library": {
            "outputs": len(Program(everything).names),
            "seconds": seconds(lambda: _fold(everything, columns), 1),
            "a_bar_us": round(_step_us(everything, columns), 1),
        },
    }


def _outputs(wanted: int) -> tuple[Asked, ...]:
    """The library, spread evenly over its groups, until there are so many outputs."""
    asked: list[Asked] = []
    rows = zip_longest(*GROUPS.values())
    for one in (one for row in rows for one in row if one and one.made_of == OF_BARS):
        if len(Program((*asked, parse(one.name))).names) <= wanted:
            asked.append(parse(one.name))
    return tuple(asked)


def _averages() -> tuple[Asked, ...]:
    names = ("sma", "ema", "rsi", "stddev")
    return tuple(parse(f"{name}({n})") for n in _PERIODS for name in names)


def _fold(asked: tuple[Asked, ...], columns: Any) -> None:
    program = Program(asked)
    state, out = program.empty_state(), np.empty((len(program.names), _FRAME))
    for at in range(0, columns.shape[1], _FRAME):
        program.fold(np.ascontiguousarray(columns[:, at : at + _FRAME]), state, out)


def _pattern(name: str, columns: Any) -> Any:
    return getattr(talib, name.upper())(*columns[:4])


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
