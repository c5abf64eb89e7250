"""What every spot exchange must do, whatever its protocol, against servers that keep real state
and misbehave."""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest

from connectors.trading.sender import VenueRefuses
from connectors.trading.session import OrderSession
from schemas.enums import ExecType, Liquidity, OrdType, Side, TimeInForce
from schemas.execution import ApprovedOrder
from schemas.inbox import Reconciliation, VenueBalance, VenuePosition
from tests.venues.exchange import Exchange, VenueOrder
from tests.venues.order_server import serving
from tests.venues.spot_venues import SPOT_VENUES, SpotVenue
from tests.venues.trading_desk import MS, Log, cancel, order, running, until
from tests.venues.trading_desk import replace as change

pytestmark = pytest.mark.asyncio
ROUNDS = int(os.environ.get("TICKSTREAM_CRASH_ROUNDS", "1"))
HOW = ["", "", "", "lost", "cut", "500-done", "503", "429"]


@dataclass
class At:
    """A venue's server on its port, and an approval's makers for its instrument."""

    venue: SpotVenue
    server: Exchange
    port: int

    def session(self, right: bool = True) -> OrderSession:
        return self.venue.session(self.port, right)

    def market(self, name: str, size: int, **more: Any) -> ApprovedOrder:
        return order(name, self.venue.instrument, size, **more)

    def limit(self, name: str, size: int, **more: Any) -> ApprovedOrder:
        terms = {"price": 9900, "time_in_force": TimeInForce.GTC} | more
        return order(name, self.venue.instrument, size, OrdType.LIMIT, **terms)

    def cancel(self, name: str) -> Any:
        return cancel(name, self.venue.instrument)


@pytest.fixture(params=SPOT_VENUES, ids=lambda venue: venue.name)
async def at(request: pytest.FixtureRequest) -> AsyncIterator[At]:
    server = request.param.server()
    async with serving(server) as port:
        yield At(request.param, server, port)


async def test_a_market_order_is_told_with_its_fills_and_fees(at: At) -> None:
    at.server.pieces, log = 2, Log()
    async with running(at.session(), log):
        log.approve(at.market("s1", 4000, size_scale=3, side=Side.SELL))
        await until(lambda: log.filled("s1") == 4000)
    assert log.kinds("s1") == ["NEW", "TRADE", "TRADE"]
    told = log.reports("s1")[-1]
    assert (told.last_price, told.price_scale, told.liquidity) == (10000, 2, Liquidity.TAKER)
    assert (told.side, told.leaves_size, told.cum_size) == (Side.SELL, 0, 4000)
    assert told.order_id in at.server.orders
    assert told.fee == Decimal("0.01")
    assert told.fee_currency == at.venue.instrument[-3:]


async def test_a_limit_order_fills_in_parts_and_is_cancelled(at: At) -> None:
    log = Log()
    async with running(at.session(), log):
        log.approve(at.limit("s1", 5))
        await until(lambda: log.kinds("s1") == ["NEW"])
        await at.server.trade("s1", "2")
        await until(lambda: log.filled("s1") == 2)
        log.approve(at.cancel("s1"))
        await until(lambda: "CANCELED" in log.kinds("s1"))
        log.approve(at.cancel("s1"))
        await until(lambda: "CANCEL_REJECTED" in log.kinds("s1"))
    assert log.kinds("s1") == ["NEW", "TRADE", "CANCELED", "CANCEL_REJECTED"]
    assert log.reports("s1")[1].liquidity is Liquidity.MAKER


async def test_a_change_keeps_the_order_or_is_refused_where_there_is_none(at: At) -> None:
    log = Log()
    if at.venue.change:
        at.server.misbehave[at.venue.change] = ["lost"]
    async with running(at.session(), log):
        log.approve(at.limit("s1", 5))
        await until(lambda: "NEW" in log.kinds("s1"))
        await at.server.trade("s1", "2")
        log.approve(change("s1", at.venue.instrument, 1, price=9950, size=8))
        wanted = "REPLACED" if at.venue.change else "REPLACE_REJECTED"
        await until(lambda: wanted in log.kinds("s1"))
        rest = at.server.by_client("s1").size - 2
        await at.server.trade("s1", str(rest))
        await until(lambda: log.filled("s1") == (8 if at.venue.change else 5))
    assert log.kinds("s1").count(wanted) == 1
    assert log.reports("s1")[-1].leaves_size == 0
    if not at.venue.change:
        refusal = next(r for r in log.reports("s1") if r.exec_type is ExecType.REPLACE_REJECTED)
        assert "cancel" in refusal.text
        assert "send anew" in refusal.text


async def test_what_the_venue_refuses_or_has_not_is_rejected_with_words(at: At) -> None:
    log = Log()
    async with running(at.session(), log):
        log.approve(at.market("s1", 5000))
        log.approve(at.limit("s2", 1, time_in_force=TimeInForce.DAY))
        log.approve(at.limit("s3", 1, reduce_only=True))
        await until(lambda: log.kinds("s1") == log.kinds("s2") == log.kinds("s3") == ["REJECTED"])
    assert at.venue.too_large in log.reports("s1")[0].text
    assert "has no DAY" in log.reports("s2")[0].text
    assert at.server.posted == ["s1"]


