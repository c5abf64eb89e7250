"""From a signal to a signed order, from a command to a cancel or a change: the one way there."""

import hashlib
from dataclasses import replace
from decimal import Decimal

from schemas.enums import CommandAction, OrdStatus, OrdType, Side, TimeInForce
from schemas.inbox import OrderCommand, Signal
from streams.operator import Refused
from streams.operators.risk import checks, entries
from streams.operators.risk.account import WHOLE, Account
from streams.operators.risk.checks import Check
from streams.operators.risk.orders import Order, changed
from streams.operators.risk.reports import Entries, move, turn
from streams.operators.risk.signing import SigningKey

_CHANGEABLE = (OrdStatus.HELD, OrdStatus.NEW, OrdStatus.PARTIALLY_FILLED)
_OWN = ("kill_switch", "trading_state", "self_trade")  # what the gate's own exits need not keep


def client_order_id(account: str, signal_id: str) -> str:
    """20 hex characters: short enough for every venue, the same whenever it is made."""
    return hashlib.blake2b(f"{account}|{signal_id}".encode(), digest_size=10).hexdigest()


def judge(
    account: Account, asked: Signal, order_id: str, was: int = 0, own: bool = False
) -> list[Check]:
    """Every check of an order; those that cannot be made without the failed ones are left out."""
    made = []
    for check in checks.stoppers(account, asked, order_id, was > 0):
        made.append(_pardoned(check, own))
        if not made[-1].ok:
            return made
    case = checks.case_of(account, asked, was)
    return made + [_pardoned(check, own and case.reduces) for check in checks.checks(case)]


def _pardoned(check: Check, own: bool) -> Check:
    return check._replace(ok=True) if own and check.rule in _OWN else check


def sized(account: Account, signal: Signal) -> Signal:
    """A signal that wants a position, with side and size of what its strategy lacks of it."""
    if signal.target is None:
        return signal
    line = account.lines.get((signal.strategy, signal.instrument))
    held = line.position + line.buying - line.selling if line else 0
    missing = signal.target - held
    return replace(signal, side=Side.BUY if missing >= 0 else Side.SELL, size=abs(missing))


def receive(account: Account, signal: Signal, key: SigningKey) -> Entries:
    """A signal: held until its time has come, or decided now."""
    asked = sized(account, signal)
    order_id = client_order_id(signal.account, signal.signal_id)
    if account.orders.get(order_id) is None:
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
        check = Check("after", "an order that is known", asked.after, False)
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
        return []
    return submit(account, order.asked, order.cl_ord_id, key, order)


def _given_up(account: Account, order: Order, rule: str, limit: str, value: str) -> Entries:
    check = Check(rule, limit, value, False)
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
    if held:
        del account.orders.open[order_id]  # it is no duplicate of itself
    made = judge(account, asked, order_id, own=own)
    if held:
        account.orders.add(held)
    decided = entries.decision(asked, order_id, account.now_ns, made)
    if not decided.approved:
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
    parent = account.orders.of_signal(asked.parent)
    if parent:

        def hand_over() -> None:
            parent.given += asked.size

        move(account, parent, hand_over)
    order.status = OrdStatus.HELD
    account.orders.add(order)
    order.arrival = account.mark(asked.instrument)

    def send() -> None:
        order.asked, order.status, order.sent_ns = asked, OrdStatus.PENDING_NEW, account.now_ns
        order.full = asked.size

    move(account, order, send)
    account.message(asked.strategy, asked.instrument, approved=True)
    account.recent.append((account.now_ns, checks.likeness(asked)))
    while len(account.recent) > 1000:
        account.recent.popleft()


def cancelled(account: Account, order: Order, reason: str, key: SigningKey) -> Entries:
    """Asks the venue for an open order's end; one that was never sent ends at once."""
    if order.status is OrdStatus.HELD:
        check = Check("cancel", "open", reason, False)
        refused = entries.decision(order.asked, order.cl_ord_id, account.now_ns, [check])
        return [("ledger", refused), *turn(account, order, OrdStatus.CANCELED, "CANCELED", reason)]
    if order.status is OrdStatus.PENDING_CANCEL or order.ended:
        return []
    request = entries.cancel(order, account.now_ns, reason, key)
    account.message(order.asked.strategy, order.asked.instrument)
    told = turn(account, order, OrdStatus.PENDING_CANCEL, "CANCEL_SENT", reason)
    return [("execution", request), *told]


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


