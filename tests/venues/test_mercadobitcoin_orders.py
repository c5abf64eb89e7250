"""Mercado Bitcoin's order entry: tokens, bodies, errors, fees, and life without a stream."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.decimals import exact_json
from connectors.mercadobitcoin import order_calls as calls
from connectors.mercadobitcoin.endpoints import BUDGETS
from connectors.mercadobitcoin.order_form import new_body
from connectors.mercadobitcoin.order_refusals import judged
from connectors.mercadobitcoin.orders import MercadoBitcoinOrders
from connectors.trading.budgets import Budgets
from connectors.trading.credentials import Credentials
from connectors.trading.session import Purpose, Unsupported, Verdict
from schemas.enums import ExecType, OrdType, Side, TimeInForce
from tests.venues.mercadobitcoin_orders_server import (
    ACCOUNT,
    KEY,
    SECRET,
    MercadoBitcoinOrdersServer,
)
from tests.venues.order_server import serving
from tests.venues.trading_desk import ACCOUNT as DESK
from tests.venues.trading_desk import MS, Log, cancel, order, running, until

BTC = "MERCADOBITCOIN:BTC-BRL"
S = 10**9
LIMIT = {"ord_type": OrdType.LIMIT, "price": 999750, "time_in_force": TimeInForce.GTC}


def session(port: int = 1) -> MercadoBitcoinOrders:
    made = MercadoBitcoinOrders(DESK, Credentials(KEY, SECRET), f"http://127.0.0.1:{port}")
    made.settle_s, made.tick_s = 0.3, 0.05
    return made


@pytest.fixture
async def venue() -> AsyncIterator[tuple[MercadoBitcoinOrdersServer, int]]:
    server = MercadoBitcoinOrdersServer()
    async with serving(server) as port:
        yield server, port


@pytest.mark.parametrize("oauth", [True, False])
async def test_either_form_of_token_opens_the_venue(venue: Any, oauth: bool) -> None:
    server, port = venue
    server.oauth, log = oauth, Log()
    async with running(session(port), log):
        log.approve(order("s1", BTC, 1))
        await until(lambda: log.filled("s1") == 1)
    assert server.asked_for_tokens == (["oauth2"] if oauth else ["oauth2", "authorize"])


async def test_a_token_is_fetched_once_for_all_who_wait_and_again_when_it_ends(venue: Any) -> None:
    server, port = venue
    log = Log()
    async with running(session(port), log) as adapter:
        server.tokens.clear()  # it ends early
        async with asyncio.TaskGroup() as tasks:
            for _ in range(5):
                tasks.create_task(adapter.sender.ask(calls.balances()))
    assert 2 <= len(server.asked_for_tokens) <= 3


def test_a_token_is_refreshed_before_it_ends_and_is_in_no_repr() -> None:
    made = session()
    fetch = made.before(0)
    assert fetch is not None
    body = b'{"access_token": "the-token", "expires_in": 3600}'
    assert made.answer(fetch, 200, {}, body, 0).verdict is Verdict.DONE
    named = made.before(3000 * S)
    assert named == calls.accounts()
    made.answer(named, 200, {}, b'[{"id": "A1"}]', 0)
    assert made.before(3554 * S) is None
    assert made.before(3556 * S) is not None
    assert "the-token" not in repr(made._token)
    assert SECRET not in repr(made._token)
    assert SECRET not in repr(made.signed(fetch, 0))
    sent = made.signed(calls.balances(), 0)
    assert sent.url.endswith("/accounts/A1/balances")
    assert sent.headers == {"Authorization": "Bearer the-token"}


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"access_token": "x", "expires_in": 1}'])
def test_an_answer_that_is_no_token_is_asked_for_again_and_never_told(body: bytes) -> None:
    made = session()
    fetch = made.before(0)
    assert fetch is not None
    answer = made.answer(fetch, 200, {}, body, 0)
    assert (answer.verdict, answer.told) == (Verdict.UNKNOWN, [])


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({}, {"type": "market", "qty": "3", "side": "buy", "externalId": "s1", "async": False}),
        (LIMIT, {"type": "limit", "limitPrice": 9997.5}),
        (LIMIT | {"post_only": True}, {"type": "post-only"}),
        (
            LIMIT | {"ord_type": OrdType.STOP_LIMIT, "stop_price": 1_000_000, "side": Side.SELL},
            {"type": "stoplimit", "stopPrice": 10000, "limitPrice": 9997.5, "side": "sell"},
        ),
    ],
)
def test_every_kind_of_order_has_its_body(terms: dict[str, Any], said: dict[str, Any]) -> None:
    text = new_body(order("s1", BTC, 3, **terms))
    made = json.loads(text)
    assert made | said == made
    if "limitPrice" in said:
        assert str(exact_json(text)["limitPrice"]) == "9997.5"


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (LIMIT | {"time_in_force": TimeInForce.IOC}, "no IOC; use GTC"),
        ({"ord_type": OrdType.STOP, "stop_price": 1}, "no STOP; use STOP_LIMIT"),
        ({"ord_type": OrdType.TRAILING_STOP, "trail": 1}, "no TRAILING_STOP"),
        (LIMIT | {"ord_type": OrdType.STOP_LIMIT, "stop_price": 9}, "only sell"),
        (
            LIMIT | {"ord_type": OrdType.STOP_LIMIT, "stop_price": 9, "side": Side.SELL},
            "at or below its stop",
        ),
        (LIMIT | {"display_size": 1}, "iceberg algorithm"),
        ({"reduce_only": True}, "no short position"),
    ],
)
def test_what_the_venue_has_not_says_what_to_use(terms: dict[str, Any], said: str) -> None:
    with pytest.raises(Unsupported, match=said):
        new_body(order("s1", BTC, 3, **terms))


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (200, "", Verdict.DONE),
        (400, "TRADING|PLACE_ORDER|INSUFFICIENT_BALANCE", Verdict.DONE),
        (400, "TRADING|PLACE_ORDER|INVALID_SYMBOL", Verdict.DONE),
        (400, "TRADING|PLACE_ORDER|ORDER_DUPLICATE", Verdict.TAKEN),
        (400, "TRADING|PLACE_ORDER|ORDER_IN_PROCESSING", Verdict.UNKNOWN),
        (400, "TRADING|PLACE_ORDER|ERROR_PUBLISH_ORDER", Verdict.UNKNOWN),
        (500, "API|INTERNAL_SERVER_ERROR", Verdict.UNKNOWN),
        (429, "API|REQUEST_RATE_EXCEEDED", Verdict.WAIT),
        (400, "API|REQUEST_BLOCKED", Verdict.WAIT),
        (503, "API|API_UNAVAILABLE", Verdict.WAIT),
        (403, "API|FORBIDDEN", Verdict.UNAUTHORISED),
        (400, "API|INVALID_ACCESS", Verdict.UNAUTHORISED),
    ],
)
def test_every_answer_to_a_new_order_has_its_verdict(
    status: int, code: str, verdict: Verdict
) -> None:
    made = judged(Purpose.NEW, status, orjson.dumps({"code": code, "message": "why"}))
    assert made.verdict is verdict
    assert made.refused == (verdict is Verdict.DONE and status != 200)


async def test_what_is_bought_costs_a_fee_in_the_coin(venue: Any) -> None:
    _, port = venue
    log = Log()
    async with running(session(port), log):
        log.approve(order("s1", BTC, 2000, size_scale=3))
        await until(lambda: log.filled("s1") == 2000)
    (fill,) = [r for r in log.reports("s1") if r.exec_type is ExecType.TRADE]
    assert (str(fill.fee.normalize()), fill.fee_currency) == ("0.0001", "BTC")


async def test_without_open_orders_nothing_is_polled(venue: Any) -> None:
    server, port = venue
    log = Log()
    async with running(session(port), log, reconcile_ns=60 * S):
        log.approve(order("s1", BTC, 1))
        await until(lambda: log.filled("s1") == 1)
        await asyncio.sleep(0.15)
        asked = len(server.requests)
        await asyncio.sleep(0.3)
        assert len(server.requests) == asked


async def test_orders_and_executions_are_read_to_the_last_page(venue: Any) -> None:
    server, port = venue
    server.page, log = 2, Log()
    async with running(session(port), log) as adapter:
        for n in range(5):
            log.approve(order(f"s{n}", BTC, 1))
        await until(lambda: log.filled() == 5)
        places = [calls.by_client(adapter.session.tracker.orders["s0"])]
        verdicts = []
        while places:
            answer = await adapter.sender.ask(places.pop())
            verdicts.append(answer.verdict)
            places += answer.then if answer.verdict is Verdict.ABSENT else []
        assert verdicts[-1] is Verdict.DONE
        assert len(verdicts) > 2
        batches = adapter.reconciler.batches
        await until(lambda: adapter.reconciler.batches > batches)


async def test_a_stop_limit_order_goes_on_as_the_order_that_it_triggered(venue: Any) -> None:
    server, port = venue
    log = Log()
    async with running(session(port), log):
        terms = {"stop_price": 1_000_000, "side": Side.SELL}
        log.approve(order("s1", BTC, 3, **LIMIT | {"ord_type": OrdType.STOP_LIMIT} | terms))
        await until(lambda: "NEW" in log.kinds("s1"))
        stop = server.by_client("s1")
        made = server._ids
        limit = type(stop)(server.new_id(), "", stop.symbol, "sell", "limit", stop.size, "9997.5")
        server.orders[limit.id] = limit
        stop.more["trigger"], stop.status = limit.id, "filled"
        stop.client_id, limit.client_id = "s1", "the-triggered"
        await server.trade("the-triggered", "3")
        await until(lambda: log.filled("s1") == 3)
        assert made
    assert [k for k in log.kinds("s1") if k != "NEW"] == ["TRADE"]
    assert log.kinds("the-triggered") == []


def test_each_kind_of_request_has_its_own_pace() -> None:
    budgets = Budgets(BUDGETS)
    one = calls.by_name("BTC-BRL", "X")
    assert [budgets.delay(one, 0.0) for _ in range(3)] == [0.0, 1.0, 2.0]
    listed = calls.working("BTC-BRL")
    assert [round(budgets.delay(listed, 0.0), 1) for _ in range(3)] == [0.0, 0.1, 0.2]
    assert ACCOUNT not in listed.path


rubbish = st.one_of(
    st.binary(max_size=60),
    st.builds(
        lambda row, many: json.dumps([row] if many else row | {"items": [row]}).encode(),
        st.dictionaries(
            st.sampled_from(["id", "status", "qty", "filledQty", "instrument", "executions"]),
            st.one_of(st.none(), st.text(max_size=9), st.floats(), st.lists(st.integers())),
        ),
        st.booleans(),
    ),
)


@settings(deadline=None)
@given(rubbish)
def test_whatever_the_venue_sends_nothing_raises(data: bytes) -> None:
    made = session()
    new = made.new(order("s1", BTC, 1))
    looked = made.lookup("s1")
    made.tracker.named(made.tracker.orders["s1"], "OID")
    asked = [new, made.cancel(cancel("s1", BTC)), looked, made.lookup("s1"), calls.accounts()]
    for call in [*asked, *made.reconcile(), *made.fills(0, MS), calls.working("BTC-BRL")]:
        assert call is not None
        made.answer(call, 200, {}, data, 1)
    fetch = session().before(0)
    assert fetch is not None
    made.answer(fetch, 200, {}, data, 1)
