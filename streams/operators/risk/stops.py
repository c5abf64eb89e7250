"""Stops and targets that the gate itself watches, on every mark of an instrument that is held.

They protect a strategy's position whatever the strategy does. Kinds:

- ``static``: the price went ``distance`` (a fraction) against the average entry
- ``trailing``: … against the best price since the position was opened
- ``chandelier``: ``distance`` average true ranges against the best price (Le Beau); the range is
  Wilder's average over bars of ``period_ns`` made of the marks
- ``break_even``: once the price was ``distance`` in favour, it came back to the entry
- ``time``: the position is ``period_ns`` old
- ``target``: ``distance`` in favour of the entry; ``share`` of the position is closed, once
- ``portfolio``: the account's P&L of the day is ``distance`` (money) below zero: everything goes
"""

from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from streams.operators.risk.money import ZERO

KINDS = ("static", "trailing", "chandelier", "break_even", "time", "target", "portfolio")


@dataclass(frozen=True, slots=True)
class StopRule:
    """``instruments``: a pattern of VENUE:SYMBOL; ``name`` says which rule it was."""

    name: str
    kind: str
    instruments: str = "*"
    distance: Decimal = ZERO
    period_ns: int = 0
    share: Decimal = Decimal(1)


@dataclass(slots=True)
class Guard:
    """A position being watched. ``best``: the best price since it was opened; ``atr`` with its
    unfinished bar (start, high, low, last close) and how many bars it holds; ``fired``: rule →
    when. A rule fires once for a position; its exit goes on until it is done."""

    sign: int
    opened_ns: int
    best: Decimal
    atr: Decimal = ZERO
    bars: int = 0
    bar_ns: int = 0
    high: Decimal = ZERO
    low: Decimal = ZERO
    close: Decimal = ZERO
    fired: dict[str, int] = field(default_factory=dict)

    def see(self, price: Decimal, ts: int, period_ns: int) -> None:
        """A mark came."""
        self.best = max(self.best, price) if self.sign > 0 else min(self.best, price)
        if period_ns:
            self._bar(price, ts - ts % period_ns)

    def _bar(self, price: Decimal, start: int) -> None:
        if start > self.bar_ns:
            before = self.close if self.bar_ns else price  # a true range holds the last close
            if self.bar_ns:
                self._close_bar()
            self.bar_ns, self.high, self.low = start, max(price, before), min(price, before)
        self.high, self.low = max(self.high, price), min(self.low, price)
        self.close = price

    def _close_bar(self) -> None:
        true_range = self.high - self.low
        self.bars += 1
        weight = min(self.bars, 14)
        self.atr += (true_range - self.atr) / weight

    def broken(self, rule: StopRule, price: Decimal, entry: Decimal, now: int) -> bool:
        """Whether a rule wants out at this price."""
        gain = self.sign * (price - entry)
        match rule.kind:
            case "static":
                return -gain >= rule.distance * entry
            case "trailing":
                return self.sign * (self.best - price) >= rule.distance * self.best
            case "chandelier":
                back = self.sign * (self.best - price)
                return self.bars > 0 and back >= rule.distance * self.atr
            case "break_even":
                reached = self.sign * (self.best - entry) >= rule.distance * entry
                return reached and gain <= 0
            case "time":
                return now - self.opened_ns >= rule.period_ns
            case "target":
                return gain >= rule.distance * entry
        return False

    def pack(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def left_by(rule: StopRule, position: int) -> int:
    """Scaled size, unsigned, that a rule leaves of a position's scaled size."""
    return int((abs(position) * (1 - rule.share)).to_integral_value(ROUND_FLOOR))


@dataclass(slots=True)
class Exit:
    """Of a strategy's position on the side ``sign``, down to ``to`` (scaled, unsigned). ``since``:
    when it began or last sent; ``sent``: the client order ids of its last round; ``refused``: how
    many rounds in a row sent nothing."""

    why: str
    sign: int
    to: int
    since: int
    sent: list[str] = field(default_factory=list)
    refused: int = 0
