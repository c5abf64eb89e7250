"""The end of an open order, asked of the venue."""

from schemas.enums import OrdStatus
from streams.operators.risk import entries
from streams.operators.risk.account import Account
from streams.operators.risk.orders import Order
from streams.operators.risk.reports import Entries, turn
from streams.operators.risk.signing import SigningKey


def cancelled(account: Account, order: Order, reason: str, key: SigningKey) -> Entries:
    """Asks the venue for an open order's end; one that was never sent ends at once."""
    if order.status is OrdStatus.HELD:
        check = ("cancel", "open", reason, False)
        refused = entries.decision(order.asked, order.cl_ord_id, account.now_ns, [check])
        return [("ledger", refused), *turn(account, order, OrdStatus.CANCELED, "CANCELED", reason)]
    if order.status is OrdStatus.PENDING_CANCEL or order.ended:
        return []
    request = entries.cancel(order, account.now_ns, reason, key)
    account.message(order.asked.strategy, order.asked.instrument)
    told = turn(account, order, OrdStatus.PENDING_CANCEL, "CANCEL_SENT", reason)
    return [("execution", request), *told]
