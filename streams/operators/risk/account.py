"""What the gate knows of one account: positions, open orders, marks, and the day so far."""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from schemas.enums import Side
from streams.operators.risk.limits import Limits
from streams.operators.risk.money import ZERO, scaled
from streams.operators.risk.positions import Holding

DAY_NS = 86_400 * 10**9


@dataclass(slots=True)
class OpenOrder:
    """An approved order that may still trade; ``leaves`` is scaled."""

    strategy: str
    signal_id: str
    instrument: str
    side: Side
    leaves: int
    size_scale: int
    price: Decimal

    @property
    def signed_leaves(self) -> int:
        return self.leaves if self.side is Side.BUY else -self.leaves


@dataclass(slots=True)
class Quote:
    """The last mark of an instrument."""

    bid: Decimal
    ask: Decimal

    @property
    def mid(self) -> Decimal:
        return (self.bid + self.ask) / 2


@dataclass(slots=True)
class Account:
    """All that may change what the account may do. ``day_start_pnl`` is the P&L at the first
    record of the day (UTC, event time)."""

    limits: Limits
    killed: bool = False
    now_ns: int = 0
    day: int = -1
    day_start_pnl: Decimal = ZERO
    holdings: dict[str, Holding] = field(default_factory=dict)
    orders: dict[str, OpenOrder] = field(default_factory=dict)
    quotes: dict[str, Quote] = field(default_factory=dict)
    approved_ns: deque[int] = field(default_factory=deque)

    def advance(self, ts_event: int) -> None:
        """Time passes: event time never runs backwards here, and a new day starts afresh."""
        self.now_ns = max(self.now_ns, ts_event)
        day = self.now_ns // DAY_NS
        if day != self.day:
            self.day, self.day_start_pnl = day, self.pnl()
        while self.approved_ns and self.approved_ns[0] <= self.now_ns - 10**9:
            self.approved_ns.popleft()

    def pnl(self) -> Decimal:
        """Realised and unrealised, after fees."""
        return sum(
            (
                h.realised - h.fees + h.unrealised(self.mark(name))
                for name, h in self.holdings.items()
            ),
            ZERO,
        )

    def mark(self, instrument: str) -> Decimal:
        """Mid of the last mark; 0 before the first."""
        quote = self.quotes.get(instrument)
        return quote.mid if quote else ZERO

    def holding(self, instrument: str, size_scale: int) -> Holding:
        return self.holdings.setdefault(instrument, Holding(size_scale))

    def working(self, instrument: str, side: Side) -> Decimal:
        """Unsigned size of the open orders of a side."""
        return sum(
            (
                scaled(o.leaves, o.size_scale)
                for o in self.orders.values()
                if o.instrument == instrument and o.side is side
            ),
            ZERO,
        )

    def gross(self) -> Decimal:
        """Notional of all positions at their marks and of all open orders at their prices."""
        held = sum(
            (
                abs(scaled(h.quantity, h.size_scale)) * self.mark(name)
                for name, h in self.holdings.items()
            ),
            ZERO,
        )
        return held + sum(
            (scaled(o.leaves, o.size_scale) * o.price for o in self.orders.values()), ZERO
        )


def pack(account: Account) -> dict[str, Any]:
    """The account as canonical.pack takes it."""
    return {
        "limits": {n: getattr(account.limits, n) for n in account.limits.__slots__},
        "killed": account.killed,
        "now_ns": account.now_ns,
        "day": account.day,
        "day_start_pnl": account.day_start_pnl,
        "holdings": {k: _fields(v) for k, v in account.holdings.items()},
        "orders": {k: _fields(v) for k, v in account.orders.items()},
        "quotes": {k: _fields(v) for k, v in account.quotes.items()},
        "approved_ns": list(account.approved_ns),
    }


def unpack(packed: dict[str, Any]) -> Account:
    """What ``pack`` was given."""
    orders = {k: OpenOrder(**{**v, "side": Side(v["side"])}) for k, v in packed["orders"].items()}
    return Account(
        Limits(**packed["limits"]),
        packed["killed"],
        packed["now_ns"],
        packed["day"],
        packed["day_start_pnl"],
        {k: Holding(**v) for k, v in packed["holdings"].items()},
        orders,
        {k: Quote(**v) for k, v in packed["quotes"].items()},
        deque(packed["approved_ns"]),
    )


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}
