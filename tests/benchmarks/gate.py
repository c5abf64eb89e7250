"""The risk gate: a decision in the operator, and orders a second through decide, acknowledge, fill;
for an account that trades one instrument and one that trades fifty."""

import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np

from config.keys import REPLAY_KEY
from schemas.enums import ExecType, Liquidity, OrdType, Side, TimeInForce
from schemas.execution import ApprovedOrder
from schemas.inbox import ExecutionReport, Mark, Signal
from streams.operators.risk.config import AccountConfig
from streams.operators.risk.gate import Gate, GateConfig
from streams.operators.risk.limits import Limits, LimitTree

_LIMITS = Limits(
    max_order_size=Decimal(100),
    max_order_notional=Decimal(10**6),
    price_collar=Decimal("0.05"),
    max_slippage=Decimal("0.05"),
    order_rate=Decimal(10**6),
    message_rate=Decimal(10**6),
    max_position=Decimal(10**6),
    max_open_orders=Decimal(10**4),
    max_gross_notional=Decimal(10**12),
    max_net_notional=Decimal(10**12),
    max_leverage=Decimal(10**6),
    max_concentration=Decimal(10**6),
    max_margin=Decimal(10**6),
    daily_loss=Decimal(10**9),
    max_drawdown=Decimal(10**9),
    max_mark_age=Decimal(10**9),
)
_ORDERS = 5000


def run() -> dict[str, Any]:
    return {f"instruments_{n}": _measured(n) for n in (1, 50)}


def _measured(instruments: int) -> dict[str, Any]:
    gate = Gate(
        GateConfig({"a": AccountConfig(LimitTree(_LIMITS), capital=Decimal(10**9))}, REPLAY_KEY)
    )
    names = [f"X:{n}" for n in range(instruments)]
    for name in names:
        gate.apply(Mark("a", name, 1, 9_990, 10_010, 2))
    signal = Signal(
        "a", "s", "", "", 2, Side.BUY, OrdType.MARKET, TimeInForce.IOC, 0, 5, 2, 0, None, 0.5, ""
    )
    decided = []
    began = time.thread_time()
    for n in range(_ORDERS):
        name, side = names[n % instruments], (Side.BUY, Side.SELL)[n // instruments % 2]
        asked = replace(signal, signal_id=str(n), instrument=name, side=side, ts_event=n * 10**6)
        start = time.thread_time_ns()
        made = gate.apply(asked)
        decided.append(time.thread_time_ns() - start)
        (order,) = (o.message for o in made if isinstance(o.message, ApprovedOrder))
        for report in _reports(order, n * 10**6):
            gate.apply(report)
    seconds = time.thread_time() - began
    p50, p99 = np.percentile(decided, (50, 99)) / 1000
    return {
        "decision_p50_us": round(float(p50), 1),
        "decision_p99_us": round(float(p99), 1),
        "orders_a_second": round(_ORDERS / seconds),
    }


def _reports(order: ApprovedOrder, ts: int) -> list[ExecutionReport]:
    new = ExecutionReport(
        account="a",
        instrument=order.instrument,
        cl_ord_id=order.cl_ord_id,
        exec_id=f"{order.cl_ord_id}-1",
        ts_event=ts,
        exec_type=ExecType.NEW,
        side=order.side,
        last_price=0,
        last_size=0,
        cum_size=0,
        leaves_size=order.size,
        price_scale=2,
        size_scale=0,
        fee=Decimal(0),
        liquidity=Liquidity.NONE,
        text="",
    )
    trade = replace(
        new,
        exec_id=f"{order.cl_ord_id}-2",
        exec_type=ExecType.TRADE,
        last_price=10_000,
        last_size=order.size,
        cum_size=order.size,
        leaves_size=0,
        fee=Decimal("0.01"),
        liquidity=Liquidity.TAKER,
    )
    return [new, trade]
