"""Circuit breakers: what is measured, when it is too much, and how trading comes back.

    normal ──too much──► reduce-only or halted ──cool-down over, or a person resets──► normal

Measures (``source`` says where they come from):

- ``loss``: how far the account's P&L fell within the window (money)
- ``rejects``: share of orders that venues rejected, of those within the window (at least five)
- ``latency``: from approval to the venue's acknowledgement, and of an order without one up to now
  (seconds)
- ``data_gap``: age of the oldest mark of an instrument that is held or worked (seconds)
- ``price_gap``: largest distance between the mids of two instruments of a group (fraction)
- ``model_drift``: how many times larger the error of a model became (told where one has ``drift``)
- ``feature_drift``: the largest population stability index of a period's features
- any other: the value of a ``Health`` record of that measure, whoever sends it (consumer lag …)
"""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from schemas.enums import TradingState

OWN = ("loss", "rejects", "latency", "data_gap", "price_gap")  # nobody else tells these
FEWEST = 5  # orders before a share of rejections means anything


@dataclass(frozen=True, slots=True)
class BreakerRule:
    """``limit``: the most that is allowed; ``then``: what it brings; ``cool_down_ns``: until it
    resets itself, 0: a person must. ``group``: instruments of a ``price_gap``."""

    name: str
    measure: str
    limit: Decimal
    window_ns: int
    then: TradingState
    cool_down_ns: int
    group: tuple[str, ...] = ()


@dataclass(slots=True)
class Breaker:
    """``samples``: (time, value) within the window; ``until_ns``: end of the cool-down, 0: none."""

    state: TradingState = TradingState.NORMAL
    until_ns: int = 0
    samples: deque[tuple[int, Decimal]] = field(default_factory=deque)

    def measure(self, rule: BreakerRule, now: int, value: Decimal) -> Decimal:
        """Takes a sample; what the rule compares with its limit."""
        if rule.measure not in ("loss", "rejects"):
            return value
        self.samples.append((now, value))
        while self.samples[0][0] <= now - rule.window_ns:
            self.samples.popleft()
        values = [value for _, value in self.samples]
        if rule.measure == "loss":
            return max(values) - value
        return sum(values, Decimal(0)) / len(values) if len(values) >= FEWEST else Decimal(0)

    def trip(self, rule: BreakerRule, now: int) -> None:
        self.state = rule.then
        self.until_ns = now + rule.cool_down_ns if rule.cool_down_ns else 0
        self.samples.clear()

    def cooled(self, now: int) -> bool:
        """Whether its cool-down is over."""
        return self.state is not TradingState.NORMAL and 0 < self.until_ns <= now

    def reset(self) -> None:
        self.state, self.until_ns = TradingState.NORMAL, 0
        self.samples.clear()

    def pack(self) -> dict[str, Any]:
        return {
            "state": self.state,
            "until_ns": self.until_ns,
            "samples": [list(sample) for sample in self.samples],
        }

    @classmethod
    def unpack(cls, packed: dict[str, Any]) -> "Breaker":
        samples = deque((at, value) for at, value in packed["samples"])
        return cls(TradingState(packed["state"]), packed["until_ns"], samples)
