"""All checks of an order, in the order in which a desk would ask: an order that fails none is
approved."""

from schemas.inbox import Signal
from streams.operators.risk.account import Account
from streams.operators.risk.checks.case import case_of
from streams.operators.risk.checks.check import Check
from streams.operators.risk.checks.conditions import before, conditions
from streams.operators.risk.checks.rules import limits

# What the gate's own exits need not keep: they must get out of a market as it is.
_OWN = (
    *("kill_switch", "trading_state", "currency_rate", "self_trade"),
    *("max_slippage", "max_displayed"),
)


def judge(
    account: Account, asked: Signal, order_id: str, was: int = 0, own: bool = False
) -> list[Check]:
    """Checks that cannot be made without the failed ones are left out. ``was``: the size before,
    of an order that is changed; ``own``: the gate itself wants it."""
    made = before(account, asked, order_id, was > 0)
    made = _pardoned(made) if own else made
    for place, (_, _, _, fine) in enumerate(made):
        if not fine:
            return made[: place + 1]
    case = case_of(account, asked, was, own)
    rest = conditions(case) + limits(case)
    return made + (_pardoned(rest) if own and case.reduces else rest)


def _pardoned(made: list[Check]) -> list[Check]:
    return [
        (rule, limit, value, fine or rule.rpartition(".")[2] in _OWN)
        for rule, limit, value, fine in made
    ]
