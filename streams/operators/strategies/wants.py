"""What a strategy may say. The stage makes signals and commands of it (``emit``)."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from schemas.enums import Side

Price: TypeAlias = Decimal | float


@dataclass(frozen=True, slots=True)
class Target:
    """A position: ``direction`` from -1 to 1 is how much of what the sizing allows. ``stop`` is the
    price at which the idea is wrong."""

    direction: float
    reason: str
    probability: float
    stop: float | None = None
    numbers: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Order:
    """A limit order of its own. ``size`` in units of the instrument; None: what sizing allows."""

    side: Side
    price: Price
    reason: str
    size: Price | None = None
    post_only: bool = False
    numbers: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quote:
    """What shall stand in the book, a side or both; None: nothing on that side. Orders that stand
    there already are left alone, others of the strategy go."""

    bid: Price | None
    ask: Price | None
    reason: str
    bid_size: Price | None = None
    ask_size: Price | None = None
    numbers: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cancel:
    """No order of the strategy shall work in this instrument."""

    reason: str


Signal: TypeAlias = Target | Order | Quote | Cancel
