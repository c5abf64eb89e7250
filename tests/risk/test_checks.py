"""Each limit by an order just inside and just outside; scopes; the pardon of what reduces."""

from decimal import Decimal
from typing import Any

import pytest

from schemas.enums import ExecType, MarketState, OrdType, Side, TimeInForce
from schemas.inbox import LimitChange
from streams.operator import Refused
from streams.operators.risk.contracts import Contract
from streams.operators.risk.instruments import Instrument
from tests.risk.desk import Desk, limits

BUY, SELL = Side.BUY, Side.SELL
DEEP = {"bid_prices": (9900, 9800), "bid_sizes": (5, 5), "ask_prices": (10100, 10300)}
DEEP |= {"ask_sizes": (5, 5)}


@pytest.mark.parametrize(
    ("limit", "value", "inside", "outside"),
    [
        ("max_order_size", 5, {"size": 5}, {"size": 6}),
        ("max_order_notional", 505, {"size": 5}, {"size": 6}),
        ("price_collar", "0.02", {"price": 10200}, {"price": 10201}),
        ("max_slippage", "0.015", {"size": 6}, {"size": 9}),
        ("max_displayed", "0.5", {"size": 5}, {"size": 6}),
        ("max_position", 7, {"size": 7}, {"size": 8}),
        ("max_short", 3, {"size": 3, "side": SELL}, {"size": 4, "side": SELL}),
        ("max_gross_notional", 500, {"size": 5}, {"size": 6}),
        ("max_net_notional", 500, {"size": 5}, {"size": 6}),
        ("max_leverage", "0.5", {"size": 5}, {"size": 6}),
        ("max_concentration", "0.5", {"size": 5}, {"size": 6}),
        ("max_margin", "0.5", {"size": 5}, {"size": 6}),
    ],
)
def test_an_order_at_the_limit_passes_and_one_beyond_is_refused_by_name(
    limit: str, value: Any, inside: dict[str, Any], outside: dict[str, Any]
) -> None:
    for order, passes in ((inside, True), (outside, False)):
        desk = Desk(limits(**{limit: value}), capital=Decimal(1000))
        desk.mark(**DEEP)
        decision = desk.ask(**order)
        assert decision.approved is passes, decision.text
        assert decision.rule == ("" if passes else limit)
        at = decision.rules.index(limit)
        assert decision.limits[at] == str(value)
        assert Decimal(decision.values[at]).is_finite()


def test_every_check_stands_in_the_decision_with_its_limit_and_value() -> None:
    desk = Desk(limits(max_order_size=5, max_position=9))
    desk.mark()
    decision = desk.ask(3)
    checks = zip(decision.rules, decision.limits, decision.values, strict=True)
    told = {rule: (limit, value) for rule, limit, value in checks}
    assert told["max_order_size"] == ("5", "3")
    assert told["max_position"] == ("9", "3")
    assert told["kill_switch"] == ("released", "released")


@pytest.mark.parametrize("scope", ["venue.X", "sector.coins", "strategy.s", "instrument.X:Y"])
def test_a_scope_has_limits_of_its_own(scope: str) -> None:
    desk = Desk(
        limits(max_gross_notional=10_000),
        {scope: limits(max_gross_notional=500)},
        {"*": Instrument(sector="coins")},
    )
    desk.mark()
    desk.mark(instrument="Z:Q")
    assert desk.ask(5).approved
    refused = desk.ask(1)
    assert (refused.rule, refused.limit_value, refused.asked) == (
        f"{scope}.max_gross_notional",
        "500",
        "600",
    )
    elsewhere = desk.ask(1, instrument="Z:Q", strategy="other")
    assert elsewhere.approved is (scope != "sector.coins")


def test_what_only_reduces_passes_every_exposure_and_loss_limit() -> None:
    desk = Desk(limits(max_position=10, daily_loss=50, max_gross_notional=5000))
    desk.mark()
    desk.fill(desk.order(10), price=100)
    desk.mark(50, 52)
    desk.send(LimitChange("a", desk.ts, "max_position", "1", "me", "calm"))
    assert desk.ask(1).rule == "daily_loss"
    assert desk.ask(10, SELL).approved
    assert desk.ask(1, SELL).rule == "daily_loss", "one more would open a short position"


def test_the_worst_that_open_orders_may_lead_to_counts() -> None:
    desk = Desk(limits(max_position=8))
    desk.mark()
    assert desk.ask(5, price=9900).approved
    assert desk.ask(4, price=9900).rule == "max_position"
    assert desk.ask(8, SELL, price=10100).approved, "the other side does not add to it"
    assert desk.ask(1, SELL, price=10100).rule == "max_position"


@pytest.mark.parametrize(
    ("known", "order", "rule"),
    [
        (Instrument(tick=Decimal("0.05")), {"price": 10003}, "tick_size"),
        (Instrument(lot=Decimal(5)), {"size": 7}, "lot_size"),
        (Instrument(min_notional=Decimal(500)), {"size": 4}, "min_notional"),
        (Instrument(shortable=False), {"side": SELL}, "short_sale"),
        (Instrument(restricted=True), {}, "restricted"),
        (Instrument(Contract("EUR")), {}, "currency_rate"),
    ],
)
def test_the_rules_of_an_instrument(known: Instrument, order: dict[str, Any], rule: str) -> None:
    desk = Desk(reference={"X:*": known}, currency="USD")
    desk.mark()
    assert desk.ask(**order).rule == rule


