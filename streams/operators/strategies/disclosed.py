"""What others did, as a strategy that follows them is told: filings, and fills of accounts."""

import math
from dataclasses import asdict
from decimal import Decimal
from typing import Any, NamedTuple

from schemas.enums import DisclosedAction, Side
from schemas.records import Disclosure


class Followed(NamedTuple):
    """A fill of an account that is followed: it held ``before`` and traded so many ``units``."""

    account: str
    before: Decimal
    units: Decimal
    price: float
    ts: int

    def disclosed(self, instrument: str, known_ns: int) -> Disclosure:
        """What a position becomes decides what was done; one that changes sides is a new one."""
        after = self.before + self.units
        held = after or self.before
        side = Side.BUY if held > 0 else Side.SELL
        what = action(self.before, after)
        return Disclosure(
            instrument, self.account, known_ns, self.ts, what, side, math.nan, self.price
        )


def action(before: Decimal, after: Decimal) -> DisclosedAction:
    """Of a holding that was ``before`` and is ``after``, long above 0."""
    if not after:
        return DisclosedAction.SOLD
    if before * after <= 0:
        return DisclosedAction.NEW
    return DisclosedAction.REDUCED if abs(after) < abs(before) else DisclosedAction.INCREASED


def packed(told: Disclosure) -> dict[str, Any]:
    """For a snapshot."""
    return {name: str(v) if name in _WORDS else v for name, v in asdict(told).items()}


_WORDS = {"action": DisclosedAction, "side": Side}


def due(waiting: list[dict[str, Any]], ts: int) -> list[Disclosure]:
    """Those that are known by then, by the time at which they became known."""
    made = [
        Disclosure(**{**each, **{name: word(each[name]) for name, word in _WORDS.items()}})
        for each in waiting
        if each["ts_event"] <= ts
    ]
    return sorted(made, key=lambda told: told.ts_event)
