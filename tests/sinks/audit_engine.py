"""A day of an account through the gate into an embedded ClickHouse, and the auditor's queries.

python -m tests.sinks.audit_engine FOLDER      prints JSON; a process of its own, as chDB wants
"""

import json
import random
import re
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from schemas.enums import CommandAction, ExecType, Side, TradingState
from schemas.execution import ApprovedOrder
from schemas.inbox import KillSwitch, LimitChange, Signal
from sinks.clickhouse.writer import ClickHouseWriter
from streams.cause import Cause
from streams.log import LogRecord
from streams.operators.risk.breakers import BreakerRule
from streams.operators.risk.instruments import Instrument
from streams.operators.risk.stops import StopRule
from streams.operators.risk.stress import Scenario, Scope, Shock
from streams.operators.risk.tail_watch import VarRule
from streams.operators.risk.var import VarConfig
from tests.risk.desk import SECOND, Desk, limits

PAGE = Path(__file__).parent.parent.parent / "docs" / "how-to" / "audit-orders.md"
CHECKS, ORDERS, LIMITS, REDUCES = 0, 1, 2, 3  # the page's queries, in its order
BUY, SELL = Side.BUY, Side.SELL


def queries() -> list[str]:
    return re.findall(r"^```sql\n(.*?)^```$", PAGE.read_text(), re.M | re.S)


