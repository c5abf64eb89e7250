"""Live order entry at Alpaca, against a server that keeps real state and misbehaves."""

from collections.abc import AsyncIterator
from dataclasses import replace as changed

import pytest

from connectors.alpaca.endpoints import at
from connectors.alpaca.orders import AlpacaOrders
from connectors.trading.credentials import Credentials
from connectors.trading.session import VenueRefuses
from schemas.enums import ExecType, OrdType, Side, TimeInForce
from schemas.inbox import Reconciliation, VenueBalance, VenuePosition
from schemas.records import DeadLetter
from tests.venues.alpaca_orders_server import KEY, SECRET, AlpacaOrdersServer, now
from tests.venues.order_server import serving
from tests.venues.trading_desk import ACCOUNT, Log, cancel, order, replace, running, until

pytestmark = pytest.mark.asyncio
AAPL = "ALPACA:AAPL"


@pytest.fixture
async def venue() -> AsyncIterator[tuple[AlpacaOrdersServer, int]]:
    server = AlpacaOrdersServer()
    async with serving(server) as port:
        yield server, port


def session(port: int, secret: str = SECRET) -> AlpacaOrders:
    made = AlpacaOrders(ACCOUNT, Credentials(KEY, secret), at(f"http://127.0.0.1:{port}"))
    made.settle_s = 0.3
    return made


def limit(name: str, size: int, price: int = 9900, **more: object):
    return order(name, AAPL, size, OrdType.LIMIT, price=price, **more)


async def test_an_order_lives_from_approval_to_its_last_fill(venue) -> None:
    server, port = venue
    server.pieces, log = 4, Log()
    async with running(session(port), log):
        log.approve(order("a1", AAPL, 8, side=Side.SELL))
        await until(lambda: log.filled("a1") == 8)
    kinds = [k for k in log.kinds("a1") if k != "PENDING_NEW"]
    assert kinds == ["NEW", *["TRADE"] * 4]
    last = log.reports("a1")[-1]
    assert (last.last_price, last.price_scale, last.cum_size, last.leaves_size) == (10000, 2, 8, 0)
    assert last.side is Side.SELL
    assert last.order_id == server.by_client("a1")["id"]


async def test_a_price_finer_than_the_orders_own_scale_is_told_exactly(venue) -> None:
    server, port = venue
    log = Log()
    async with running(session(port), log):
        log.approve(limit("a1", 2))
        await until(lambda: "NEW" in log.kinds("a1"))
        await server.trade("a1", "2", "98.9875")
        await until(lambda: log.filled("a1") == 2)
    assert (log.reports("a1")[-1].last_price, log.reports("a1")[-1].price_scale) == (989875, 4)


async def test_fractions_and_coins(venue) -> None:
    _, port = venue
    log = Log()
    async with running(session(port), log):
        log.approve(order("c1", "ALPACA:BTC-USD", 12345, size_scale=9, price_scale=2))
        await until(lambda: log.filled("c1") == 12345)
        at_once = {"size_scale": 3, "time_in_force": TimeInForce.IOC}
        log.approve(order("f1", AAPL, 1500, **at_once))
        await until(lambda: log.filled("f1") == 1500)
        await until(
            lambda: any(isinstance(m, VenuePosition) and m.quantity for m in log.messages())
        )
    held = [m for m in log.messages() if isinstance(m, VenuePosition) and m.quantity][-1]
    assert (held.instrument, held.quantity, held.size_scale) == ("ALPACA:BTC-USD", 12345, 9)


async def test_a_cancel_is_told_once_and_a_second_one_is_refused(venue) -> None:
    _, port = venue
    log = Log()
    async with running(session(port), log):
        log.approve(limit("a1", 5))
        log.approve(cancel("a1", AAPL))
        log.approve(cancel("a1", AAPL))
        await until(lambda: "CANCEL_REJECTED" in log.kinds("a1"))
    assert log.kinds("a1").count("CANCELED") == 1
    refusal = next(r for r in log.reports("a1") if r.exec_type is ExecType.CANCEL_REJECTED)
    assert "already in" in refusal.text


