"""What an order will cost before it is sent: walking the book, and impact models.

Prices and sizes of a walk are integers, exact; estimates are floats. Impact is a fraction of the
price: 0.001 is 10 basis points. All of it is pure, for algorithms and for risk checks alike.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

Levels: TypeAlias = Sequence[tuple[int, int]]  # (price, size) scaled, best first

BPS = 10_000.0
# Almgren, Thum, Hauptmann, Li: Direct Estimation of Equity Market Impact (2005), section 4:
# fitted on 29,509 orders in US stocks.
GAMMA, ETA = 0.314, 0.142
# Toth et al.: Anomalous price impact and the critical nature of liquidity (2011): Y is of order 1.
Y = 1.0


class Walk(NamedTuple):
    """``filled`` of the size asked for, the ``worst`` price touched, and ``paid``, the sum of
    price x size at scale price_scale + size_scale."""

    filled: int
    worst: int
    paid: int


def walk(levels: Levels, size: int, side: int = 0, limit: int | None = None) -> Walk:
    """Takes ``size`` from the levels, best first; with a ``limit`` no price worse than it, where
    ``side`` is 1 for a buy and -1 for a sell."""
    filled = worst = paid = 0
    for price, there in levels:
        if filled >= size or (limit is not None and side * (price - limit) > 0):
            break
        taken = min(there, size - filled)
        filled, worst, paid = filled + taken, price, paid + taken * price
    return Walk(filled, worst, paid)


def slippage_bps(bids: Levels, asks: Levels, side: int, size: int) -> float:
    """Expected cost of taking ``size`` now against the mid, in basis points; infinite where less
    is displayed, NaN without both sides of the book."""
    if not bids or not asks or size <= 0:
        return math.nan
    cost = walk(asks if side > 0 else bids, size)
    if cost.filled < size:
        return math.inf
    mid = (bids[0][0] + asks[0][0]) / 2
    return side * (cost.paid / size - mid) / mid * BPS


def square_root(size: float, volume: float, volatility: float, y: float = Y) -> float:
    """Y sigma sqrt(Q / V) (Toth et al. 2011, equation 1): ``volatility`` and ``volume`` of the same
    period, usually a day; ``volatility`` as a fraction of the price."""
    return y * volatility * math.sqrt(size / volume) if volume > 0 else math.inf


def permanent(size: float, volume: float, volatility: float, outstanding: float = 0.0) -> float:
    """I = gamma sigma X/V (Theta/V)^(1/4) (Almgren et al. 2005). ``volume`` and ``volatility`` of a
    day, ``outstanding`` shares; without them, as for currencies, the last factor is 1."""
    turnover = math.pow(outstanding / volume, 0.25) if outstanding else 1.0
    return GAMMA * volatility * size / volume * turnover


def temporary(size: float, volume: float, volatility: float, days: float) -> float:
    """eta sigma |X/(VT)|^(3/5) (Almgren et al. 2005): worked evenly over ``days``."""
    return ETA * volatility * math.pow(size / (volume * days), 0.6)


def realised(
    size: float, volume: float, volatility: float, days: float, outstanding: float = 0.0
) -> float:
    """J = I/2 + temporary: what the order pays on average against its arrival (the same)."""
    lasting = permanent(size, volume, volatility, outstanding)
    return lasting / 2 + temporary(size, volume, volatility, days)
