"""What the venue asks of an instrument: fees, sizes, prices, and the cost of holding it."""

from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase

from schemas.enums import OrdType
from schemas.records import PaperOrder
from streams.operators.risk.money import EXACT, ZERO, plain, scaled, times

NS_PER_YEAR = 365 * 86_400 * 10**9
LIMITED = (OrdType.LIMIT, OrdType.STOP_LIMIT)


@dataclass(frozen=True, slots=True)
class Terms:
    """Fees are fractions of notional (negative: a rebate). ``tick_size`` and ``lot_size``: what
    prices and sizes must be multiples of; ``min_notional`` of an order; ``price_band``: how far a
    limit may lie from the market, as a fraction of it. ``borrow_rate`` a year on the notional of
    a short position; ``funding_rate`` each interval on that of any, paid by long to short. 0
    switches each off."""

    maker_fee: Decimal
    taker_fee: Decimal
    tick_size: Decimal = ZERO
    lot_size: Decimal = ZERO
    min_notional: Decimal = ZERO
    price_band: Decimal = ZERO
    borrow_rate: Decimal = ZERO
    funding_rate: Decimal = ZERO


def terms_of(patterns: tuple[tuple[str, Terms], ...], instrument: str, default: Terms) -> Terms:
    """Of the first pattern that the instrument matches."""
    for pattern, terms in patterns:
        if fnmatchcase(instrument, pattern):
            return terms
    return default


def against(terms: Terms, order: PaperOrder, market: Decimal | None) -> str:
    """Which of the terms the order breaks; empty when none. ``market`` is the instrument's price
    now: the middle of the book, or the last trade."""
    size = scaled(order.size, order.size_scale)
    if terms.lot_size and EXACT.remainder(size, terms.lot_size):
        return f"size {plain(size)} is no multiple of the lot size {plain(terms.lot_size)}"
    for name, value in (("price", order.price), ("stop price", order.stop_price)):
        price = scaled(value, order.price_scale)
        if terms.tick_size and EXACT.remainder(price, terms.tick_size):
            return f"{name} {plain(price)} is no multiple of the tick size {plain(terms.tick_size)}"
    limit = scaled(order.price, order.price_scale) if order.ord_type in LIMITED else None
    return _too_small(terms, size, limit, market) or _too_far(terms, limit, market)


def _too_small(terms: Terms, size: Decimal, limit: Decimal | None, market: Decimal | None) -> str:
    price = market if limit is None else limit
    if not terms.min_notional or price is None:
        return ""
    notional = times(size, abs(price))
    if notional >= terms.min_notional:
        return ""
    return f"notional {plain(notional)} is under the least, {plain(terms.min_notional)}"


def _too_far(terms: Terms, limit: Decimal | None, market: Decimal | None) -> str:
    if not terms.price_band or limit is None or market is None:
        return ""
    if abs(limit - market) <= times(terms.price_band, abs(market)):
        return ""
    band = plain(terms.price_band)
    return f"price {plain(limit)} lies outside the band of {band} around {plain(market)}"


def borrow_cost(terms: Terms, position: Decimal, price: Decimal, interval_ns: int) -> Decimal:
    """What holding a short position costs for an interval (negative), by simple interest on a
    year of 365 days; 0 for a long one."""
    if position >= 0:
        return ZERO
    share = EXACT.divide(Decimal(interval_ns), Decimal(NS_PER_YEAR))
    return times(times(position, abs(price)), EXACT.multiply(terms.borrow_rate, share))


def funding(terms: Terms, position: Decimal, price: Decimal) -> Decimal:
    """What a position receives at an interval's end: at a positive rate longs pay shorts, as
    perpetual contracts do it (Binance, "Introduction to Binance Futures Funding Rates")."""
    return -times(times(position, price), terms.funding_rate)
