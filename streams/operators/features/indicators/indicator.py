"""What an indicator is: one kernel that folds rows of bars, and what must be known to call it.

The same kernel computes a vector a bar (the operator calls it with the rows of a frame) and a whole
history (research calls it with all rows): that both agree is no accident.

A kernel is ``run(columns, lo, hi, params, state, out)``: it folds the rows ``lo`` … ``hi`` - 1 of
``columns`` (a row of the array an input, see ``COLUMNS``) and writes a value for each to the rows
of ``out``. ``state`` is zeros before the first row. NaN stands where an indicator is not defined
yet.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

COLUMNS = ("open", "high", "low", "close", "volume", "bought", "notional", "trades", "ts")
OPEN, HIGH, LOW, CLOSE, VOLUME, BOUGHT, NOTIONAL, TRADES, TS = range(len(COLUMNS))

Params = tuple[float, ...]
Count = Callable[[Params], int]


@dataclass(frozen=True, slots=True)
class Parameter:
    """``least`` and ``most``: what it may be; ``whole``: a number of bars."""

    name: str
    default: float
    least: float
    most: float = 1e9
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Indicator:
    """``outputs`` → their units. ``state``: how many floats it keeps; ``warm_up``: at which bar,
    counted from one, all outputs are defined. ``any_input``: it may be asked ``of`` another column
    than the close; ``other``: it takes a second one, by default this. ``source``: where the
    definition stands. ``candles``: its kernel reads the parts of candles (``candles/parts.py``)
    instead of columns."""

    name: str
    run: Any
    parameters: tuple[Parameter, ...]
    outputs: dict[str, str]
    state: Count
    warm_up: Count
    source: str
    any_input: bool = False
    candles: bool = False
    other: str = ""


def bars(name: str, default: int, least: int = 1) -> Parameter:
    return Parameter(name, default, least, 100_000)


def number(name: str, default: float, least: float, most: float) -> Parameter:
    return Parameter(name, default, least, most, whole=False)
