"""An order to be judged, with what it would make of its account."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from schemas.enums import OrdType, Side
from schemas.inbox import Signal
from streams.operators.risk.account import WHOLE, Account
from streams.operators.risk.instruments import Instrument
from streams.operators.risk.lines import Line, Part
from streams.operators.risk.money import scaled
from streams.operators.risk.quotes import Quote

STOPS = (OrdType.STOP, OrdType.STOP_LIMIT, OrdType.TRAILING_STOP)


class Stake(NamedTuple):
    """A line, its part of the sums ``now``, and what that part ``would`` be with the order."""

    line: Line
    now: Part
    would: Part


@dataclass(slots=True)
class Case:
    """``price``: what it is expected to trade at; ``sign``: 1 buys. ``more`` is its signed size
    as its lines count, less what it stands for already where it is of a group, or changed.
    ``whole`` and ``own``: the account's stake in the instrument, and its strategy's."""

    account: Account
    order: Signal
    instrument: Instrument
    quote: Quote
    sign: int
    size: Decimal
    price: Decimal
    more: int
    reduces: bool
    whole: Stake
    own: Stake
    equity: Decimal
    change: bool

    @property
    def takes(self) -> bool:
        """Whether it would trade at once."""
        if self.order.ord_type is OrdType.MARKET:
            return True
        away = self.sign * (self.price - self.quote.far(self.order.side))
        return self.order.ord_type is OrdType.LIMIT and away >= 0


def case_of(account: Account, order: Signal, was: int = 0, exits: bool = False) -> Case:
    """``was``: the size before, of an order that is changed. ``exits``: the gate itself leaves a
    position, and what its strategy holds counts, whatever others do. The instrument has a mark."""
    name = order.instrument
    sign = 1 if order.side is Side.BUY else -1
    extra = max(order.size - (was or _reserved_for(account, order)), 0)
    whole = account.line(WHOLE, name, order.size_scale)
    own = account.line(order.strategy, name, order.size_scale)
    known, quote, unit = account.instrument(name), account.quotes[name], account.unit(name)
    extra = whole.units(extra, order.size_scale)
    more = extra * sign
    return Case(
        account=account,
        order=order,
        instrument=known,
        quote=quote,
        sign=sign,
        size=scaled(order.size, order.size_scale),
        price=_expected_price(order, quote),
        more=more,
        reduces=(own if exits else whole).reduces(sign, extra),
        whole=_stake(whole, unit, known.margin, more),
        own=_stake(own, unit, known.margin, more),
        equity=account.equity,
        change=was > 0,
    )


def _stake(line: Line, unit: Decimal | None, margin: Decimal, more: int) -> Stake:
    return Stake(line, line.part, line.part if unit is None else line.exposed(unit, margin, more))


def _expected_price(order: Signal, quote: Quote) -> Decimal:
    """Its limit, its stop, or the far side of the market."""
    if order.price and order.ord_type in (OrdType.LIMIT, OrdType.STOP_LIMIT):
        return scaled(order.price, order.price_scale)
    if order.stop_price and order.ord_type in STOPS:
        return scaled(order.stop_price, order.price_scale)
    return quote.far(order.side)


def _reserved_for(account: Account, order: Signal) -> int:
    """Size that counts as working already: what another exit of its group would trade in its
    place. What a slice's parent holds for it was handed over before (``desk``)."""
    if not order.group or not account.covers(order):
        return 0
    return max((o.leaves for o in account.together(order) if o.works and o.shares), default=0)
