"""Stops, targets and circuit breakers: when they act, how often, and how trading comes back."""

from decimal import Decimal
from typing import Any

import pytest

from schemas.enums import CommandAction, ExecType, Side, TradingState
from schemas.execution import ApprovedOrder, CancelRequest
from schemas.inbox import BreakerReset, CashFlow, Health, LimitChange
from schemas.ledger import AccountState, BreakerChanged, Decision
from streams.operator import Refused
from streams.operators.risk.breakers import BreakerRule
from streams.operators.risk.contracts import Contract
from streams.operators.risk.instruments import Instrument
from streams.operators.risk.stops import StopRule
from streams.operators.risk.tail_watch import VarRule
from streams.operators.risk.var import VarConfig
from tests.risk.desk import SECOND, Desk, limits, of, one, sent

REDUCE, HALT = TradingState.REDUCE_ONLY, TradingState.HALTED


def held(side: Side, *rules: StopRule) -> Desk:
    """Ten at 100."""
    desk = Desk(stops=rules)
    desk.mark(100, 100)
    desk.fill(desk.order(10, side))
    return desk


@pytest.mark.parametrize(
    ("rule", "path", "leaves_at"),
    [
        (StopRule("r", "static", distance=Decimal("0.05")), [99, 96, 95], 95),
        (StopRule("r", "trailing", distance=Decimal("0.05")), [110, 105, 104.5], 104.5),
        (StopRule("r", "break_even", distance=Decimal("0.1")), [105, 99, 110, 101, 100], 100),
        (StopRule("r", "target", distance=Decimal("0.1")), [109, 110], 110),
    ],
)
def test_a_stop_acts_at_its_price_and_not_before(
    rule: StopRule, path: list[float], leaves_at: float
) -> None:
    for side in Side:
        desk = held(side, rule)
        sign = 1 if side is Side.BUY else -1
        for price in path:
            at = 100 + sign * (price - 100)
            if rule.kind == "trailing" and side is Side.SELL:
                at = 100 * 100 / price if price != leaves_at else 100 * 100 / 110 * 1.051
            made = list(of(desk.mark(at, at), ApprovedOrder))
            assert bool(made) is (price == leaves_at), (side, price)
        (order,) = made
        assert (order.side is side, order.size, order.reduce_only) == (False, 10, True)


def test_a_time_stop_and_a_chandelier() -> None:
    desk = held(Side.BUY, StopRule("r", "time", period_ns=60 * SECOND))
    desk.mark(100, 100)
    desk.clock(59)
    assert not sent(desk.mark(100, 100))
    desk.clock(2)
    assert sent(desk.mark(100, 100))

    rule = StopRule("r", "chandelier", distance=Decimal(3), period_ns=SECOND)
    desk = held(Side.BUY, rule)
    for _ in range(5):  # bars of a range of 2: three of them are 6 below the best, 102
        for price in (100, 102, 101):
            assert not sent(desk.mark(price, price))
        desk.clock(1)
    assert not sent(desk.mark(96.5, 96.5))
    assert sent(desk.mark(93, 93))


def test_an_exit_larger_than_an_order_may_be_goes_in_pieces_of_whole_lots() -> None:
    lots = {"X:*": Instrument(lot=Decimal(2))}
    rule = StopRule("r", "static", distance=Decimal("0.05"))
    desk = Desk(limits(max_order_size=7, max_order_notional=490), reference=lots, stops=(rule,))
    desk.mark(70, 70)
    for _ in range(3):
        desk.fill(desk.order(6), price=70)
    pieces = list(of(desk.mark(60, 60), ApprovedOrder))
    assert [order.size for order in pieces] == [6, 6, 6]
    for order in pieces:
        desk.fill(order, price=60)
    assert desk.position() == 0
    assert not sent(desk.clock(5))


def test_an_exit_that_was_refused_is_tried_again_until_it_is_done() -> None:
    desk = held(Side.BUY, StopRule("r", "static", distance=Decimal("0.05")))
    desk.send(LimitChange("a", desk.ts, "order_rate", "2", "me", "calm"))
    desk.send(LimitChange("a", desk.ts, "max_order_size", "4", "me", "calm"))
    desk.clock(1)
    made = desk.mark(90, 90)
    assert [d.approved for d in of(made, Decision)] == [True, True, False]
    for order in of(made, ApprovedOrder):
        desk.fill(order, price=90)
    rest = one(desk.clock(2), ApprovedOrder)
    assert rest.size == 2
    desk.fill(rest, price=90)
    assert desk.position() == 0


