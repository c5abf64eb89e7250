"""What sizing must know of the past: how much an instrument moves, and what a strategy made there.

The variance is a mean of squared log returns of the vectors' mids per second that forgets by half
in ``half_life_ns`` of event time:

    w = 1 - 0.5 ** (dt / half_life);  v += w (r² / dt - v)

(a plain mean at first, w = 1 / n).

The equity curve is what fills cost and brought, less fees, with what is held valued at the mid.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

YEAR_S = 365.25 * 86_400.0


@dataclass(slots=True)
class Meter:
    """``variance``: of log returns, a second; ``pnl`` and ``peak``: quote currency; ``held``:
    units."""

    half_life_ns: int = 0
    ts: int = 0
    mid: float = math.nan
    variance: float = math.nan
    returns: int = 0
    held: float = 0.0
    pnl: float = 0.0
    peak: float = 0.0

    def see(self, ts: int, mid: float) -> None:
        """The next vector's mid."""
        if not math.isnan(self.mid):
            self._add(self.held * (mid - self.mid))
            if self.half_life_ns and ts > self.ts:
                self._add_return(math.log(mid / self.mid), (ts - self.ts) / 1e9)
        if ts > self.ts or math.isnan(self.mid):
            self.ts = ts
        self.mid = mid

    def _add_return(self, value: float, seconds: float) -> None:
        rate = value * value / seconds
        before = self.variance if self.returns else 0.0
        self.returns += 1
        weight = max(1 - 0.5 ** (seconds * 1e9 / self.half_life_ns), 1 / self.returns)
        self.variance = before + weight * (rate - before)

    def trade(self, units: float, price: float, fee: float, held: float) -> None:
        """So many ``units`` were bought (below 0: sold), and so many are ``held`` now."""
        mid = price if math.isnan(self.mid) else self.mid
        self._add(units * (mid - price) - fee)
        self.held = held

    def _add(self, gain: float) -> None:
        self.pnl += gain
        self.peak = max(self.peak, self.pnl)

    @property
    def volatility(self) -> float:
        """A year, as a fraction; NaN before the first return."""
        return math.sqrt(self.variance * YEAR_S)

    @property
    def drawdown(self) -> float:
        """Below the highest of the equity curve: quote currency, not negative."""
        return self.peak - self.pnl

    def pack(self) -> dict[str, Any]:
        packed = asdict(self)
        del packed["half_life_ns"]
        return packed

    def unpack(self, packed: dict[str, Any]) -> None:
        for name, value in packed.items():
            setattr(self, name, value)
