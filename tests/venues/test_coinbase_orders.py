"""Coinbase's order entry: tokens, bodies, errors, and its own messages."""

import asyncio
import json
from pathlib import Path
from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.coinbase import order_calls as calls
from connectors.coinbase.endpoints import LIVE, at
from connectors.coinbase.order_form import new_body
from connectors.coinbase.order_refusals import judged
from connectors.coinbase.orders import CoinbaseOrders
from connectors.trading.credentials import Credentials, KeysError
from connectors.trading.session import Purpose, Unsupported, Verdict
from schemas.enums import ExecType, OrdType, Side, TimeInForce
from schemas.inbox import VenueBalance
from tests.venues.coinbase_orders_server import KEY, SECRET, CoinbaseOrdersServer
from tests.venues.order_server import serving
from tests.venues.trading_desk import ACCOUNT, MS, Log, cancel, order, replace, running, until

BTC = "COINBASE:BTC-USD"
NOW = 1_700_000_000 * 10**9


def session(secret: str = SECRET) -> CoinbaseOrders:
    return CoinbaseOrders(ACCOUNT, Credentials(KEY, secret), LIVE)


def message(recorded: Path, name: str) -> bytes:
    return (recorded / "coinbase" / "messages" / f"{name}.json").read_bytes()


def test_each_request_has_a_token_of_its_own_for_its_path_alone() -> None:
    made = session(SECRET.replace("\n", "\\n"))  # as an environment file holds it
    call = calls.next_page(made.fills(NOW, NOW)[0], "a&b")
    first, second = made.signed(call, NOW), made.signed(call, NOW)
    assert first.url.endswith("limit=250&cursor=a%26b")
    tokens = [http.headers["Authorization"].removeprefix("Bearer ") for http in (first, second)]
    assert tokens[0] != tokens[1]
    claims = jwt.decode(tokens[0], options={"verify_signature": False})
    path = "/api/v3/brokerage/orders/historical/fills"
    assert claims == {
        "sub": KEY,
        "iss": "cdp",
        "nbf": 1_700_000_000,
        "exp": 1_700_000_120,
        "uri": f"GET api.coinbase.com{path}",
    }
    for text in made.opened(NOW).send:
        assert "uri" not in jwt.decode(json.loads(text)["jwt"], options={"verify_signature": False})


def test_a_key_of_another_kind_is_named_and_not_shown() -> None:
    other = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    for secret in ("rubbish", other.decode()):
        with pytest.raises(KeysError, match="account desk: Coinbase's secret is an EC") as caught:
            session(secret)
        assert secret not in str(caught.value)


LIMIT = {"ord_type": OrdType.LIMIT, "price": 990050}


@pytest.mark.parametrize(
    ("terms", "name", "said"),
    [
        ({}, "market_market_ioc", {"base_size": "3"}),
        ({"time_in_force": TimeInForce.FOK}, "market_market_fok", {"base_size": "3"}),
        (
            LIMIT | {"time_in_force": TimeInForce.GTC, "post_only": True},
            "limit_limit_gtc",
            {"base_size": "3", "limit_price": "9900.5", "post_only": True},
        ),
        (LIMIT | {"time_in_force": TimeInForce.IOC}, "sor_limit_ioc", {"limit_price": "9900.5"}),
        (LIMIT | {"time_in_force": TimeInForce.FOK}, "limit_limit_fok", {"base_size": "3"}),
        (
            LIMIT | {"time_in_force": TimeInForce.GTD, "ts_expire": NOW},
            "limit_limit_gtd",
            {"end_time": "2023-11-14T22:13:20.000000000Z"},
        ),
        (
            LIMIT
            | {"ord_type": OrdType.STOP_LIMIT, "stop_price": 1000, "side": Side.SELL}
            | {"time_in_force": TimeInForce.GTC},
            "stop_limit_stop_limit_gtc",
            {"stop_price": "10", "stop_direction": "STOP_DIRECTION_STOP_DOWN"},
        ),
    ],
)
def test_every_kind_of_order_has_its_configuration(
    terms: dict[str, Any], name: str, said: dict[str, Any]
) -> None:
    body = orjson.loads(new_body(order("s1", BTC, 3, **terms)))
    assert (body["client_order_id"], body["product_id"]) == ("s1", "BTC-USD")
    made = body["order_configuration"][name]
    assert made | said == made


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (LIMIT | {"time_in_force": TimeInForce.DAY}, "no DAY; use GTC, GTD, IOC or FOK"),
        ({"ord_type": OrdType.STOP, "stop_price": 1}, "no STOP; use STOP_LIMIT, or let the gate"),
        ({"ord_type": OrdType.TRAILING_STOP, "trail": 1}, "no TRAILING_STOP"),
        (LIMIT | {"time_in_force": TimeInForce.IOC, "post_only": True}, "post-only for limit"),
        (LIMIT | {"time_in_force": TimeInForce.GTC, "display_size": 1}, "iceberg algorithm"),
        (LIMIT | {"time_in_force": TimeInForce.GTD}, "GTD needs the time"),
        ({"reduce_only": True}, "no short position"),
    ],
)
def test_what_coinbase_has_not_says_what_to_use(terms: dict[str, Any], said: str) -> None:
    with pytest.raises(Unsupported, match=said):
        new_body(order("s1", BTC, 3, **terms))


