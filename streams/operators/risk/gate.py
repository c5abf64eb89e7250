"""The risk gate: one fold per account over its inbox; nothing reaches a venue but through here.

What always holds:

- Every signal has exactly one decision on the ledger, with every check that was made of it.
- An approval is an ``ApprovedOrder`` with the gate's signature; there is no other way to make one.
- Without a mark there is no price to judge by, so the order is refused.
- An engaged kill switch refuses everything but the gate's own closing orders.
- Client order ids are a function of account and signal: a signal sent twice is one order.
- A fill is booked once, whenever and however often it is told.
"""

from dataclasses import dataclass, field
from decimal import localcontext
from typing import Any, get_args

from schemas.enums import ExecType, OrdStatus, OrdType, TimeInForce
from schemas.inbox import (
    BreakerReset,
    CashFlow,
    ExecutionReport,
    Health,
    Inbox,
    KillSwitch,
    LimitChange,
    Mark,
    OrderCommand,
    Reconciliation,
    Signal,
    VenueBalance,
    VenuePosition,
)
from schemas.ledger import Decision, Fill, LimitChanged, OrderUpdate
from schemas.records import Clock
from streams import canonical
from streams.operator import Output, Refused
from streams.operators.risk import (
    commands,
    desk,
    entries,
    exits,
    guards,
    reports,
    safety,
    settlement,
    state,
)
from streams.operators.risk.account import WHOLE, Account
from streams.operators.risk.breakers import OWN
from streams.operators.risk.cancels import cancelled
from streams.operators.risk.config import AccountConfig
from streams.operators.risk.instruments import Reference
from streams.operators.risk.money import EXACT
from streams.operators.risk.reconcile import Told
from streams.operators.risk.reports import Entries
from streams.operators.risk.signing import SigningKey


@dataclass(frozen=True, slots=True)
class GateConfig:
    """An account that is not in ``accounts`` trades nothing; the strategies ``hearing`` are told
    what becomes of their orders, in the instrument's log."""

    accounts: dict[str, AccountConfig]
    key: SigningKey
    reference: Reference = field(default_factory=Reference)
    hearing: tuple[str, ...] = ()
    followed: tuple[str, ...] = ()


class Gate:
    """Operator: ``orders`` → ``execution``, ``ledger``, and on ``ticks`` what strategies and
    algorithms must know of their orders."""

    def __init__(self, config: GateConfig) -> None:
        self._config, self._key = config, config.key
        self._accounts: dict[str, Account] = {}

    @property
    def accounts(self) -> dict[str, Account]:
        """As they stand, by name."""
        return self._accounts

    def apply(self, message: Any) -> list[Output]:
        if not isinstance(message, _KNOWN):
            raise Refused(f"{type(message).__name__} does not belong into an account's inbox")
        name = message.key if isinstance(message, Clock) else message.account
        account = self._accounts.get(name) or self._new(name)
        with localcontext(EXACT):
            _check(account, message)
            self._accounts[name] = account
            made = safety.advance(account, name, message.ts_event)
            made += self._dispatch(account, name, message)
            made += _costs(account, message, made) + _told(account, message, made, self._config)
        return [
            Output(topic, record.instrument if topic == "ticks" else name, record)
            for topic, record in made
        ]

    def _new(self, name: str) -> Account:
        config = self._config.accounts.get(name)
        if config is None:
            known = ", ".join(self._config.accounts) or "none"
            raise Refused(f"account {name!r} has no limits; configured are: {known}")
        return Account(config, self._config.reference, config.limits)

    def _dispatch(self, account: Account, name: str, message: Any) -> Entries:
        match message:
            case Signal():
                return desk.receive(account, message, self._key)
            case Mark():
                return self._mark(account, message)
            case ExecutionReport():
                return self._report(account, name, message)
            case Clock():
                return self._clock(account, name, message)
            case OrderCommand():
                return commands.command(account, message, self._key)
            case LimitChange():
                return _change(account, message)
            case KillSwitch():
                return self._kill(account, message)
            case BreakerReset():
                return safety.reset(account, message)
            case Health():
                return safety.on_health(account, name, message, self._key)
            case CashFlow():
                return _state(account, name, now=True) if account.flow(message) else []
        return _reconcile(account, name, message)

    def _clock(self, account: Account, name: str, clock: Clock) -> Entries:
        account.clock_ns = max(account.clock_ns, clock.ts_event)
        made = safety.on_clock(account, name, self._key)
        made += desk.expired(account, account.orders_of())
        return made + exits.work(account, name, self._key) + _state(account, name)

    def _mark(self, account: Account, mark: Mark) -> Entries:
        account.marked(mark)
        made: Entries = []
        line = account.lines.get((WHOLE, mark.instrument))
        if line and line.position:
            made.append(
                ("ledger", entries.position(account, mark.account, mark.instrument, mark.ts_event))
            )
        made += safety.on_mark(account, mark, self._key)
        made += guards.watch(account, mark, self._key)
        made += guards.wake(account, mark, self._key)
        return made + exits.work(account, mark.account, self._key) + _state(account, mark.account)

    def _report(self, account: Account, name: str, report: ExecutionReport) -> Entries:
        known = account.orders.get(report.cl_ord_id)
        was = known.status if known else OrdStatus.PENDING_NEW
        order, made = reports.take(account, report)
        if account.told and report.exec_type is ExecType.STATUS:
            account.told.orders.append(report.cl_ord_id)
        if known is None and not account.config.adopt_unknown:
            made += cancelled(
                account, order, "the venue has it; it was not sent from here", self._key
            )
        if report.exec_type is not ExecType.REPLACE_REJECTED:  # asking again would be no use
            made += guards.mates(account, order, self._key)
        if order.ended:
            made += desk.released(account, order, self._key)
        made += safety.on_report(account, name, order, was, report, self._key)
        return made + exits.work(account, name, self._key)

    def _kill(self, account: Account, switch: KillSwitch) -> Entries:
        old, account.killed = account.killed, switch.engaged
        words = {True: "engaged", False: "released"}
        made = [("ledger", _changed(switch, "kill_switch", words[old], words[switch.engaged]))]
        if switch.engaged:
            for order in account.orders_of():
                made += cancelled(account, order, "kill switch", self._key)
        if switch.engaged and switch.flatten:
            made += exits.flatten(account, switch.account, "", "kill switch", self._key)
        return made

    def snapshot(self) -> bytes:
        return canonical.pack({name: state.pack(a) for name, a in self._accounts.items()})

    def restore(self, state_: bytes) -> None:
        packed = canonical.unpack(state_)
        self._accounts = {
            name: state.unpack(values, self._config.accounts[name], self._config.reference)
            for name, values in packed.items()
            if name in self._config.accounts
        }


