"""Sums over all lines of a scope, kept up to date line by line: a check costs the same whether an
account holds one instrument or a thousand. Everything is rounded to 18 places before it is added,
so sums are exact and what is taken out again leaves nothing behind."""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from streams.operators.risk.lines import Part
from streams.operators.risk.money import ZERO

SECOND = 10**9


@dataclass(slots=True)
class Tally:
    """Of one scope. ``day_start`` and ``peak`` are P&L: at the first record of the day (UTC, event
    time), and the highest so far; ``losses``: closing fills that lost, in a row."""

    gross: Decimal = ZERO
    net: Decimal = ZERO
    up: Decimal = ZERO
    down: Decimal = ZERO
    margin: Decimal = ZERO
    pnl: Decimal = ZERO
    open_orders: int = 0
    day_start: Decimal = ZERO
    peak: Decimal = ZERO
    losses: int = 0
    approved_ns: deque[int] = field(default_factory=deque)
    messages_ns: deque[int] = field(default_factory=deque)

    def swap(self, old: Part, new: Part) -> None:
        """Puts a line's new part in the place of its old one."""
        self.gross += new.gross - old.gross
        self.net += new.net - old.net
        self.up += new.up - old.up
        self.down += new.down - old.down
        self.margin += new.margin - old.margin
        if new.pnl != old.pnl:
            self.pnl += new.pnl - old.pnl
            self.peak = max(self.peak, self.pnl)

    def earn(self, amount: Decimal) -> None:
        """Profit (negative: loss) that no line has: of funding, borrowing, dividends."""
        self.pnl += amount
        self.peak = max(self.peak, self.pnl)

    def net_worst(self, old: Part, new: Part) -> Decimal:
        """The largest net notional that may come of it once ``new`` stands for ``old``."""
        net = self.net + new.net - old.net
        up, down = self.up + new.up - old.up, self.down + new.down - old.down
        return max(abs(net + up), abs(net - down))

    def closed(self, realised: Decimal) -> None:
        """A fill closed something; runs of losses are counted."""
        self.losses = self.losses + 1 if realised < 0 else 0

    def pack(self) -> dict[str, Any]:
        packed = {name: getattr(self, name) for name in self.__slots__}
        packed["approved_ns"], packed["messages_ns"] = (
            list(self.approved_ns),
            list(self.messages_ns),
        )
        return packed

    @classmethod
    def unpack(cls, packed: dict[str, Any]) -> "Tally":
        times = {name: deque(packed[name]) for name in ("approved_ns", "messages_ns")}
        return cls(**{**packed, **times})


def note(times: deque[int], now: int) -> None:
    """One more, now; what ``within_second`` would drop is dropped."""
    while times and times[0] <= now - SECOND:
        times.popleft()
    times.append(now)


def within_second(times: deque[int], now: int) -> int:
    """How many of these times lie in the second that ends now; older ones are dropped."""
    while times and times[0] <= now - SECOND:
        times.popleft()
    return len(times)
