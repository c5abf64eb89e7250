"""Kraken's order entry: signatures, forms, names, errors, and its own messages."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.decimals import exact_json
from connectors.kraken import order_calls as calls
from connectors.kraken import symbols
from connectors.kraken.endpoints import BUDGETS, LIVE
from connectors.kraken.order_form import client_id, new_form, our_ids
from connectors.kraken.order_refusals import judged
from connectors.kraken.orders import KrakenOrders
from connectors.timestamps import rfc3339_ns
from connectors.trading.budgets import Budgets
from connectors.trading.credentials import Credentials, KeysError
from connectors.trading.session import Purpose, Unsupported, Verdict
from schemas.enums import ExecType, OrdType, TimeInForce
from schemas.inbox import CashFlow, VenueBalance
from tests.venues.kraken_orders_server import KEY, SECRET
from tests.venues.trading_desk import ACCOUNT, MS, cancel, order, replace

BTC = "KRAKEN:BTC-USD"
# the example of Kraken's page on authentication
DOCUMENTED_SECRET = (
    "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="
)
DOCUMENTED_BODY = (
    b"nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25"
)
DOCUMENTED_SIGN = (
    "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ=="
)


def session(secret: str = SECRET) -> KrakenOrders:
    return KrakenOrders(ACCOUNT, Credentials(KEY, secret), LIVE)


def message(recorded: Path, name: str) -> bytes:
    return (recorded / "kraken" / "messages" / f"{name}.json").read_bytes()


def test_the_documented_example_is_signed_as_documented() -> None:
    made = session(DOCUMENTED_SECRET)
    signed = made._mac("/0/private/AddOrder", "1616492376594", DOCUMENTED_BODY)
    assert signed == DOCUMENTED_SIGN


def test_a_secret_that_is_not_base64_is_named_and_not_shown() -> None:
    with pytest.raises(KeysError, match="account desk: Kraken's secret is base64") as caught:
        session("not a secret!")
    assert "not a secret" not in str(caught.value)


def test_nonces_rise_whatever_the_clock_does_and_orders_carry_a_deadline() -> None:
    made = session()
    call = made.new(order("s1", BTC, 1))
    bodies = [parse_qs(made.signed(call, at).content.decode()) for at in (10**18, 10**18 - 5, 7)]
    nonces = [int(body["nonce"][0]) for body in bodies]
    assert nonces == [10**18, 10**18 + 1, 10**18 + 2]
    assert rfc3339_ns(bodies[0]["deadline"][0]) == 10**18 + 5 * 10**9
    assert made.settle_s > 5
    assert "deadline" not in made.signed(calls.token(), 1).content.decode()


@pytest.mark.parametrize(
    ("terms", "form"),
    [
        ({}, {"ordertype": "market"}),
        (
            {"ord_type": OrdType.LIMIT, "price": 990050, "time_in_force": TimeInForce.GTC},
            {"ordertype": "limit", "price": "9900.5", "timeinforce": "GTC", "oflags": "fciq"},
        ),
        (
            {"ord_type": OrdType.LIMIT, "price": 1, "time_in_force": TimeInForce.GTC}
            | {"post_only": True, "display_size": 1},
            {"ordertype": "iceberg", "displayvol": "1", "oflags": "fciq,post"},
        ),
        (
            {"ord_type": OrdType.LIMIT, "price": 100, "time_in_force": TimeInForce.GTD}
            | {"ts_expire": 1_700_000_000 * 10**9},
            {"timeinforce": "GTD", "expiretm": "1700000000"},
        ),
        (
            {"ord_type": OrdType.STOP, "stop_price": 9500, "time_in_force": TimeInForce.GTC},
            {"ordertype": "stop-loss", "price": "95"},
        ),
        (
            {"ord_type": OrdType.STOP_LIMIT, "stop_price": 9500, "price": 9400}
            | {"time_in_force": TimeInForce.GTC, "params": {"trigger": "index"}},
            {"ordertype": "stop-loss-limit", "price": "95", "price2": "94", "trigger": "index"},
        ),
        (
            {"ord_type": OrdType.TRAILING_STOP, "trail": 250, "time_in_force": TimeInForce.GTC},
            {"ordertype": "trailing-stop", "price": "+2.5"},
        ),
        (
            {"ord_type": OrdType.TRAILING_STOP, "params": {"trail_percent": "1.5"}}
            | {"time_in_force": TimeInForce.GTC},
            {"price": "+1.5%"},
        ),
    ],
)
def test_every_kind_of_order_has_its_form(terms: dict[str, Any], form: dict[str, str]) -> None:
    made = dict(new_form(order("s1", BTC, 3, **terms)))
    assert made | form == made
    assert (made["pair"], made["volume"], made["type"]) == ("XBTUSD", "3", "buy")


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"ord_type": OrdType.LIMIT, "time_in_force": TimeInForce.FOK}, "no FOK; use GTC, IOC"),
        ({"ord_type": OrdType.LIMIT, "time_in_force": TimeInForce.GTD}, "GTD needs the time"),
        ({"reduce_only": True}, "no short position"),
        ({"post_only": True}, "limit orders alone"),
        ({"display_size": 1}, "limit orders alone"),
    ],
)
def test_what_kraken_has_not_says_what_to_use(terms: dict[str, Any], said: str) -> None:
    with pytest.raises(Unsupported, match=said):
        new_form(order("s1", BTC, 3, **terms))


def test_our_client_ids_fit_and_come_back() -> None:
    ours = "0123456789abcdef0123"  # 20 hex digits, as the gate makes them
    at_kraken = client_id(ours)
    assert len(at_kraken) == 32
    assert ours in our_ids(at_kraken)
    assert our_ids("short") == ("short",)
    with pytest.raises(Unsupported, match="takes no client id"):
        client_id("not hexadecimal at all")


def test_pairs_are_named_as_the_venue_names_them(recorded: Path) -> None:
    pairs = json.loads(message(recorded, "http_asset_pairs"))["result"]
    pairs |= json.loads(message(recorded, "http_asset_pairs_tokenized"))["result"]
    for key, pair in pairs.items():
        ours = symbols.instrument_of(pair["wsname"])
        assert symbols.instrument_of(key) == symbols.instrument_of(pair["altname"]) == ours
        assert symbols.pair_of(ours) == pair["altname"]
        assert symbols.asset_of(pair["base"]) == symbols.currencies_of(key)[0]
    for long, ours in (("XXBTZUSD", "BTC-USD"), ("XTZUSD", "XTZ-USD"), ("XETHXXBT", "ETH-BTC")):
        assert symbols.instrument_of(long) == f"KRAKEN:{ours}"
    assert symbols.asset_of("ETH.F") == "ETH"
    with pytest.raises(ValueError, match="no currency"):
        symbols.instrument_of("NOTHING")


def test_recorded_answers_are_read(recorded: Path) -> None:
    made, at = session(), 1_700_000_000 * 10**9
    orders, money = made.reconcile()
    listed = made.answer(orders, 200, {}, message(recorded, "http_open_orders"), at)
    assert [(o.instrument, o.ord_type) for o in listed.open] == [
        ("KRAKEN:BTC-USDT", "LIMIT"),
        ("KRAKEN:ETH-USDT", "STOP"),
    ]
    history = made.answer(
        made.fills(0, at)[0], 200, {}, message(recorded, "http_trades_history"), at
    )
    fills = [r for r in history.told if getattr(r, "exec_type", None) is ExecType.TRADE]
    assert [(r.exec_id, str(r.fee.normalize()), r.fee_currency) for r in fills] == [
        ("TDCVFQ-TPEG4-6X7LSZ", "3.6", "USDT"),
        ("TCCCTY-WJ6EO-4FP4VZ", "23.6", "USDT"),
    ]
    held = made.answer(money, 200, {}, message(recorded, "http_spot_balance"), at)
    assert [(b.currency, b.total) for b in held.told if isinstance(b, VenueBalance)] == [
        ("USD", 200000),
        ("BTC", Decimal("0.5")),
        ("ETH", 2),
    ]
    sent = made.new(order("s1", BTC, 50_000_000, size_scale=8))
    added = made.answer(sent, 200, {}, message(recorded, "http_add_order_spot"), at)
    assert [r.exec_type for r in added.told] == [ExecType.NEW]
    gone = made.cancel(cancel("s1", BTC))
    assert gone is not None
    assert gone.query == (("txid", "OUF4EM-FRGI2-MQMWZD"),)
    done = made.answer(gone, 200, {}, message(recorded, "http_cancel_order_spot"), at)
    assert done.verdict is Verdict.DONE
    assert made.lookup("s1").query[0] == ("txid", "OUF4EM-FRGI2-MQMWZD")
    others = message(recorded, "http_closed_orders")
    none = made.answer(calls.among_closed("s1"), 200, {}, others, at)
    assert none.verdict is Verdict.ABSENT, "other people's orders are not taken for ours"
    ours = others.replace(b'"userref": 0', b'"cl_ord_id": "s1"', 1)
    found = made.answer(calls.among_closed("s1"), 200, {}, ours, at)
    assert found.verdict is Verdict.DONE
    assert [calls.method_of(call) for call in found.then] == ["TradesHistory"]


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        ("EOrder:Insufficient funds", Verdict.DONE),
        ("EOrder:Order minimum not met", Verdict.DONE),
        ("EService:Market in cancel_only mode", Verdict.DONE),
        ("EGeneral:Invalid arguments:price", Verdict.DONE),
        ("EQuery:Unknown asset pair", Verdict.DONE),
        ("EAPI:Rate limit exceeded", Verdict.WAIT),
        ("EOrder:Rate limit exceeded", Verdict.WAIT),
        ("EAPI:Invalid nonce", Verdict.WAIT),
        ("EGeneral:Temporary lockout", Verdict.WAIT),
        ("EService:Unavailable", Verdict.UNKNOWN),
        ("EService:Deadline elapsed", Verdict.UNKNOWN),
        ("EGeneral:Internal error[:x]", Verdict.UNKNOWN),
        ("EAPI:Invalid key", Verdict.UNAUTHORISED),
        ("EAPI:Invalid signature", Verdict.UNAUTHORISED),
        ("EGeneral:Permission denied", Verdict.UNAUTHORISED),
        ("EOrder:cl_ord_id is used by an open order", Verdict.TAKEN),
    ],
)
def test_every_error_of_a_new_order_has_its_verdict(error: str, verdict: Verdict) -> None:
    made = judged(Purpose.NEW, 200, json.dumps({"error": [error]}).encode(), 0)
    assert (made.verdict, made.text) == (verdict, error)
    assert made.refused == (verdict is Verdict.DONE)


def test_a_lookup_of_no_order_finds_none_and_a_throttle_says_until_when() -> None:
    absent = judged(Purpose.LOOKUP, 200, b'{"error":["EOrder:Unknown order"]}', 0)
    assert absent.verdict is Verdict.ABSENT
    throttled = judged(Purpose.NEW, 200, b'{"error":["EService:Throttled: 90"]}', 60 * 10**9)
    assert (throttled.verdict, round(throttled.wait_s)) == (Verdict.WAIT, 30)
    assert judged(Purpose.NEW, 520, b"<html>", 0).verdict is Verdict.UNKNOWN


def test_each_pair_has_a_counter_of_its_own_and_young_orders_cost_more() -> None:
    made, budgets = session(), Budgets(BUDGETS)
    first = order("s1", BTC, 1)
    new = made.new(first)
    assert (new.weight, new.spends) == (0.0, (("pair XBTUSD", 1.0),))
    made.tracker.named(made.tracker.orders["s1"], "TX")
    ask = cancel("s1", BTC)
    young = made.cancel(ask)
    assert young is not None
    assert young.spends == (("pair XBTUSD", 8.0),)
    asked = replace("s1", BTC, 1, 5, 6)
    changed = made.replace(asked)
    assert changed is not None
    assert changed.spends == (("pair XBTUSD", 4.0),)
    assert [budgets.delay(young, 0.0) for _ in range(7)] == [0.0] * 7
    assert budgets.delay(young, 0.0) == pytest.approx(4.0)
    assert budgets.delay(made.new(order("s2", "KRAKEN:ETH/USD", 1)), 0.0) == 0.0
    (orders, _) = made.reconcile()
    assert [budgets.delay(orders, 0.0) for _ in range(15)] == [0.0] * 15
    assert budgets.delay(orders, 0.0) == pytest.approx(1 / 0.33)


def test_deposits_and_rewards_are_cash_flows_and_trades_are_not() -> None:
    made = session()
    common = {"refid": "R1", "time": 1700000000.5, "subtype": "", "asset": "XXBT", "fee": "0.1"}
    rows = {
        "L1": common | {"type": "deposit", "amount": "1.1"},
        "L2": common | {"type": "withdrawal", "amount": "-1.0", "asset": "ZUSD"},
        "L3": common | {"type": "trade", "amount": "5"},
        "L4": common | {"type": "earn", "subtype": "allocation", "amount": "5"},
        "L5": common | {"type": "deposit", "amount": "much"},
    }
    body = json.dumps({"error": [], "result": {"ledger": rows, "count": 5}}).encode()
    call = made.fills(0, 0)[1]
    told = made.answer(call, 200, {}, body, 0).told
    flows = {f.flow_id: (f.kind, f.amount, f.currency) for f in told if isinstance(f, CashFlow)}
    assert flows == {
        "L1": ("DEPOSIT", Decimal("1.0"), "BTC"),
        "L2": ("WITHDRAWAL", Decimal("-1.1"), "USD"),
    }
    assert len(told) == 3  # and what cannot be read
    again = made.answer(call, 200, {}, body, 0).told
    assert not [f for f in again if isinstance(f, CashFlow)]


def test_numbers_of_the_channel_are_exact_and_an_end_waits_for_its_fills() -> None:
    made = session()
    made.new(order("s1", BTC, 100_000_000, size_scale=8))
    made.opened(0)
    start = b'{"channel":"executions","type":"snapshot","data":[],"sequence":1}'
    assert made.received(start, 1).ready
    row = {"order_id": "TX", "cl_ord_id": "s1", "timestamp": "2026-01-22T06:06:19.833306Z"}
    trade = row | {"exec_type": "trade", "exec_id": "T1", "order_status": "partially_filled"}
    trade |= {"liquidity_ind": "m", "fees": [{"asset": "USDC", "qty": 0}], "last_price": 85.16}
    text = json.dumps({"channel": "executions", "type": "update", "data": [trade], "sequence": 2})
    text = text.replace('"last_price"', '"last_qty": 8.528e-05, "last_price"')
    told = made.received(text.encode(), 2).told
    assert [r.exec_type for r in told] == [ExecType.NEW, ExecType.TRADE]
    assert (told[1].last_size, told[1].last_price) == (8528, 8516)
    end = row | {"exec_type": "canceled", "order_status": "canceled", "cum_qty": 0.5}
    text = json.dumps({"channel": "executions", "type": "update", "data": [end], "sequence": 3})
    step = made.received(text.encode(), 3)
    assert step.told == []
    assert [calls.method_of(call) for call in step.then] == ["TradesHistory"]


def test_a_gap_in_the_channel_and_its_silence_break_the_line() -> None:
    made = session()
    assert '"snap_trades":false' in made.opened(0).send[0]
    made.received(b'{"channel":"executions","type":"snapshot","data":[],"sequence":7}', 1)
    again = b'{"channel":"executions","type":"update","data":[],"sequence":%d}'
    assert not made.received(again % 8, 2).broken
    assert not made.received(again % 8, 3).broken, "told twice"
    assert made.received(again % 10, 4).broken == "messages 9 to 9 are missing"
    assert not made.tick(5 * 10**9).broken
    assert "heartbeat" in made.tick(11 * 10**9).broken
    denied = b'{"method":"subscribe","success":false,"error":"EGeneral:Permission denied"}'
    assert made.received(denied, 5).refused


rubbish = st.one_of(
    st.binary(max_size=60),
    st.builds(
        lambda row, kind: json.dumps(
            {"channel": "executions", "type": kind, "data": [row], "sequence": 1, "error": []}
            | {"result": row}
        ).encode(),
        st.dictionaries(
            st.sampled_from(
                ["order_id", "exec_type", "timestamp", "cum_qty", "fees", "open", "trades", "txid"]
            ),
            st.one_of(st.none(), st.text(max_size=9), st.floats(), st.lists(st.integers())),
        ),
        st.sampled_from(["snapshot", "update", ""]),
    ),
)


@settings(deadline=None)
@given(rubbish)
def test_whatever_the_venue_sends_nothing_raises(data: bytes) -> None:
    made = session()
    new = made.new(order("s1", BTC, 1))
    made.opened(0)
    made.received(data, 1)
    asked = [new, made.cancel(cancel("s1", BTC)), made.lookup("s1"), calls.token()]
    for call in [*asked, *made.reconcile(), *made.fills(0, MS), calls.among_closed("s1")]:
        assert call is not None
        made.answer(call, 200, {}, data, 1)


def test_json_that_is_nested_too_deep_or_no_number_is_refused() -> None:
    for data in (b"[" * 100_000, b"[NaN]", b"[Infinity]"):
        with pytest.raises(ValueError, match=r"deep|not a number"):
            exact_json(data)
