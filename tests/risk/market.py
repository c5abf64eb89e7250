"""Marks, signals and a venue's reports, for any account; prices with two decimals, sizes none."""

from decimal import Decimal

from schemas.enums import ExecType, Liquidity, OrdType, Side, TimeInForce
from schemas.execution import ApprovedOrder
from schemas.inbox import ExecutionReport, Mark, Signal
from streams.operators.risk.desk import client_order_id


def mark(account: str, instrument: str, ts: int, bid: int) -> Mark:
    return Mark(account, instrument, ts, bid, bid + 2, 2)


def signal(account: str, name: str, instrument: str, ts: int, side: Side, size: int) -> Signal:
    """At the market."""
    return Signal(
        account=account,
        strategy="s",
        signal_id=name,
        instrument=instrument,
        ts_event=ts,
        side=side,
        ord_type=OrdType.MARKET,
        time_in_force=TimeInForce.IOC,
        price=0,
        size=size,
        price_scale=2,
        size_scale=0,
        target=None,
        probability=0.5,
        reason="",
    )


def report(
    order: ApprovedOrder | Signal, what: ExecType, ts: int, size: int = 0, price: int = 10_000
) -> ExecutionReport:
    """Of an order; ``size`` and ``price`` of a trade."""
    order_id = client_order_id(order.account, order.signal_id)
    trade = what is ExecType.TRADE
    return ExecutionReport(
        account=order.account,
        instrument=order.instrument,
        cl_ord_id=order_id,
        exec_id=f"{order_id}-{what}",
        ts_event=ts,
        exec_type=what,
        side=order.side,
        last_price=price if trade else 0,
        last_size=size,
        cum_size=size,
        leaves_size=order.size - size,
        price_scale=2,
        size_scale=0,
        fee=Decimal("0.01") if trade else Decimal(0),
        liquidity=Liquidity.TAKER if trade else Liquidity.NONE,
        text="",
    )