def test_recorded_answers_are_read(recorded: Path) -> None:
    made = session()
    orders, money = made.reconcile()
    listed = made.answer(orders, 200, {}, message(recorded, "http_orders_list"), NOW)
    assert [o.cl_ord_id for o in listed.open] == ["11111-000000-000001", "11111-000000-000002"]
    assert [c.query[0] for c in listed.then] == [("order_ids", "0000-000000-000002")]
    one = made.look_at(listed.open[0])
    found = made.answer(one, 200, {}, message(recorded, "http_order"), NOW)
    assert [r.exec_type for r in found.told] == [ExecType.NEW]
    filled = made.answer(made.fills(0, 0)[0], 200, {}, message(recorded, "http_fills"), NOW)
    fills = [r for r in filled.told if getattr(r, "exec_type", None) is ExecType.TRADE]
    assert [(r.exec_id, str(r.fee.normalize()), r.fee_currency) for r in fills] == [
        ("0000-000000-000002:1111-11111-111112", "0.5", "USD"),
        ("0000-000000-000000:1111-11111-111111", "1.14", "USD"),
    ]
    held = made.answer(money, 200, {}, message(recorded, "http_accounts"), NOW)
    assert [(b.currency, str(b.total)) for b in held.told if isinstance(b, VenueBalance)] == [
        ("BTC", "1.23956789"),
        ("USD", "10450.50"),
    ]


def test_recorded_messages_of_the_stream_are_read(recorded: Path) -> None:
    made = session()
    made.opened(NOW)
    assert not made.received(message(recorded, "ws_subscriptions"), NOW).told
    step = made.received(message(recorded, "ws_user"), NOW)
    assert step.ready
    assert [r.exec_type for r in step.told] == [ExecType.NEW]
    (adopted,) = made.tracker.open()
    assert (adopted.instrument, adopted.size, adopted.ours) == (BTC, 10**6, False)


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (200, {"success": True}, Verdict.DONE),
        (200, {"success": False, "error_response": {"error": "INSUFFICIENT_FUND"}}, Verdict.DONE),
        (
            200,
            {"success": False, "failure_reason": "UNKNOWN_FAILURE_REASON"}
            | {"error_response": {"preview_failure_reason": "PREVIEW_INVALID_LIMIT_PRICE"}},
            Verdict.DONE,
        ),
        (200, {"success": False, "failure_reason": "UNKNOWN_FAILURE_REASON"}, Verdict.UNKNOWN),
        (200, {"success": False, "failure_reason": "DUPLICATE_CLIENT_ORDER_ID"}, Verdict.TAKEN),
        (200, {}, Verdict.UNKNOWN),
        (400, {"error": "INVALID_ARGUMENT", "message": "product"}, Verdict.DONE),
        (401, {}, Verdict.UNAUTHORISED),
        (403, {"error": "PERMISSION_DENIED", "message": "scopes"}, Verdict.UNAUTHORISED),
        (403, {}, Verdict.UNKNOWN),
        (429, {}, Verdict.WAIT),
        (500, {"error": "INTERNAL"}, Verdict.UNKNOWN),
    ],
)
def test_every_answer_to_a_new_order_has_its_verdict(
    status: int, body: dict[str, Any], verdict: Verdict
) -> None:
    made = judged(Purpose.NEW, status, {"retry-after": "0.5"}, orjson.dumps(body))
    assert made.verdict is verdict
    assert made.refused == (verdict is Verdict.DONE and body != {"success": True})


def test_a_refused_cancel_and_a_refused_edit_say_why() -> None:
    row = {"success": False, "failure_reason": "UNKNOWN_CANCEL_ORDER"}
    refused = judged(Purpose.CANCEL, 200, {}, orjson.dumps({"results": [row]}))
    assert (refused.refused, refused.text) == (True, "UNKNOWN_CANCEL_ORDER")
    body = {"success": False, "errors": [{"edit_failure_reason": "BELOW_FILLED_SIZE"}]}
    refused = judged(Purpose.REPLACE, 200, {}, orjson.dumps(body))
    assert (refused.refused, refused.text) == (True, "BELOW_FILLED_SIZE")
    assert judged(Purpose.LOOKUP, 404, {}, b"{}").verdict is Verdict.ABSENT


def test_a_fill_that_is_taken_back_is_told_to_people_and_a_quote_size_becomes_a_base_size() -> None:
    made = session()
    made.new(order("s1", BTC, 3, size_scale=8))
    made.tracker.named(made.tracker.orders["s1"], "OID")
    common = {"order_id": "OID", "trade_time": "2024-01-15T10:30:00Z", "price": "30000"}
    common |= {"commission": "", "product_id": "BTC-USD", "liquidity_indicator": "TAKER"}
    rows = [
        common | {"trade_id": "T2", "trade_type": "REVERSAL", "size": "1"},
        common | {"trade_id": "T1", "trade_type": "FILL", "size": "100", "size_in_quote": True},
    ]
    body = orjson.dumps({"fills": rows, "cursor": ""})
    told = made.answer(calls.fills_of("OID"), 200, {}, body, NOW).told
    assert [getattr(r, "last_size", None) for r in told] == [333333, None]
    assert "REVERSAL" in told[1].error


