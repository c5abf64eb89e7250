"""The adapter dies anywhere, on a venue that misbehaves: no order twice, none lost, no fill
doubled."""

import asyncio
import os
import random

import pytest

from connectors.alpaca.endpoints import at
from connectors.alpaca.orders import AlpacaOrders
from connectors.trading.credentials import Credentials
from schemas.enums import OrdType, Side
from streams.cause import Cause
from tests.venues.alpaca_orders_server import KEY, SECRET, AlpacaOrdersServer
from tests.venues.order_server import serving
from tests.venues.trading_desk import ACCOUNT, MS, Log, cancel, order, replace, running, until

pytestmark = pytest.mark.asyncio
AAPL, MSFT = "ALPACA:AAPL", "ALPACA:MSFT"
ROUNDS = int(os.environ.get("TICKSTREAM_CRASH_ROUNDS", "3"))
HOW = ["", "", "", "lost", "cut", "500-done", "503", "429"]


def session(port: int) -> AlpacaOrders:
    made = AlpacaOrders(ACCOUNT, Credentials(KEY, SECRET), at(f"http://127.0.0.1:{port}"))
    made.settle_s = 0.2
    return made


async def test_an_order_sent_by_who_died_is_not_sent_again() -> None:
    server, log = AlpacaOrdersServer(market_fills=False), Log()
    async with serving(server) as port:
        async with running(session(port), log, snapshot_ns=60_000 * MS):
            log.approve(order("a1", AAPL, 5))
            await until(lambda: "NEW" in log.kinds("a1"))
        await server.trade("a1", "2")  # while nobody looks
        async with running(session(port), log):
            await until(lambda: log.filled("a1") == 2)
            await server.trade("a1", "3")
            await until(lambda: log.filled("a1") == 5)
    assert server.posted == ["a1"]
    assert log.kinds("a1").count("NEW") == 1


async def test_what_a_gate_writes_again_after_its_restart_is_no_second_order() -> None:
    """With the same causes; the venue's own check of client ids is not relied upon."""
    server, log = AlpacaOrdersServer(), Log()
    approvals = [order(f"a{n}", AAPL, 5) for n in range(4)]
    causes = [Cause("gate", "orders/0", n, 0) for n in range(4)]

    def write(first: int, last: int) -> None:
        for approval, cause in list(zip(approvals, causes, strict=True))[first:last]:
            log.approve(approval, cause=cause)

    async with serving(server) as port:
        async with running(session(port), log):
            write(0, 2)
            await until(lambda: log.filled() == 10)
            write(0, 3)
            await until(lambda: log.filled() == 15)
        async with running(session(port), log):
            write(1, 4)
            await until(lambda: log.filled() == 20)
    assert server.posted == ["a0", "a1", "a2", "a3"]


async def test_an_order_that_was_lost_with_its_sender_is_sent() -> None:
    server, log = AlpacaOrdersServer(), Log()
    server.misbehave["POST orders"] = ["503"] * 50
    async with serving(server) as port:
        async with running(session(port), log):
            log.approve(order("a1", AAPL, 5))
            await until(lambda: bool(server.requests.count("GET lookup")))
        server.misbehave.clear()
        async with running(session(port), log):
            await until(lambda: log.filled("a1") == 5)
    assert len(server.orders) == 1


async def test_what_was_approved_during_an_outage_is_rejected_back() -> None:
    server, log = AlpacaOrdersServer(), Log()
    async with serving(server) as port:
        async with running(session(port), log):
            log.approve(order("a1", AAPL, 1))
            await until(lambda: log.filled("a1") == 1)
        log.approve(order("a2", AAPL, 1))
        await asyncio.sleep(0.3)
        async with running(session(port), log, max_age_ns=200 * MS):
            await until(lambda: log.kinds("a2") == ["REJECTED"])
    assert server.posted == ["a1"]


async def test_an_order_that_ended_while_nobody_looked_is_told() -> None:
    server, log = AlpacaOrdersServer(), Log()
    async with serving(server) as port:
        async with running(session(port), log):
            log.approve(order("a1", AAPL, 5, OrdType.LIMIT, price=9900))
            await until(lambda: "NEW" in log.kinds("a1"))
            await until(lambda: log.saved is not None and b":NEW" in log.saved.state)
        await server.trade("a1", "1")
        await server.close("a1", "expired")
        async with running(session(port), log):
            await until(lambda: "EXPIRED" in log.kinds("a1"))
    assert log.kinds("a1")[-2:] == ["TRADE", "EXPIRED"]


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_whatever_happens_the_log_and_the_venue_agree(seed: int) -> None:
    rng, log = random.Random(seed), Log()
    server = AlpacaOrdersServer(pieces=2)
    sizes: dict[str, int] = {}
    async with serving(server) as port:
        for generation in range(5):
            for method in ("POST orders", "DELETE orders", "PATCH orders", "GET lookup"):
                server.misbehave[method] = rng.choices(HOW, k=6)
            server.misbehave["GET activities"] = rng.choices(["", "503", "429"], k=3)
            server.stream = rng.choices(["", "", "twice", "never", "cut"], k=12)
            try:
                async with running(session(port), log, timeout_s=0.1, max_age_ns=60_000 * MS):
                    trade_at_random(rng, log, sizes, generation)
                    await asyncio.sleep(rng.uniform(0.02, 0.5))
            except* TimeoutError:
                pass  # it did not even get to its first reconciliation
        server.misbehave.clear()
        server.stream = []
        async with running(session(port), log, timeout_s=1.0, max_age_ns=60_000 * MS) as adapter:
            await until(lambda: adapter.progress.done_to == log.end())
            batches = adapter.reconciler.batches
            await until(lambda: adapter.reconciler.batches > batches + 1)
    made = [o["client_order_id"] for o in server.orders.values()]
    assert len(made) == len(set(made))
    assert server.refused_duplicates == 0
    assert set(sizes) <= set(made)
    for name in sizes:
        filled = sum(float(f["qty"]) for f in server.fills if of(server, f) == name)
        assert log.filled(name) == filled
        ended = {o["status"] for o in server.orders.values() if whose(o) == name}
        if ended & {"canceled"}:
            assert log.kinds(name).count("CANCELED") == 1
    held = sum((r.last_size if r.side is Side.BUY else -r.last_size) for r in log.reports())
    assert held == server.position("*")


def trade_at_random(rng: random.Random, log: Log, sizes: dict[str, int], generation: int) -> None:
    for n in range(6):
        name, size = f"g{generation}n{n}", 2 * rng.randrange(1, 5)
        instrument, side = rng.choice([AAPL, MSFT]), rng.choice([Side.BUY, Side.SELL])
        sizes[name] = size
        if rng.random() < 0.5:
            log.approve(order(name, instrument, size, side=side))
            continue
        log.approve(order(name, instrument, size, OrdType.LIMIT, side=side, price=9900))
        if rng.random() < 0.5:
            log.approve(replace(name, instrument, 1, price=9950, size=size + 2))
        if rng.random() < 0.5:
            log.approve(cancel(name, instrument))


def whose(order_: dict) -> str:
    return order_["client_order_id"].partition("-r")[0]


def of(server: AlpacaOrdersServer, fill: dict) -> str:
    return whose(server.orders[fill["order_id"]])
