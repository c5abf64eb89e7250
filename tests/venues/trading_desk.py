"""What the order-entry tests share: a log in memory, signed approvals, an adapter that runs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import time_ns
from typing import Any

from connectors.trading.adapter import Adapter, AdapterConfig
from connectors.trading.budgets import MAIN, Budgets
from connectors.trading.session import OrderSession
from schemas.codec import Codec, Message
from schemas.enums import ExecType, OrdType, Side, TimeInForce
from schemas.execution import ApprovedOrder, CancelRequest, ReplaceRequest, Signed
from schemas.inbox import ExecutionReport
from schemas.records import Snapshot
from streams.cause import Cause, Taken
from streams.log import LogRecord
from streams.operators.risk.signing import SigningKey
from tests.signed import sign

ACCOUNT = "desk"
KEY = SigningKey("test", b"a key for tests")
MS = 10**6


@dataclass
class Log:
    """``execution`` and ``orders`` in memory, and the adapter's snapshots; it outlives adapters."""

    codec: Codec = field(default_factory=Codec)
    approvals: list[LogRecord] = field(default_factory=list)
    written: list[tuple[str, bytes, Cause]] = field(default_factory=list)
    saved: Snapshot | None = None
    partition: int = 0
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def approve(self, message: Any, forged: bool = False, cause: Cause | None = None) -> None:
        value = self.codec.encode(message if forged else sign(message, KEY))
        record = LogRecord("execution", 0, len(self.approvals), message.account, value, cause)
        self.approvals.append(record)
        self._more.set()

    def end(self) -> int:
        return len(self.approvals)

    async def records(self, start: int) -> AsyncIterator[LogRecord]:
        at = start
        while True:
            while at < len(self.approvals):
                yield self.approvals[at]
                at += 1
            self._more.clear()
            await self._more.wait()

    def send(self, topic: str, key: str, value: bytes, cause: Cause) -> None:
        self.written.append((topic, value, cause))

    def flush(self) -> None:
        """Written already."""

    def load(self, topic: str, partition: int) -> Snapshot | None:
        return self.saved

    def save(self, *newest: tuple[str, Snapshot]) -> None:
        ((_, self.saved),) = newest

    def messages(self, topic: str = "orders") -> list[Message]:
        """As a reader takes them: duplicates by cause dropped."""
        taken = Taken()
        return [
            self.codec.decode(value)
            for name, value, cause in self.written
            if name == topic and taken.is_new(cause)
        ]

    def reports(self, cl_ord_id: str = "") -> list[ExecutionReport]:
        """As the gate takes them: by cause, then by exec id."""
        seen: dict[str, ExecutionReport] = {}
        for message in self.messages():
            if isinstance(message, ExecutionReport) and message.exec_type is not ExecType.STATUS:
                seen.setdefault(message.exec_id, message)
        return [r for r in seen.values() if cl_ord_id in ("", r.cl_ord_id)]

    def kinds(self, cl_ord_id: str) -> list[str]:
        return [str(r.exec_type) for r in self.reports(cl_ord_id)]

    def filled(self, cl_ord_id: str = "") -> int:
        return sum(r.last_size for r in self.reports(cl_ord_id))


def order(
    name: str, instrument: str, size: int, ord_type: OrdType = OrdType.MARKET, **more: Any
) -> ApprovedOrder:
    values: dict[str, Any] = {
        "side": Side.BUY,
        "time_in_force": TimeInForce.DAY,
        "price": 0,
        "price_scale": 2,
        "size_scale": 0,
        "ts_event": time_ns(),
    }
    return ApprovedOrder(
        account=ACCOUNT,
        strategy="test",
        signal_id=name,
        cl_ord_id=name,
        instrument=instrument,
        ord_type=ord_type,
        size=size,
        key_id="",
        signature=b"",
        **(values | more),
    )


def cancel(name: str, instrument: str) -> CancelRequest:
    return CancelRequest(ACCOUNT, instrument, name, time_ns(), "test", "", b"")


def replace(name: str, instrument: str, revision: int, price: int, size: int) -> Signed:
    return ReplaceRequest(
        account=ACCOUNT,
        instrument=instrument,
        cl_ord_id=name,
        ts_event=time_ns(),
        revision=revision,
        price=price,
        size=size,
        stop_price=0,
        price_scale=2,
        size_scale=0,
        reason="test",
        key_id="",
        signature=b"",
    )


def adapter(session: OrderSession, log: Log, **config: Any) -> Adapter:
    values: dict[str, Any] = {
        "max_age_ns": 5_000 * MS,
        "reconcile_ns": 300 * MS,
        "grace_ns": 50 * MS,
        "snapshot_ns": 30 * MS,
        "timeout_s": 0.3,
    }
    made = AdapterConfig(account=ACCOUNT, key=KEY, **(values | config))
    return Adapter(made, session, log, log, log.codec, log, Budgets({MAIN: (1000, 1.0)}))


@asynccontextmanager
async def running(session: OrderSession, log: Log, **config: Any) -> AsyncIterator[Adapter]:
    """An adapter that has reconciled once; at the end it is stopped as by SIGKILL: whatever it had
    not saved is gone."""
    made = adapter(session, log, **config)
    task = asyncio.create_task(made.run())
    await until(lambda: task.done() or made.reconciler.batches > 0)
    if task.done():
        task.result()
    try:
        yield made
    finally:
        saved = log.saved
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        log.saved = saved


async def until(condition: Callable[[], bool]) -> None:
    """Raises TimeoutError after longer than a busy machine takes to start a process."""
    async with asyncio.timeout(120):
        while not condition():  # noqa: ASYNC110  # conditions are plain
            await asyncio.sleep(0.005)
