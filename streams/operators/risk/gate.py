"""The risk gate: one fold per account over its inbox; nothing reaches a venue but through here.

What always holds:

- Every signal has exactly one decision on the ledger.
- An approval is an ``ApprovedOrder`` with the gate's signature; there is no other way to make one.
- Without a mark there is no price to judge by, so the order is refused.
- An engaged kill switch refuses everything.
- Client order ids are a function of account and signal: a signal sent twice is one order.

Fills move positions and P&L at average cost; each mark revalues an open position.
"""

import hashlib
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Any

from schemas.enums import ExecType, OrdType, Side
from schemas.execution import ApprovedOrder
from schemas.inbox import ExecutionReport, KillSwitch, LimitChange, Mark, Signal
from schemas.ledger import Decision, Fill, LimitChanged, Position
from schemas.records import Clock
from streams import canonical
from streams.operator import Output, Refused
from streams.operators.risk import account as accounts
from streams.operators.risk import limits as rules
from streams.operators.risk.account import Account, OpenOrder, Quote
from streams.operators.risk.limits import Breach, Limits, Request
from streams.operators.risk.money import EXACT, plain, scaled
from streams.operators.risk.signing import SigningKey, sign


@dataclass(frozen=True, slots=True)
class GateConfig:
    """``limits`` of each account; an account that is not here trades nothing."""

    limits: dict[str, Limits]
    key: SigningKey


def client_order_id(account: str, signal_id: str) -> str:
    """20 hex characters: short enough for every venue, the same whenever it is made."""
    return hashlib.blake2b(f"{account}|{signal_id}".encode(), digest_size=10).hexdigest()


class Gate:
    """Operator: ``orders`` → ``execution`` and ``ledger``."""

    def __init__(self, config: GateConfig) -> None:
        self._config = config
        self._accounts: dict[str, Account] = {}

    def apply(self, message: Any) -> list[Output]:
        name = message.key if isinstance(message, Clock) else getattr(message, "account", None)
        if name is None:
            raise Refused(f"{type(message).__name__} does not belong into an account's inbox")
        account = self._account(name)
        with localcontext(EXACT):
            outputs = self._dispatch(account, message)
        return [Output(topic, name, record) for topic, record in outputs]

    def _account(self, name: str) -> Account:
        if name not in self._config.limits:
            known = ", ".join(self._config.limits) or "none"
            raise Refused(f"account {name!r} has no limits; configured are: {known}")
        if name not in self._accounts:
            self._accounts[name] = Account(self._config.limits[name])
        return self._accounts[name]

    def _dispatch(self, account: Account, message: Any) -> list[tuple[str, Any]]:
        match message:
            case Signal():
                _check(message)
                account.advance(message.ts_event)
                return self._decide(account, message)
            case ExecutionReport():
                account.advance(message.ts_event)
                return _report(account, message)
            case Mark():
                account.advance(message.ts_event)
                return _mark(account, message)
            case LimitChange():
                return _change(account, message)
            case KillSwitch():
                return _kill(account, message)
            case Clock():
                account.advance(message.ts_event)
                return []
        raise Refused(f"{type(message).__name__} does not belong into an account's inbox")

    def _decide(self, account: Account, signal: Signal) -> list[tuple[str, Any]]:
        order_id = client_order_id(signal.account, signal.signal_id)
        sized = _sized(account, signal)
        breach = _judge(account, sized, order_id)
        if breach:
            return [("ledger", _decision(sized, order_id, breach))]
        account.approved_ns.append(account.now_ns)
        account.orders[order_id] = OpenOrder(
            sized.strategy,
            sized.signal_id,
            sized.instrument,
            sized.side,
            sized.size,
            sized.size_scale,
            _expected_price(account, sized),
        )
        order = sign(_order(sized, order_id), self._config.key)
        return [("execution", order), ("ledger", _decision(sized, order_id, None))]

    def snapshot(self) -> bytes:
        return canonical.pack({name: accounts.pack(a) for name, a in self._accounts.items()})

    def restore(self, state: bytes) -> None:
        self._accounts = {n: accounts.unpack(p) for n, p in canonical.unpack(state).items()}