@pytest.mark.parametrize(
    ("size", "price", "said"),
    [(10**6, 9900, "403 (40310000): insufficient buying power"), (1, 99001, "422 (42210000)")],
)
async def test_what_the_venue_refuses_is_rejected_with_its_words(venue, size, price, said) -> None:
    _, port = venue
    log = Log()
    async with running(session(port), log):
        log.approve(limit("a1", size, price, price_scale=2 if price == 9900 else 3))
        await until(lambda: log.kinds("a1") == ["REJECTED"])
    assert said in log.reports("a1")[0].text


async def test_what_the_venue_has_not_is_never_sent(venue) -> None:
    server, port = venue
    log = Log()
    async with running(session(port), log):
        log.approve(limit("a1", 1, post_only=True))
        log.approve(limit("a2", 10, display_size=1))
        await until(lambda: log.kinds("a1") == log.kinds("a2") == ["REJECTED"])
    assert server.posted == []


async def test_a_change_of_a_partly_filled_order_keeps_its_identity(venue) -> None:
    server, port = venue
    log = Log()
    async with running(session(port), log):
        log.approve(limit("a1", 10))
        await until(lambda: "NEW" in log.kinds("a1"))
        await server.trade("a1", "4")
        await until(lambda: log.filled("a1") == 4)
        log.approve(replace("a1", AAPL, 1, price=9950, size=12))
        await until(lambda: "REPLACED" in log.kinds("a1"))
        assert server.by_client("a1-r1")["qty"] == "8"
        await server.trade("a1-r1", "8")
        await until(lambda: log.filled("a1") == 12)
    told = {r.exec_type: r for r in log.reports("a1")}
    assert (told[ExecType.REPLACED].price, told[ExecType.REPLACED].leaves_size) == (9950, 8)
    assert told[ExecType.TRADE].cum_size == 12
    assert told[ExecType.TRADE].leaves_size == 0


async def test_a_fill_that_meets_a_change_cannot_trade_twice(venue) -> None:
    server, port = venue
    log = Log()
    async with running(session(port), log):
        log.approve(limit("a1", 10))
        await until(lambda: "NEW" in log.kinds("a1"))
        server.stream = ["never"]
        await server.trade("a1", "6")  # nobody here knows yet
        log.approve(replace("a1", AAPL, 1, price=9950, size=10))
        await until(lambda: "CANCELED" in log.kinds("a1"))
    assert log.filled("a1") == 6
    assert server.by_client("a1-r1")["status"] == "canceled"


async def test_a_change_that_comes_too_late_is_refused(venue) -> None:
    _, port = venue
    log = Log()
    async with running(session(port), log):
        log.approve(order("a1", AAPL, 3))
        await until(lambda: log.filled("a1") == 3)
        log.approve(replace("a1", AAPL, 1, price=9950, size=5))
        await until(lambda: "REPLACE_REJECTED" in log.kinds("a1"))


@pytest.mark.parametrize("how", ["lost", "cut", "500-done", "503", "429"])
async def test_an_order_whose_answer_is_lost_is_looked_up_and_sent_once(venue, how) -> None:
    server, port = venue
    server.misbehave["POST orders"] = [how, how]
    log = Log()
    async with running(session(port), log):
        log.approve(order("a1", AAPL, 5))
        await until(lambda: log.filled("a1") == 5)
    assert server.position("AAPL") == 5
    assert len(server.orders) == 1
    assert log.kinds("a1").count("NEW") == 1