def test_an_exit_that_is_refused_again_and_again_asks_less_and_less_often() -> None:
    desk = held(Side.BUY, StopRule("r", "static", distance=Decimal("0.05")))
    desk.send(LimitChange("a", desk.ts, "max_order_size", "0", "me", "nothing more"))
    desk.mark(90, 90)
    asked = [len(list(of(desk.clock(1.001), Decision))) for _ in range(200)]
    assert [n for n, made in enumerate(asked, 1) if made] == [1, 3, 7, 15, 31, 63, 127, 191]
    desk.send(LimitChange("a", desk.ts, "max_order_size", "none", "me", "go on"))
    (order,) = [m for _ in range(64) for m in of(desk.clock(1.001), ApprovedOrder)]
    assert order.size == 10


def test_a_stop_takes_the_orders_of_its_strategy_away_before_it_leaves() -> None:
    desk = held(Side.BUY, StopRule("r", "static", distance=Decimal("0.05")))
    take_profit = desk.order(10, Side.SELL, price=12000)
    elsewhere = desk.order(5, Side.SELL, price=12000, strategy="other")
    (cancel,) = sent(desk.mark(90, 90))
    assert isinstance(cancel, CancelRequest)
    assert cancel.cl_ord_id == take_profit.cl_ord_id
    order = one(desk.report(take_profit, ExecType.CANCELED), ApprovedOrder)
    assert (order.size, order.account) == (10, "a")
    desk.fill(order, price=90)
    assert (desk.position(strategy="s"), desk.position()) == (0, 0)
    assert desk.gate.accounts["a"].orders.open.keys() == {elsewhere.cl_ord_id}


def test_flattening_an_account_closes_every_instrument_of_every_strategy() -> None:
    desk = Desk()
    for instrument in ("X:Y", "X:Z"):
        desk.mark(100, 100, instrument)
        desk.fill(desk.order(3, instrument=instrument))
        desk.fill(desk.order(2, Side.SELL, instrument=instrument, strategy="t"))
    orders = list(of(desk.command(CommandAction.FLATTEN), ApprovedOrder))
    told = {(o.account, o.strategy, o.instrument, o.side, o.size) for o in orders}
    assert told == {
        ("a", strategy, instrument, side, size)
        for instrument in ("X:Y", "X:Z")
        for strategy, side, size in (("s", Side.SELL, 3), ("t", Side.BUY, 2))
    }


def test_a_ladder_of_targets_closes_its_shares_each_once() -> None:
    rungs = [
        StopRule("one", "target", distance=Decimal("0.1"), share=Decimal("0.3")),
        StopRule("two", "target", distance=Decimal("0.2"), share=Decimal("0.5")),
    ]
    desk = held(Side.BUY, *rungs)
    first = one(desk.mark(110, 110), ApprovedOrder)
    desk.fill(first, price=110)
    desk.clock(5)
    assert not sent(desk.mark(111, 111))
    second = one(desk.mark(120, 120), ApprovedOrder)
    assert (first.size, second.size) == (3, 4)


def test_a_stop_that_did_not_get_it_all_tries_again_after_a_while() -> None:
    desk = held(Side.BUY, StopRule("r", "static", distance=Decimal("0.05")))
    order = one(desk.mark(90, 90), ApprovedOrder)
    assert not sent(desk.mark(89, 89)), "its order is under way"
    desk.fill(order, 4, 90)
    desk.report(order, ExecType.EXPIRED)
    assert not sent(desk.mark(89, 89))
    assert one(desk.clock(2), ApprovedOrder).size == 6


