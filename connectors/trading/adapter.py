"""One account at its venue: the only driver, whatever the venue.

Approvals of an instrument go out one after the other, those of several instruments side by side.
The state (orders, what was told, the next offset) is a snapshot on a compacted topic, saved after
all that it holds was written: whoever starts next takes up from there, looks up every approval
that may have been sent, and reconciles before it sends anything.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from connectors.trading.budgets import Budgets
from connectors.trading.execution_log import ExecutionLog
from connectors.trading.follower import Follower
from connectors.trading.journal import Journal
from connectors.trading.order_flow import Item, OrderFlow
from connectors.trading.progress import Progress
from connectors.trading.reconcile import Outcome, Reconciler
from connectors.trading.sender import Sender
from connectors.trading.session import OrderSession
from connectors.trading.stream import OrderStream
from schemas.codec import Codec, CodecError
from schemas.execution import ApprovedOrder, CancelRequest, ReplaceRequest, Signed
from schemas.records import Snapshot
from streams import canonical
from streams.log import LogRecord, Writer
from streams.operators.risk.signing import SigningKey
from streams.snapshots import SnapshotStore

_AGAIN_S = 2.0  # to the next reconciliation after one that told nothing


@dataclass(frozen=True, slots=True)
class AdapterConfig:
    """Times in ns but for ``timeout_s``, after which an answer counts as lost."""

    account: str
    key: SigningKey
    max_age_ns: int
    reconcile_ns: int
    grace_ns: int
    snapshot_ns: int
    timeout_s: float


class Adapter:
    """``budgets`` are the venue's."""

    def __init__(
        self,
        config: AdapterConfig,
        session: OrderSession,
        log: ExecutionLog,
        writer: Writer,
        codec: Codec,
        store: SnapshotStore,
        budgets: Budgets,
        now_ns: Callable[[], int] = time.time_ns,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._config, self.session, self._log = config, session, log
        self._codec, self._store, self._now_ns = codec, store, now_ns
        self._http = httpx.AsyncClient(timeout=config.timeout_s)
        self._reconcile_now = asyncio.Event()
        self._may_send, self._caught_up = asyncio.Event(), asyncio.Event()
        self._saved: tuple[int, int, int] | None = None  # what the last snapshot was made of
        self._queues: dict[str, asyncio.Queue[Item]] = {}
        since = self._take_up()
        self.journal = Journal(writer, codec, config.account, session.venue.lower(), self.run_id)
        self.sender = Sender(session, self._http, budgets, now_ns)
        self.follower = Follower(self.sender, self.journal)
        self.flow = OrderFlow(
            session, self.sender, self.journal, self.follower, config.key, config.max_age_ns, now_ns
        )
        self.reconciler = Reconciler(
            session,
            self.sender,
            self.journal,
            config.grace_ns,
            since,
            lambda: self.progress.oldest,
            lambda: self.progress.newest,
            now_ns,
        )
        self.stream = OrderStream(
            session,
            self.sender,
            self.journal,
            self.follower,
            self._reconcile_now.set,
            now_ns,
            say,
        )

    @property
    def topic(self) -> str:
        return state_topic(self._config.account)

    def _take_up(self) -> int:
        """The snapshot's state; returns from when on fills are asked for."""
        snapshot = self._store.load(self.topic, self._log.partition)
        state = canonical.unpack(snapshot.state) if snapshot else {}
        self.progress = Progress()
        self.run_id = max(state.get("run", 0) + 1, self._now_ns() // 10**9)
        if snapshot:
            self.progress = Progress.unpack(snapshot.next_offset, state["progress"])
            self.session.tracker.unpack(state["tracker"])
        return int(state.get("since", self._now_ns()))

    async def run(self) -> None:
        """Until it is cancelled; raises VenueRefuses, LogError."""
        self._sent_before = self._log.end()
        await self._save()
        try:
            async with self._http, asyncio.TaskGroup() as tasks:
                for part in (
                    self._listen(),
                    self.follower.run(),
                    self._keep_reconciled(),
                    self._keep_saved(),
                    self._read(tasks),
                ):
                    tasks.create_task(part)
        finally:
            await self._save()

    async def _listen(self) -> None:
        """Once the orders that may be at the venue are known here: they are not strangers."""
        await self._caught_up.wait()
        await self.stream.run()

    async def _read(self, tasks: asyncio.TaskGroup) -> None:
        if self.progress.next_offset >= self._sent_before:
            self._caught_up.set()
        async for record in self._log.records(self.progress.next_offset):
            before = self.progress.taken
            if self.progress.is_new(record) and (message := self._message(record)):
                self.progress.wait_for(record, message.ts_event, before)
                self._queue(record, message, tasks)
            if record.offset + 1 >= self._sent_before:
                self._caught_up.set()

    def _queue(self, record: LogRecord, message: Signed, tasks: asyncio.TaskGroup) -> None:
        self.flow.remember(message)
        queue = self._queues.get(message.instrument)
        if queue is None:
            queue = self._queues[message.instrument] = asyncio.Queue()
            tasks.create_task(self._work(queue))
        queue.put_nowait(Item(record, message, record.offset < self._sent_before))

    def _message(self, record: LogRecord) -> Signed | None:
        """An approval of this account; what cannot be read is the gate's and the router's to
        report."""
        if record.key != self._config.account:
            return None
        try:
            message = self._codec.decode(record.value)
        except CodecError:
            return None
        if not isinstance(message, ApprovedOrder | CancelRequest | ReplaceRequest):
            return None
        return message if message.account == self._config.account else None

    async def _work(self, queue: asyncio.Queue[Item]) -> None:
        """The approvals of one instrument, in their order."""
        await self._may_send.wait()
        while True:
            item = await queue.get()
            await self.flow.take(item)
            self.progress.answered(item.record.offset)

    async def _keep_reconciled(self) -> None:
        """When the stream begins to tell, and again and again; nothing is sent before the first."""
        await self._reconcile_now.wait()
        while True:
            self._reconcile_now.clear()
            outcome = await self.reconciler.once()
            if outcome is not Outcome.FAILED:
                self._may_send.set()
            every = self._config.reconcile_ns / 1e9
            await self._wait(every if outcome is Outcome.TOLD else min(every, _AGAIN_S))

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._reconcile_now.wait()
        except TimeoutError:
            return

    async def _keep_saved(self) -> None:
        while True:
            await asyncio.sleep(self._config.snapshot_ns / 1e9)
            await self._save()

    async def _save(self) -> None:
        state_now = (self.session.tracker.changes, self.progress.done_to, self.reconciler.since)
        if state_now == self._saved:
            return
        self._saved = state_now
        state = {
            "run": self.run_id,
            "since": self.reconciler.since,
            "progress": self.progress.pack(),
            "tracker": self.session.tracker.pack(),
        }
        name, partition = f"trade.{self._config.account}", self._log.partition
        packed = canonical.pack(state)
        snapshot = Snapshot(name, partition, self.progress.done_to, {}, packed)
        await asyncio.to_thread(self._store.save, (self.topic, snapshot))


def state_topic(account: str) -> str:
    """Where an account's adapter keeps its snapshots."""
    return f"trade.{account}.state"
