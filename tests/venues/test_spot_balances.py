"""The gate's books of money and coins beside those of every spot exchange: what the adapter writes
is folded by a gate, and the two agree, or the difference is told."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from config.keys import REPLAY_KEY
from schemas.enums import OrdType, Side, TimeInForce
from schemas.inbox import Mark
from schemas.ledger import Discrepancy
from streams.operators.risk.config import AccountConfig
from streams.operators.risk.gate import Gate, GateConfig
from streams.operators.risk.limits import Limits, LimitTree
from tests.venues.exchange import Exchange
from tests.venues.order_server import serving
from tests.venues.spot_venues import SPOT_VENUES, SpotVenue
from tests.venues.trading_desk import ACCOUNT, Log, order, running, until

pytestmark = pytest.mark.asyncio
At = tuple[SpotVenue, Exchange, int]


@pytest.fixture(params=SPOT_VENUES, ids=lambda venue: venue.name)
async def at(request: pytest.FixtureRequest) -> AsyncIterator[At]:
    server = request.param.server()
    base, quote = server.assets(request.param.symbol)
    server.holdings = {base: Decimal(3), quote: Decimal(10_000)}
    async with serving(server) as port:
        yield request.param, server, port


def folded(log: Log, instrument: str) -> list[Discrepancy]:
    """What a gate makes of the log: its orders were not sent by it, so they are adopted."""
    tree = LimitTree(Limits(), {})
    gate = Gate(GateConfig({ACCOUNT: AccountConfig(tree)}, REPLAY_KEY))
    messages: list[Any] = log.messages()
    gate.apply(Mark(ACCOUNT, instrument, messages[0].ts_event, 9900, 10100, 2))
    made = [out.message for m in messages for out in gate.apply(m)]
    return [m for m in made if isinstance(m, Discrepancy) and m.kind != "UNKNOWN_ORDER"]


async def test_trades_of_all_kinds_leave_no_difference(at: At) -> None:
    venue, server, port = at
    server.pieces, log = 2, Log()
    async with running(venue.session(port, True), log) as adapter:
        log.approve(order("s1", venue.instrument, 4))
        log.approve(order("s2", venue.instrument, 2, side=Side.SELL))
        terms = {"price": 9900, "time_in_force": TimeInForce.GTC}
        log.approve(order("s3", venue.instrument, 3, OrdType.LIMIT, **terms))
        await until(lambda: "NEW" in log.kinds("s3"))
        await server.trade("s3", "1", "98.5")
        await until(lambda: log.filled() == 7)
        await looked_again(adapter)
    assert folded(log, venue.instrument) == []


async def looked_again(adapter: Any) -> None:
    """Long enough that the last fill lies before the cut-off, and twice."""
    batches = adapter.reconciler.batches
    await until(lambda: adapter.reconciler.batches > batches + 3)


async def test_money_that_came_from_elsewhere_is_found_and_taken_over_once(at: At) -> None:
    venue, server, port = at
    log = Log()
    _, quote = server.assets(venue.symbol)
    async with running(venue.session(port, True), log) as adapter:
        log.approve(order("s1", venue.instrument, 1))
        await until(lambda: log.filled() == 1)
        await looked_again(adapter)
        server.holdings[quote] += 500
        await looked_again(adapter)
    (found,) = folded(log, venue.instrument)
    assert (found.kind, found.resolved) == ("BALANCE", True)
    assert Decimal(found.venues) - Decimal(found.ours) == 500


async def test_a_coin_that_somebody_took_away_stops_opening_orders(at: At) -> None:
    venue, server, port = at
    log = Log()
    base, _ = server.assets(venue.symbol)
    async with running(venue.session(port, True), log) as adapter:
        log.approve(order("s1", venue.instrument, 2))
        await until(lambda: log.filled() == 2)
        await looked_again(adapter)
        server.holdings[base] -= 1
        await looked_again(adapter)
    (found,) = folded(log, venue.instrument)
    assert (found.kind, found.resolved) == ("BALANCE", False)
    assert "no opening orders" in found.resolution
    assert replace(found, batch="").subject == "BTC"
