"""The risk gate: a decision in the operator, and orders a second through decide, acknowledge, fill;
for an account that trades one instrument, one that trades fifty, and one with a limit on
the loss in nine scenarios."""

import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np

from config.keys import REPLAY_KEY
from console.garbage import keep_what_is_loaded
from schemas.enums import ExecType, Side
from schemas.execution import ApprovedOrder
from schemas.inbox import ExecutionReport, Signal
from streams.operators.risk.config import AccountConfig
from streams.operators.risk.gate import Gate, GateConfig
from streams.operators.risk.limits import Limits, LimitTree
from streams.operators.risk.stress import Scenario, Scope, Shock
from tests.risk.market import mark, report, signal

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
_SCENARIOS = tuple(
    Scenario(f"{n} %", (Shock(Scope.ALL, price=n / 100),)) for n in range(-40, 50, 10)
)
_ORDERS = 5000


def run() -> dict[str, Any]:
    plain = {f"instruments_{n}": _measured(n) for n in (1, 50)}
    return {**plain, "instruments_50_stress": _measured(50, _SCENARIOS)}


def _measured(instruments: int, stress: tuple[Scenario, ...] = ()) -> dict[str, Any]:
    limits = replace(_LIMITS, max_stress_loss=Decimal(10**9)) if stress else _LIMITS
    account = AccountConfig(LimitTree(limits), capital=Decimal(10**9), stress=stress)
    gate = Gate(GateConfig({"a": account}, REPLAY_KEY))
    names = [f"X:{n}" for n in range(instruments)]
    for name in names:
        gate.apply(mark("a", name, 1, 9_999))
    signals = [_signal(n, names) for n in range(_ORDERS)]
    told = [_reports(asked) for asked in signals]  # made before: only the gate is measured
    decided = []
    keep_what_is_loaded()  # as a worker does
    began = time.thread_time()
    for asked, reports in zip(signals, told, strict=True):
        start = time.thread_time_ns()
        made = gate.apply(asked)
        decided.append(time.thread_time_ns() - start)
        assert isinstance(made[0].message, ApprovedOrder)
        for answer in reports:
            gate.apply(answer)
    seconds = time.thread_time() - began
    p50, p99 = np.percentile(decided, (50, 99)) / 1000
    return {
        "decision_p50_us": round(float(p50), 1),
        "decision_p99_us": round(float(p99), 1),
        "orders_a_second": round(_ORDERS / seconds),
    }


def _signal(n: int, names: list[str]) -> Signal:
    side = (Side.BUY, Side.SELL)[n // len(names) % 2]
    return signal("a", str(n), names[n % len(names)], n * 10**6, side, 5)


def _reports(asked: Signal) -> list[ExecutionReport]:
    new = report(asked, ExecType.NEW, asked.ts_event)
    return [new, report(asked, ExecType.TRADE, asked.ts_event, asked.size)]
