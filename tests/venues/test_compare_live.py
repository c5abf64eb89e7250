"""``compare`` on what a real adapter wrote: orders that went over HTTP to a local venue server."""

from dataclasses import replace
from decimal import Decimal
from time import time_ns
from typing import Any

import pytest

from connectors.binance.orders import BinanceOrders
from connectors.binance.trading_markets import USDM
from connectors.events import DepthEvent, Instrument, TradeEvent
from connectors.trading.credentials import Credentials
from research.compare.comparison import Comparison
from schemas.enums import Liquidity, OrdStatus, OrdType, TimeInForce
from schemas.inbox import Mark
from streams.operators.paper_venue.latency import Latency
from streams.operators.paper_venue.terms import Terms
from streams.operators.paper_venue.venue import PaperVenueConfig
from tests.research.live_world import World, frame
from tests.venues.binance_orders_server import KEY, SECRET, BinanceOrdersServer
from tests.venues.order_server import serving
from tests.venues.trading_desk import ACCOUNT, MS, Log, cancel, order, running, until

pytestmark = pytest.mark.asyncio
BTC = Instrument("BINANCEUSDM:BTCUSDT", 2, 0)
# what the server takes: 0.01 a fill, of 4 at 100 and of 2 at 99
CONFIG = PaperVenueConfig(Terms(Decimal("0.0001"), Decimal("0.000025")), Latency(0))


def depth(seq: int, *levels: Any) -> DepthEvent:
    now = time_ns()
    return DepthEvent(BTC, now, now, seq, seq - 1, seq == 1, *levels)


async def test_what_an_adapter_wrote_is_compared_order_by_order() -> None:
    server, log, world = BinanceOrdersServer(market=USDM), Log(), World(CONFIG)
    ticks = [frame([depth(1, [(9900, 3)], [(10000, 90)])])]
    async with serving(server) as port:
        rest, stream = f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}/stream"
        session = BinanceOrders(ACCOUNT, Credentials(KEY, SECRET), USDM, rest, stream)
        async with running(session, log):
            for n in range(6):
                log.approve(order(f"m{n}", BTC.name, 4))
                await until(lambda name=f"m{n}": log.filled(name) == 4)
            for name, price in (("l1", 9900), ("l2", 9800)):
                terms = {"price": price, "time_in_force": TimeInForce.GTC}
                log.approve(order(name, BTC.name, 2, OrdType.LIMIT, **terms))
            await until(lambda: log.kinds("l2") == ["NEW"])
            ticks.append(frame([depth(2, [], [(10001, 5)])]))
            server.price = "99.00"
            await server.trade("l1", "2")
            await until(lambda: log.filled("l1") == 2)
            now = time_ns()
            ticks.append(frame([TradeEvent(BTC, now, now, 1, 9900, 5, -1)]))
            log.approve(cancel("l2", BTC.name))
            await until(lambda: "CANCELED" in log.kinds("l2"))
    end = time_ns() + 50 * MS
    ticks.append(frame([DepthEvent(BTC, end, end, 3, 2, False, [], [(10002, 5)])]))
    found = compared(world, log, ticks)
    by_name = {one.asked.order.cl_ord_id: one for one in found.orders}
    assert list(by_name) == [*(f"m{n}" for n in range(6)), "l1", "l2"]
    for one in found.orders:
        assert one.explained.pnl.total == one.live.worth.pnl - one.paper.worth.pnl
        assert one.live.worth.filled == one.paper.worth.filled
        assert one.explained.why_missing == ""
        assert one.live_delay_ns is not None
        assert abs(one.live_delay_ns) < 10**9
    assert found.causes.remainder == found.causes.missing_data == 0
    assert found.causes.fee == Decimal("0.0098")  # the maker paid 0.01, by the schedule 0.0198
    (made,) = by_name["l1"].live.outcome.trades.values()
    assert made.liquidity is Liquidity.MAKER
    assert by_name["l2"].live.outcome.status is OrdStatus.CANCELED
    assert "l2>1" in by_name["l2"].asked.delays()
    assert found.fit.fees.taker == Decimal("0.000025")
    assert "a rate needs 3 fills" in found.fit.fees.verdict  # one maker fill is too few


def compared(world: World, log: Log, ticks: list[Any]) -> Comparison:
    """The adapter's own records, in the log of a session."""
    first = int(ticks[0].depth.ts_event[0])
    mark = Mark(ACCOUNT, BTC.name, first, 9900, 10000, BTC.price_scale)
    world.log["ticks"] = [(BTC.name, record, "connector.binance") for record in ticks]
    approvals = [log.codec.decode(record.value) for record in log.approvals]
    world.log["execution"] = [(ACCOUNT, message, "gate") for message in approvals]
    written = [(value, cause) for topic, value, cause in log.written if topic == "orders"]
    told = [(ACCOUNT, log.codec.decode(value), cause.writer) for value, cause in written]
    world.log["orders"] = [(ACCOUNT, mark, "builder"), *told]
    return world.compare(replace(CONFIG))
