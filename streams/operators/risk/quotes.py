"""The market of an instrument as the account's inbox last told it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from schemas.enums import MarketState, Side
from schemas.inbox import Mark
from streams.operators.risk.money import ratio, scaled


@dataclass(slots=True)
class Quote:
    """``told``: the last mark with two sides (a market that is dark keeps its last prices);
    ``state`` and ``ts``: of the last mark of all; ``volume``: traded since the account knows it,
    scaled as the mark."""

    told: Mark
    state: MarketState
    ts: int
    bid: Decimal
    ask: Decimal
    last: Decimal
    mid: Decimal
    volume: int = 0

    def far(self, side: Side) -> Decimal:
        """What an order of this side would trade at."""
        return self.ask if side is Side.BUY else self.bid

    def displayed(self, side: Side) -> Decimal:
        """Size that an order of this side sees, in units; 0 when marks do not tell it."""
        sizes = self.told.ask_sizes if side is Side.BUY else self.told.bid_sizes
        return scaled(sum(sizes), self.told.size_scale)

    def average(self, side: Side, size: Decimal) -> Decimal:
        """Average price of sweeping ``size`` units through what is displayed; what goes beyond
        pays the last level's price."""
        mark = self.told
        prices, sizes = (
            (mark.ask_prices, mark.ask_sizes)
            if side is Side.BUY
            else (mark.bid_prices, mark.bid_sizes)
        )
        if not prices or not size:
            return self.far(side)
        left, paid = size, Decimal(0)
        for price, level in zip(prices, sizes, strict=True):
            taken = min(left, scaled(level, mark.size_scale))
            paid += taken * price
            left -= taken
            if not left:
                break
        return ratio((paid + left * prices[-1]).scaleb(-mark.price_scale), size)


def quote_of(mark: Mark, before: Quote | None) -> Quote | None:
    """What is known after a mark; None while no mark had two sides."""
    if mark.bid > 0 and mark.ask > 0:
        scale = mark.price_scale
        last = scaled(mark.last, scale) if mark.last else (before.last if before else Decimal(0))
        bid, ask = scaled(mark.bid, scale), scaled(mark.ask, scale)
        volume = mark.volume + (before.volume if before else 0)
        return Quote(mark, mark.state, mark.ts_event, bid, ask, last, (bid + ask) / 2, volume)
    if before:
        before.state, before.ts = mark.state, mark.ts_event
        before.volume += mark.volume
    return before


def pack_quote(quote: Quote) -> dict[str, Any]:
    packed = {name: getattr(quote, name) for name in Quote.__slots__}
    packed["told"] = [getattr(quote.told, name) for name in Mark.__slots__]
    return packed


def unpack_quote(packed: dict[str, Any]) -> Quote:
    values = dict(zip(Mark.__slots__, packed["told"], strict=True))
    values["state"] = MarketState(values["state"])
    for name in ("bid_prices", "bid_sizes", "ask_prices", "ask_sizes"):
        values[name] = tuple(values[name])
    return Quote(**{**packed, "told": Mark(**values), "state": MarketState(packed["state"])})
