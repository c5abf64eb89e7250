"""The table of the limits: what each is compared with, and of which orders it is asked.

What always holds: an exposure is the worst that can come of everything that works, and an order
that can only bring a position nearer to zero is never refused for an exposure or a loss, for that
would lock the risk in.
"""

from collections.abc import Callable
from decimal import Decimal
from enum import Enum, auto
from typing import NamedTuple

from streams.operators.risk.checks import measures
from streams.operators.risk.checks.case import Case, Stake
from streams.operators.risk.checks.check import Check
from streams.operators.risk.money import plain
from streams.operators.risk.tallies import Tally

Measure = Callable[[Case, Tally, Stake], Decimal | None]


class Changes(Enum):
    """Which changes of an order a limit is asked of, beside all new orders."""

    ALL = auto()
    LARGER = auto()  # those that add to the order
    NONE = auto()


class Rule(NamedTuple):
    """``measure`` may be at most the limit, or must be over it where it is a ``floor``.
    ``pardons``: what only reduces may be beyond it."""

    measure: Measure
    changes: Changes = Changes.ALL
    pardons: bool = False
    floor: bool = False


def _exposure(measure: Measure) -> Rule:
    return Rule(measure, Changes.LARGER, pardons=True)


RULES = {
    "max_mark_age": Rule(measures.mark_age),
    "max_clock_age": Rule(measures.clock_age),
    "daily_loss": _exposure(measures.lost_today),
    "max_drawdown": _exposure(measures.drawdown),
    "max_consecutive_losses": _exposure(measures.losses_in_a_row),
    "order_rate": Rule(measures.orders_a_second, Changes.NONE),
    "message_rate": Rule(measures.messages_a_second),
    "max_order_size": Rule(measures.size),
    "max_order_notional": Rule(measures.notional),
    "price_collar": Rule(measures.off_the_mark),
    "max_slippage": Rule(measures.slippage),
    "max_displayed": Rule(measures.of_the_displayed),
    "duplicate_window": Rule(measures.since_its_twin, Changes.NONE, floor=True),
    "max_position": _exposure(measures.position),
    "max_short": _exposure(measures.short),
    "max_open_orders": Rule(measures.open_orders, Changes.NONE),
    "max_gross_notional": _exposure(measures.gross),
    "max_net_notional": _exposure(measures.net),
    "max_leverage": _exposure(measures.leverage),
    "max_concentration": _exposure(measures.concentration),
    "max_margin": _exposure(measures.margin),
    "max_var": _exposure(measures.value_at_risk),
    "max_stress_loss": _exposure(measures.stress_loss),
    "max_correlated_notional": _exposure(measures.correlated),
}


def limits(case: Case) -> list[Check]:
    """The checks of all limits that the order must keep; what has nothing to say is left out."""
    made: list[Check] = []
    order, reduces, whole, strategys = case.order, case.reduces, case.whole, case.own
    for (what, name, limit, text), tally, own in case.account.asked(
        order.strategy, order.instrument
    ):
        measure, changes, pardons, floor = RULES[what]
        if case.change and not _asked_of_change(changes, case):
            continue
        value = measure(case, tally, strategys if own else whole)
        if value is None:
            continue
        if floor:
            words = "none" if value is measures.NEVER else plain(value)
            made.append((name, text, words, value > limit))
        else:
            fine = value <= limit or (pardons and reduces and (not own or _own_too(case)))
            made.append((name, text, plain(value), fine))
    return made


def _own_too(case: Case) -> bool:
    """Whether it brings its strategy's position nearer to zero, and not only the account's."""
    return case.own.line.reduces(case.sign, abs(case.more))


def _asked_of_change(changes: Changes, case: Case) -> bool:
    """A change may make an order smaller, or only move it."""
    if changes is Changes.LARGER:
        return case.more != 0
    return changes is Changes.ALL
