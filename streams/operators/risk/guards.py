"""What the gate does by itself when the market or an order moves: stops, held orders, groups."""

from dataclasses import replace
from decimal import Decimal
from fnmatch import fnmatchcase

from schemas.enums import OrdStatus, OrdType, TimeInForce
from schemas.inbox import Mark, Signal
from streams.operators.risk import desk, exits
from streams.operators.risk.account import WHOLE, Account
from streams.operators.risk.cancels import cancelled
from streams.operators.risk.commands import shrunk
from streams.operators.risk.money import ZERO
from streams.operators.risk.orders import Order
from streams.operators.risk.quotes import Quote
from streams.operators.risk.reports import Entries
from streams.operators.risk.signing import SigningKey
from streams.operators.risk.stops import Guard, StopRule, left_by


def watch(account: Account, mark: Mark, key: SigningKey) -> Entries:
    """The configured stops and targets of every strategy that holds the instrument."""
    rules = [r for r in account.config.stops if fnmatchcase(mark.instrument, r.instruments)]
    if not rules or mark.instrument not in account.quotes:
        return []
    made: Entries = []
    for strategy in account.held_by.get(mark.instrument, ()):
        if strategy != WHOLE:
            made += _watch(account, mark, strategy, rules, key)
    return made


def _watch(
    account: Account, mark: Mark, strategy: str, rules: list[StopRule], key: SigningKey
) -> Entries:
    place = (strategy, mark.instrument)
    line, quote = account.lines[place], account.quotes[mark.instrument]
    if not line.position:
        account.guards.pop(place, None)
        return []
    sign = 1 if line.position > 0 else -1
    price = quote.bid if sign > 0 else quote.ask  # what leaving would bring
    guard = account.guards.get(place)
    if guard is None or guard.sign != sign:
        guard = account.guards[place] = Guard(sign, account.now_ns, line.pnl.average_price)
    period = max((r.period_ns for r in rules if r.kind == "chandelier"), default=0)
    guard.see(price, account.now_ns, period)
    if place in account.exits:
        return []
    for rule in rules:
        if rule.name not in guard.fired and _out(account, guard, rule, quote, place):
            guard.fired[rule.name] = account.now_ns
            why = f"{rule.name}-{guard.opened_ns}"
            to = left_by(rule, line.position)
            return exits.leave(account, mark.account, strategy, mark.instrument, to, why, key)
    return []


def _out(
    account: Account, guard: Guard, rule: StopRule, quote: Quote, place: tuple[str, str]
) -> bool:
    if rule.kind == "portfolio":
        whole = account.tally(WHOLE)
        return whole.day_start - whole.pnl >= rule.distance > ZERO
    price = quote.bid if guard.sign > 0 else quote.ask
    entry = account.lines[place].pnl.average_price
    return guard.broken(rule, price, entry, account.now_ns)


def wake(account: Account, mark: Mark, key: SigningKey) -> Entries:
    """Held stop orders of the instrument whose price was reached, unless their time is over."""
    made = desk.expired(account, account.orders_of(mark.instrument))
    quote = account.quotes.get(mark.instrument)
    for order in account.orders_of(mark.instrument) if quote else ():
        waits = order.status is OrdStatus.HELD and not order.asked.after
        if waits and quote:
            price = quote.last or quote.far(order.asked.side)
            if _triggered(account, order, price):
                asked = _awake(order.asked)
                made += desk.submit(account, asked, order.cl_ord_id, key, order)
    return made


def mates(account: Account, order: Order, key: SigningKey) -> Entries:
    """What fills in a group the others need not: they are cancelled, or made smaller by it. Asked
    again with every report of the group, for an order may be changed only once it is known."""
    made: Entries = []
    if not order.asked.group:
        return made
    together = account.orders.group(order.asked)
    left = max(o.full for o in together) - sum(o.cum for o in together)
    for other in together:
        if other.ended:
            continue
        too_large = other.leaves + other.given > left
        if left <= 0 or (too_large and other.asked.algo):  # what an algorithm works is not changed
            made += cancelled(account, other, "its group is filled", key)
        elif too_large and other.change is None:
            made += shrunk(account, other, left, key)
    return made


def _triggered(account: Account, order: Order, price: Decimal) -> bool:
    """Whether a held stop order's price was reached; a trailing one moves its stop along."""
    asked, unit = order.asked, 10**order.asked.price_scale
    at = int((price * unit).to_integral_value())
    if asked.ord_type is OrdType.TRAILING_STOP:
        stop = at + order.sign * asked.trail
        better = order.stop == 0 or order.sign * (order.stop - stop) > 0
        order.stop = stop if better else order.stop
    stop = order.stop or asked.stop_price
    return bool(stop) and order.sign * (at - stop) >= 0


def _awake(asked: Signal) -> Signal:
    """What a stop order is once it was triggered. One for the market ends at once, as it does at a
    venue that keeps stops, however long it was held."""
    if asked.ord_type is OrdType.STOP_LIMIT:
        return replace(asked, ord_type=OrdType.LIMIT)
    time = asked.time_in_force
    time = time if time is TimeInForce.FOK else TimeInForce.IOC
    return replace(asked, ord_type=OrdType.MARKET, time_in_force=time)
