"""What the gate writes: orders for execution, entries for the ledger."""

from decimal import Decimal

from schemas.enums import DiscrepancyKind, OrdStatus, OrdType, TimeInForce
from schemas.execution import ApprovedOrder, CancelRequest, ReplaceRequest, terms
from schemas.inbox import ExecutionReport, Signal
from schemas.ledger import AccountState, Decision, Discrepancy, Fill, OrderUpdate, Position
from streams.operators.risk.account import WHOLE, Account
from streams.operators.risk.checks.check import Check
from streams.operators.risk.money import ZERO, plain, rounded, scaled
from streams.operators.risk.orders import Order
from streams.operators.risk.sensitivities import sensitivities
from streams.operators.risk.signing import SigningKey, signed
from streams.operators.risk.stress_watch import stress_of


def approved(order: Order, now: int, key: SigningKey) -> ApprovedOrder:
    asked = order.asked
    return signed(
        ApprovedOrder,
        key,
        account=asked.account,
        strategy=asked.strategy,
        signal_id=asked.signal_id,
        cl_ord_id=order.cl_ord_id,
        instrument=asked.instrument,
        ts_event=now,
        parent=asked.parent,
        algo=asked.algo,
        params=asked.params,
        **terms(asked),
    )


def cancel(order: Order, now: int, reason: str, key: SigningKey) -> CancelRequest:
    asked = order.asked
    return signed(
        CancelRequest,
        key,
        account=asked.account,
        instrument=asked.instrument,
        cl_ord_id=order.cl_ord_id,
        ts_event=now,
        reason=reason,
        algo=asked.algo,
    )


def replace_request(
    order: Order, change: Signal, now: int, reason: str, key: SigningKey
) -> ReplaceRequest:
    return signed(
        ReplaceRequest,
        key,
        account=change.account,
        instrument=change.instrument,
        cl_ord_id=order.cl_ord_id,
        ts_event=now,
        revision=order.revision,
        price=change.price,
        size=change.size,
        stop_price=change.stop_price,
        price_scale=change.price_scale,
        size_scale=change.size_scale,
        reason=reason,
    )


def decision(
    asked: Signal, order_id: str, now: int, made: list[Check], change: bool = False
) -> Decision:
    """Every check that was made; the first that failed is the reason."""
    rules, limits, values, fine = zip(*made, strict=True)
    approved, rule, limit, value = all(fine), "", "", ""
    what = "change to " if change else ""
    size = plain(scaled(asked.size, asked.size_scale))
    order = f"{what}{asked.side} {size} {asked.instrument} {asked.ord_type}"
    text = f"approved: {order}"
    if not approved:
        rule, limit, value, _ = made[fine.index(False)]
        text = f"refused: {order}: {rule} allows {limit}, asked {value}"
    return Decision(
        account=asked.account,
        strategy=asked.strategy,
        signal_id=asked.signal_id,
        cl_ord_id=order_id,
        instrument=asked.instrument,
        ts_event=now,
        approved=approved,
        rule=rule,
        limit_value=limit,
        asked=value,
        text=text,
        request="REPLACE" if change else "NEW",
        rules=rules,
        limits=limits,
        values=values,
    )


def update(order: Order, before: OrdStatus, event: str, now: int, text: str = "") -> OrderUpdate:
    asked = order.asked
    return OrderUpdate(
        account=asked.account,
        strategy=asked.strategy,
        signal_id=asked.signal_id,
        cl_ord_id=order.cl_ord_id,
        instrument=asked.instrument,
        ts_event=now,
        before=before,
        after=order.status,
        event=event,
        cum_size=order.cum,
        leaves_size=order.leaves,
        size_scale=asked.size_scale,
        order_id=order.order_id,
        text=text,
    )