class Day(Desk):
    """Keeps what topics would."""

    def __init__(self) -> None:
        self.log: list[tuple[str, Any]] = []
        super().__init__(
            limits(
                max_order_size=6,
                max_position=8,
                max_short=5,
                max_gross_notional=900,
                max_net_notional=850,
                max_leverage="0.9",
                max_drawdown=150,
                daily_loss=120,
                price_collar="0.05",
                order_rate=50,
                max_open_orders=12,
                duplicate_window="0.0005",
                max_var=1000,
                max_stress_loss=90,
            ),
            {
                "strategy.s": limits(max_position=7),
                "instrument.X:Y": limits(max_order_notional=700),
            },
            {"X:Y": Instrument(tick=Decimal("0.01"), lot=Decimal(1), min_notional=Decimal(50))},
            capital=Decimal(1000),
            stops=(StopRule("static", "static", distance=Decimal("0.03")),),
            breakers=(
                BreakerRule(
                    "loss", "loss", Decimal(60), 5 * SECOND, TradingState.REDUCE_ONLY, 3 * SECOND
                ),
            ),
            var=VarRule(VarConfig(), SECOND // 500, 50, 5),
            stress=(Scenario("fall", (Shock(Scope.ALL, price=-0.1),)),),
        )

    def send(self, message: Any) -> list[Any]:
        self.log.append(("orders", message))
        outputs = self.gate.apply(message)
        self.log += [(output.topic, output.message) for output in outputs]
        return [output.message for output in outputs]


def lived(seed: int, steps: int) -> Day:
    """Orders, fills, cancels, changes of orders and limits, a kill switch: whatever comes."""
    rng, day, price = random.Random(seed), Day(), 100.0
    open_: list[ApprovedOrder] = []
    for _ in range(steps):
        price *= 1 + rng.uniform(-0.006, 0.006)
        made = list(day.mark(price - 0.5, price + 0.5))
        made += _step(day, rng, round(price * 100), open_)
        if rng.random() < 0.1:
            made += day.clock(1.0)
        open_ += [m for m in made if isinstance(m, ApprovedOrder)]
    return day


def _step(day: Day, rng: random.Random, price: int, open_: list[ApprovedOrder]) -> list[Any]:
    what = rng.random()
    if day.gate.accounts["a"].killed and what < 0.4:
        return day.send(KillSwitch("a", day.ts, False, "ada", ""))
    if what < 0.45 or not open_:
        side, size = rng.choice((BUY, SELL)), rng.randint(1, 7)
        change: dict[str, Any] = {"price": price + rng.randint(-300, 300)}
        return day.send(day.signal(size, side, **(change if rng.random() < 0.6 else {})))
    if what < 0.85:
        order = open_.pop(rng.randrange(len(open_)))
        return day.report(order, ExecType.TRADE, order.size, price / 100)
    if what < 0.88:
        order = open_[rng.randrange(len(open_))]
        day.report(order, ExecType.NEW)
        size = rng.randint(1, 9)
        return day.command(CommandAction.REPLACE, order.signal_id, size=size, price=price)
    if what < 0.95:
        return day.report(open_.pop(), ExecType.CANCELED)
    if what < 0.97:
        changes = (("max_position", "6"), ("max_position", "8"), ("daily_loss", "90"))
        name, value = rng.choice(changes)
        return day.send(LimitChange("a", day.ts, name, value, "ada", "because"))
    return day.send(KillSwitch("a", day.ts, True, "ada", "", rng.random() < 0.5))


def store(writer: ClickHouseWriter, days: list[Day]) -> None:
    """Each day is an account of its own; what it writes lies where the topics would have it."""
    ends: dict[str, int] = {}
    for n, day in enumerate(days):
        for topic, message in day.log:
            offset = ends[topic] = ends.get(topic, -1) + 1
            record = LogRecord(topic, 0, offset, "a", b"", Cause("gate", "orders/0", offset, 0))
            writer.add(record, _of(message, f"a{n}"))
    writer.flush()


def _of(message: Any, account: str) -> Any:
    return replace(message, account=account) if hasattr(message, "account") else message


# what nobody may find in a ledger: (rules, limits, values) of an approved order
_BROKEN = (
    (["max_order_size"], ["5"], ["5.000000000000000001"]),
    (["strategy.s.max_position"], ["7"], ["8"]),
    (["instrument.X:Y.Z.max_order_notional"], ["7"], ["8"]),
    (["max_leverage"], ["1"], ["Infinity"]),
    (["max_var"], ["1000"], ["nan"]),
    (["max_var"], ["1000"], ["1.1e+06"]),
    (["max_stress_loss"], ["1000"], ["Infinity"]),
    (["kill_switch"], ["released"], ["engaged"]),
    (["trading_state"], ["NORMAL"], ["HALTED"]),
    (["tick_size"], ["0.01"], ["1.005"]),
    (["min_notional"], ["5"], ["4.99"]),
    (["duplicate_window"], ["1"], ["0.5"]),
    (["some_new_limit"], ["1"], ["2"]),
    (["reduces", "order_rate"], ["nothing", "10"], ["reduces", "11"]),
)
# a query of the page, and what is inserted for it to find
FORGED: tuple[tuple[int, tuple[str, ...]], ...] = (
    (ORDERS, ("orders (account, cl_ord_id, event) VALUES ('a', 'x', 'APPROVED')",)),
    *(
        (
            LIMITS,
            (
                "decisions (account, cl_ord_id, approved, rules, limits, values) "
                f"VALUES ('a', 'x{n}', true, {rules}, {limits_}, {values})",
            ),
        )
        for n, (rules, limits_, values) in enumerate(_BROKEN)
    ),
    (
        REDUCES,
        (
            "decisions (account, cl_ord_id, instrument, approved, request, rules, limits, values, "
            "offset) VALUES ('b', 'y', 'X:Y', true, 'NEW', ['reduces'], ['none'], ['reduces'], 9)",
            "orders (account, cl_ord_id, event, side, size) "
            "VALUES ('b', 'y', 'APPROVED', 'SELL', 5)",
            "positions (account, instrument, quantity, offset) VALUES ('b', 'X:Y', 4, 8)",
        ),
    ),
)


def main() -> None:
    writer = ClickHouseWriter(f"embedded:{sys.argv[1]}")
    days = [lived(seed, 80) for seed in range(25)]
    store(writer, days)
    asked = [writer.client.query(query) for query in queries()]
    decided = "SELECT uniqExact(account, cl_ord_id), countIf(approved), countIf(NOT approved), "
    decided += "countIf(approved AND has(rules, 'reduces')), uniqExactIf(rule, NOT approved) "
    facts = {
        "signals": sum(isinstance(m, Signal) for day in days for _, m in day.log),
        "decisions": writer.client.query(f"{decided} FROM tickstream.decisions").result_rows[0],
        "rows": [answer.row_count for answer in asked],
        "first": [[str(row) for row in answer.result_rows[:3]] for answer in asked],
        "forged": [],
    }
    for which, forgery in FORGED:
        before = writer.client.query(queries()[which]).row_count
        for rows in forgery:
            writer.client.command(f"INSERT INTO tickstream.{rows}")
        facts["forged"].append(writer.client.query(queries()[which]).row_count - before)
    print(json.dumps(facts))
    writer.close()


if __name__ == "__main__":
    main()
