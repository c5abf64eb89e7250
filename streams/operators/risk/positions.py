"""A position at average cost, with realised and unrealised P&L.

``cost`` is what the open quantity was bought for (negative for a short). A fill that reduces the
position takes its share of the cost out, and the difference to what it brought is realised; a
fill through zero closes first and opens the rest. What rounding takes from one side it gives to
the other: realised P&L and remaining cost always add up to the money that changed hands.
"""

from dataclasses import dataclass
from decimal import Decimal

from streams.operators.risk.money import ZERO, ratio, scaled, times


@dataclass(slots=True)
class Holding:
    """``quantity`` is signed and scaled by ``size_scale``; money has 18 places."""

    size_scale: int
    quantity: int = 0
    cost: Decimal = ZERO
    realised: Decimal = ZERO
    fees: Decimal = ZERO

    def fill(self, signed_size: int, price: Decimal, fee: Decimal) -> Decimal:
        """Takes a fill (size signed, buys positive); returns the P&L that it realised."""
        self.fees += fee
        closing = self._closed_by(signed_size)
        realised = self._close(closing, price) if closing else ZERO
        opening = signed_size - closing
        if opening:
            self.quantity += opening
            self.cost += times(scaled(opening, self.size_scale), price)
        return realised

    def _closed_by(self, signed_size: int) -> int:
        if self.quantity * signed_size >= 0:
            return 0
        sign = 1 if signed_size > 0 else -1
        return sign * min(abs(signed_size), abs(self.quantity))

    def _close(self, closing: int, price: Decimal) -> Decimal:
        share = ratio(self.cost * abs(closing), Decimal(abs(self.quantity)))
        realised = times(scaled(-closing, self.size_scale), price) - share
        self.quantity += closing
        self.cost = self.cost - share if self.quantity else ZERO
        self.realised += realised
        return realised

    @property
    def avg_price(self) -> Decimal:
        """0 when flat."""
        return ratio(self.cost, scaled(self.quantity, self.size_scale)) if self.quantity else ZERO

    def unrealised(self, mark: Decimal) -> Decimal:
        """At a mark price; 0 when flat or before the first mark (a mark of 0)."""
        if not self.quantity or not mark:
            return ZERO
        return times(scaled(self.quantity, self.size_scale), mark) - self.cost
