"""A live session whose venue is known: a paper venue with parameters of its own, which says when an
order arrived, as live venues do. All records of it as a log holds them."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from connectors.batch import Batch
from connectors.events import DepthEvent, Instrument, TradeEvent
from console import recording
from console.recording import Recorded
from research.compare import session as sessions
from research.compare.comparison import Comparer, Comparison
from schemas.codec import Codec, Message
from schemas.enums import ExecType, OrdType, Side, TimeInForce
from schemas.execution import ApprovedOrder, CancelRequest, Signed
from schemas.frames import MarketFrame
from schemas.inbox import ExecutionReport, Mark
from schemas.records import Clock, Status
from streams.cause import Cause
from streams.log import LogRecord, Writer
from streams.operators.execution.router import paper_order
from streams.operators.paper_venue.latency import Latency
from streams.operators.paper_venue.terms import Terms
from streams.operators.paper_venue.venue import PaperVenue, PaperVenueConfig
from streams.operators.risk.instruments import Reference

ACCOUNT = "desk"
MS = 10**6
XBT = Instrument("SIM:XBTUSD", 1, 2)
# what the tests plant
PLANTED = PaperVenueConfig(
    terms=Terms(Decimal("0.0001"), Decimal("0.0004")),
    entry=Latency(40 * MS, "lognormal", sigma=Decimal("0.5")),
    queue_model="power",
    power=2,
)


@dataclass
class World:
    """``venue`` is how the live venue behaves; every step goes into the log as it happens."""

    venue: PaperVenueConfig = PLANTED
    log: dict[str, list[tuple[str, Message, str]]] = field(
        default_factory=lambda: {"ticks": [], "orders": [], "execution": []}
    )

    def __post_init__(self) -> None:
        self._venue = PaperVenue(self.venue)
        self._arrives: dict[str, int] = {}

    def market(self, record: MarketFrame | Clock | Status) -> list[ExecutionReport]:
        key = record.key if isinstance(record, Clock) else record.instrument
        self.log["ticks"].append((key, record, "connector.sim"))
        return self._told(record)

    def mark(self, mark: Mark) -> None:
        self.log["orders"].append((ACCOUNT, mark, "builder"))

    def send(self, message: Signed) -> list[ExecutionReport]:
        """An approval, on its way to the venue."""
        self.log["execution"].append((ACCOUNT, message, "gate"))
        if isinstance(message, ApprovedOrder):
            delay = self.venue.entry.draw(f"{message.cl_ord_id}>0")
            self._arrives[message.cl_ord_id] = message.ts_event + delay
        return self._told(paper_order(message))

    def _told(self, message: Any) -> list[ExecutionReport]:
        made = []
        for output in self._venue.apply(message):
            report = output.message
            if report.exec_type is ExecType.NEW:
                report = replace(report, ts_event=self._arrives[report.cl_ord_id])
            self.report(report)
            made.append(report)
        return made

    def report(self, report: ExecutionReport) -> None:
        """What the venue says of an order."""
        self.log["orders"].append((ACCOUNT, report, f"trade.{ACCOUNT}"))

    def records(self, topic: str) -> Iterable[tuple[str, Message, Cause]]:
        for n, (key, message, writer) in enumerate(self.log[topic]):
            yield key, message, Cause(writer, f"{writer}/0", n, 0)

    def publish(self, writer: Writer, codec: Codec) -> None:
        for topic in self.log:
            for key, message, cause in self.records(topic):
                writer.send(topic, key, codec.encode(message), cause)
        writer.flush()

    def save(self, folder: Path, codec: Codec) -> Path:
        """As ``tickstream record`` would write it, one partition a topic."""
        for topic in self.log:
            rows = enumerate(self.records(topic))
            items = (
                Recorded(LogRecord(topic, 0, n, key, codec.encode(message), cause), n)
                for n, (key, message, cause) in rows
            )
            recording.write_partition(folder, topic, 0, items)
        topics = {topic: {"0": len(rows)} for topic, rows in self.log.items()}
        recording.write_manifest(folder, {"topics": topics})
        return folder

    def compare(self, venue: PaperVenueConfig) -> Comparison:
        """Beside a paper venue."""
        configs = replace(operator_configs(load(environment={}), REPLAY_KEY), paper_venue=venue)
        inbox = [(writer, message) for _, message, writer in self.log["orders"]]
        approved = [message for _, message, _ in self.log["execution"]]
        session = sessions.read(ACCOUNT, Reference(), approved, inbox)

        def market_of(name: str) -> Any:
            return (m for key, m, _ in self.log["ticks"] if key == name)

        return Comparer(session, market_of, configs, Codec(), Reference()).compare()


@dataclass
class Queues:
    """A market of long queues: orders come, are cancelled and trade at the best few prices, and now
    and then a queue is gone and the price moves."""

    rng: random.Random
    now: int = 1_700_000_000 * 10**9
    seq: int = 1
    bids: dict[int, int] = field(default_factory=lambda: {999 - n: 400 for n in range(5)})
    asks: dict[int, int] = field(default_factory=lambda: {1001 + n: 400 for n in range(5)})

    @property
    def best(self) -> tuple[int, int]:
        return max(self.bids), min(self.asks)

    def opening(self) -> MarketFrame:
        return frame([self._depth(0, True, self.bids, self.asks)])

    def step(self) -> list[Any]:
        """The next event, or a trade with the change that it makes, told in either order."""
        self.now += self.rng.randrange(1 * MS, 60 * MS)
        buys, kind = self.rng.random() < 0.5, self.rng.choices("act", (36, 44, 20))[0]
        book = self.bids if buys else self.asks
        prices = sorted(book, reverse=buys)
        price = prices[0] if kind == "t" else prices[min(self.rng.randrange(4), len(prices) - 1)]
        size = self.rng.randrange(5, 120)
        if kind == "a":
            return [self._change(buys, {price: book[price] + size})]
        size = min(size, book[price])
        change = self._change(buys, {price: book[price] - size})
        if kind == "c":
            return [change]
        sold = TradeEvent(XBT, self.now, self.now, self.seq, price, size, -1 if buys else 1)
        return self.rng.sample([change, sold], 2)

    def _change(self, buys: bool, levels: dict[int, int]) -> DepthEvent:
        """A side that runs out of prices gets one behind; a gap that opens is filled by the other
        side after it."""
        book, step = (self.bids, -1) if buys else (self.asks, 1)
        book.update(levels)
        for price in [price for price, size in book.items() if not size]:
            del book[price]
            last = (min if buys else max)(book) + step
            book[last] = levels[last] = 400
        prev, self.seq = self.seq, self.seq + 1
        bids, asks = (levels, {}) if buys else ({}, levels)
        bid, ask = self.best
        if ask - bid > 3:  # whoever waits steps into the gap
            inner = ask - 1 if buys else bid + 1
            other, shown = (self.asks, asks) if buys else (self.bids, bids)
            other[inner] = shown[inner] = 300
        return self._depth(prev, False, bids, asks)

    def _depth(
        self, prev: int, snapshot: bool, bids: dict[int, int], asks: dict[int, int]
    ) -> DepthEvent:
        now, both = self.now, (sorted(bids.items(), reverse=True), sorted(asks.items()))
        return DepthEvent(XBT, now, now, self.seq, prev, snapshot, *both)


def frame(events: list[Any]) -> MarketFrame:
    batch = Batch(events[0].instrument)
    for event in events:
        batch.add(event)
    return batch.frame()


def traded(world: World, orders: int, seed: int = 7) -> World:
    """A market in which orders are sent: at the best price, cancelled after a while, and some that
    take."""
    queues, open_orders = Queues(random.Random(seed)), list[tuple[int, ApprovedOrder]]()
    world.market(queues.opening())
    sent, frames = 0, 0
    while sent < orders or open_orders:
        frames += 1
        world.market(frame([event for _ in range(5) for event in queues.step()]))
        now, (bid, ask) = queues.now, queues.best
        world.mark(Mark(ACCOUNT, XBT.name, now, bid, ask, XBT.price_scale))
        if frames % 4 == 0 and sent < orders:
            sent += 1
            made = order(f"o{sent}", now, sent, bid, ask)
            world.send(made)
            open_orders.append((now + 6000 * MS, made))
        while open_orders and open_orders[0][0] <= now:
            world.send(cancel(open_orders.pop(0)[1].cl_ord_id, now))
    world.market(frame([event for _ in range(20) for event in queues.step()]))
    return world


def order(name: str, now: int, n: int, bid: int, ask: int) -> ApprovedOrder:
    buys, takes = n % 2 == 0, n % 5 == 0
    return approved(
        name,
        now,
        instrument=XBT.name,
        side=Side.BUY if buys else Side.SELL,
        ord_type=OrdType.MARKET if takes else OrdType.LIMIT,
        time_in_force=TimeInForce.IOC if takes else TimeInForce.GTC,
        price=0 if takes else bid if buys else ask,
        size=50,
        price_scale=XBT.price_scale,
        size_scale=XBT.size_scale,
    )


def approved(name: str, now: int, **terms: Any) -> ApprovedOrder:
    return ApprovedOrder(ACCOUNT, "s", name, name, ts_event=now, key_id="", signature=b"", **terms)


def cancel(name: str, now: int, instrument: str = XBT.name) -> CancelRequest:
    return CancelRequest(ACCOUNT, instrument, name, now, "test", "", b"")
