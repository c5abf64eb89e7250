"""What an option's contract says, and what its model must be told beside it."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Valuation:
    """``underlying``: the VENUE:SYMBOL whose marks it is valued by; ``future``: whether that is a
    future's price (Black-76) or spot. ``rate`` and ``dividend_yield``: continuously compounded, a
    year. ``volatility``: a year, stands in where marks imply none; None: nothing does.

    ``currency`` is that of the strike and of the underlying's price; empty: the contract's own.
    Where it is another, the premium is paid in the underlying (a coin: Deribit's BTC options), and
    is worth its price times the underlying's. Raises ValueError on what cannot be."""

    underlying: str
    future: bool = False
    currency: str = ""
    rate: float = 0.0
    dividend_yield: float = 0.0
    volatility: float | None = None

    def __post_init__(self) -> None:
        if ":" not in self.underlying:
            raise ValueError(f"underlying {self.underlying!r}: write VENUE:SYMBOL")
        for name in ("rate", "dividend_yield"):
            if not -1 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} {getattr(self, name)}: a fraction a year, 0.04 is 4 %")
        if self.volatility is not None and not 0 <= self.volatility <= 10:
            raise ValueError(f"volatility {self.volatility}: a fraction a year, 0.5 is 50 %")


@dataclass(frozen=True, slots=True)
class OptionTerms:
    """A European option; one of another style is valued as if it were. ``expiry_ns``: UTC. Raises
    ValueError on a strike that is not above zero."""

    strike: Decimal
    expiry_ns: int
    call: bool
    valuation: Valuation

    def __post_init__(self) -> None:
        if not self.strike.is_finite() or self.strike <= 0:
            raise ValueError(f"strike {self.strike}: must be a finite number above zero")
