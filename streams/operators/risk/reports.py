"""What a venue says of an order: the state machine moves, fills are booked, each once."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from schemas.enums import DiscrepancyKind, ExecType, OrdStatus
from schemas.inbox import ExecutionReport
from streams.operator import Refused
from streams.operators.risk import entries, lifecycle, purse
from streams.operators.risk.account import WHOLE, Account
from streams.operators.risk.money import ZERO, plain, scaled
from streams.operators.risk.orders import Order, at_scale

Entries = list[tuple[str, Any]]
_TRADES = (ExecType.TRADE, ExecType.TRADE_CORRECT, ExecType.TRADE_CANCEL)


def move(account: Account, order: Order, mutate: Callable[[], None], revalue: bool = True) -> None:
    """Changes an order, and with it what works and what is open; ``revalue``: the sums too, if
    nobody does that next."""
    before, worked = account.reserved(order), order.works
    mutate()
    account.orders.settle(order)
    after = account.reserved(order)
    if after != before:
        account.works(order, after - before, revalue)
    if order.works != worked:
        account.counts(order, 1 if order.works else -1)


def turn(account: Account, order: Order, status: OrdStatus, event: str, text: str = "") -> Entries:
    """Brings an order into a state; the ledger's entry, none where it is there already."""
    before = order.status
    if status is before:
        return []

    def mutate() -> None:
        order.status = status

    move(account, order, mutate)
    if order.ended and before is not OrdStatus.HELD:  # a held one took nothing of its parent
        _given_back(account, order)
    return [("ledger", entries.update(order, before, event, account.now_ns, text))]


def _given_back(account: Account, order: Order) -> None:
    """A slice ended; what it did not trade is its parent's again."""
    parent = account.orders.of_signal(order.asked.parent)
    if parent:
        size, traded = order.shares_in(parent)
        hand_over(account, parent, -max(size - traded, 0))


def hand_over(account: Account, parent: Order, size: int) -> None:
    """Gives of what a parent may still trade to a slice, or takes back (negative); in the parent's
    scale."""

    def mutate() -> None:
        parent.given = max(parent.given + size, 0)

    move(account, parent, mutate)


def _traded_for_parent(account: Account, order: Order, was: int) -> Entries:
    """A slice traded: so did its parent. ``was``: what was filled of the slice before."""
    parent = account.orders.of_signal(order.asked.parent)
    if parent is None:
        return []
    before, places = parent.status, parent.asked.size_scale - order.asked.size_scale
    size = at_scale(order.cum, places) - at_scale(was, places)

    def mutate() -> None:
        parent.given -= min(max(size, 0), parent.given)
        parent.cum += size
        event = ExecType.TRADE
        parent.status = lifecycle.after(parent.status, event, parent.cum, parent.asked.size)

    move(account, parent, mutate)
    return [("ledger", entries.update(parent, before, ExecType.TRADE, account.now_ns))]


def take(account: Account, report: ExecutionReport) -> tuple[Order, Entries]:
    """Folds a report. What came before changes nothing; what is of an order never sent here makes
    one, so that its fills count."""
    order = account.orders.get(report.cl_ord_id)
    made: Entries = []
    if order is None:
        order, made = _adopted(account, report)
    order.order_id = report.order_id or order.order_id
    if report.exec_type in _TRADES:
        return order, made + _traded(account, order, report)
    if report.exec_type is ExecType.STATUS:
        return order, made + _status(account, order, report)
    if report.exec_type is ExecType.REPLACED and order.change:
        return order, made + _replaced(account, order, report)
    if report.exec_type is ExecType.REPLACE_REJECTED:
        move(account, order, lambda: setattr(order, "change", None))
    status = lifecycle.after(order.status, report.exec_type, order.cum, order.asked.size)
    return order, made + turn(account, order, status, report.exec_type, report.text)


def check(account: Account, report: ExecutionReport) -> None:
    """Raises Refused where a report makes no sense."""
    order = account.orders.get(report.cl_ord_id)
    sized = report.exec_type in (*_TRADES, ExecType.STATUS)
    if order and sized and report.size_scale != order.asked.size_scale:
        raise Refused(
            f"report {report.exec_id} counts size in {report.size_scale} decimals, its order in "
            f"{order.asked.size_scale}"
        )
    if report.exec_type in _TRADES:
        least = 0 if report.exec_type is ExecType.TRADE_CANCEL else 1
        if report.last_size < least or report.last_price < 0 or not report.exec_id:
            raise Refused(
                f"fill {report.exec_id!r}: size {report.last_size} or price is impossible"
            )


