"""Live order entry at Binance, spot and USD-M, against a server that keeps state and misbehaves."""

import asyncio
import os
import random
from collections.abc import AsyncIterator

import pytest

from connectors.binance.markets import name_of
from connectors.binance.orders import BinanceOrders
from connectors.binance.trading_markets import SPOT, USDM, TradingMarket
from connectors.trading.credentials import Credentials
from connectors.trading.session import VenueRefuses
from schemas.enums import ExecType, Liquidity, OrdType, Side, TimeInForce
from schemas.inbox import CashFlow, VenueBalance, VenuePosition
from tests.venues.binance_orders_server import KEY, SECRET, BinanceOrdersServer, ms
from tests.venues.order_server import serving
from tests.venues.trading_desk import ACCOUNT, MS, Log, cancel, order, replace, running, until

pytestmark = pytest.mark.asyncio
ROUNDS = int(os.environ.get("TICKSTREAM_CRASH_ROUNDS", "1"))
HOW = ["", "", "", "lost", "cut", "500-done", "503", "429"]

Venue = tuple[BinanceOrdersServer, int, str]


@pytest.fixture(params=[SPOT, USDM], ids=lambda market: market.venue)
async def venue(request) -> AsyncIterator[Venue]:
    server = BinanceOrdersServer(market=request.param)
    async with serving(server) as port:
        yield server, port, name_of(request.param.venue, "BTCUSDT")


def session(market: TradingMarket, port: int, secret: str = SECRET) -> BinanceOrders:
    rest, stream = f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}/stream"
    made = BinanceOrders(ACCOUNT, Credentials(KEY, secret), market, rest, stream)
    made.settle_s = 0.3
    return made


def limit(name: str, instrument: str, size: int, **more: object):
    values = {"price": 9900, "time_in_force": TimeInForce.GTC} | more
    return order(name, instrument, size, OrdType.LIMIT, **values)


async def test_a_market_order_is_told_with_its_fills_and_fees(venue: Venue) -> None:
    server, port, btc = venue
    server.pieces, log = 2, Log()
    async with running(session(server.market, port), log):
        log.approve(order("b1", btc, 4000, size_scale=3))
        await until(lambda: log.filled("b1") == 4000)
    assert log.kinds("b1") == ["NEW", "TRADE", "TRADE"]
    told = log.reports("b1")[-1]
    assert (told.last_price, told.price_scale, told.liquidity) == (10000, 2, Liquidity.TAKER)
    assert (str(told.fee.normalize()), told.fee_currency) == ("0.01", "USDT")


async def test_a_limit_order_fills_in_parts_and_is_cancelled(venue: Venue) -> None:
    server, port, btc = venue
    log = Log()
    async with running(session(server.market, port), log):
        log.approve(limit("b1", btc, 5))
        await until(lambda: log.kinds("b1") == ["NEW"])
        await server.trade("b1", "2")
        await until(lambda: log.filled("b1") == 2)
        log.approve(cancel("b1", btc))
        await until(lambda: "CANCELED" in log.kinds("b1"))
        log.approve(cancel("b1", btc))
        await until(lambda: "CANCEL_REJECTED" in log.kinds("b1"))
    assert log.kinds("b1") == ["NEW", "TRADE", "CANCELED", "CANCEL_REJECTED"]
    assert log.reports("b1")[1].liquidity is Liquidity.MAKER


async def test_a_change_in_place_is_for_futures_alone(venue: Venue) -> None:
    server, port, btc = venue
    server.misbehave["PUT order"] = ["lost"]
    log = Log()
    async with running(session(server.market, port), log):
        log.approve(limit("b1", btc, 5))
        log.approve(replace("b1", btc, 1, price=9950, size=8))
        wanted = "REPLACED" if server.market.futures else "REPLACE_REJECTED"
        await until(lambda: wanted in log.kinds("b1"))
        await server.trade("b1", server.by_client("b1")["origQty"])
        await until(lambda: log.filled("b1") == (8 if server.market.futures else 5))
    assert log.kinds("b1").count(wanted) == 1
    assert log.reports("b1")[-1].leaves_size == 0


async def test_refusals_carry_the_venues_words(venue: Venue) -> None:
    server, port, btc = venue
    log = Log()
    async with running(session(server.market, port), log):
        log.approve(order("b1", btc, 5000))
        log.approve(limit("b2", btc, 1, time_in_force=TimeInForce.DAY))
        log.approve(limit("b3", btc, 1, reduce_only=not server.market.futures, display_size=1))
        await until(lambda: log.kinds("b1") == log.kinds("b2") == log.kinds("b3") == ["REJECTED"])
    assert "400 (-2010): Account has insufficient balance" in log.reports("b1")[0].text
    assert "has no DAY" in log.reports("b2")[0].text
    assert server.posted == ["b1"]