def fill(
    order: Order, report: ExecutionReport, signed: int, fee: Decimal, realised: Decimal
) -> Fill:
    """``signed`` size and ``fee`` as booked: of the opposite sign where a trade was busted."""
    asked = order.asked
    return Fill(
        account=asked.account,
        strategy=asked.strategy,
        signal_id=asked.signal_id,
        cl_ord_id=order.cl_ord_id,
        exec_id=report.exec_id,
        instrument=asked.instrument,
        ts_event=report.ts_event,
        side=asked.side,
        price=report.last_price,
        size=signed * order.sign,
        price_scale=report.price_scale,
        size_scale=asked.size_scale,
        fee=fee,
        liquidity=report.liquidity,
        realised_pnl=realised,
        parent=asked.parent,
        fee_currency=report.fee_currency,
    )


def position(account: Account, name: str, instrument: str, ts_event: int) -> Position:
    """Of the account as a whole; money in the instrument's currency."""
    pnl, mark = account.lines[WHOLE, instrument].pnl, account.mark(instrument)
    return Position(
        account=name,
        instrument=instrument,
        ts_event=ts_event,
        quantity=pnl.held.quantity,
        size_scale=pnl.held.size_scale,
        avg_price=pnl.average_price,
        mark=mark,
        realised_pnl=pnl.realised,
        unrealised_pnl=pnl.unrealised(mark) if mark else ZERO,
        fees=pnl.held.fees,
    )


def account_state(account: Account, name: str) -> AccountState:
    whole, config = account.tally(WHOLE), account.config
    realised, unrealised, fees = account.profits()
    equity = account.equity
    bound = whole.margin
    greeks, stress = sensitivities(account), stress_of(account)
    return AccountState(
        account=name,
        ts_event=account.now_ns,
        currency=config.currency,
        equity=rounded(equity),
        realised_pnl=rounded(realised),
        unrealised_pnl=rounded(unrealised),
        fees=rounded(fees),
        cash_flows=rounded(account.flows),
        day_pnl=rounded(whole.pnl - whole.day_start),
        drawdown=rounded(whole.peak - whole.pnl),
        gross=rounded(whole.gross),
        net=rounded(whole.net),
        open_notional=rounded(whole.up + whole.down),
        margin=rounded(bound),
        buying_power=rounded(max(equity - bound, ZERO)),
        leverage=float(whole.gross / equity) if equity > 0 else float("nan"),
        var=account.tail.var,
        cvar=account.tail.cvar,
        open_orders=whole.open_orders,
        state=account.state,
        instruments=account.tail.instruments,
        component_var=account.tail.component_var,
        component_cvar=account.tail.component_cvar,
        options=greeks.options,
        implied_volatility=greeks.implied_volatility,
        underlyings=greeks.underlyings,
        delta=greeks.delta,
        gamma=greeks.gamma,
        vega=greeks.vega,
        theta=greeks.theta,
        scenarios=stress.scenarios,
        scenario_pnl=stress.pnl,
        worst_scenario=stress.worst,
    )


def discrepancy(
    name: str,
    now: int,
    kind: DiscrepancyKind,
    subject: str,
    ours: str,
    venues: str,
    resolution: str,
    resolved: bool,
    instrument: str = "",
    batch: str = "",
) -> Discrepancy:
    return Discrepancy(
        name, instrument, now, kind, subject, ours, venues, resolution, resolved, batch
    )


def external(report: ExecutionReport, size: int) -> Signal:
    """The signal that an order would have come from, of one that the venue has and we never
    sent."""
    return Signal(
        account=report.account,
        strategy="external",
        signal_id=f"external-{report.cl_ord_id}",
        instrument=report.instrument,
        ts_event=report.ts_event,
        side=report.side,
        ord_type=OrdType.LIMIT if report.price else OrdType.MARKET,
        time_in_force=TimeInForce.GTC,
        price=report.price,
        size=size,
        price_scale=report.price_scale,
        size_scale=report.size_scale,
        target=None,
        probability=float("nan"),
        reason="the venue has it; it was not sent from here",
    )
