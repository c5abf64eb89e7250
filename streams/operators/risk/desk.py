"""From a signal to a signed order: the one way there."""

import hashlib
from dataclasses import replace

from schemas.enums import ExecType, OrdStatus, Side, TimeInForce
from schemas.inbox import Signal
from streams.operators.risk import entries
from streams.operators.risk.account import Account
from streams.operators.risk.checks.judge import judge
from streams.operators.risk.checks.measures import likeness
from streams.operators.risk.instruments import day_end
from streams.operators.risk.orders import Order, at_scale
from streams.operators.risk.reports import Entries, hand_over, move, turn
from streams.operators.risk.signing import SigningKey


def client_order_id(account: str, signal_id: str) -> str:
    """20 hex characters: short enough for every venue, the same whenever it is made."""
    return hashlib.blake2b(f"{account}|{signal_id}".encode(), digest_size=10).hexdigest()


def sized(account: Account, signal: Signal) -> Signal:
    """A signal that wants a position, with side and size of what its strategy lacks of it."""
    if signal.target is None:
        return signal
    line = account.lines.get((signal.strategy, signal.instrument))
    held = line.position + line.buying - line.selling if line else 0
    if line:
        held = _cut(held, signal.size_scale - line.scale)
    missing = signal.target - held
    return replace(signal, side=Side.BUY if missing >= 0 else Side.SELL, size=abs(missing))


def _cut(size: int, places: int) -> int:
    """So many decimals more, or fewer: what lies below them cannot be traded in them."""
    factor: int = 10 ** abs(places)
    if places >= 0:
        return size * factor
    return abs(size) // factor * (1 if size > 0 else -1)


def receive(account: Account, signal: Signal, key: SigningKey) -> Entries:
    """A signal: held until its time has come, or decided now."""
    asked = sized(account, signal)
    order_id = client_order_id(signal.account, signal.signal_id)
    if account.orders.get(order_id) is None and not account.killed:
        if asked.after:
            return _follow(account, asked, order_id, key)
        if asked.ord_type not in account.config.native:
            return _hold(account, asked, order_id)
    return submit(account, asked, order_id, key)


def _hold(account: Account, asked: Signal, order_id: str) -> Entries:
    order = Order(asked, order_id, OrdStatus.HELD, account.now_ns)
    account.orders.add(order)
    return [("ledger", entries.update(order, OrdStatus.HELD, "HELD", account.now_ns))]


def _follow(account: Account, asked: Signal, order_id: str, key: SigningKey) -> Entries:
    """An order that comes to life with another's fills."""
    first = account.orders.of_signal(asked.after)
    if first is None:
        check = ("after", "an order that is known", asked.after, False)
        return [("ledger", entries.decision(asked, order_id, account.now_ns, [check]))]
    made = _hold(account, asked, order_id)
    return made + (released(account, first, key) if first.ended else [])


def released(account: Account, first: Order, key: SigningKey) -> Entries:
    """An order ended: what waits for it is sent, for as much as it filled, or given up."""
    made: Entries = []
    for order in account.orders_of():
        if order.status is OrdStatus.HELD and order.asked.after == first.asked.signal_id:
            size = min(order.asked.size, first.cum)
            if size:
                order.asked = replace(order.asked, after="", size=size)
                made += _sent_when_ready(account, order, key)
            else:
                made += _given_up(account, order, "after", "filled", first.status)
    return made


def _sent_when_ready(account: Account, order: Order, key: SigningKey) -> Entries:
    if order.asked.ord_type not in account.config.native:
        order.sent_ns = account.now_ns  # it begins to wait now
        return []
    return submit(account, order.asked, order.cl_ord_id, key, order)


def expired(account: Account, orders: list[Order]) -> Entries:
    """Held orders whose time in force is over."""
    made: Entries = []
    for order in orders:
        end = _end(account, order)
        if end and end <= account.now_ns:
            check = ("time_in_force", order.asked.time_in_force, "over", False)
            told = entries.decision(order.asked, order.cl_ord_id, account.now_ns, [check])
            made.append(("ledger", told))
            made += turn(account, order, OrdStatus.EXPIRED, ExecType.EXPIRED, "never triggered")
    return made


def _end(account: Account, order: Order) -> int:
    """When a held order ends by itself, ns UTC; 0: it does not. Time begins for what follows
    another order when that one has ended."""
    asked = order.asked
    if order.status is not OrdStatus.HELD or asked.after:
        return 0
    if asked.time_in_force is TimeInForce.GTD:
        return asked.ts_expire
    if asked.time_in_force is not TimeInForce.DAY:
        return 0
    return day_end(account.instrument(asked.instrument).hours, order.sent_ns)


def _given_up(account: Account, order: Order, rule: str, limit: str, value: str) -> Entries:
    check = (rule, limit, value, False)
    refused = entries.decision(order.asked, order.cl_ord_id, account.now_ns, [check])
    return [("ledger", refused), *turn(account, order, OrdStatus.REJECTED, rule)]


def submit(
    account: Account,
    asked: Signal,
    order_id: str,
    key: SigningKey,
    held: Order | None = None,
    own: bool = False,
) -> Entries:
    """Decides on an order; an approved one goes to execution, signed."""
    parent = account.orders.of_signal(asked.parent) if asked.parent else None
    part = at_scale(asked.size, parent.asked.size_scale - asked.size_scale) if parent else 0
    if parent:
        hand_over(account, parent, part)
    if held:
        account.orders.take_out(order_id)  # it is no duplicate of itself
    made = judge(account, asked, order_id, own=own)
    if held:
        account.orders.add(held)
    decided = entries.decision(asked, order_id, account.now_ns, made)
    if not decided.approved:
        if parent:
            hand_over(account, parent, -part)
        ended = turn(account, held, OrdStatus.REJECTED, "REFUSED", decided.rule) if held else []
        return [("ledger", decided), *ended]
    order = held or Order(asked, order_id, OrdStatus.PENDING_NEW, account.now_ns)
    before = OrdStatus.HELD
    _began(account, order, asked)
    sent = entries.approved(order, account.now_ns, key)
    entry = entries.update(order, before, "APPROVED", account.now_ns)
    return [("execution", sent), ("ledger", decided), ("ledger", entry)]


def _began(account: Account, order: Order, asked: Signal) -> None:
    """It works from now on."""
    order.status = OrdStatus.HELD
    account.orders.add(order)
    order.arrival = account.mark(asked.instrument)

    def send() -> None:
        order.asked, order.status, order.sent_ns = asked, OrdStatus.PENDING_NEW, account.now_ns
        order.full = asked.size
        order.shares = not asked.group or account.covers(asked)

    move(account, order, send)
    account.message(asked.strategy, asked.instrument, approved=True)
    account.recent.append((account.now_ns, likeness(asked)))
    while len(account.recent) > 1000:
        account.recent.popleft()
