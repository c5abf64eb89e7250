"""The end of a reconciliation: what differs is settled by the rules in ``reconcile``."""

from decimal import Decimal

from schemas.enums import DiscrepancyKind, Holds, OrdStatus
from streams.operators.risk import balances, entries, safety
from streams.operators.risk.account import WHOLE, Account
from streams.operators.risk.instruments import venue_of
from streams.operators.risk.money import ZERO, plain, scaled
from streams.operators.risk.orders import Order
from streams.operators.risk.reconcile import BREAKER, Told
from streams.operators.risk.reports import Entries, turn


def settle(account: Account, name: str, told: Told) -> Entries:
    """Everything that differs; what is settled is changed here."""
    made: Entries = []
    for order in list(account.orders.open.values()):
        if _missing(order, told):
            made += _ended(account, name, order, told)
    if told.holds is not Holds.ASSETS:
        made += _positions(account, name, told)
    return made + balances.settle(account, name, told)


def _positions(account: Account, name: str, told: Told) -> Entries:
    made: Entries = []
    ours = [name for strategy, name in account.lines if strategy == WHOLE and _at(name, told)]
    for instrument in sorted({**dict.fromkeys(ours), **told.positions}):
        made += _position(account, name, instrument, told)
    return made


def _at(instrument: str, told: Told) -> bool:
    return not told.venue or venue_of(instrument) == told.venue


def _missing(order: Order, told: Told) -> bool:
    early = order.sent_ns >= told.cutoff_ns or order.sent_ns > told.approved_ns
    known = order.cl_ord_id in told.orders or early
    sent = order.works and not order.asked.algo
    return sent and not known and _at(order.asked.instrument, told)


def _ended(account: Account, name: str, order: Order, told: Told) -> Entries:
    arrived = order.status is not OrdStatus.PENDING_NEW
    status = OrdStatus.CANCELED if arrived else OrdStatus.REJECTED
    was = order.status
    made = turn(account, order, status, "RECONCILED", "the venue does not have it")
    entry = entries.discrepancy(
        name,
        account.now_ns,
        DiscrepancyKind.MISSING_ORDER,
        order.cl_ord_id,
        was,
        "none",
        f"taken for {status}",
        True,
        order.asked.instrument,
        told.batch,
    )
    return [*made, ("ledger", entry)]


def _position(account: Account, name: str, instrument: str, told: Told) -> Entries:
    line = account.lines.get((WHOLE, instrument))
    ours = scaled(line.position, line.scale) if line else ZERO
    size, scale, price = told.positions.get(instrument, (0, line.scale if line else 0, ZERO))
    theirs = scaled(size, scale)
    if account.traded_ns(instrument) >= told.cutoff_ns:
        return []
    difference, known = theirs - ours, account.differences.pop(instrument, ZERO)
    if not difference:
        return []
    account.differences[instrument] = difference
    if difference == known:
        return []
    virgin = line is None or not (line.position or line.pnl.realised or line.pnl.held.fees)
    if virgin and price > 0:
        del account.differences[instrument]
        return _taken_over(account, name, instrument, told, price)
    resolution = f"no opening orders until breaker {BREAKER!r} is reset by a person"
    entry = _told(account, name, instrument, ours, theirs, resolution, False, told)
    why = f"position of {instrument}: ours {plain(ours)}, the venue's {plain(theirs)}"
    return [entry, *safety.stop_opening(account, name, BREAKER, why)]


def _taken_over(
    account: Account, name: str, instrument: str, told: Told, price: Decimal
) -> Entries:
    size, scale, _ = told.positions[instrument]
    for _, line in account.pair("external", instrument, scale):
        line.pnl.fill(line.units(size, scale), price)
    account.revalue(WHOLE, instrument)
    account.revalue("external", instrument)
    entry = entries.position(account, name, instrument, account.now_ns)
    resolution = f"taken over at {plain(price)}"
    told_ = _told(account, name, instrument, ZERO, scaled(size, scale), resolution, True, told)
    return [told_, ("ledger", entry)]


def _told(
    account: Account,
    name: str,
    instrument: str,
    ours: Decimal,
    theirs: Decimal,
    resolution: str,
    resolved: bool,
    told: Told,
) -> tuple[str, object]:
    entry = entries.discrepancy(
        name,
        account.now_ns,
        DiscrepancyKind.POSITION,
        instrument,
        plain(ours),
        plain(theirs),
        resolution,
        resolved,
        instrument,
        told.batch,
    )
    return "ledger", entry
