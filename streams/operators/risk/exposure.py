"""Exposures: gross, net, long, short, leverage and concentration, of everything or by group.

All values are signed amounts in one currency, exact. Within a group the holdings of an instrument
are netted first (two strategies, long and short the same thing, expose their account to nothing),
so the gross of an account may be less than the sum over its strategies.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum

from streams.operators.risk.money import EXACT, ZERO

INFINITE = Decimal("Infinity")


class Dimension(StrEnum):
    """What exposures are grouped by; the names of the fields of ``Exposure``."""

    INSTRUMENT = "instrument"
    SECTOR = "sector"
    STRATEGY = "strategy"
    VENUE = "venue"


@dataclass(frozen=True, slots=True)
class Exposure:
    """One holding: ``value`` is its notional at the mark in the base currency, negative short."""

    instrument: str
    value: Decimal
    sector: str = ""
    strategy: str = ""
    venue: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """``short`` is not negative. ``largest``: the largest absolute value of an instrument, and
    ``largest_instrument`` which; the first by name where several are."""

    long: Decimal
    short: Decimal
    largest: Decimal
    largest_instrument: str

    @property
    def gross(self) -> Decimal:
        return EXACT.add(self.long, self.short)

    @property
    def net(self) -> Decimal:
        return EXACT.subtract(self.long, self.short)

    @property
    def concentration(self) -> Decimal:
        """The largest instrument's share of the gross, 0 … 1; 0 when flat."""
        return EXACT.divide(self.largest, self.gross) if self.gross else ZERO

    def leverage(self, equity: Decimal) -> Decimal:
        """Gross over equity. Without equity any exposure is infinite leverage, so that it
        exceeds every limit."""
        if not self.gross:
            return ZERO
        return EXACT.divide(self.gross, equity) if equity > 0 else INFINITE


def by_instrument(exposures: Iterable[Exposure]) -> dict[str, Decimal]:
    """Netted values, by name."""
    values: dict[str, Decimal] = {}
    with localcontext(EXACT):
        for row in exposures:
            values[row.instrument] = values.get(row.instrument, ZERO) + row.value
    return dict(sorted(values.items()))


def summary(exposures: Iterable[Exposure]) -> Summary:
    """Of all of them together."""
    values = by_instrument(exposures)
    largest = max(values, key=lambda name: abs(values[name]), default="")
    with localcontext(EXACT):
        return Summary(
            long=sum((v for v in values.values() if v > 0), ZERO),
            short=-sum((v for v in values.values() if v < 0), ZERO),
            largest=abs(values.get(largest, ZERO)),
            largest_instrument=largest,
        )


def by(exposures: Iterable[Exposure], dimension: Dimension) -> dict[str, Summary]:
    """A summary of each group, by name."""
    groups: dict[str, list[Exposure]] = {}
    for row in exposures:
        groups.setdefault(getattr(row, dimension), []).append(row)
    return {name: summary(groups[name]) for name in sorted(groups)}
