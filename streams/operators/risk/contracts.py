"""What a contract is worth in money: its multiplier, its currency, and whether it is inverse.

A linear contract is worth ``multiplier × price`` of its currency. An inverse one stands for
``multiplier`` units of the price's currency and is settled in the coin that the price is for
(Binance COIN-M, BitMEX XBTUSD): its profit is ``multiplier × (1/entry - 1/exit)`` coins. With
``-multiplier / price`` as its unit value, profit is the change of value for both kinds, so every
cost basis works for both.
"""

from dataclasses import dataclass
from decimal import Decimal

from streams.operators.risk.money import EXACT, ratio, times


@dataclass(frozen=True, slots=True)
class Contract:
    """``currency``: what profit is paid in. ``multiplier``: units a contract (linear), or units of
    the price's currency (inverse). Raises ValueError on a multiplier that is not positive."""

    currency: str
    multiplier: Decimal = Decimal(1)
    inverse: bool = False

    def __post_init__(self) -> None:
        if not self.multiplier.is_finite() or self.multiplier <= 0:
            raise ValueError(f"multiplier {self.multiplier}: must be a finite number above zero")

    def unit_value(self, price: Decimal) -> Decimal:
        """Of one contract, in its currency, to 60 digits; only differences mean anything where
        the contract is inverse. Raises ValueError on an inverse contract's price of 0 or less."""
        if not self.inverse:
            return EXACT.multiply(self.multiplier, price)
        if price <= 0:
            raise ValueError(f"price {price}: an inverse contract has none of zero or less")
        return EXACT.divide(-self.multiplier, price)

    def average_price(self, quantity: Decimal, cost: Decimal) -> Decimal:
        """The price at which ``quantity`` contracts are worth ``cost``; 0 when flat."""
        if not quantity:
            return Decimal(0)
        units = EXACT.multiply(quantity, self.multiplier)
        return ratio(-units, cost) if self.inverse else ratio(cost, units)

    def exposure(self, quantity: Decimal, mark: Decimal) -> Decimal:
        """Notional in the contract's currency, with the position's sign."""
        unit = self.unit_value(mark)
        return times(quantity, -unit if self.inverse else unit)

    def funding(self, quantity: Decimal, mark: Decimal, rate: Decimal) -> Decimal:
        """What a perpetual's position receives (negative: pays) at a funding rate, a fraction of
        its notional: longs pay shorts while the rate is positive."""
        return times(self.exposure(quantity, mark), -rate)
