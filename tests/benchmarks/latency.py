"""From a tick's record in the log to the order at its venue, at 10,000 events a second: through
broker, market chain, broker, gate, broker and adapter, as processes on one machine.

The market is simulated under the names of a venue whose local server takes the orders. Records have
times in whole milliseconds, and so have the figures.
"""

import asyncio
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from connectors.binance.trading_markets import USDM
from connectors.sim import venue as sim
from connectors.sim.venue import SimConfig, SimVenue
from console.broker import KafkaProcess
from schemas.codec import Codec
from schemas.execution import ApprovedOrder
from schemas.records import Clock
from streams import kafka
from streams.cause import Cause
from streams.kafka import KafkaWriter
from streams.topology import TOPICS
from tests.crash.system import System
from tests.venues.binance_orders_server import KEY, SECRET, BinanceOrdersServer
from tests.venues.order_server import serving
from tests.venues.trading_desk import until

RATE = 10_000
SECONDS = 30
WARM_UP_ORDERS = 20
ACCOUNT = "desk"
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
CONFIG = """
[broker]
partitions = 2
[market]
bars = ["time:200ms", "time:1s"]
mark_interval = "100ms"
[features]
bar = "time:200ms"
ema_fast = 2
ema_slow = 4
rsi = 3
vol_window = 5
[models.p_up]
horizon = "400ms"
warm_up = 2
[strategies.ema_cross]
account = "desk"
[strategies.ema_cross.sizing]
notional = "1000"
[accounts.desk]
currency = "USDT"
venue = "binanceusdm"
url = "http://127.0.0.1:{port}"
[instruments."BINANCEUSDM:*"]
currency = "USDT"
[accounts.desk.limits]
max_order_size = "100000"
max_position = "100000"
order_rate = "1000"
[trading]
max_age = "10m"
[worker]
snapshot_interval = "5s"
"""


@dataclass
class Venue(BinanceOrdersServer):
    """Remembers when an order came, in ns."""

    came: dict[str, int] = field(default_factory=dict)

    async def place(self, query: dict[str, str]) -> tuple[int, Any]:
        self.came.setdefault(query["newClientOrderId"], time.time_ns())
        return await super().place(query)


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as home:
        broker = KafkaProcess(Path(home) / "kafka")
        broker.start()
        try:
            return asyncio.run(_measure(broker.bootstrap, Path(home)))
        finally:
            broker.stop()


async def _measure(bootstrap: str, home: Path) -> dict[str, Any]:
    venue, stop = Venue(market=USDM), threading.Event()
    async with serving(venue) as port:
        system = System(bootstrap, home, CONFIG.format(port=port))
        system.add_trading(ACCOUNT, KEY, SECRET)
        market = threading.Thread(target=_market, args=(bootstrap, stop))
        kafka.create_topics(bootstrap, TOPICS, partitions=2, replication=1)
        try:
            system.start("worker", "trade")
            worker = system.children["worker"]
            await until(lambda: worker.says("ready") or not _running(system))
            market.start()  # nothing waits for a worker that loads its kernels
            await until(lambda: len(venue.came) >= WARM_UP_ORDERS or not _running(system))
            assert _running(system), [child.last_words() for child in system.children.values()]
            skipped = set(venue.came)
            await asyncio.sleep(SECONDS)
        finally:
            stop.set()
            await asyncio.to_thread(market.join)
            await asyncio.to_thread(system.stop_all)
    came = {name: at for name, at in venue.came.items() if name not in skipped}
    return {"unit": "ms", "events_a_second": RATE, **_figures(system, came)}


def _running(system: System) -> bool:
    return all(child.running for child in system.children.values())


def _market(bootstrap: str, stop: threading.Event) -> None:
    """The simulated markets at the wall clock's pace, and time for them and for the account."""
    names = [f"{USDM.venue}:{symbol}" for symbol in SYMBOLS]
    instruments = tuple(replace(i, name=n) for i, n in zip(sim.DEFAULT, names, strict=True))
    config = SimConfig(1, RATE, time.time_ns(), 10_000_000, instruments=instruments)
    source, writer, codec, second = SimVenue(config), KafkaWriter(bootstrap, 0.5), Codec(), 0
    while not stop.is_set():
        now = time.time_ns()
        for step, frame in source.advance(now):
            cause = Cause("connector.sim", "market", step, 0)
            writer.send("ticks", frame.instrument, codec.encode(frame), cause)
        if now // 10**9 > second:
            second = now // 10**9
            for topic, key in [("orders", ACCOUNT), *(("ticks", name) for name in names)]:
                cause = Cause("connector.clock", "clock", second, 0)
                writer.send(topic, key, codec.encode(Clock(key, now)), cause)
        time.sleep(0.001)
    writer.flush()


def _figures(system: System, came: dict[str, int]) -> dict[str, Any]:
    """Percentiles of each order's way: to its approval's record, and to the venue."""
    codec, signals = Codec(), {}
    for record, _ in _records(system, "orders"):
        if record.cause and record.cause.source.startswith("ticks/"):
            signals[f"orders/{record.partition}", record.offset] = record.cause
    approved = [
        (message.cl_ord_id, signals[record.cause.source, record.cause.offset], at)
        for record, at in _records(system, "execution")
        if isinstance(message := codec.decode(record.value), ApprovedOrder)
        if message.cl_ord_id in came and record.cause
    ]
    ticks = {(f"ticks/{r.partition}", r.offset): at for r, at in _records(system, "ticks")}
    began = [ticks[cause.source, cause.offset] for _, cause, _ in approved]
    to_approval = [at - start for (_, _, at), start in zip(approved, began, strict=True)]
    to_venue = [
        came[name] / 1e6 - start for (name, _, _), start in zip(approved, began, strict=True)
    ]
    return {
        "orders": len(approved),
        "tick_to_approval": _percentiles(to_approval),
        "tick_to_venue_request": _percentiles(to_venue),
    }


def _records(system: System, topic: str) -> Iterator[tuple[Any, int]]:
    for partition in range(kafka.partition_counts(system.bootstrap)[topic]):
        yield from kafka.read_partition(system.bootstrap, topic, partition)


def _percentiles(values: list[float]) -> dict[str, float]:
    p50, p99 = np.percentile(values, (50, 99))
    return {"p50": round(float(p50), 1), "p99": round(float(p99), 1)}