@pytest.mark.parametrize("how", ["lost", "cut", "500-done", "503", "429"])
async def test_a_cancel_or_change_whose_answer_is_lost_happens_once(venue, how) -> None:
    server, port = venue
    server.misbehave = {"PATCH orders": [how], "DELETE orders": [how]}
    log = Log()
    async with running(session(port), log):
        log.approve(limit("a1", 5))
        await until(lambda: "NEW" in log.kinds("a1"))
        log.approve(replace("a1", AAPL, 1, price=9950, size=6))
        await until(lambda: "REPLACED" in log.kinds("a1"))
        log.approve(cancel("a1", AAPL))
        await until(lambda: "CANCELED" in log.kinds("a1"))
    assert log.kinds("a1").count("REPLACED") == log.kinds("a1").count("CANCELED") == 1
    assert sorted(o["status"] for o in server.orders.values()) == ["canceled", "replaced"]


@pytest.mark.parametrize("how", [["twice"] * 9, ["never"] * 9, ["", "cut"], ["", "", "cut"]])
async def test_fills_are_told_once_whatever_the_stream_does(venue, how) -> None:
    server, port = venue
    server.pieces, log = 3, Log()
    async with running(session(port), log):
        server.stream = how
        log.approve(order("a1", AAPL, 6))
        await until(lambda: log.filled("a1") == 6)
        server.stream = []
        log.approve(order("a2", AAPL, 3))
        await until(lambda: log.filled("a2") == 3)
    assert log.kinds("a1").count("TRADE") == 3
    assert sorted(r.last_size for r in log.reports("a1") if r.last_size) == [2, 2, 2]


async def test_a_lost_fill_is_told_before_the_cancel_that_followed_it(venue) -> None:
    server, port = venue
    log = Log()
    async with running(session(port), log, reconcile_ns=60 * 10**9):
        log.approve(limit("a1", 5))
        await until(lambda: "NEW" in log.kinds("a1"))
        server.stream = ["never"]
        await server.trade("a1", "2")
        await server.close("a1", "canceled")
        await until(lambda: "CANCELED" in log.kinds("a1"))
    assert [k for k in log.kinds("a1") if k != "PENDING_NEW"] == ["NEW", "TRADE", "CANCELED"]
    assert log.reports("a1")[-1].cum_size == 2


async def test_reconciling_again_adds_nothing(venue) -> None:
    server, port = venue
    log = Log()
    async with running(session(port), log) as adapter:
        log.approve(order("a1", AAPL, 5))
        log.approve(limit("a2", 7))
        await until(lambda: log.filled("a1") == 5 and "NEW" in log.kinds("a2"))
        before, batches = len(log.reports()), adapter.reconciler.batches
        await until(lambda: adapter.reconciler.batches > batches + 2)
        assert len(log.reports()) == before
    batch = last_batch(log)
    assert [type(m).__name__ for m in batch] == [
        "Reconciliation",
        "ExecutionReport",
        "VenuePosition",
        "VenueBalance",
        "Reconciliation",
    ]
    _, listed, held, money, end = batch
    assert (listed.cl_ord_id, listed.exec_type, listed.leaves_size) == ("a2", ExecType.STATUS, 7)
    assert (held.instrument, held.quantity) == (AAPL, 5)
    assert money.total == server.cash
    assert end.ended
    assert held.batch == money.batch == end.batch
    assert end.ts_cutoff < end.ts_event


def last_batch(log: Log) -> list:
    messages = log.messages()
    ends = [n for n, m in enumerate(messages) if isinstance(m, Reconciliation) and m.ended]
    starts = [n for n, m in enumerate(messages) if isinstance(m, Reconciliation) and not m.ended]
    return messages[max(s for s in starts if s < ends[-1]) : ends[-1] + 1]


async def test_what_is_under_way_is_after_the_cutoff(venue) -> None:
    server, port = venue
    server.misbehave["POST orders"] = ["lost"]
    log = Log()
    async with running(session(port), log, timeout_s=1.0) as adapter:
        approval = limit("a1", 5)
        log.approve(approval)
        batches = adapter.reconciler.batches
        await until(lambda: adapter.reconciler.batches > batches)
        assert last_batch(log)[-1].ts_cutoff < approval.ts_event
        await until(lambda: "NEW" in log.kinds("a1"))