async def test_a_namesake_at_another_venue_is_not_traded_here(at: At) -> None:
    log, symbol = Log(), at.venue.instrument.partition(":")[2]
    async with running(at.session(), log):
        log.approve(order("s1", f"ELSEWHERE:{symbol}", 1))
        await until(lambda: log.kinds("s1") == ["REJECTED"])
    assert f"where there is no ELSEWHERE:{symbol}" in log.reports("s1")[0].text
    assert not at.server.orders


async def test_a_sale_that_reduces_is_sent_so_that_positions_can_be_closed(at: At) -> None:
    log = Log()
    async with running(at.session(), log):
        terms = {"side": Side.SELL, "reduce_only": True, "time_in_force": TimeInForce.IOC}
        log.approve(at.market("s1", 2, **terms))
        await until(lambda: log.filled("s1") == 2)


@pytest.mark.parametrize("how", ["lost", "cut", "500-done", "503", "429"])
async def test_an_order_whose_answer_is_lost_is_sent_once(at: At, how: str) -> None:
    at.server.misbehave = {at.venue.new: [how, how], at.venue.cancel: [how]}
    log = Log()
    async with running(at.session(), log, timeout_s=0.2, max_age_ns=30_000 * MS):
        log.approve(at.limit("s1", 5))
        log.approve(at.cancel("s1"))
        await until(lambda: "CANCELED" in log.kinds("s1"))
        log.approve(at.market("s2", 3))
        await until(lambda: log.filled("s2") == 3)
    assert len(at.server.orders) == 2
    assert [k for k in log.kinds("s1") if k != "CANCEL_REJECTED"] == ["NEW", "CANCELED"]


@pytest.mark.parametrize("how", [["twice"] * 9, ["never"] * 9, ["", "cut"], ["", "never", "cut"]])
async def test_fills_are_told_once_whatever_the_stream_does(at: At, how: list[str]) -> None:
    log = Log()
    async with running(at.session(), log):
        at.server.stream = how
        log.approve(at.limit("s1", 6))
        await until(lambda: "s1" in at.server.posted and bool(at.server.orders))
        for _ in range(3):
            await at.server.trade("s1", "2")
        await until(lambda: log.filled("s1") == 6)
        log.approve(at.market("s2", 1))
        await until(lambda: log.filled("s2") == 1)
    assert [k for k in log.kinds("s1") if k != "NEW"] == ["TRADE"] * 3


async def test_a_lost_fill_is_told_before_the_cancel_that_followed_it(at: At) -> None:
    log = Log()
    async with running(at.session(), log, reconcile_ns=60 * 10**9):
        log.approve(at.limit("s1", 5))
        await until(lambda: "NEW" in log.kinds("s1"))
        await asyncio.sleep(0.05)
        at.server.stream = ["never"]
        await at.server.trade("s1", "2")
        await at.server.close("s1", "canceled", "by the venue")
        await until(lambda: "CANCELED" in log.kinds("s1"))
    assert log.kinds("s1") == ["NEW", "TRADE", "CANCELED"]
    assert log.reports("s1")[-1].cum_size == 2


async def test_reconciling_again_adds_nothing(at: At) -> None:
    log = Log()
    async with running(at.session(), log) as adapter:
        log.approve(at.market("s1", 5))
        log.approve(at.limit("s2", 7))
        await until(lambda: log.filled("s1") == 5 and "NEW" in log.kinds("s2"))
        batches = adapter.reconciler.batches
        await until(lambda: adapter.reconciler.batches > batches + 1)
        before, batches = len(log.reports()), adapter.reconciler.batches
        await until(lambda: adapter.reconciler.batches > batches + 1)
        assert len(log.reports()) == before
    batch = last_batch(log)
    assert [m.cl_ord_id for m in batch if hasattr(m, "cl_ord_id")] == ["s2"]
    assert not [m for m in batch if isinstance(m, VenuePosition)]
    base, quote = (at.venue.instrument.replace("-", "/").partition(":")[2]).split("/")
    money = {m.currency: m.total for m in batch if isinstance(m, VenueBalance)}
    held = at.server.holdings
    ours = {base: held[at.server.assets(at.venue.symbol)[0]]}
    ours[quote] = held[at.server.assets(at.venue.symbol)[1]]
    assert money == ours


def last_batch(log: Log) -> list[Any]:
    messages = log.messages()
    ends = [n for n, m in enumerate(messages) if isinstance(m, Reconciliation) and m.ended]
    starts = [n for n, m in enumerate(messages) if isinstance(m, Reconciliation) and not m.ended]
    return messages[max(s for s in starts if s < ends[-1]) : ends[-1] + 1]