def _traded(account: Account, order: Order, report: ExecutionReport) -> Entries:
    if report.exec_id in order.execs and report.exec_type is ExecType.TRADE:
        return []
    made: Entries = []
    if report.exec_type is not ExecType.TRADE:
        if report.exec_id in order.execs or report.ref_exec_id not in order.execs:
            return []
        size, price, fee = order.execs[report.ref_exec_id]
        order.execs[report.ref_exec_id] = (0, price, ZERO)
        made += _book(account, order, report, -size, price, -fee)
    if report.exec_type is not ExecType.TRADE_CANCEL:
        signed = report.last_size * order.sign
        price = scaled(report.last_price, report.price_scale)
        made += _book(account, order, report, signed, price, report.fee)
    order.execs.setdefault(report.exec_id, (0, ZERO, ZERO))
    return made


def _book(
    account: Account,
    order: Order,
    report: ExecutionReport,
    signed: int,
    price: Decimal,
    fee: Decimal,
) -> Entries:
    """A fill, or one taken back: order, positions, ledger."""
    asked, before, was = order.asked, order.status, order.cum
    realised = ZERO
    for scope, line in account.pair(asked.strategy, asked.instrument, asked.size_scale):
        closing = line.position * signed < 0
        size = line.units(signed, asked.size_scale)
        realised = line.pnl.fill(size, price, fee, report.fee_currency)
        if closing:
            account.tally(scope).closed(realised - fee)
        if scope == WHOLE:
            whole = realised

    def mutate() -> None:
        order.cum += signed * order.sign
        order.execs[report.exec_id] = (signed, price, fee)
        event = ExecType.TRADE
        order.status = lifecycle.after(order.status, event, order.cum, asked.size)

    move(account, order, mutate, revalue=False)
    account.trades[asked.instrument] = report.ts_event
    contract = account.instrument(asked.instrument).contract
    moved = purse.Moved(scaled(signed, asked.size_scale), contract.unit_value(price), whole)
    currency = contract.currency or account.config.currency
    purse.traded(account.purses, report, currency, moved, fee)
    account.revalue(WHOLE, asked.instrument)
    account.revalue(asked.strategy, asked.instrument)
    ledger = [
        entries.fill(order, report, signed, fee, whole),
        entries.update(order, before, report.exec_type, account.now_ns, report.text),
        entries.position(account, asked.account, asked.instrument, report.ts_event),
    ]
    if order.cum > asked.size:
        ledger.append(_overfilled(order, account.now_ns))
    made: Entries = [("ledger", entry) for entry in ledger]
    if asked.parent:
        made += _traded_for_parent(account, order, was)
    return made


def _overfilled(order: Order, now: int) -> Any:
    scale = order.asked.size_scale
    return entries.discrepancy(
        order.asked.account,
        now,
        DiscrepancyKind.ORDER_STATE,
        order.cl_ord_id,
        plain(scaled(order.asked.size, scale)),
        plain(scaled(order.cum, scale)),
        "booked: the venue filled more than was ordered",
        True,
        order.asked.instrument,
    )


def _replaced(account: Account, order: Order, report: ExecutionReport) -> Entries:
    before, change = order.status, order.change
    assert change is not None

    def mutate() -> None:
        order.asked, order.change = change, None
        order.status = lifecycle.at_work(order.cum, change.size)

    move(account, order, mutate)
    return [
        ("ledger", entries.update(order, before, report.exec_type, account.now_ns, report.text))
    ]


def _status(account: Account, order: Order, report: ExecutionReport) -> Entries:
    """A venue's answer to the question how an order stands: fills come by themselves, named by
    the venue's ids; an end that was missed is taken over."""
    if report.cum_size > order.cum or report.ord_status not in lifecycle.ENDED or order.ended:
        return []
    return turn(account, order, report.ord_status, ExecType.STATUS, report.text)


def _adopted(account: Account, report: ExecutionReport) -> tuple[Order, Entries]:
    """An order of the venue's that we never sent: somebody traded by hand, or our log is gone."""
    size = max(report.cum_size + report.leaves_size, report.last_size, 1)
    asked = entries.external(report, size)
    order = Order(asked, report.cl_ord_id, OrdStatus.PENDING_NEW, account.now_ns)
    account.orders.add(order)
    account.works(order, order.leaves)
    account.counts(order, 1)
    told = entries.discrepancy(
        report.account,
        account.now_ns,
        DiscrepancyKind.UNKNOWN_ORDER,
        report.cl_ord_id,
        "none",
        f"{report.side} {plain(scaled(size, report.size_scale))}",
        "adopted" if account.config.adopt_unknown else "cancelled",
        True,
        report.instrument,
    )
    return order, [("ledger", told)]
