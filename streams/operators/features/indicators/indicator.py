"""What an indicator is: one kernel that folds rows of bars, and what must be known to call it.

The same kernel computes a vector a bar (the operator calls it with the rows of a frame) and a whole
history (research calls it with all rows): that both agree is no accident.

A kernel is ``run(columns, lo, hi, params, state, out)``: it folds the rows ``lo`` … ``hi`` - 1 of
``columns`` (a row of the array an input, see ``COLUMNS``) and writes a value for each to the rows
of ``out``, in which NaN stands before: where it is not defined yet, it writes nothing. ``state`` is
zeros before the first row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

BAR_COLUMNS = ("open", "high", "low", "close", "volume", "bought", "notional", "trades", "ts")
OPEN, HIGH, LOW, CLOSE, VOLUME, BOUGHT, NOTIONAL, TRADES, TS = range(len(BAR_COLUMNS))

# what else the tape told during the bar, see ``features.columns``
LEVELS = 10  # of the book, a side
BOOK_COLUMNS = (
    "sold",
    *("spread", "imbalance", "depth", "bid_added", "bid_removed", "ask_added", "ask_removed"),
    *("book_changes", "book_seconds"),
    *(f"ofi_{n + 1}" for n in range(LEVELS)),
    *(f"{side}_{n + 1}" for side in ("bid", "ask", "bid_size", "ask_size") for n in range(LEVELS)),
)
SOLD, SPREAD, IMBALANCE, DEPTH, BID_ADDED, BID_REMOVED, ASK_ADDED, ASK_REMOVED, CHANGES, BOOK_S = (
    range(len(BAR_COLUMNS), len(BAR_COLUMNS) + 10)
)
OFI = BOOK_S + 1
BID, ASK, BID_SIZE, ASK_SIZE = (OFI + n * LEVELS for n in range(1, 5))

TRADE_COLUMNS = (
    *("tick_rule", "lee_ready", "signed", "signed_mid", "traded_mid", "cost", "last_trade"),
    *("buys_100ms", "buys_1s", "buys_10s", "sells_100ms", "sells_1s", "sells_10s"),
)
TICK_RULE, LEE_READY, SIGNED, SIGNED_MID, TRADED_MID, COST, LAST_TRADE, BUYS = range(
    ASK_SIZE + LEVELS, ASK_SIZE + LEVELS + 8
)
SELLS = BUYS + 3

COLUMNS = (*BAR_COLUMNS, *BOOK_COLUMNS, *TRADE_COLUMNS)
# of what a value is made: the more, the more must be on the tape
OF_BARS, OF_BOOK, OF_TRADES = range(3)

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
class Step:
    """What several indicators are made of, computed once for all that take it with the same params.
    ``run``: a kernel as an indicator's; its ``rows`` stand behind the columns, from the one that
    the kernels of the indicators are told as the last of their ``params``. ``takes``: its params,
    of an indicator's; ``state`` is of its own."""

    run: Any
    rows: int
    takes: Callable[[Params], Params]
    state: Count


@dataclass(frozen=True, slots=True)
class Indicator:
    """``outputs`` → their units. ``state``: how many floats it keeps; ``warm_up``: at which bar,
    counted from one, all outputs are defined. ``any_input``: it may be asked ``of`` another column
    than the close; ``other``: it takes a second one, by default this. ``source``: where the
    definition stands. ``candles``: its kernel reads the parts of candles (``candles/parts.py``)
    instead of columns. ``made_of``: OF_BARS, OF_BOOK or OF_TRADES. A bar at which a column of
    ``needs`` is not known is left out: NaN stands there, and the kernel never sees it. ``step``:
    what it shares with others."""

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
    made_of: int = OF_BARS
    needs: tuple[int, ...] = ()
    step: Step | None = None


def bars(name: str, default: int, least: int = 1) -> Parameter:
    return Parameter(name, default, least, 100_000)


def number(name: str, default: float, least: float, most: float) -> Parameter:
    return Parameter(name, default, least, most, whole=False)
