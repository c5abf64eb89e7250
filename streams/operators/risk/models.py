"""What the models of risk need not work out again between two orders.

All of it follows from marks, positions and rates, so no snapshot holds it: what is made again is
the same to the last bit.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from streams.operators.risk.quotes import Quote
from streams.operators.risk.revaluation import Line
from streams.operators.risk.stress import FloatArray


class Seen(NamedTuple):
    """A line of one, and what it was made from; None where something is unknown."""

    quote: Quote | None
    underlying: Quote | None
    rate: Decimal | None
    line: Line | None


class Stressed(NamedTuple):
    """P&L of all that is held, a row a scenario, with the ``rates`` that it rests on."""

    pnl: FloatArray
    rates: dict[str, Decimal | None]


@dataclass(slots=True)
class Models:
    """By instrument: its line; the moves that the scenarios make; the line's P&L in them."""

    lines: dict[str, Seen] = field(default_factory=dict)
    moves: dict[str, tuple[FloatArray, FloatArray, FloatArray]] = field(default_factory=dict)
    rows: dict[str, tuple[Line, FloatArray]] = field(default_factory=dict)
    held: Stressed | None = None
