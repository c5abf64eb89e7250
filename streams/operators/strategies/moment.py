"""The moment at which a strategy speaks."""

from decimal import Decimal
from typing import NamedTuple


class Moment(NamedTuple):
    """Where and when a strategy spoke, and the features that it saw, by column."""

    instrument: str
    ts: int
    bid: int
    ask: int
    price_scale: int
    size_scale: int
    features: dict[str, float]

    @property
    def scales(self) -> tuple[int, int]:
        return self.price_scale, self.size_scale

    @property
    def mid(self) -> Decimal:
        return (Decimal(self.bid + self.ask) / 2).scaleb(-self.price_scale)
