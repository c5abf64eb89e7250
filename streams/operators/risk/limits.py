"""The limits of an account, each a plain function of the order and what it would lead to.

Every check answers with ``None`` or a ``Breach`` that names the limit, its value and what was
asked; the gate stops at the first. All arithmetic is exact.
"""

from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from streams.operators.risk.money import plain


@dataclass(frozen=True, slots=True)
class Limits:
    """``max_order_size`` and ``max_position`` in units of the instrument; notionals and losses in
    quote currency; ``price_collar`` as a fraction of the mark; ``order_rate`` in orders a second
    of event time."""

    max_order_size: Decimal
    max_position: Decimal
    max_order_notional: Decimal
    max_gross_notional: Decimal
    price_collar: Decimal
    order_rate: Decimal
    daily_loss: Decimal


@dataclass(frozen=True, slots=True)
class Breach:
    """Which rule refuses an order, what it allows and what was asked."""

    rule: str
    limit: str
    asked: str


@dataclass(frozen=True, slots=True)
class Request:
    """An order as the limits see it, and what it would lead to if it were filled."""

    size: Decimal
    price: Decimal  # what it would trade at: its limit, or the far side of the mark
    mark: Decimal
    position: Decimal  # worst position: with all open orders of its side filled
    gross: Decimal  # notional of all positions and open orders, this one included
    recent_orders: int  # approved within the last second, this one included
    day_pnl: Decimal


Check: TypeAlias = "tuple[str, Decimal, Decimal, bool]"


def first_breach(limits: Limits, request: Request) -> Breach | None:
    """The first limit that the request exceeds, in the order in which a desk would ask."""
    for rule, limit, asked, broken in _checks(limits, request):
        if broken:
            return Breach(rule, plain(limit), plain(asked))
    return None


def _checks(limits: Limits, request: Request) -> list[Check]:
    notional = request.size * request.price
    distance = abs(request.price - request.mark)
    collar = limits.price_collar * request.mark
    return [
        _at_most("daily_loss", limits.daily_loss, -request.day_pnl),
        _at_most("order_rate", limits.order_rate, Decimal(request.recent_orders)),
        _at_most("max_order_size", limits.max_order_size, request.size),
        _at_most("max_order_notional", limits.max_order_notional, notional),
        ("price_collar", limits.price_collar, distance / request.mark, distance > collar),
        _at_most("max_position", limits.max_position, abs(request.position)),
        _at_most("max_gross_notional", limits.max_gross_notional, request.gross),
    ]


def _at_most(rule: str, limit: Decimal, asked: Decimal) -> Check:
    return rule, limit, asked, asked > limit


def changed(limits: Limits, name: str, value: str) -> Limits:
    """The limits with one of them changed. Raises ValueError on an unknown name or a value that
    is not a number of zero or more."""
    known = [field.name for field in fields(Limits)]
    if name not in known:
        raise ValueError(f"limit {name!r} is unknown; there are {', '.join(known)}")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise ValueError(f"limit {name}: {value!r} is not a number") from error
    if not number.is_finite() or number < 0:
        raise ValueError(f"limit {name}: {value!r} must be a finite number of zero or more")
    return replace(limits, **{name: number})
