"""Circuit breakers at work: measures are taken as records come, and what trips is told."""

from decimal import Decimal

from schemas.enums import ExecType, OrdStatus, TradingState
from schemas.inbox import BreakerReset, ExecutionReport, Health, Mark
from schemas.ledger import BreakerChanged
from streams.operators.risk.account import WHOLE, Account
from streams.operators.risk.breakers import Breaker, BreakerRule
from streams.operators.risk.cancels import cancelled
from streams.operators.risk.money import ZERO, plain, ratio
from streams.operators.risk.orders import Order
from streams.operators.risk.reports import Entries
from streams.operators.risk.signing import SigningKey

SECOND = 10**9
GATE = "gate"


def advance(account: Account, name: str, ts_event: int) -> Entries:
    """Time passes: what has cooled down trades again."""
    account.advance(ts_event)
    made: Entries = []
    for rule, breaker in account.breakers.items():
        if breaker.cooled(account.now_ns):
            before = breaker.state
            breaker.reset()
            text = "the cool-down is over"
            made.append(("ledger", _told(account, name, rule, before, breaker, "", "", GATE, text)))
    return made


def on_clock(account: Account, name: str, key: SigningKey) -> Entries:
    """Marks that stay away, and a venue that does not answer at all."""
    ages = [
        account.now_ns - account.quotes[instrument].ts
        for (strategy, instrument), line in account.lines.items()
        if strategy == WHOLE
        and (line.position or line.buying or line.selling)
        and instrument in account.quotes
    ]
    oldest = Decimal(max(ages, default=0)) / SECOND
    made = _measured(account, name, "data_gap", oldest, key)
    waits = [
        account.now_ns - order.sent_ns
        for order in account.orders.open.values()
        if order.status is OrdStatus.PENDING_NEW
    ]
    longest = Decimal(max(waits, default=0)) / SECOND
    return made + (_measured(account, name, "latency", longest, key) if waits else [])


def on_mark(account: Account, mark: Mark, key: SigningKey) -> Entries:
    """Profit and loss, and prices that part."""
    made = _measured(account, mark.account, "loss", account.tally(WHOLE).pnl, key)
    for rule in account.config.breakers:
        if rule.measure == "price_gap" and mark.instrument in rule.group:
            made += _measure(account, mark.account, rule, _gap(account, rule), key)
    return made


def _gap(account: Account, rule: BreakerRule) -> Decimal:
    mids = [account.mark(name) for name in rule.group if account.mark(name) > 0]
    return ratio(max(mids) - min(mids), min(mids)) if len(mids) > 1 else ZERO


def on_report(
    account: Account,
    name: str,
    order: Order,
    was: OrdStatus,
    report: ExecutionReport,
    key: SigningKey,
) -> Entries:
    """How fast and how well the venue takes orders."""
    if was is not OrdStatus.PENDING_NEW or order.status is was:
        return []
    rejected = Decimal(report.exec_type is ExecType.REJECTED)
    waited = Decimal(max(report.ts_event - order.sent_ns, 0)) / SECOND
    made = _measured(account, name, "rejects", rejected, key)
    return made + _measured(account, name, "latency", waited, key)


def on_health(account: Account, name: str, health: Health, key: SigningKey) -> Entries:
    """What a part of the system measured of itself."""
    return _measured(account, name, health.measure, Decimal(repr(health.value)), key)


def _measured(
    account: Account, name: str, measure: str, value: Decimal, key: SigningKey
) -> Entries:
    made: Entries = []
    for rule in account.config.breakers:
        if rule.measure == measure:
            made += _measure(account, name, rule, value, key)
    return made


def _measure(
    account: Account, name: str, rule: BreakerRule, value: Decimal, key: SigningKey
) -> Entries:
    breaker = account.breakers.setdefault(rule.name, Breaker())
    measured = breaker.measure(rule, account.now_ns, value)
    fine = measured.is_finite() and measured <= rule.limit
    if fine or breaker.state is not TradingState.NORMAL:
        return []
    before = breaker.state
    breaker.trip(rule, account.now_ns)
    text = f"{rule.measure} {plain(measured)} is over {plain(rule.limit)}"
    told = _told(
        account, name, rule.name, before, breaker, plain(measured), plain(rule.limit), GATE, text
    )
    made: Entries = [("ledger", told)]
    if rule.then is TradingState.HALTED:
        for order in account.orders_of():
            made += cancelled(account, order, f"halted: {text}", key)
    return made


def stop_opening(account: Account, name: str, rule: str, text: str) -> Entries:
    """A breaker that is no rule's trips until a person resets it; told once."""
    breaker = account.breakers.setdefault(rule, Breaker())
    before, breaker.state, breaker.until_ns = breaker.state, TradingState.REDUCE_ONLY, 0
    if before is breaker.state:
        return []
    return [("ledger", _told(account, name, rule, before, breaker, "", "", GATE, text))]


def reset(account: Account, asked: BreakerReset) -> Entries:
    """The desk lets the account trade again."""
    made: Entries = []
    for name, breaker in account.breakers.items():
        if asked.breaker in ("", name) and breaker.state is not TradingState.NORMAL:
            before = breaker.state
            breaker.reset()
            told = _told(
                account, asked.account, name, before, breaker, "", "", asked.who, asked.reason
            )
            made.append(("ledger", told))
    return made


def _told(
    account: Account,
    name: str,
    rule: str,
    before: TradingState,
    breaker: Breaker,
    value: str,
    limit: str,
    who: str,
    text: str,
) -> BreakerChanged:
    return BreakerChanged(
        account=name,
        ts_event=account.now_ns,
        breaker=rule,
        before=before,
        after=breaker.state,
        value=value,
        limit=limit,
        ts_until=breaker.until_ns,
        who=who,
        text=text,
    )