async def test_an_order_made_by_hand_is_told_too(venue) -> None:
    server, port = venue
    body = {"symbol": "MSFT", "qty": "3", "side": "buy", "type": "limit", "limit_price": "90"}
    made = server._order(body | {"client_order_id": "by-hand", "time_in_force": "gtc"})
    server.orders[made["id"]] = made | {"status": "new"}
    log = Log()
    async with running(session(port), log):
        await server.trade("by-hand", "1")
        await until(lambda: log.filled("by-hand") > 0)
    told = log.reports("by-hand")[-1]
    assert (told.instrument, told.last_size, told.size_scale) == ("ALPACA:MSFT", 10**9, 9)


async def test_fees_and_dividends_are_cash_flows_once(venue) -> None:
    server, port = venue
    log = Log()
    fee = {"activity_type": "FEE", "id": "20260101000000000::f1", "net_amount": "-0.02"}
    coin = {"activity_type": "CFEE", "id": "20260101000000000::f2", "net_amount": "0"}
    coin |= {"qty": "-0.001", "symbol": "BTCUSD"}
    broken = {"activity_type": "FEE", "id": "20260101000000000::f3", "net_amount": "much"}
    async with running(session(port), log) as adapter:
        server.activities += [row | {"transaction_time": now()} for row in (fee, coin, broken)]
        batches = adapter.reconciler.batches
        await until(lambda: adapter.reconciler.batches > batches + 1)
    flows = [m for m in log.messages() if type(m).__name__ == "CashFlow"]
    assert [(f.kind, str(f.amount.normalize()), f.currency) for f in flows] == [
        ("FEE", "-0.02", ""),
        ("FEE", "-0.001", "BTC"),
    ]
    assert any(b"f3" in letter.payload for letter in log.messages("dead-letters"))


async def test_orders_of_two_instruments_do_not_wait_for_each_other(venue) -> None:
    server, port = venue
    server.misbehave["POST orders"] = ["503", "503", "503"]
    log = Log()
    async with running(session(port), log):
        log.approve(order("a1", AAPL, 1))
        log.approve(order("a2", AAPL, 1))
        log.approve(order("m1", "ALPACA:MSFT", 1))
        await until(lambda: all(log.filled(name) == 1 for name in ("a1", "a2", "m1")))
    assert [name for name in server.posted if name[0] == "a"][-1] == "a2"
    made = [o["client_order_id"] for o in server.orders.values()]
    assert made.index("a1") < made.index("a2")


async def test_an_approval_that_is_old_or_forged_is_never_sent(venue) -> None:
    server, port = venue
    log = Log()
    async with running(session(port), log):
        log.approve(changed(order("old", AAPL, 1), ts_event=order("x", AAPL, 1).ts_event - 10**11))
        log.approve(order("forged", AAPL, 1), forged=True)
        log.approve(order("real", AAPL, 1))
        log.approve(order("real", AAPL, 9), forged=True)
        await until(lambda: len(log.messages("dead-letters")) == 1)
        await until(lambda: log.filled("real") == 1)
    assert server.posted == ["real"]
    assert log.kinds("old") == log.kinds("forged") == ["REJECTED"]
    assert "not sent" in log.reports("old")[0].text
    letter = log.messages("dead-letters")[0]
    assert isinstance(letter, DeadLetter)
    assert "signature" in letter.error


async def test_wrong_keys_stop_the_adapter_with_a_clear_word(venue) -> None:
    _, port = venue
    with pytest.raises(ExceptionGroup) as caught:
        async with running(session(port, "wrong"), Log()):
            pass
    error = caught.value.exceptions[0]
    assert isinstance(error, VenueRefuses)
    assert "does not take the keys of account desk" in str(error)
    assert "wrong" not in str(error)


async def test_balances_name_the_venue(venue) -> None:
    server, port = venue
    log = Log()
    async with running(session(port), log):
        pass
    money = next(m for m in log.messages() if isinstance(m, VenueBalance))
    assert (money.currency, money.total, money.available) == ("USD", server.cash, 2 * server.cash)