def _costs(account: Account, message: Any, made: Entries) -> Entries:
    """What orders that are done cost beside their benchmarks."""
    found = account.costs.take(message)
    for _, record in made:
        found += account.costs.take(record)
    return [("ledger", tca) for tca in found]


def _told(account: Account, message: Any, made: Entries, config: GateConfig) -> Entries:
    """What becomes of slices, for the algorithm that made them, and of the orders of strategies
    that want to hear it, in the instrument's log; and fills of accounts that others follow."""
    found: Entries = []
    for _, record in made:
        if isinstance(record, _OF_ORDERS):
            order = account.orders.of_signal(record.signal_id)
            parent = order.asked.parent if order else getattr(message, "parent", "")
            followed = isinstance(record, Fill) and record.account in config.followed
            if parent or followed or record.strategy in config.hearing:
                found.append(("ticks", record))
    return found


_KNOWN = (*get_args(Inbox), Clock)
_OF_ORDERS = (Decision, Fill, OrderUpdate)


def _check(account: Account, message: Any) -> None:
    """Raises Refused, before anything is touched, where a message cannot be folded."""
    match message:
        case Signal():
            _check_signal(message)
        case ExecutionReport():
            reports.check(account, message)
        case OrderCommand():
            commands.check_command(account, message)
        case LimitChange():
            try:
                account.limits.changed(message.name, message.value)
            except ValueError as error:
                raise Refused(str(error)) from error
        case Health() if message.measure in OWN:
            raise Refused(f"health of {message.source}: {message.measure} is measured here")
        case CashFlow() if account.rate_of(message.currency) is None:
            raise Refused(f"cash flow {message.flow_id}: no rate for {message.currency} yet")


def _check_signal(signal: Signal) -> None:
    if signal.size < 0 or not 0 <= signal.price_scale <= 18 or not 0 <= signal.size_scale <= 18:
        raise Refused(f"signal {signal.signal_id}: negative size or a scale outside 0 … 18")
    priced = signal.ord_type in (OrdType.LIMIT, OrdType.STOP_LIMIT)
    if priced and signal.price <= 0:
        raise Refused(f"signal {signal.signal_id}: a limit order needs a positive price")
    if signal.ord_type in (OrdType.STOP, OrdType.STOP_LIMIT) and signal.stop_price <= 0:
        raise Refused(f"signal {signal.signal_id}: a stop order needs a positive stop price")
    if signal.ord_type is OrdType.TRAILING_STOP and signal.trail <= 0:
        raise Refused(f"signal {signal.signal_id}: a trailing stop needs a positive trail")
    if signal.time_in_force is TimeInForce.GTD and signal.ts_expire <= 0:
        raise Refused(f"signal {signal.signal_id}: GTD needs the time at which it ends (ts_expire)")
    if min(signal.stop_price, signal.trail, signal.display_size, signal.ts_expire) < 0:
        raise Refused(
            f"signal {signal.signal_id}: stop price, trail, display size and expiry are 0 or more"
        )


def _state(account: Account, name: str, now: bool = False) -> Entries:
    """The account as a whole, at a cadence, once it has traded."""
    due = account.now_ns - account.state_ns >= account.config.state_interval_ns
    if not account.lines or not (due or now):
        return []
    account.state_ns = account.now_ns
    account.measure()
    return [("ledger", entries.account_state(account, name))]


def _change(account: Account, change: LimitChange) -> Entries:
    old = account.limits.value(change.name)
    account.limits = account.limits.changed(change.name, change.value)
    return [("ledger", _changed(change, change.name, old, change.value))]


def _changed(by: LimitChange | KillSwitch, name: str, old: str, new: str) -> LimitChanged:
    return LimitChanged(by.account, by.ts_event, name, old, new, by.who, by.reason)


def _reconcile(
    account: Account, name: str, message: Reconciliation | VenuePosition | VenueBalance
) -> Entries:
    told = account.told
    match message:
        case Reconciliation() if not message.ended:
            account.told = Told(
                *(message.batch, message.venue, message.ts_cutoff, message.holds),
                message.ts_approved,
            )
        case VenueBalance() if told and told.batch == message.batch:
            told.balances[message.currency] = message.total
        case VenuePosition() if told and told.batch == message.batch:
            told.take(message)
        case Reconciliation() if told and told.batch == message.batch:
            account.told = None
            return settlement.settle(account, name, told)
    return []