def test_a_portfolio_stop_closes_what_loses_and_what_does_not() -> None:
    desk = Desk(stops=(StopRule("r", "portfolio", distance=Decimal(100)),))
    for name in ("X:Y", "X:Z"):
        desk.mark(100, 100, name)
        desk.fill(desk.order(10, instrument=name))
    assert not sent(desk.mark(91, 91))
    assert one(desk.mark(89, 89), ApprovedOrder).instrument == "X:Y"
    assert one(desk.mark(100, 100, "X:Z"), ApprovedOrder).instrument == "X:Z"


def breaker(measure: str, limit: Any, then: TradingState = REDUCE, **more: Any) -> BreakerRule:
    base = {"window_ns": 60 * SECOND, "cool_down_ns": 0}
    return BreakerRule("b", measure, Decimal(str(limit)), then=then, **{**base, **more})


def test_rejections_trip_the_breaker_and_a_person_resets_it() -> None:
    desk = Desk(breakers=(breaker("rejects", "0.5"),))
    desk.mark()
    desk.fill(desk.order(5))
    for n in range(4):  # with the fill five, three of them rejected
        made = desk.report(desk.order(1), ExecType.REJECTED if n else ExecType.NEW)
    changed = one(made, BreakerChanged)
    assert (changed.before, changed.after, changed.value) == ("NORMAL", "REDUCE_ONLY", "0.6")
    assert desk.ask(1).rule == "trading_state"
    assert desk.ask(5, Side.SELL).approved
    told = one(desk.send(BreakerReset("a", desk.ts, "", "me", "fixed")), BreakerChanged)
    assert (told.after, told.who) == ("NORMAL", "me")
    assert desk.ask(1).approved


def test_slices_and_changes_of_what_opens_wait_while_only_reducing_is_allowed() -> None:
    desk = Desk(limits(daily_loss=1000), breakers=(breaker("model_drift", "0.3"),))
    desk.mark()
    desk.send(desk.signal(10, algo="twap", signal_id="p"))
    resting = desk.order(2, price=9000)
    desk.report(resting, ExecType.NEW)
    desk.send(Health("a", desk.ts, "", "model_drift", 1.0, "features"))
    assert desk.ask(4, parent="p").rule == "trading_state"
    moved = one(desk.command(CommandAction.REPLACE, resting.signal_id, price=9100), Decision)
    assert moved.rule == "trading_state"
    assert "reduces" not in moved.rules


def test_a_loss_too_fast_halts_cancels_and_cools_down() -> None:
    rule = breaker("loss", 100, HALT, cool_down_ns=30 * SECOND)
    desk = Desk(breakers=(rule,))
    desk.mark(100, 100)
    desk.fill(desk.order(10))
    resting = desk.order(1, price=9000)
    desk.mark(95, 95)
    desk.clock(70)
    assert not sent(desk.mark(88, 88)), "50 and 70 in different minutes"
    made = desk.mark(77, 77)
    assert one(made, BreakerChanged).ts_until == desk.ts + 30 * SECOND
    assert one(made, CancelRequest).cl_ord_id == resting.cl_ord_id
    assert desk.ask(1, Side.SELL).rule == "trading_state"
    assert one(desk.clock(31), BreakerChanged).after is TradingState.NORMAL
    desk.report(resting, ExecType.CANCELED)
    desk.mark(77, 77)
    assert desk.ask(1).approved


def test_a_slow_venue_a_silent_market_and_prices_that_part() -> None:
    desk = Desk(breakers=(breaker("latency", 2),))
    desk.mark()
    order = desk.order(1)
    desk.now += 3
    assert one(desk.report(order, ExecType.NEW), BreakerChanged).value.startswith("3")

    desk = Desk(breakers=(breaker("data_gap", 5),))
    desk.mark()
    desk.fill(desk.order(1))
    assert not list(of(desk.clock(4), BreakerChanged))
    assert one(desk.clock(4), BreakerChanged).after is REDUCE

    desk = Desk(breakers=(breaker("price_gap", "0.01", group=("X:Y", "Z:Y")),))
    desk.mark(100, 100)
    assert not list(of(desk.mark(100.9, 100.9, "Z:Y"), BreakerChanged))
    assert one(desk.mark(101.2, 101.2, "Z:Y"), BreakerChanged).value == "0.012"


