"""Kill the gate's worker or the venue's adapter at any time, at a venue that misbehaves: every
signal is decided once, no order is sent twice, none is lost, and the ledger holds what the venue
does."""

import asyncio
import os
import random
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.binance.trading_markets import USDM
from schemas.codec import Codec
from schemas.enums import Side
from schemas.inbox import Mark, Signal
from schemas.ledger import Decision, Fill
from streams.cause import Cause
from streams.kafka import KafkaWriter
from tests.crash.system import System
from tests.risk.market import mark, signal
from tests.venues.binance_orders_server import KEY, SECRET, BinanceOrdersServer
from tests.venues.order_server import serving
from tests.venues.trading_desk import until

pytestmark = pytest.mark.asyncio
ROUNDS = int(os.environ.get("TICKSTREAM_CRASH_ROUNDS", "1"))
ORDERS = int(os.environ.get("TICKSTREAM_CRASH_ORDERS", "60"))
ACCOUNT = "desk"
SYMBOLS = [f"{base}USDT" for base in ("BTC", "ETH", "SOL", "XRP", "ADA", "BNB", "LTC", "DOT")]
TIMEOUT_S = 900 + 2 * ORDERS  # a third of the requests go wrong, and each is looked up
CONFIG = """
[broker]
partitions = 2
[accounts.desk]
currency = "USDT"
venue = "binanceusdm"
url = "http://127.0.0.1:{port}"
[instruments."BINANCEUSDM:*"]
currency = "USDT"
[accounts.desk.limits]
max_order_size = "100"
max_position = "100000"
order_rate = "1000"
[trading]
max_age = "10m"
reconcile = "5s"
grace = "200ms"
timeout = "500ms"
snapshot_interval = "200ms"
[worker]
snapshot_interval = "300ms"
"""
ANSWERS = ["", "", "", "lost", "", "cut", "", "500-done", "", "", "503", "", "429", "", "", ""]
STREAM = ["", "", "", "never", "", "twice", "", "", "", "cut", "", "", "", "", "never", ""]


class Desk:
    """A strategy and a market that never fail, and what the log says of them."""

    def __init__(self, system: System) -> None:
        self.system, self.codec = system, Codec()
        self._writer = KafkaWriter(system.bootstrap)
        self._sent = 0

    def send(self, message: Signal | Mark) -> None:
        cause = Cause("strategy.test", "test/0", self._sent, 0)
        self._sent += 1
        self._writer.send("orders", ACCOUNT, self.codec.encode(message), cause)
        self._writer.flush()

    def mark(self) -> None:
        for symbol in SYMBOLS:
            self.send(mark(ACCOUNT, f"BINANCEUSDM:{symbol}", time.time_ns(), 9_999))

    def ask(self, n: int, rng: random.Random) -> None:
        instrument = f"BINANCEUSDM:{rng.choice(SYMBOLS)}"
        side, size = rng.choice(list(Side)), rng.randint(1, 5) * 2
        self.send(signal(ACCOUNT, f"signal-{n}", instrument, time.time_ns(), side, size))

    def ledger(self, kind: type) -> list:
        records = self.system.taken("ledger")
        return [m for m in (self.codec.decode(r.value) for r in records) if isinstance(m, kind)]


@pytest.mark.timeout(TIMEOUT_S)
@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_no_order_is_sent_twice_and_none_is_lost_whatever_is_killed(
    broker_alone: str, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    server = BinanceOrdersServer(market=USDM, pieces=2)
    server.misbehave["POST order"] = shuffled(ANSWERS, rng)
    server.stream = shuffled(STREAM, rng)
    async with serving(server) as port:
        system = System(broker_alone, tmp_path, CONFIG.format(port=port))
        system.add_trading(ACCOUNT, KEY, SECRET)
        desk = Desk(system)
        try:
            system.start("worker", "trade")
            desk.mark()
            await asyncio.gather(ask_for_orders(desk, rng), kill_at_random(system, rng))
            await settled(desk, server)
        finally:
            await asyncio.to_thread(system.stop_all)
    assert SECRET not in system.children["trade"].log.read_text()
    told = await asyncio.to_thread(desk.ledger, Decision)
    assert Counter(d.signal_id for d in told) == {f"signal-{n}": 1 for n in range(ORDERS)}
    assert all(d.approved for d in told), [d.text for d in told if not d.approved][:3]
    made = Counter(order["clientOrderId"] for order in server.orders.values())
    assert made == {d.cl_ord_id: 1 for d in told}
    fills = await asyncio.to_thread(desk.ledger, Fill)
    for symbol in SYMBOLS:
        booked = sum(signed(f) for f in fills if f.instrument == f"BINANCEUSDM:{symbol}")
        assert booked == server.position(symbol)


def signed(fill: Fill) -> int:
    return fill.size if fill.side is Side.BUY else -fill.size


def shuffled(answers: list[str], rng: random.Random) -> list[str]:
    return [rng.choice(answers) for _ in range(ORDERS * 2)]


async def ask_for_orders(desk: Desk, rng: random.Random) -> None:
    for n in range(ORDERS):
        desk.ask(n, rng)
        await asyncio.sleep(rng.expovariate(20))


async def kill_at_random(system: System, rng: random.Random) -> None:
    """Each at least once; more where there are many orders."""
    victims = ["worker", "trade"] * (1 + ORDERS // 200)
    rng.shuffle(victims)
    for victim in victims:
        await asyncio.sleep(rng.uniform(0.5, 4.0))
        system.kill(victim)
        await asyncio.sleep(rng.uniform(0.0, 0.5))
        system.start(victim)


async def settled(desk: Desk, server: BinanceOrdersServer) -> None:
    """Every signal has its order at the venue, and the ledger every fill of it."""
    while len(server.orders) < ORDERS:  # reading the ledger costs more than all the rest
        await all_live(desk.system)
    while True:
        fills = await asyncio.to_thread(desk.ledger, Fill)
        bought = sum(Decimal(trade["qty"]) for trade in server.trades)
        if sum(f.size for f in fills) >= bought:
            return
        await all_live(desk.system)


async def all_live(system: System) -> None:
    """A while later still."""
    await asyncio.sleep(0.5)
    for child in system.children.values():
        child.check()


async def test_wrong_keys_end_the_adapter_with_one_line(broker: str, tmp_path: Path) -> None:
    async with serving(BinanceOrdersServer(market=USDM)) as port:
        system = System(broker, tmp_path, CONFIG.format(port=port))
        system.add_trading(ACCOUNT, KEY, "not the secret")
        system.start("trade")
        child = system.children["trade"]
        await until(lambda: not child.running)
    assert "BINANCEUSDM does not take the keys of account desk" in child.last_words()
    assert "not the secret" not in child.log.read_text()