@pytest.mark.asyncio
async def test_fills_that_come_later_than_their_news_are_asked_for_again() -> None:
    server, log = CoinbaseOrdersServer(), Log()
    async with serving(server) as port:
        made = CoinbaseOrders(ACCOUNT, Credentials(KEY, SECRET), at(f"http://127.0.0.1:{port}"))
        async with running(made, log, reconcile_ns=60 * 10**9):
            server.late_fills = 3
            log.approve(order("s1", BTC, 2))
            await until(lambda: log.filled("s1") == 2)
    assert log.kinds("s1") == ["NEW", "TRADE"]


@pytest.mark.asyncio
async def test_an_edit_that_would_trade_too_much_is_cancelled() -> None:
    server, log = CoinbaseOrdersServer(size_is_what_is_left=True), Log()
    async with serving(server) as port:
        made = CoinbaseOrders(ACCOUNT, Credentials(KEY, SECRET), at(f"http://127.0.0.1:{port}"))
        async with running(made, log):
            terms = {"price": 9900, "time_in_force": TimeInForce.GTC}
            log.approve(order("s1", BTC, 10, OrdType.LIMIT, **terms))
            await until(lambda: "NEW" in log.kinds("s1"))
            await server.trade("s1", "4")
            await until(lambda: log.filled("s1") == 4)
            log.approve(replace("s1", BTC, 1, price=9950, size=8))
            await until(lambda: "CANCELED" in log.kinds("s1"))
    assert log.kinds("s1") == ["NEW", "TRADE", "REPLACED", "CANCELED"]


@pytest.mark.asyncio
async def test_orders_and_fills_are_read_to_the_last_page() -> None:
    server, log = CoinbaseOrdersServer(page=2), Log()
    async with serving(server) as port:
        made = CoinbaseOrders(ACCOUNT, Credentials(KEY, SECRET), at(f"http://127.0.0.1:{port}"))
        async with running(made, log) as adapter:
            server.stream = ["never"] * 99
            for n in range(5):
                log.approve(order(f"s{n}", BTC, 1))
            await until(lambda: len(server.trades) == 5)
            server.stream = []
            await until(lambda: log.filled() == 5)
            call, found = made.lookup("s0"), []
            assert call.path.endswith(made.tracker.orders["s0"].name)
            places = [calls.by_client(made.tracker.orders["s0"])]
            while places and not found:
                answer = await adapter.sender.ask(places.pop())
                places += answer.then if answer.verdict is Verdict.ABSENT else []
                found = [answer] if answer.verdict is Verdict.DONE else []
            assert found
            await asyncio.sleep(0)


def test_an_unknown_refusal_of_the_stream_breaks_it_and_wrong_keys_stop_it() -> None:
    made = session()
    made.opened(NOW)
    refused = made.received(b'{"type":"error","message":"authentication failure"}', NOW)
    assert refused.refused
    assert made.received(b'{"type":"error","message":"slow down"}', NOW).broken == "slow down"
    beat = b'{"channel":"heartbeats","sequence_num":%d,"events":[]}'
    assert not made.received(beat % 4, NOW).broken
    assert made.received(beat % 7, NOW).broken == "messages 5 to 6 are missing"
    assert "heartbeat" in made.tick(NOW + 11 * 10**9).broken


rubbish = st.one_of(
    st.binary(max_size=60),
    st.builds(
        lambda row, number: json.dumps(
            {"channel": "user", "sequence_num": number, "events": [{"orders": [row]}]}
            | {"timestamp": "2024-01-15T10:30:00Z", "orders": [row], "fills": [row], "order": row}
            | {"accounts": [row], "success": True, "success_response": row, "results": [row]}
        ).encode(),
        st.dictionaries(
            st.sampled_from(
                ["order_id", "client_order_id", "status", "cumulative_quantity", "size", "price"]
            ),
            st.one_of(st.none(), st.text(max_size=9), st.integers(), st.lists(st.integers())),
        ),
        st.integers(0, 3),
    ),
)


@settings(deadline=None)
@given(rubbish)
def test_whatever_the_venue_sends_nothing_raises(data: bytes) -> None:
    made = session()
    new = made.new(order("s1", BTC, 1))
    looked = made.lookup("s1")
    made.tracker.named(made.tracker.orders["s1"], "OID")
    made.opened(0)
    made.received(data, 1)
    asked = [new, made.cancel(cancel("s1", BTC)), looked, made.lookup("s1")]
    for call in [*asked, *made.reconcile(), *made.fills(0, MS)]:
        assert call is not None
        made.answer(call, 200, {}, data, 1)
