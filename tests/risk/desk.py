"""A gate with one account and a venue that answers as it is told: what the tests of risk share."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

from config.keys import REPLAY_KEY
from schemas.enums import ExecType, Liquidity, MarketState, OrdType, Side, TimeInForce
from schemas.execution import ApprovedOrder, CancelRequest, ReplaceRequest
from schemas.inbox import ExecutionReport, Mark, OrderCommand, Signal
from schemas.ledger import Decision, OrderUpdate
from schemas.records import Clock
from streams.operators.risk.account import WHOLE
from streams.operators.risk.config import AccountConfig
from streams.operators.risk.gate import Gate, GateConfig
from streams.operators.risk.instruments import Instrument, Reference
from streams.operators.risk.limits import Limits, LimitTree

SECOND = 10**9
Found = TypeVar("Found")


def limits(**values: Any) -> Limits:
    return Limits(**{name: Decimal(str(value)) for name, value in values.items()})


class Desk:
    """Time is counted in seconds; prices have two decimals, sizes none."""

    def __init__(
        self,
        account: Limits | None = None,
        scoped: dict[str, Limits] | None = None,
        reference: dict[str, Instrument] | None = None,
        **config: Any,
    ) -> None:
        tree = LimitTree(account or Limits(), scoped or {})
        self.config = GateConfig(
            {"a": AccountConfig(tree, **config)},
            REPLAY_KEY,
            Reference(tuple((reference or {}).items())),
        )
        self.gate = Gate(self.config)
        self.now, self._n = 1.0, 0
        self.said: list[Any] = []

    def send(self, message: Any) -> list[Any]:
        """Folds a message; snapshots and restores on the way: every test is one of that too."""
        made = [o.message for o in self.gate.apply(message) if o.topic != "ticks"]
        fresh = Gate(self.config)
        fresh.restore(self.gate.snapshot())
        assert fresh.snapshot() == self.gate.snapshot()
        self.gate = fresh
        self.said += made
        return made

    @property
    def ts(self) -> int:
        return int(self.now * SECOND)

    def mark(
        self,
        bid: float = 99.0,
        ask: float = 101.0,
        instrument: str = "X:Y",
        state: MarketState = MarketState.TRADING,
        **more: Any,
    ) -> list[Any]:
        self.now += 0.001
        prices = round(bid * 100), round(ask * 100)
        return self.send(Mark("a", instrument, self.ts, *prices, 2, state=state, **more))

    def clock(self, seconds: float = 1.0) -> list[Any]:
        self.now += seconds
        return self.send(Clock("a", self.ts))

    def signal(self, size: int = 1, side: Side = Side.BUY, **change: Any) -> Signal:
        self._n += 1
        self.now += 0.001
        base = Signal(
            "a",
            "s",
            f"id{self._n}",
            "X:Y",
            self.ts,
            side,
            OrdType.MARKET,
            TimeInForce.IOC,
            0,
            size,
            2,
            0,
            None,
            0.5,
            "",
        )
        if "price" in change:
            change.setdefault("ord_type", OrdType.LIMIT)
            change.setdefault("time_in_force", TimeInForce.GTC)
        return replace(base, **change)

    def ask(self, size: int = 1, side: Side = Side.BUY, **change: Any) -> Decision:
        """The decision on a signal."""
        return one(self.send(self.signal(size, side, **change)), Decision)

    def order(self, size: int = 1, side: Side = Side.BUY, **change: Any) -> ApprovedOrder:
        """An order that must be approved."""
        return one(self.send(self.signal(size, side, **change)), ApprovedOrder)

    def report(
        self, order: Any, what: ExecType, size: int = 0, price: float = 100.0, **change: Any
    ) -> list[Any]:
        self._n += 1
        self.now += 0.001
        base = ExecutionReport(
            account="a",
            instrument=order.instrument,
            cl_ord_id=order.cl_ord_id,
            exec_id=f"e{self._n}",
            ts_event=self.ts,
            exec_type=what,
            side=getattr(order, "side", Side.BUY),
            last_price=round(price * 100),
            last_size=size,
            cum_size=size,
            leaves_size=0,
            price_scale=2,
            size_scale=0,
            fee=Decimal(0),
            liquidity=Liquidity.TAKER,
            text="",
        )
        return self.send(replace(base, **change))

    def fill(self, order: Any, size: int | None = None, price: float = 100.0) -> list[Any]:
        return self.report(order, ExecType.TRADE, order.size if size is None else size, price)

    def command(self, action: Any, signal_id: str = "", **change: Any) -> list[Any]:
        self._n += 1
        base = OrderCommand(
            "a", f"c{self._n}", self.ts, action, signal_id, "", "", 0, 0, 0, 2, 0, "me", "asked"
        )
        return self.send(replace(base, **change))

    def position(self, instrument: str = "X:Y", strategy: str = WHOLE) -> int:
        line = self.gate.accounts["a"].lines.get((strategy, instrument))
        return line.position if line else 0

    def states(self, order: Any) -> list[str]:
        """The states that an order went through."""
        return [
            str(entry.after)
            for entry in self.said
            if isinstance(entry, OrderUpdate) and entry.cl_ord_id == order.cl_ord_id
        ]


def of(messages: list[Any], kind: type[Found]) -> Iterator[Found]:
    return (message for message in messages if isinstance(message, kind))


def one(messages: list[Any], kind: type[Found]) -> Found:
    (found,) = of(messages, kind)
    return found


def sent(messages: list[Any]) -> list[Any]:
    """What goes to the venue."""
    return [m for m in messages if isinstance(m, ApprovedOrder | CancelRequest | ReplaceRequest)]
