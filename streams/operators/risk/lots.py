"""A position in lots: the oldest first (FIFO) or the newest first (LIFO).

Each fill that opens is a lot with what it cost. A fill that reduces the position takes lots from
one end, and only their cost; a fill through zero closes all and opens the rest. Where a lot is
taken in part, what rounding takes from one part it gives to the other: realised P&L and the cost
of what is left always add up to the money that changed hands, as with average cost
(``positions.Holding``, which this stands beside with the same methods).
"""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal

from streams.operators.risk.money import EXACT, ZERO, ratio, scaled, times
from streams.operators.risk.positions import closed_by, split


@dataclass(slots=True)
class Lot:
    """``quantity`` is signed and scaled; ``cost`` has its sign."""

    quantity: int
    cost: Decimal


@dataclass(slots=True)
class Lots:
    """``quantity`` and ``cost`` are the sums over the open lots, oldest lot first."""

    size_scale: int
    newest_first: bool
    lots: deque[Lot] = field(default_factory=deque)
    quantity: int = 0
    cost: Decimal = ZERO
    realised: Decimal = ZERO
    fees: Decimal = ZERO

    def fill(self, signed_size: int, price: Decimal, fee: Decimal) -> Decimal:
        """Takes a fill (size signed, buys positive); returns the P&L that it realised."""
        self.fees += fee
        closing = closed_by(self.quantity, signed_size)
        paid, paid_closing = split(signed_size, closing, self.size_scale, price)
        realised = self._close(closing, paid_closing) if closing else ZERO
        if closing != signed_size:
            self._open(signed_size - closing, paid - paid_closing)
        return realised

    def _open(self, quantity: int, cost: Decimal) -> None:
        self.lots.append(Lot(quantity, cost))
        self.quantity += quantity
        self.cost += cost

    def _close(self, closing: int, paid: Decimal) -> Decimal:
        share, left = ZERO, abs(closing)
        while left:
            taken = min(left, abs(self.lots[-1 if self.newest_first else 0].quantity))
            share += self._take(taken)
            left -= taken
        realised = -paid - share
        self.quantity += closing
        self.cost = self.cost - share if self.quantity else ZERO
        self.realised += realised
        return realised

    def _take(self, size: int) -> Decimal:
        """Takes so much of the next lot out; returns its cost."""
        lot = self.lots[-1 if self.newest_first else 0]
        if size == abs(lot.quantity):
            del self.lots[-1 if self.newest_first else 0]
            return lot.cost
        share = ratio(lot.cost * size, Decimal(abs(lot.quantity)))
        lot.quantity -= size if lot.quantity > 0 else -size
        lot.cost -= share
        return share

    def widen(self, factor: int, size_scale: int) -> None:
        """Counts in more decimals from now on."""
        self.quantity, self.size_scale = self.quantity * factor, size_scale
        for lot in self.lots:
            lot.quantity *= factor

    @property
    def avg_price(self) -> Decimal:
        """0 when flat."""
        return ratio(self.cost, scaled(self.quantity, self.size_scale)) if self.quantity else ZERO

    def unrealised(self, mark: Decimal) -> Decimal:
        """At a mark price; 0 when flat or before the first mark (a mark of 0)."""
        if not self.quantity or not mark:
            return ZERO
        return EXACT.subtract(times(scaled(self.quantity, self.size_scale), mark), self.cost)