@pytest.mark.parametrize("state", [s for s in MarketState if s is not MarketState.TRADING])
def test_only_a_market_that_trades_takes_market_orders(state: MarketState) -> None:
    desk = Desk()
    desk.mark()
    desk.mark(state=state)
    assert desk.ask().rule == "market_state"
    at_open = {"time_in_force": TimeInForce.OPG}
    assert desk.ask(**at_open).approved is (state is not MarketState.DARK)


def test_a_fee_of_unknown_worth_is_not_forgotten_when_another_order_comes() -> None:
    desk = Desk()
    desk.mark()
    order = desk.order(5)
    desk.report(order, ExecType.TRADE, 5, fee=Decimal(1), fee_currency="BNB")
    refused = desk.ask(1)
    assert (refused.rule, refused.asked) == ("currency_rate", "unknown")
    assert desk.ask(2, SELL).approved, "it only reduces"
    assert desk.ask(1).rule == "currency_rate"


@pytest.mark.parametrize("quoted_in", ["", "USDT"])
def test_a_fee_in_the_coin_that_was_bought_is_worth_its_mark(quoted_in: str) -> None:
    desk = Desk(reference={"X:*": Instrument(Contract(quoted_in))}, currency="USDT")
    desk.mark(instrument="X:BTC-USDT")
    order = desk.order(5, instrument="X:BTC-USDT")
    fee = {"fee": Decimal("0.01"), "fee_currency": "BTC"}
    desk.report(order, ExecType.TRADE, 5, **fee)
    assert desk.ask(1, instrument="X:BTC-USDT").approved
    assert desk.gate.accounts["a"].tally("").pnl == Decimal(-1), "a hundredth of a mark of 100"


def test_a_rate_of_its_currency_brings_an_instrument_into_the_sums() -> None:
    desk = Desk(
        limits(max_gross_notional=110),
        reference={"X:*": Instrument(Contract("EUR"))},
        currency="USD",
        currencies={"F:EURUSD": "EUR/USD"},
    )
    desk.mark()
    desk.mark(1.09, 1.11, "F:EURUSD")
    assert desk.ask(1).approved
    assert desk.ask(1).asked == "220"


def test_orders_that_would_trade_with_our_own_are_refused() -> None:
    desk = Desk()
    desk.mark()
    resting = desk.order(1, SELL, price=10100)
    assert desk.ask(1, price=10000).approved
    refused = desk.ask(1, price=10100)
    assert (refused.rule, refused.asked) == ("self_trade", resting.cl_ord_id)
    assert desk.ask(1).rule == "self_trade"


def test_a_copy_of_an_order_within_the_window_is_refused() -> None:
    desk = Desk(limits(duplicate_window=5))
    desk.mark()
    assert desk.ask(2).approved
    assert desk.ask(2).rule == "duplicate_window"
    assert desk.ask(3).approved
    desk.clock(6)
    assert desk.ask(2).approved


def test_stale_marks_and_a_clock_that_stands_still_close_the_gate() -> None:
    desk = Desk(limits(max_mark_age=2, max_clock_age=10))
    desk.mark()
    desk.clock(0)
    assert desk.ask().approved
    desk.now += 3
    assert desk.ask().rule == "max_mark_age"
    desk.now += 20
    desk.mark()
    assert desk.ask().rule == "max_clock_age"


def test_losses_in_a_row_and_drawdown() -> None:
    desk = Desk(limits(max_consecutive_losses=1))
    for _ in range(2):
        desk.mark()
        desk.fill(desk.order(1), price=101)
        desk.fill(desk.order(1, SELL), price=99)
    assert desk.ask().rule == "max_consecutive_losses"
    desk = Desk(limits(max_drawdown=100))
    desk.mark()
    desk.fill(desk.order(10), price=100)
    desk.mark(119, 121)
    desk.mark(108, 110)
    assert desk.ask().rule == "max_drawdown"


def test_what_moves_together_counts_together() -> None:
    together = (("X:Y", "X:Z", Decimal("0.5")),)
    desk = Desk(limits(max_correlated_notional=1000), correlations=together)
    desk.mark()
    desk.mark(instrument="X:Z")
    desk.fill(desk.order(8, instrument="X:Z"))
    assert desk.ask(6).approved
    assert desk.ask(1).asked == "1100"


def test_limits_change_while_it_runs_and_go() -> None:
    desk = Desk(limits(max_order_size=5))
    desk.mark()
    path = "strategy.s.max_order_size"
    for value, size, rule in (("2", 3, path), ("none", 3, ""), ("4", 5, path)):
        desk.send(LimitChange("a", desk.ts, path, value, "me", ""))
        assert desk.ask(size).rule == rule
    for wrong in ("strategy.s.max_fun", "planet.s.max_position", "max_fun", "venue..max_position"):
        with pytest.raises(Refused, match="limit"):
            desk.send(LimitChange("a", desk.ts, wrong, "1", "me", ""))


def test_an_order_without_its_price_does_not_belong_here() -> None:
    desk = Desk()
    desk.mark()
    for change in (
        {"ord_type": OrdType.LIMIT},
        {"ord_type": OrdType.STOP},
        {"ord_type": OrdType.TRAILING_STOP},
    ):
        with pytest.raises(Refused, match="needs a positive"):
            desk.send(desk.signal(1, **change))
