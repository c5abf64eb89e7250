"""What a strategy of a group may say. The stage makes signals of it (``emit``)."""

import math
from dataclasses import dataclass, field
from decimal import Decimal

from schemas.enums import Side


@dataclass(frozen=True, slots=True)
class Hold:
    """A position in all members. ``weights``: of each member, in its own units, for one unit of the
    position; the sizing says how many such units, from what one costs: the sum of all sides at
    their mids. ``part``: how much of that, 0 … 1. ``volatility``: of what one unit makes or loses,
    a year, as a fraction of what it costs; ``stop``: what one unit may lose, in quote currency;
    ``resize``: members that stay on their side too, else only as the configuration's ``rebalance``
    says."""

    weights: tuple[float, ...]
    reason: str
    part: float = 1.0
    probability: float = math.nan
    volatility: float = math.nan
    stop: float | None = None
    resize: bool = False
    numbers: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Take:
    """A limit order for a member (by its place in the group) that is filled at once, as far as it
    goes, or not at all. Exact: price and size are the instrument's own decimals."""

    leg: int
    side: Side
    price: Decimal
    size: Decimal
    reason: str
    numbers: dict[str, float] = field(default_factory=dict)
