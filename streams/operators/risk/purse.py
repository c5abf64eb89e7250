"""What an account's money and coins at a venue should be: what the venue told first, and all that
has moved since.

A trade at a spot exchange moves both of its sides, one that is paid in cash moves the money, and
one on margin only the profit that it realises. Fees and cash flows move what they name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from schemas.enums import Holds
from schemas.inbox import CashFlow, ExecutionReport
from streams.operators.risk.instruments import assets_of, venue_of
from streams.operators.risk.money import EXACT, ZERO, rounded


@dataclass(slots=True)
class Purse:
    """One currency or coin. ``turnover``: what moved since books and venue last agreed. ``seen``:
    the difference at the last reconciliation, ``told``: one that was told and stays. ``moved_ns``:
    event time of the last movement."""

    expected: Decimal = ZERO
    turnover: Decimal = ZERO
    seen: Decimal = ZERO
    told: Decimal = ZERO
    moved_ns: int = 0

    def agree(self, amount: Decimal) -> None:
        self.expected, self.turnover, self.seen, self.told = amount, ZERO, ZERO, ZERO


@dataclass(slots=True)
class Purses:
    """Those at one venue."""

    holds: Holds
    by_name: dict[str, Purse] = field(default_factory=dict)

    def move(self, name: str, amount: Decimal, ts_ns: int) -> None:
        """What is not told as money is no money there: only a spot exchange tells all."""
        purse = self.by_name.get(name)
        if purse is None:
            if self.holds is not Holds.ASSETS or not name:
                return
            purse = self.by_name[name] = Purse()
        purse.expected = rounded(EXACT.add(purse.expected, amount))
        purse.turnover = rounded(EXACT.add(purse.turnover, abs(amount)))
        purse.moved_ns = max(purse.moved_ns, ts_ns)

    def only(self) -> str:
        """The currency where there is but one; else empty."""
        return next(iter(self.by_name)) if len(self.by_name) == 1 else ""

    def pack(self) -> dict[str, Any]:
        """As canonical.pack takes it."""
        rows = {n: [getattr(p, name) for name in Purse.__slots__] for n, p in self.by_name.items()}
        return {"holds": str(self.holds), "by_name": rows}

    @classmethod
    def unpack(cls, packed: dict[str, Any]) -> "Purses":
        return cls(Holds(packed["holds"]), {n: Purse(*v) for n, v in packed["by_name"].items()})


@dataclass(frozen=True, slots=True)
class Moved:
    """A fill: signed size (buys positive), the worth of one unit, and the profit it realised."""

    size: Decimal
    unit: Decimal
    realised: Decimal


def traded(
    purses: Mapping[str, Purses],
    report: ExecutionReport,
    currency: str,
    moved: Moved,
    fee: Decimal,
) -> None:
    """Takes a fill, or with turned signs one that is taken back; ``currency`` is the contract's."""
    at = purses.get(venue_of(report.instrument))
    if at is None:
        return
    base, quote = assets_of(report.instrument, currency, at.by_name)
    if at.holds is not Holds.ASSETS:  # names of shares and contracts tell no currency
        quote = currency or at.only() or quote
    paid = -moved.realised if at.holds is Holds.WALLET else EXACT.multiply(moved.size, moved.unit)
    at.move(quote, -paid, report.ts_event)
    if at.holds is Holds.ASSETS:
        at.move(base, moved.size, report.ts_event)
    if fee:
        at.move(report.fee_currency or quote, -fee, report.ts_event)


def flowed(purses: Mapping[str, Purses], flow: CashFlow, currency: str) -> None:
    """Takes a cash flow; one that names no instrument is of the venue, where there is but one, and
    one without a currency in the account's."""
    venue = venue_of(flow.instrument) or (next(iter(purses)) if len(purses) == 1 else "")
    if at := purses.get(venue):
        at.move(flow.currency or currency or at.only(), flow.amount, flow.ts_event)
