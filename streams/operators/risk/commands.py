"""What the desk, a strategy or an algorithm asks of open orders: cancels and changes."""

from schemas.enums import CommandAction, OrdStatus, OrdType
from schemas.inbox import OrderCommand, Signal
from streams.operator import Refused
from streams.operators.risk import entries, exits
from streams.operators.risk.account import Account
from streams.operators.risk.cancels import cancelled
from streams.operators.risk.checks.check import Check
from streams.operators.risk.checks.judge import judge
from streams.operators.risk.orders import Order, changed
from streams.operators.risk.reports import Entries, move
from streams.operators.risk.signing import SigningKey

_PRICED = {
    "price": (OrdType.LIMIT, OrdType.STOP_LIMIT),
    "stop_price": (OrdType.STOP, OrdType.STOP_LIMIT, OrdType.TRAILING_STOP),
}
_CHANGEABLE = (OrdStatus.HELD, OrdStatus.NEW, OrdStatus.PARTIALLY_FILLED)


def check_command(account: Account, asked: OrderCommand) -> None:
    """Raises Refused where its order is unknown, or counts in other decimals."""
    if asked.action in (CommandAction.FLATTEN, CommandAction.CANCEL_ALL):
        return
    order = account.orders.of_signal(asked.signal_id)
    if order is None:
        raise Refused(f"{asked.action} of signal {asked.signal_id!r}: no such order is known")
    scales = (order.asked.price_scale, order.asked.size_scale)
    if asked.action is CommandAction.REPLACE and (asked.price_scale, asked.size_scale) != scales:
        raise Refused(f"change of {asked.signal_id!r}: its order counts in decimals of {scales}")
    if asked.action is CommandAction.REPLACE and min(asked.price, asked.size, asked.stop_price) < 0:
        raise Refused(f"change of {asked.signal_id!r}: price, size and stop price are 0 or more")


def command(account: Account, asked: OrderCommand, key: SigningKey) -> Entries:
    """A command of a strategy, an algorithm or the desk, checked; the same one twice is one."""
    if asked.command_id in account.seen:
        return []
    account.remember(asked.command_id)
    if asked.action is CommandAction.FLATTEN:
        return exits.flatten(account, asked.account, asked.instrument, asked.reason, key)
    if asked.action is CommandAction.CANCEL_ALL:
        chosen = account.orders_of(asked.instrument, asked.strategy)
        return [e for o in chosen for e in cancelled(account, o, asked.reason, key)]
    order = account.orders.of_signal(asked.signal_id)
    assert order is not None
    if asked.action is CommandAction.CANCEL:
        made = cancelled(account, order, asked.reason, key)
        slices = [o for o in account.orders_of() if o.asked.parent == asked.signal_id]
        return made + [e for o in slices for e in cancelled(account, o, asked.reason, key)]
    return _change(account, order, asked, key)


def _change(account: Account, order: Order, asked: OrderCommand, key: SigningKey) -> Entries:
    change = changed(order.asked, asked.price, asked.size, asked.stop_price)
    changeable, enough = order.status in _CHANGEABLE, change.size > order.cum
    algo, kind = order.asked.algo, order.asked.ord_type
    without = [n for n, kinds in _PRICED.items() if getattr(asked, n) and kind not in kinds]
    made: list[Check] = [
        ("order_state", "at work", order.status, changeable),
        ("filled_size", str(change.size), str(order.cum), enough),
        ("worked_by", "no algorithm: cancel it, send anew", algo or "none", not algo),
        ("changes", f"what a {kind} order has", ", ".join(without) or "no more", not without),
    ]
    if all(fine for *_, fine in made):
        made += judge(account, change, order.cl_ord_id, was=order.asked.size)
    decided = entries.decision(change, order.cl_ord_id, account.now_ns, made, change=True)
    if not decided.approved:
        return [("ledger", decided)]
    if order.status is OrdStatus.HELD:
        order.asked = change
        return [("ledger", decided)]
    return [("ledger", decided), *_asked_to_change(account, order, change, asked.reason, key)]


def _asked_to_change(
    account: Account, order: Order, change: Signal, reason: str, key: SigningKey
) -> Entries:
    before = order.status

    def ask() -> None:
        order.change, order.status = change, OrdStatus.PENDING_REPLACE
        order.revision += 1

    move(account, order, ask)
    account.message(change.strategy, change.instrument)
    request = entries.replace_request(order, change, account.now_ns, reason, key)
    entry = entries.update(order, before, "REPLACE_SENT", account.now_ns, reason)
    return [("execution", request), ("ledger", entry)]


def shrunk(account: Account, order: Order, size: int, key: SigningKey) -> Entries:
    """Makes an open order smaller; that needs no decision, for it takes nothing on."""
    change = changed(order.asked, 0, order.cum + size, 0)
    if order.status is OrdStatus.HELD:
        order.asked = change
        return []
    if order.status not in _CHANGEABLE:
        return []
    return _asked_to_change(account, order, change, "another of its group filled", key)
