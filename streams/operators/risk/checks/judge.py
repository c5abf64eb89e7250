"""All checks of an order, in the order in which a desk would ask: an order that fails none is
approved."""

from schemas.inbox import Signal
from streams.operators.risk.account import Account
from streams.operators.risk.checks.case import Case, case_of
from streams.operators.risk.checks.check import Check
from streams.operators.risk.checks.conditions import before, conditions
from streams.operators.risk.checks.rules import ask

# What the gate's own exits need not keep: they must get out of a market as it is.
_OWN = ("kill_switch", "trading_state", "self_trade", "max_slippage", "max_displayed")


def judge(
    account: Account, asked: Signal, order_id: str, was: int = 0, own: bool = False
) -> list[Check]:
    """Checks that cannot be made without the failed ones are left out. ``was``: the size before,
    of an order that is changed; ``own``: the gate itself wants it."""
    made = []
    for check in before(account, asked, order_id, was > 0):
        made.append(_pardoned(check) if own else check)
        if not made[-1].ok:
            return made
    case = case_of(account, asked, was, own)
    rest = [*conditions(case), *_limits(case)]
    return made + ([_pardoned(check) for check in rest] if own and case.reduces else rest)


def _limits(case: Case) -> list[Check]:
    """Of the account, then of each scope that the order falls into."""
    account, made = case.account, []
    keys = account.scopes(case.order.strategy, case.order.instrument)
    for scope, bounds in account.limits.applying(keys):
        tally = account.tally(scope)
        stake = case.own if scope.startswith("strategy.") else case.whole
        made += [c for bound in bounds if (c := ask(case, bound, tally, stake))]
    return made


def _pardoned(check: Check) -> Check:
    return check._replace(ok=True) if check.rule.rpartition(".")[2] in _OWN else check
