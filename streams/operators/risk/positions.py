"""A position at average cost, with realised and unrealised P&L.

``cost`` is what the open quantity was bought for (negative for a short). A fill that reduces the
position takes its share of the cost out, and the difference to what it brought is realised; a
fill through zero closes first and opens the rest. What rounding takes from one side it gives to
the other: realised P&L and remaining cost always add up to the money that changed hands.
"""

from dataclasses import dataclass
from decimal import Decimal

from streams.operators.risk.money import EXACT, ZERO, ratio, scaled, times


def closed_by(quantity: int, signed_size: int) -> int:
    """The part of a fill, with its sign, that takes an open quantity nearer to zero."""
    if quantity * signed_size >= 0:
        return 0
    sign = 1 if signed_size > 0 else -1
    return sign * min(abs(signed_size), abs(quantity))


def split(
    signed_size: int, closing: int, size_scale: int, price: Decimal
) -> tuple[Decimal, Decimal]:
    """What a fill pays (negative: receives), and the part of it for what it closes. The fill is
    rounded once as a whole, so that its two parts add up to it."""
    paid = times(scaled(signed_size, size_scale), price)
    if closing == signed_size:
        return paid, paid
    return paid, times(scaled(closing, size_scale), price) if closing else ZERO


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
        closing = closed_by(self.quantity, signed_size)
        paid, paid_closing = split(signed_size, closing, self.size_scale, price)
        realised = self._close(closing, paid_closing) if closing else ZERO
        if closing != signed_size:
            self.quantity += signed_size - closing
            self.cost += paid - paid_closing
        return realised

    def _close(self, closing: int, paid: Decimal) -> Decimal:
        share = ratio(self.cost * abs(closing), Decimal(abs(self.quantity)))
        realised = -paid - share
        self.quantity += closing
        self.cost = self.cost - share if self.quantity else ZERO
        self.realised += realised
        return realised

    def widen(self, factor: int, size_scale: int) -> None:
        """Counts in more decimals from now on."""
        self.quantity, self.size_scale = self.quantity * factor, size_scale

    @property
    def avg_price(self) -> Decimal:
        """0 when flat."""
        return ratio(self.cost, scaled(self.quantity, self.size_scale)) if self.quantity else ZERO

    def unrealised(self, mark: Decimal) -> Decimal:
        """At a mark price; 0 when flat or before the first mark (a mark of 0)."""
        if not self.quantity or not mark:
            return ZERO
        return EXACT.subtract(times(scaled(self.quantity, self.size_scale), mark), self.cost)
