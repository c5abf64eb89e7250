"""A desk for tests: one stage, a market that shows what it is told, and a gate and venue that do
what a script says of every child."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np

from schemas.enums import (
    CommandAction,
    ExecType,
    Liquidity,
    OrdStatus,
    OrdType,
    Side,
    StatusKind,
    TimeInForce,
)
from schemas.execution import ApprovedOrder, CancelRequest
from schemas.frames import BAR, BOOK, Bars, Books, TapeFrame
from schemas.inbox import ExecutionReport, OrderCommand, Signal
from schemas.ledger import Decision, Fill, OrderUpdate
from schemas.records import Clock, Status
from streams.operator import Operator
from streams.operators.execution.adaptive import Adaptive
from streams.operators.execution.algos import Algos, AlgosConfig
from streams.operators.execution.iceberg import Iceberg
from streams.operators.execution.params import Terms
from streams.operators.execution.pov import Pov
from streams.operators.execution.shortfall import Shortfall
from streams.operators.execution.slicing import Algorithm
from streams.operators.execution.twap import Twap
from streams.operators.execution.vwap import Vwap

S = 10**9
T0 = 20_000 * 86_400 * S  # midnight UTC
NAME = "X:Y"
ALGORITHMS: dict[str, Algorithm] = {
    "twap": Twap(),
    "vwap": Vwap(),
    "pov": Pov(),
    "iceberg": Iceberg(Decimal(10)),
    "is": Shortfall(),
    "adaptive": Adaptive(),
}
CONFIG = AlgosConfig(ALGORITHMS, "time:1s", Terms(duration_ns=10 * S))


def parent(algo: str, size: int = 100, price: int = 0, **params: Any) -> ApprovedOrder:
    """A buy in units and cents: a limit order where a price is given."""
    return ApprovedOrder(
        account="a",
        strategy="s",
        signal_id="p",
        cl_ord_id="c",
        instrument=NAME,
        ts_event=T0,
        side=Side.BUY,
        ord_type=OrdType.LIMIT if price else OrdType.MARKET,
        time_in_force=TimeInForce.GTC,
        price=price,
        size=size,
        price_scale=2,
        size_scale=0,
        key_id="",
        signature=b"",
        algo=algo,
        params={name: str(value) for name, value in params.items()},
    )


def cancel_of(order: ApprovedOrder, ts: int) -> CancelRequest:
    return CancelRequest(
        order.account, order.instrument, order.cl_ord_id, ts, "", "", b"", order.algo
    )


def book(
    bids: list[tuple[int, int]],
    asks: list[tuple[int, int]],
    ts: int = T0,
    name: str = NAME,
    scales: tuple[int, int] = (2, 0),
) -> TapeFrame:
    """One row of a tape; both sides have as many levels as the longer one."""
    levels = max(len(bids), len(asks), 1)
    bids, asks = ([*side, *[(0, 0)] * (levels - len(side))] for side in (bids, asks))
    columns = [[ts], [ts], [1], *zip(*bids, strict=True), *zip(*asks, strict=True)]
    books = Books(*(np.array(c, np.int64) for c in columns))
    return TapeFrame(name, *scales, levels, (), np.array([BOOK], np.uint8), books, _bars())


def bar(volume: int, ts: int, revision: int = 0) -> TapeFrame:
    """A bar of a second that begins at ``ts``."""
    values = [0, ts, ts + S, 1, 1, 1, 1, volume, volume, 0, 0, 0, 1, revision, 0]
    nothing = Books(*(np.empty(0, np.int64) for _ in Books._fields))
    kinds = np.array([BAR], np.uint8)
    return TapeFrame(NAME, 2, 0, 1, ("time:1s",), kinds, nothing, _bars(values))


def _bars(values: list[int] | None = None) -> Bars:
    row = [] if values is None else [[value] for value in values]
    return Bars(*(np.array(c, np.int64) for c in row or [[] for _ in Bars._fields]))


@dataclass
class Sent:
    """A child that is open at the venue."""

    signal: Signal
    cum: int = 0


class Desk:
    """``log`` is all that the stage said; ``filled`` what the venue filled, in all."""

    def __init__(self, operator: Operator | None = None) -> None:
        self.operator = operator or Algos(CONFIG)
        self.open: dict[str, Sent] = {}
        self.cancels: list[str] = []
        self.log: list[Any] = []
        self.filled = 0
        self.now = T0

    def tell(self, *messages: Any) -> list[Any]:
        """What the stage says to each."""
        said = [o.message for message in messages for o in self.operator.apply(message)]
        for message in said:
            match message:
                case Signal():
                    assert message.signal_id not in self.open
                    self.open[message.signal_id] = Sent(message)
                case OrderCommand():
                    assert message.action is CommandAction.CANCEL
                    self.cancels.append(message.signal_id)
        self.log += said
        return said

    def tick(self, seconds: float, key: str = NAME) -> list[Any]:
        """Time passes to so many seconds after the start."""
        self.now = T0 + int(seconds * S)
        return self.tell(Clock(key, self.now))

    def fill(self, name: str, size: int | None = None) -> None:
        """The venue fills a child, whole where no size is given."""
        sent = self.open[name]
        size = sent.signal.size - sent.cum if size is None else size
        sent.cum += size
        self.filled += size
        whole = sent.cum == sent.signal.size
        after = OrdStatus.FILLED if whole else OrdStatus.PARTIALLY_FILLED
        self.tell(self._fill(sent.signal, size), self._update(sent, OrdStatus.NEW, after))
        if whole:
            del self.open[name]

    def end(self, name: str, after: OrdStatus = OrdStatus.CANCELED) -> None:
        """A child is over without being filled any further."""
        sent = self.open.pop(name)
        self.tell(self._update(sent, OrdStatus.NEW, after))

    def refuse(self, name: str) -> None:
        """The gate refuses a child."""
        signal = self.open.pop(name).signal
        words = ("size", "1", "2", "")
        self.tell(Decision("a", "s", name, "c" + name, signal.instrument, self.now, False, *words))

    def settle(self) -> None:
        """What takes is filled whole, what was asked to go goes."""
        for name in self.cancels:
            if name in self.open:
                self.end(name)
        self.cancels = []
        for name in [n for n, s in self.open.items() if s.signal.time_in_force == "IOC"]:
            self.fill(name)

    def halt(self, kind: StatusKind) -> None:
        self.tell(Status(NAME, self.now, self.now, kind, ""))

    @property
    def children(self) -> list[Signal]:
        return [m for m in self.log if isinstance(m, Signal)]

    @property
    def reports(self) -> list[ExecutionReport]:
        return [m for m in self.log if isinstance(m, ExecutionReport)]

    @property
    def end_report(self) -> ExecutionReport | None:
        """The one final report, if it came."""
        last = [r for r in self.reports if r.exec_type is not ExecType.NEW]
        assert len(last) <= 1
        return last[0] if last else None

    def _update(self, sent: Sent, before: OrdStatus, after: OrdStatus) -> OrderUpdate:
        s, leaves = sent.signal, sent.signal.size - sent.cum
        names = ("a", "s", s.signal_id, "c" + s.signal_id, s.instrument)
        return OrderUpdate(
            *names, self.now, before, after, "", sent.cum, leaves, s.size_scale, "", ""
        )

    def _fill(self, s: Signal, size: int) -> Fill:
        names = ("a", "s", s.signal_id, "c" + s.signal_id, f"e{self.filled}", s.instrument)
        scales = (s.price_scale, s.size_scale, Decimal(0), Liquidity.TAKER, Decimal(0))
        return Fill(*names, self.now, s.side, s.price, size, *scales)


def at_work(order: ApprovedOrder, depth: int = 1000) -> Desk:
    """A desk with a book of 99.00 to 101.00 that works an order."""
    desk = Desk()
    desk.tell(book([(9900, depth), (9890, depth)], [(10100, depth), (10110, depth)]))
    desk.tell(order)
    return desk


def sold(order: ApprovedOrder) -> ApprovedOrder:
    return replace(order, side=Side.SELL)