def _check(signal: Signal) -> None:
    if signal.size < 0 or not 0 <= signal.price_scale <= 18 or not 0 <= signal.size_scale <= 18:
        raise Refused(f"signal {signal.signal_id}: negative size or a scale outside 0 … 18")
    if signal.ord_type is OrdType.LIMIT and signal.price <= 0:
        raise Refused(f"signal {signal.signal_id}: a limit order needs a positive price")


def _sized(account: Account, signal: Signal) -> Signal:
    """A signal that wants a position, with side and size of what is missing to it."""
    if signal.target is None:
        return signal
    held = account.holdings.get(signal.instrument)
    working = sum(
        o.signed_leaves for o in account.orders.values() if o.instrument == signal.instrument
    )
    missing = signal.target - (held.quantity if held else 0) - working
    return replace(signal, side=Side.BUY if missing >= 0 else Side.SELL, size=abs(missing))


def _expected_price(account: Account, signal: Signal) -> Decimal:
    """The limit, or the far side of the mark."""
    if signal.ord_type is OrdType.LIMIT:
        return scaled(signal.price, signal.price_scale)
    quote = account.quotes[signal.instrument]
    return quote.ask if signal.side is Side.BUY else quote.bid


def _judge(account: Account, signal: Signal, order_id: str) -> Breach | None:
    if account.killed:
        return Breach("kill_switch", "engaged", signal.signal_id)
    if order_id in account.orders:
        return Breach("duplicate_order", order_id, signal.signal_id)
    if signal.size == 0:
        wanted = scaled(signal.target or 0, signal.size_scale)
        return Breach("nothing_to_do", plain(wanted), "0")
    if account.mark(signal.instrument) <= 0:
        return Breach("no_mark", "a mark of the instrument", signal.instrument)
    return rules.first_breach(account.limits, _request(account, signal))


def _request(account: Account, signal: Signal) -> Request:
    size = scaled(signal.size, signal.size_scale)
    price = _expected_price(account, signal)
    held = account.holdings.get(signal.instrument)
    position = scaled(held.quantity, held.size_scale) if held else Decimal(0)
    sign_ = 1 if signal.side is Side.BUY else -1
    worst = position + sign_ * (account.working(signal.instrument, signal.side) + size)
    mark = account.mark(signal.instrument)
    return Request(
        size=size,
        price=price,
        mark=mark,
        position=worst,
        gross=_gross_after(account, position, sign_ * size, mark, price),
        recent_orders=len(account.approved_ns) + 1,
        day_pnl=account.pnl() - account.day_start_pnl,
    )


def _gross_after(
    account: Account, position: Decimal, signed: Decimal, mark: Decimal, price: Decimal
) -> Decimal:
    """What closes a position lowers the gross notional; what opens one raises it."""
    closing = min(abs(signed), abs(position)) if position * signed < 0 else Decimal(0)
    return account.gross() - closing * mark + (abs(signed) - closing) * price


def _order(signal: Signal, order_id: str) -> ApprovedOrder:
    return ApprovedOrder(
        account=signal.account,
        strategy=signal.strategy,
        signal_id=signal.signal_id,
        cl_ord_id=order_id,
        instrument=signal.instrument,
        ts_event=signal.ts_event,
        side=signal.side,
        ord_type=signal.ord_type,
        time_in_force=signal.time_in_force,
        price=signal.price,
        size=signal.size,
        price_scale=signal.price_scale,
        size_scale=signal.size_scale,
        key_id="",
        signature=b"",
    )


def _decision(signal: Signal, order_id: str, breach: Breach | None) -> Decision:
    size = plain(scaled(signal.size, signal.size_scale))
    order = f"{signal.side} {size} {signal.instrument} {signal.ord_type}"
    text = f"approved: {order}"
    if breach:
        text = f"refused: {order}: {breach.rule} allows {breach.limit}, asked {breach.asked}"
    return Decision(
        account=signal.account,
        strategy=signal.strategy,
        signal_id=signal.signal_id,
        cl_ord_id=order_id,
        instrument=signal.instrument,
        ts_event=signal.ts_event,
        approved=breach is None,
        rule=breach.rule if breach else "",
        limit_value=breach.limit if breach else "",
        asked=breach.asked if breach else "",
        text=text,
    )


