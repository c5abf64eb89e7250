"""The limits of an account: a tree whose leaves may be changed while it runs.

A limit stands for the whole account or for one scope of it (a venue, a sector, a strategy, an
instrument); an order must keep those of every scope that it falls into. The controls are those of
SEC rule 15c3-5 and the FIA's "Best Practices for Automated Trading Risk Controls" (2024).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from streams.operators.risk.money import plain

SCOPES = ("venue", "sector", "strategy", "instrument")
NONE = "none"


@dataclass(frozen=True, slots=True)
class Limits:
    """A limit that is not given allows everything. Sizes and positions in units of the
    instrument, money in the account's currency, fractions as ``0.02``, times in seconds of event
    time, rates a second.

    In the order in which they are asked:

    - health: ``max_mark_age``, ``max_clock_age``
    - losses: ``daily_loss`` (UTC day, after fees), ``max_drawdown`` (below the highest P&L),
      ``max_consecutive_losses`` (closing fills that lost, in a row)
    - rates: ``order_rate``, ``message_rate`` (orders, cancels and changes together)
    - one order: ``max_order_size``, ``max_order_notional``; ``price_collar``: distance from the
      mark as a fraction of it; ``max_slippage``: the same for the average price that the displayed
      book would give; ``max_displayed``: size as a multiple of what the book displays;
      ``duplicate_window``: no second order like it within this time
    - exposure, with all that works filled: ``max_position``, ``max_short``, ``max_open_orders``,
      ``max_gross_notional``, ``max_net_notional``, ``max_leverage`` (gross / equity),
      ``max_concentration`` (an instrument's gross / equity), ``max_margin`` (margin bound /
      equity), ``max_var`` (value at risk of the account), ``max_stress_loss`` (loss of the
      account in the worst of its scenarios, with the order filled in full and no other that works;
      without bound where there is no scenario or something is unknown),
      ``max_correlated_notional`` (exposures weighted with their correlation)
    """

    max_mark_age: Decimal | None = None
    max_clock_age: Decimal | None = None
    daily_loss: Decimal | None = None
    max_drawdown: Decimal | None = None
    max_consecutive_losses: Decimal | None = None
    order_rate: Decimal | None = None
    message_rate: Decimal | None = None
    max_order_size: Decimal | None = None
    max_order_notional: Decimal | None = None
    price_collar: Decimal | None = None
    max_slippage: Decimal | None = None
    max_displayed: Decimal | None = None
    duplicate_window: Decimal | None = None
    max_position: Decimal | None = None
    max_short: Decimal | None = None
    max_open_orders: Decimal | None = None
    max_gross_notional: Decimal | None = None
    max_net_notional: Decimal | None = None
    max_leverage: Decimal | None = None
    max_concentration: Decimal | None = None
    max_margin: Decimal | None = None
    max_var: Decimal | None = None
    max_stress_loss: Decimal | None = None
    max_correlated_notional: Decimal | None = None


NAMES = tuple(f.name for f in fields(Limits))


class Bound(NamedTuple):
    """A limit that is given: what it limits, its name with its scope, its value, also in words."""

    what: str
    name: str
    value: Decimal
    text: str


def _given(limits: Limits, scope: str) -> tuple[Bound, ...]:
    prefix = f"{scope}." if scope else ""
    found = ((name, getattr(limits, name)) for name in NAMES)
    return tuple(
        Bound(n, prefix + n, value, plain(value)) for n, value in found if value is not None
    )


@dataclass(frozen=True, slots=True)
class LimitTree:
    """``account``: for the whole; ``scoped``: ``strategy.ema_cross`` and the like → its own."""

    account: Limits
    scoped: dict[str, Limits] = field(default_factory=dict)
    _given: dict[str, tuple[Bound, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        given = {scope: _given(limits, scope) for scope, limits in self.scoped.items()}
        object.__setattr__(self, "_given", {"": _given(self.account, ""), **given})

    def applying(self, keys: tuple[str, ...]) -> Iterator[tuple[str, tuple[Bound, ...]]]:
        """(scope, what is given for it) of the account and of the scopes among ``keys``."""
        for scope in ("", *keys):
            if given := self._given.get(scope):
                yield scope, given

    def value(self, path: str) -> str:
        """A limit in words; ``none`` where there is none. Raises ValueError on an unknown one."""
        scope, name = _parts(path)
        limits = self.scoped.get(scope, Limits()) if scope else self.account
        value: Decimal | None = getattr(limits, name)
        return NONE if value is None else plain(value)

    def changed(self, path: str, text: str) -> "LimitTree":
        """The tree with ``max_position``, ``strategy.ema_cross.max_position`` … changed; ``none``
        takes the limit away. Raises ValueError on an unknown name or what is no number of zero or
        more."""
        scope, name = _parts(path)
        value = None if text == NONE else _number(path, text)
        if not scope:
            return replace(self, account=replace(self.account, **{name: value}))
        limits = replace(self.scoped.get(scope, Limits()), **{name: value})
        return replace(self, scoped={**self.scoped, scope: limits})


def _parts(path: str) -> tuple[str, str]:
    """(scope, name); an instrument's symbol may hold dots."""
    scope, _, name = path.rpartition(".")
    if name not in NAMES:
        raise ValueError(f"limit {name!r} is unknown; there are {', '.join(NAMES)}")
    kind, _, which = scope.partition(".")
    if scope and (kind not in SCOPES or not which):
        raise ValueError(f"limit {path!r}: {scope!r} is no scope; write {_examples(name)}")
    return scope, name


def _examples(name: str) -> str:
    return " or ".join(f"{scope}.NAME.{name}" for scope in SCOPES)


def _number(path: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"limit {path}: {text!r} is not a number") from error
    if not number.is_finite() or number < 0:
        raise ValueError(f"limit {path}: {text!r} must be a finite number of zero or more")
    return number