def test_a_rate_that_is_missing_does_not_lock_a_position_in() -> None:
    desk = Desk(
        reference={"X:*": Instrument(Contract("EUR"))},
        currency="USD",
        currencies={"F:EURUSD": "EUR/USD"},
    )
    desk.mark(1.09, 1.11, "F:EURUSD")
    desk.mark()
    desk.fill(desk.order(5))
    desk.now += 3600
    desk.mark()
    assert desk.ask(1).rule == "currency_rate"
    closing = one(desk.command(CommandAction.FLATTEN), ApprovedOrder)
    assert (closing.side, closing.size) == (Side.SELL, 5)


def test_a_venue_that_never_answers_is_slow_too() -> None:
    desk = Desk(breakers=(breaker("latency", "2"),))
    desk.mark()
    order = desk.order(1)
    assert not list(of(desk.clock(1), BreakerChanged))
    assert one(desk.clock(2), BreakerChanged).after is not TradingState.NORMAL
    desk.report(order, ExecType.NEW)
    desk.send(BreakerReset("a", desk.ts, "", "me", "it is back"))
    assert not list(of(desk.clock(9), BreakerChanged))


def test_what_a_part_of_the_system_measures_of_itself_trips_too() -> None:
    desk = Desk(breakers=(breaker("model_drift", "0.3"),))
    for value, trips in ((0.3, False), (float("nan"), True)):
        made = desk.send(Health("a", desk.ts, "", "model_drift", value, "features"))
        assert bool(list(of(made, BreakerChanged))) is trips


@pytest.mark.parametrize("measure", ["loss", "rejects", "latency", "data_gap", "price_gap"])
def test_what_the_gate_measures_nobody_else_tells(measure: str) -> None:
    desk = Desk(breakers=(breaker(measure, "2"),))
    desk.mark()
    with pytest.raises(Refused, match="is measured here"):
        desk.send(Health("a", desk.ts, "", measure, float("nan"), "a stranger"))
    assert desk.ask(1).approved


def test_the_state_of_the_account_is_told_at_its_cadence_with_every_sum() -> None:
    desk = Desk(limits(), capital=Decimal(10_000), currency="USD")
    desk.mark(100, 100)
    assert not list(of(desk.clock(5), AccountState)), "nothing has been traded yet"
    desk.fill(desk.order(10))
    desk.mark(110, 110)
    desk.order(2, price=10_500)
    state = one(desk.clock(1), AccountState)
    assert (state.equity, state.unrealised_pnl, state.day_pnl) == (10_100, 100, 100)
    assert (state.gross, state.net, state.open_notional) == (1320, 1100, 220)
    assert (state.buying_power, state.open_orders, state.currency) == (8780, 1, "USD")
    assert not list(of(desk.clock(0.5), AccountState))
    flow = CashFlow("a", "X:Y", desk.ts, "FUNDING", Decimal(-7), "", "f1", "")  # type: ignore[arg-type]
    assert one(desk.send(flow), AccountState).equity == 10_093
    assert not desk.send(flow), "the same flow again"


def test_value_at_risk_is_unknown_until_there_are_enough_returns_and_then_limits() -> None:
    rule = VarRule(VarConfig(confidence=0.9), SECOND, 50, 10)
    desk = Desk(limits(max_var=30), var=rule)
    desk.mark(100, 100)
    desk.fill(desk.order(10))
    desk.clock(1)
    assert (desk.ask(1).rule, desk.ask(1).asked) == ("max_var", "Infinity")
    for n in range(15):
        desk.mark(100 + n % 2, 100 + n % 2)
        desk.clock(1)
    state = [m for m in desk.said if isinstance(m, AccountState)][-1]
    assert state.instruments == ("X:Y",)
    assert state.component_var == pytest.approx((state.var,))
    assert 9 < state.var < 11
    assert desk.ask(1).approved
    desk.fill(desk.order(40))
    desk.clock(1)
    assert desk.ask(1).rule == "max_var"
    assert desk.ask(5, Side.SELL).approved


def test_a_limit_on_value_at_risk_that_nobody_measures_lets_nothing_pass() -> None:
    desk = Desk(limits(max_var=30))
    desk.mark(100, 100)
    assert (desk.ask(1).rule, desk.ask(1).asked) == ("max_var", "Infinity")