def _report(account: Account, report: ExecutionReport) -> list[tuple[str, Any]]:
    order = account.orders.get(report.cl_ord_id)
    if order is None:
        raise Refused(f"report {report.exec_id} names order {report.cl_ord_id}, which is not open")
    if report.exec_type is ExecType.TRADE:
        return _fill(account, order, report)
    if report.exec_type is not ExecType.NEW:
        del account.orders[report.cl_ord_id]
    return []


def _fill(account: Account, order: OpenOrder, report: ExecutionReport) -> list[tuple[str, Any]]:
    if not 0 < report.last_size <= order.leaves or report.size_scale != order.size_scale:
        raise Refused(
            f"fill {report.exec_id} of {report.last_size} does not fit leaves {order.leaves}"
        )
    order.leaves -= report.last_size
    if not order.leaves:
        del account.orders[report.cl_ord_id]
    signed = report.last_size if report.side is Side.BUY else -report.last_size
    holding = account.holding(report.instrument, report.size_scale)
    price = scaled(report.last_price, report.price_scale)
    realised = holding.fill(signed, price, report.fee)
    fill = Fill(
        account=report.account,
        strategy=order.strategy,
        signal_id=order.signal_id,
        cl_ord_id=report.cl_ord_id,
        exec_id=report.exec_id,
        instrument=report.instrument,
        ts_event=report.ts_event,
        side=report.side,
        price=report.last_price,
        size=report.last_size,
        price_scale=report.price_scale,
        size_scale=report.size_scale,
        fee=report.fee,
        liquidity=report.liquidity,
        realised_pnl=realised,
    )
    return [
        ("ledger", fill),
        _position(account, report.account, report.instrument, report.ts_event),
    ]


def _mark(account: Account, mark: Mark) -> list[tuple[str, Any]]:
    if not 0 < mark.bid <= mark.ask:
        raise Refused(f"mark of {mark.instrument}: bid {mark.bid}, ask {mark.ask} is no market")
    bid, ask = scaled(mark.bid, mark.price_scale), scaled(mark.ask, mark.price_scale)
    account.quotes[mark.instrument] = Quote(bid, ask)
    held = account.holdings.get(mark.instrument)
    if held is None or not held.quantity:
        return []
    return [_position(account, mark.account, mark.instrument, mark.ts_event)]


def _position(account: Account, name: str, instrument: str, ts_event: int) -> tuple[str, Position]:
    held, mark = account.holdings[instrument], account.mark(instrument)
    return "ledger", Position(
        account=name,
        instrument=instrument,
        ts_event=ts_event,
        quantity=held.quantity,
        size_scale=held.size_scale,
        avg_price=held.avg_price,
        mark=mark,
        realised_pnl=held.realised,
        unrealised_pnl=held.unrealised(mark),
        fees=held.fees,
    )


def _change(account: Account, change: LimitChange) -> list[tuple[str, Any]]:
    try:
        limits = rules.changed(account.limits, change.name, change.value)
    except ValueError as error:
        raise Refused(str(error)) from error
    old = plain(getattr(account.limits, change.name))
    account.limits = limits
    account.advance(change.ts_event)
    return [("ledger", _changed(change, change.name, old, change.value))]


def _kill(account: Account, switch: KillSwitch) -> list[tuple[str, Any]]:
    old, account.killed = account.killed, switch.engaged
    account.advance(switch.ts_event)
    words = {True: "engaged", False: "released"}
    return [("ledger", _changed(switch, "kill_switch", words[old], words[switch.engaged]))]


def _changed(by: LimitChange | KillSwitch, name: str, old: str, new: str) -> LimitChanged:
    return LimitChanged(by.account, by.ts_event, name, old, new, by.who, by.reason)