async def test_an_order_made_by_hand_is_told_too(at: At) -> None:
    log = Log()
    made = VenueOrder(
        at.server.new_id(), "by-hand", at.venue.symbol, "buy", "limit", Decimal(3), "90"
    )
    at.server.orders[made.id] = made
    async with running(at.session(), log):
        await at.server.trade("by-hand", "1")
        await until(lambda: log.filled("by-hand") > 0)
    told = log.reports("by-hand")[-1]
    assert (told.instrument, told.last_size) == (at.venue.instrument, 10**9)
    assert (told.size_scale, told.side) == (9, Side.BUY)


async def test_an_order_sent_by_who_died_is_not_sent_again(at: At) -> None:
    log = Log()
    async with running(at.session(), log, snapshot_ns=60_000 * MS):
        log.approve(at.limit("s1", 5))
        await until(lambda: "NEW" in log.kinds("s1"))
    await at.server.trade("s1", "2")  # while nobody looks
    async with running(at.session(), log, max_age_ns=60_000 * MS):
        await until(lambda: log.filled("s1") == 2)
        await at.server.trade("s1", "3")
        await until(lambda: log.filled("s1") == 5)
    assert at.server.posted == ["s1"]
    assert log.kinds("s1").count("NEW") == 1


async def test_a_change_asked_for_by_who_died_is_told_or_refused(at: At) -> None:
    log = Log()
    async with running(at.session(), log, snapshot_ns=60_000 * MS, timeout_s=5.0):
        log.approve(at.limit("s1", 5))
        await until(lambda: "NEW" in log.kinds("s1"))
        await asyncio.sleep(0.05)
        if at.venue.change:
            at.server.misbehave[at.venue.change] = ["lost"]
            at.server.stream = ["never"]
        log.approve(change("s1", at.venue.instrument, 1, price=9950, size=8))
        if at.venue.change:
            await until(lambda: at.server.by_client("s1").size == 8)
    wanted = "REPLACED" if at.venue.change else "REPLACE_REJECTED"
    async with running(at.session(), log, max_age_ns=60_000 * MS):
        await until(lambda: wanted in log.kinds("s1"))
    assert log.kinds("s1") == ["NEW", wanted]


async def test_wrong_keys_stop_the_adapter(at: At) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        async with running(at.session(right=False), Log()):
            pass
    error = caught.value.exceptions[0]
    assert isinstance(error, VenueRefuses)
    assert "does not take the keys of account desk" in str(error)


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_whatever_happens_the_log_and_the_venue_agree(at: At, seed: int) -> None:
    rng, log, names = random.Random(seed), Log(), list[str]()
    venue = at.venue
    for generation in range(4):
        for request in filter(None, (venue.new, venue.cancel, venue.change, *venue.looks)):
            at.server.misbehave[request] = rng.choices(HOW, k=4)
        at.server.stream = rng.choices(["", "", "twice", "never", "cut"], k=10)
        try:
            async with running(at.session(), log, timeout_s=0.1, max_age_ns=10**11):
                for n in range(5):
                    names.append(f"g{generation}n{n}")
                    approve_at_random(at, log, names[-1], rng)
                await asyncio.sleep(rng.uniform(0.02, 0.5))
        except* TimeoutError:
            pass  # it did not even get to its first reconciliation
    at.server.misbehave.clear()
    at.server.stream = []
    async with running(at.session(), log, max_age_ns=100_000 * MS) as adapter:
        await until(lambda: adapter.progress.done_to == log.end())
        batches = adapter.reconciler.batches
        await until(lambda: adapter.reconciler.batches > batches + 1)
    made = at.server.orders.values()
    assert sorted(o.client_id for o in made) == sorted(names)
    for each in made:
        assert log.filled(each.client_id) == each.filled
        canceled = each.status == "canceled"
        assert log.kinds(each.client_id).count(str(ExecType.CANCELED)) == canceled


def approve_at_random(at: At, log: Log, name: str, rng: random.Random) -> None:
    if rng.random() < 0.5:
        log.approve(at.market(name, rng.randrange(1, 5)))
        return
    log.approve(at.limit(name, 4))
    if at.venue.change and rng.random() < 0.5:
        log.approve(change(name, at.venue.instrument, 1, price=9950, size=6))
    if rng.random() < 0.7:
        log.approve(at.cancel(name))


async def test_a_forged_or_old_approval_goes_nowhere(at: At) -> None:
    log = Log()
    async with running(at.session(), log):
        log.approve(replace(at.limit("s1", 1), ts_event=1))
        log.approve(at.market("s2", 1), forged=True)
        await until(lambda: log.kinds("s1") == log.kinds("s2") == ["REJECTED"])
    assert at.server.posted == []


async def test_an_old_change_is_refused_not_sent_late(at: At) -> None:
    log = Log()
    async with running(at.session(), log):
        log.approve(at.limit("s1", 5))
        await until(lambda: "NEW" in log.kinds("s1"))
        old = change("s1", at.venue.instrument, 1, price=9950, size=8)
        log.approve(replace(old, ts_event=1))
        await until(lambda: "REPLACE_REJECTED" in log.kinds("s1"))
        await at.server.trade("s1", "5")
        await until(lambda: log.filled("s1") == 5)
    assert "REPLACED" not in log.kinds("s1")
