"""Profit and loss of one instrument: trades, fees and funding, at a cost basis of choice.

What always holds, for every cost basis, to the last of 18 places: realised P&L less the cost of
what is still open is the money that trades brought in less what they took. So P&L after all is
closed does not depend on the basis; it only decides when a profit counts as realised.

A fee in another currency than the contract's (a venue's own coin) is kept apart under its name:
it needs a rate, and this knows none.
"""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import Any, TypeAlias

from streams.operators.risk.contracts import Contract
from streams.operators.risk.lots import Lot, Lots
from streams.operators.risk.money import EXACT, ZERO, scaled
from streams.operators.risk.positions import Holding


class CostBasis(StrEnum):
    """Which of the units bought a sale sells: all alike, the oldest, or the newest."""

    AVERAGE = "average"
    FIFO = "fifo"
    LIFO = "lifo"


Inventory: TypeAlias = Holding | Lots


class UnknownMark(ValueError):
    """An open position without a mark: its worth is unknown, which is not zero."""


def inventory(basis: CostBasis, size_scale: int) -> Inventory:
    """An empty one."""
    if basis is CostBasis.AVERAGE:
        return Holding(size_scale)
    return Lots(size_scale, newest_first=basis is CostBasis.LIFO)


@dataclass(slots=True)
class ProfitAndLoss:
    """``funding``: received less paid, in the contract's currency, with interest and borrow fees.
    ``other_fees``: paid in other currencies, by currency."""

    contract: Contract
    held: Inventory
    funding: Decimal = ZERO
    other_fees: dict[str, Decimal] = field(default_factory=dict)

    def fill(
        self, signed_size: int, price: Decimal, fee: Decimal = ZERO, fee_currency: str = ""
    ) -> Decimal:
        """Takes a fill (size signed and scaled, buys positive); returns the P&L that it realised,
        before its fee. ``fee_currency`` is the contract's where it is empty."""
        foreign = fee_currency not in ("", self.contract.currency)
        with localcontext(EXACT):
            value = self.contract.unit_value(price)
            if foreign:
                self.other_fees[fee_currency] = self.other_fees.get(fee_currency, ZERO) + fee
            return self.held.fill(signed_size, value, ZERO if foreign else fee)

    def fund(self, payment: Decimal) -> None:
        """Takes a funding payment: positive where it was received."""
        self.funding = EXACT.add(self.funding, payment)

    @property
    def quantity(self) -> Decimal:
        return scaled(self.held.quantity, self.held.size_scale)

    @property
    def realised(self) -> Decimal:
        """Before fees and funding."""
        return self.held.realised

    @property
    def average_price(self) -> Decimal:
        """Of what is open, as a price; 0 when flat."""
        return self.contract.average_price(self.quantity, self.held.cost)

    def unrealised(self, mark: Decimal | None) -> Decimal:
        """Raises UnknownMark where something is open and there is no mark."""
        if not self.held.quantity:
            return ZERO
        if not mark:
            raise UnknownMark(f"{self.quantity} contracts are open and there is no mark")
        return self.held.unrealised(self.contract.unit_value(mark))

    def net(self, mark: Decimal | None) -> dict[str, Decimal]:
        """Everything, after fees and funding, by currency. Raises UnknownMark."""
        open_profit = self.unrealised(mark)
        with localcontext(EXACT):
            own = self.held.realised + open_profit + self.funding - self.held.fees
            total = {name: -fee for name, fee in self.other_fees.items()}
        return {self.contract.currency: own, **total}


def pack(pnl: ProfitAndLoss) -> dict[str, Any]:
    """As canonical.pack takes it; the contract is configuration and stays out."""
    held = pnl.held
    state: dict[str, Any] = {"size_scale": held.size_scale, "funding": pnl.funding}
    state |= {"realised": held.realised, "fees": held.fees, "other_fees": dict(pnl.other_fees)}
    if isinstance(held, Lots):
        lots = [[lot.quantity, lot.cost] for lot in held.lots]
        return {**state, "newest_first": held.newest_first, "lots": lots}
    return {**state, "quantity": held.quantity, "cost": held.cost}


def unpack(packed: dict[str, Any], contract: Contract) -> ProfitAndLoss:
    """What ``pack`` was given."""
    held = _lots(packed) if "lots" in packed else _holding(packed)
    return ProfitAndLoss(contract, held, packed["funding"], dict(packed["other_fees"]))


def _holding(packed: dict[str, Any]) -> Holding:
    names = ("size_scale", "quantity", "cost", "realised", "fees")
    return Holding(**{name: packed[name] for name in names})


def _lots(packed: dict[str, Any]) -> Lots:
    lots = deque(Lot(quantity, cost) for quantity, cost in packed["lots"])
    with localcontext(EXACT):
        cost = sum((lot.cost for lot in lots), ZERO)
    quantity = sum(lot.quantity for lot in lots)
    names = ("size_scale", "newest_first", "realised", "fees")
    return Lots(**{n: packed[n] for n in names}, lots=lots, quantity=quantity, cost=cost)