def command(account: Account, asked: OrderCommand, key: SigningKey) -> Entries:
    """A command of a strategy, an algorithm or the desk, checked; the same one twice is one."""
    if asked.command_id in account.seen:
        return []
    account.remember(asked.command_id)
    if asked.action is CommandAction.FLATTEN:
        return flatten(account, asked.account, asked.instrument, asked.reason, key)
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
    made = [Check("order_state", "at work", order.status, order.status in _CHANGEABLE)]
    enough = change.size > order.cum
    made.append(Check("filled_size", str(change.size), str(order.cum), enough))
    if all(check.ok for check in made):
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


def flatten(account: Account, name: str, instrument: str, reason: str, key: SigningKey) -> Entries:
    """Cancels what works and closes what is held, as soon as nothing works any more."""
    for strategy, name in account.lines:
        if (
            strategy == WHOLE
            and instrument in ("", name)
            and account.lines[strategy, name].position
        ):
            account.flattening.setdefault(name, account.now_ns)
    chosen = account.orders_of(instrument)
    made = [e for order in chosen for e in cancelled(account, order, reason, key)]
    return made + close_flattened(account, name, key)


PATIENCE_NS = 5 * 10**9  # for cancels to be confirmed before a position is closed anyway


def close_flattened(account: Account, name: str, key: SigningKey) -> Entries:
    """Market orders for what is still to be closed."""
    made: Entries = []
    for instrument, since in list(account.flattening.items()):
        lines = [
            (strategy, account.lines[strategy, instrument])
            for strategy in account.held_by.get(instrument, ())
            if strategy != WHOLE and account.lines[strategy, instrument].position
        ]
        if not lines:
            del account.flattening[instrument]
        elif not account.orders_of(instrument) or account.now_ns - since >= PATIENCE_NS:
            for strategy, line in lines:
                made += leave(
                    account, name, strategy, instrument, abs(line.position), "flatten", key
                )
            account.flattening[instrument] = account.now_ns
    return made


def leave(
    account: Account,
    name: str,
    strategy: str,
    instrument: str,
    size: int,
    why: str,
    key: SigningKey,
) -> Entries:
    """A market order of the gate's own that takes a strategy's position nearer to zero."""
    line, quote = account.lines[strategy, instrument], account.quotes.get(instrument)
    if quote is None:
        return []
    asked = Signal(
        account=name,
        strategy=strategy,
        signal_id=f"{why}-{strategy}-{instrument}-{account.now_ns}",
        instrument=instrument,
        ts_event=account.now_ns,
        side=Side.SELL if line.position > 0 else Side.BUY,
        ord_type=OrdType.MARKET,
        time_in_force=TimeInForce.IOC,
        price=0,
        size=size,
        price_scale=quote.told.price_scale,
        size_scale=line.scale,
        target=None,
        probability=float("nan"),
        reason=why,
        reduce_only=True,
    )
    return submit(account, asked, client_order_id(name, asked.signal_id), key, own=True)


def triggered(account: Account, order: Order, price: Decimal) -> bool:
    """Whether a held stop order's price was reached; a trailing one moves its stop along."""
    asked, unit = order.asked, 10**order.asked.price_scale
    at = int((price * unit).to_integral_value())
    if asked.ord_type is OrdType.TRAILING_STOP:
        stop = at + order.sign * asked.trail
        better = order.stop == 0 or order.sign * (order.stop - stop) > 0
        order.stop = stop if better else order.stop
    stop = order.stop or asked.stop_price
    return bool(stop) and order.sign * (at - stop) >= 0


def awake(asked: Signal) -> Signal:
    """What a stop order is once it was triggered."""
    kind = OrdType.LIMIT if asked.ord_type is OrdType.STOP_LIMIT else OrdType.MARKET
    return replace(asked, ord_type=kind)