@pytest.mark.parametrize("how", ["lost", "cut", "500-done", "503", "429"])
async def test_an_order_whose_answer_is_lost_is_sent_once(venue: Venue, how: str) -> None:
    server, port, btc = venue
    server.misbehave = {"POST order": [how], "DELETE order": [how]}
    log = Log()
    async with running(session(server.market, port), log):
        log.approve(limit("b1", btc, 5))
        log.approve(cancel("b1", btc))
        await until(lambda: "CANCELED" in log.kinds("b1"))
        log.approve(order("b2", btc, 3))
        await until(lambda: log.filled("b2") == 3)
    assert len(server.orders) == 2
    assert [k for k in log.kinds("b1") if k != "CANCEL_REJECTED"] == ["NEW", "CANCELED"]


@pytest.mark.parametrize("how", [["twice"] * 9, ["never"] * 9, ["", "cut"]])
async def test_fills_are_told_once_whatever_the_stream_does(venue: Venue, how: list[str]) -> None:
    server, port, btc = venue
    log = Log()
    async with running(session(server.market, port), log):
        server.stream = how
        log.approve(limit("b1", btc, 6))
        await until(lambda: "b1" in server.posted and bool(server.orders))
        for _ in range(3):
            await server.trade("b1", "2")
        await until(lambda: log.filled("b1") == 6)
    assert log.kinds("b1") == ["NEW", "TRADE", "TRADE", "TRADE"]


async def test_holdings_are_told_as_the_market_has_them(venue: Venue) -> None:
    server, port, btc = venue
    log = Log()
    funding = {"symbol": "BTCUSDT", "incomeType": "FUNDING_FEE", "income": "-0.5", "asset": "USDT"}
    server.income = [funding | {"time": ms(), "tranId": 7}]
    async with running(session(server.market, port), log) as adapter:
        log.approve(order("b1", btc, 3, side=Side.SELL))
        await until(lambda: log.filled("b1") == 3)
        batches = adapter.reconciler.batches
        await until(lambda: adapter.reconciler.batches > batches + 1)
    money = [m for m in log.messages() if isinstance(m, VenueBalance)][-1]
    assert (money.currency, money.total, money.available) == ("USDT", 1000, 900)
    held = [m for m in log.messages() if isinstance(m, VenuePosition)]
    flows = [m for m in log.messages() if isinstance(m, CashFlow)]
    if server.market.futures:
        assert (held[-1].instrument, held[-1].quantity) == (btc, -3)
        assert [(f.kind, str(f.amount.normalize())) for f in flows] == [("FUNDING", "-0.5")]
    else:
        assert held == flows == []


async def test_wrong_keys_stop_the_adapter(venue: Venue) -> None:
    server, port, _ = venue
    with pytest.raises(ExceptionGroup) as caught:
        async with running(session(server.market, port, "wrong"), Log()):
            pass
    assert isinstance(caught.value.exceptions[0], VenueRefuses)


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_whatever_happens_the_log_and_the_venue_agree(venue: Venue, seed: int) -> None:
    server, port, btc = venue
    rng, log, names = random.Random(seed), Log(), list[str]()
    for generation in range(4):
        for method in ("POST order", "DELETE order", "GET order"):
            server.misbehave[method] = rng.choices(HOW, k=5)
        server.stream = rng.choices(["", "", "twice", "never", "cut"], k=10)
        try:
            async with running(session(server.market, port), log, timeout_s=0.1, max_age_ns=10**11):
                for n in range(5):
                    name = f"g{generation}n{n}"
                    names.append(name)
                    if rng.random() < 0.5:
                        log.approve(order(name, btc, rng.randrange(1, 5)))
                        continue
                    log.approve(limit(name, btc, 4))
                    if rng.random() < 0.7:
                        log.approve(cancel(name, btc))
                await asyncio.sleep(rng.uniform(0.02, 0.5))
        except* TimeoutError:
            pass  # it did not even get to its first reconciliation
    server.misbehave.clear()
    server.stream = []
    async with running(session(server.market, port), log, max_age_ns=100_000 * MS) as adapter:
        await until(lambda: adapter.progress.done_to == log.end())
        batches = adapter.reconciler.batches
        await until(lambda: adapter.reconciler.batches > batches + 1)
    made = [o["clientOrderId"] for o in server.orders.values()]
    assert sorted(made) == sorted(names)
    for made_order in server.orders.values():
        name = made_order["clientOrderId"]
        assert log.filled(name) == float(made_order["executedQty"])
        canceled = made_order["status"] == "CANCELED"
        assert log.kinds(name).count(str(ExecType.CANCELED)) == canceled
