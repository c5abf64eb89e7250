"""Rates between currencies from marks, and amounts brought to an account's base currency.

A rate is, in this order: the mark of the pair, one over the mark of the opposite pair, or a cross
over one bridge currency (the first bridge for which both legs are known). A rate that is missing
or too old is unknown, and unknown is an error: an amount that cannot be converted must never count
as zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import Any

from streams.operators.risk.money import EXACT, ZERO, times

_ONE = Decimal(1)


class UnknownRate(LookupError):
    """There is no rate between two currencies that is fresh enough."""


@dataclass(frozen=True, slots=True)
class CurrencyConfig:
    """``base``: what an account is measured in. ``bridges``: currencies to cross over, in order of
    preference. ``max_age_ns``: of event time; an older mark is no rate."""

    base: str
    bridges: tuple[str, ...] = ()
    max_age_ns: int = 60 * 10**9


@dataclass(slots=True)
class Rates:
    """The last mark of each pair, ``BASE/QUOTE`` → what one BASE is in QUOTE, and when."""

    config: CurrencyConfig
    marks: dict[str, tuple[Decimal, int]] = field(default_factory=dict)

    def mark(self, base: str, quote: str, price: Decimal, ts_ns: int) -> None:
        """Takes a mark; an older one than is known changes nothing. Raises ValueError on a price
        that is not above zero."""
        if not price.is_finite() or price <= 0:
            raise ValueError(f"mark of {base}/{quote}: {price} is no rate")
        known = self.marks.get(f"{base}/{quote}")
        if known is None or ts_ns >= known[1]:
            self.marks[f"{base}/{quote}"] = price, ts_ns

    def rate(self, source: str, target: str, now_ns: int) -> Decimal:
        """What one unit of ``source`` is in ``target``, to 60 digits. Raises UnknownRate."""
        found = self._pair(source, target, now_ns)
        if found is not None:
            return found
        for bridge in self.config.bridges:
            first = self._pair(source, bridge, now_ns)
            second = self._pair(bridge, target, now_ns)
            if first is not None and second is not None:
                return EXACT.multiply(first, second)
        raise UnknownRate(self._missing(source, target))

    def _pair(self, source: str, target: str, now_ns: int) -> Decimal | None:
        if source == target:
            return _ONE
        direct = self._fresh(source, target, now_ns)
        if direct is not None:
            return direct
        opposite = self._fresh(target, source, now_ns)
        return None if opposite is None else EXACT.divide(_ONE, opposite)

    def _fresh(self, base: str, quote: str, now_ns: int) -> Decimal | None:
        price, at = self.marks.get(f"{base}/{quote}", (ZERO, 0))
        return price if price and now_ns - at <= self.config.max_age_ns else None

    def _missing(self, source: str, target: str) -> str:
        over = ", ".join(self.config.bridges) or "none configured"
        seconds = self.config.max_age_ns / 10**9
        return (
            f"no rate from {source} to {target}: neither pair has a mark of the last "
            f"{seconds:g} s, nor has any bridge ({over}) both"
        )

    def convert(self, amount: Decimal, source: str, target: str, now_ns: int) -> Decimal:
        """Rounded to 18 places. An amount of zero needs no rate. Raises UnknownRate."""
        return times(amount, self.rate(source, target, now_ns)) if amount else ZERO

    def in_base(self, amounts: Mapping[str, Decimal], now_ns: int) -> Decimal:
        """The sum of amounts by currency, in the base currency. Raises UnknownRate."""
        with localcontext(EXACT):
            parts = (self.convert(a, c, self.config.base, now_ns) for c, a in amounts.items())
            return sum(parts, ZERO)


def pack(rates: Rates) -> dict[str, Any]:
    """As canonical.pack takes it."""
    return {pair: [price, at] for pair, (price, at) in rates.marks.items()}


def unpack(packed: dict[str, Any], config: CurrencyConfig) -> Rates:
    """What ``pack`` was given."""
    return Rates(config, {pair: (price, at) for pair, (price, at) in packed.items()})
