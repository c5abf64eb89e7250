"""Positions against fractions; the gate against its limits, whatever is sent."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.keys import REPLAY_KEY
from schemas.enums import ExecType, Liquidity, OrdType, Side, TimeInForce
from schemas.execution import ApprovedOrder
from schemas.inbox import ExecutionReport, KillSwitch, LimitChange, Mark, Signal
from schemas.ledger import Decision, LimitChanged, Position
from streams.operator import Refused
from streams.operators.risk.config import AccountConfig
from streams.operators.risk.gate import Gate, GateConfig
from streams.operators.risk.limits import Limits, LimitTree
from streams.operators.risk.positions import Holding
from streams.operators.risk.signing import SigningKey, verifies

LIMITS = Limits(
    max_order_size=Decimal(5),
    max_position=Decimal(8),
    max_order_notional=Decimal(1000),
    max_gross_notional=Decimal(1500),
    price_collar=Decimal("0.05"),
    order_rate=Decimal(3),
    daily_loss=Decimal(200),
)
ACCOUNT = AccountConfig(LimitTree(LIMITS))
fills = st.lists(st.tuples(st.integers(-50, 50).filter(bool), st.integers(1, 10**6)), max_size=30)


@given(fills)
def test_realised_profit_and_remaining_cost_are_the_money_that_changed_hands(
    made: list[tuple[int, int]],
) -> None:
    holding, cash, quantity = Holding(2), Fraction(0), 0
    for size, price in made:
        holding.fill(size, Decimal(price), Decimal(0))
        cash -= Fraction(size, 100) * price
        quantity += size
    assert holding.quantity == quantity
    assert Fraction(holding.realised) - Fraction(holding.cost) == cash
    if quantity == 0:
        assert holding.cost == 0


def test_a_fill_through_zero_closes_and_opens() -> None:
    holding = Holding(0)
    holding.fill(10, Decimal(100), Decimal(1))
    realised = holding.fill(-15, Decimal(110), Decimal(1))
    assert (realised, holding.quantity, holding.avg_price) == (100, -5, 110)
    assert holding.unrealised(Decimal(105)) == 25
    assert holding.fees == 2


def gate() -> Gate:
    made = Gate(GateConfig({"a": ACCOUNT}, REPLAY_KEY))
    made.apply(Mark("a", "X:Y", 1, 9_900, 10_100, 2))
    return made


def signal(size: int, n: int = 0, ts: int = 10, **change: object) -> Signal:
    base = Signal(
        "a",
        "s",
        f"id{n}",
        "X:Y",
        ts,
        Side.BUY,
        OrdType.MARKET,
        TimeInForce.IOC,
        0,
        size,
        2,
        0,
        None,
        0.5,
        "",
    )
    return replace(base, **change)  # type: ignore[arg-type]


def decide(of: Gate, asked: Signal) -> Decision:
    (decision,) = (o.message for o in of.apply(asked) if isinstance(o.message, Decision))
    return decision


def test_an_approved_order_is_signed_and_any_change_breaks_the_signature() -> None:
    orders = [o.message for o in gate().apply(signal(2)) if isinstance(o.message, ApprovedOrder)]
    (order,) = orders
    assert verifies(order, REPLAY_KEY)
    assert not verifies(replace(order, size=3), REPLAY_KEY)
    assert not verifies(replace(order, instrument="X:Z"), REPLAY_KEY)
    assert not verifies(order, SigningKey("replay", b"another"))


@pytest.mark.parametrize(
    ("asked", "rule", "limit", "what"),
    [
        (signal(6), "max_order_size", "5", "6"),
        (
            signal(5, ord_type=OrdType.LIMIT, price=25_000),
            "max_order_notional",
            "1000",
            "1250",
        ),
        (signal(1, ord_type=OrdType.LIMIT, price=10_600), "price_collar", "0.05", "0.06"),
        (signal(1, instrument="X:Z"), "no_mark", "a mark of the instrument", "X:Z"),
        (signal(1, target=0), "nothing_to_do", "0", "0"),
    ],
)
def test_a_refusal_names_the_limit_its_value_and_what_was_asked(
    asked: Signal, rule: str, limit: str, what: str
) -> None:
    decision = decide(gate(), asked)
    assert not decision.approved
    assert (decision.rule, decision.limit_value, decision.asked) == (rule, limit, what)
    assert rule in decision.text


def test_positions_count_what_is_still_working() -> None:
    of = gate()
    assert decide(of, signal(5, 1)).approved
    refused = decide(of, signal(4, 2))
    assert (refused.rule, refused.limit_value, refused.asked) == ("max_position", "8", "9")


def test_more_orders_than_the_rate_allows_wait_for_the_next_second() -> None:
    of = gate()
    approved = [decide(of, signal(1, n)).approved for n in range(4)]
    assert approved == [True, True, True, False]
    assert decide(of, signal(1, 9, ts=10**9 + 20)).approved


def test_a_signal_sent_twice_is_one_order() -> None:
    of = gate()
    assert decide(of, signal(1)).approved
    assert decide(of, signal(1)).rule == "duplicate_order"


def test_the_kill_switch_refuses_everything_and_is_kept_in_the_ledger() -> None:
    of = gate()
    (changed,) = (o.message for o in of.apply(KillSwitch("a", 5, True, "me", "enough")))
    assert isinstance(changed, LimitChanged)
    assert (changed.old_value, changed.new_value, changed.who) == ("released", "engaged", "me")
    assert decide(of, signal(1)).rule == "kill_switch"
    of.apply(KillSwitch("a", 6, False, "me", "go on"))
    assert decide(of, signal(1)).approved


def test_a_limit_is_changed_and_an_impossible_change_is_refused() -> None:
    of = gate()
    of.apply(LimitChange("a", 5, "max_order_size", "1", "me", "calm"))
    assert decide(of, signal(2)).limit_value == "1"
    for name, value in (("max_fun", "1"), ("daily_loss", "-1"), ("daily_loss", "much")):
        with pytest.raises(Refused, match=r"max_fun|daily_loss"):
            of.apply(LimitChange("a", 6, name, value, "me", ""))


def test_a_loss_over_the_days_limit_stops_trading() -> None:
    of = gate()
    fill(of, signal(5), 10_100)
    of.apply(Mark("a", "X:Y", 20, 5_000, 5_200, 2))
    refused = decide(of, signal(1, 2, ts=30))
    assert (refused.rule, refused.limit_value) == ("daily_loss", "200")
    day = 86_400 * 10**9
    of.apply(Mark("a", "X:Y", day + 1, 5_000, 5_200, 2))
    assert decide(of, signal(1, 3, ts=day + 2)).approved


def test_a_target_is_sized_by_what_is_missing_to_it() -> None:
    of = gate()
    fill(of, signal(3), 10_000)
    orders = [o.message for o in of.apply(signal(9, 2, target=-2)) if o.topic == "execution"]
    (order,) = orders
    assert isinstance(order, ApprovedOrder)
    assert (order.side, order.size) == (Side.SELL, 5)


def fill(of: Gate, asked: Signal, price: int) -> list[Position]:
    (order,) = (o.message for o in of.apply(asked) if isinstance(o.message, ApprovedOrder))
    report = ExecutionReport(
        "a",
        "X:Y",
        order.cl_ord_id,
        "e1",
        15,
        ExecType.TRADE,
        order.side,
        price,
        order.size,
        order.size,
        0,
        2,
        0,
        Decimal(1),
        Liquidity.TAKER,
        "",
    )
    return [o.message for o in of.apply(report) if isinstance(o.message, Position)]


actions = st.lists(
    st.tuples(
        st.sampled_from(["buy", "sell", "target", "mark", "fill", "expire"]),
        st.integers(1, 9),
        st.integers(8_000, 12_000),
    ),
    max_size=40,
)


@settings(max_examples=80)
@given(actions)
def test_no_sequence_of_inputs_yields_an_order_that_breaks_a_limit(
    made: list[tuple[str, int, int]],
) -> None:
    of, held, working, mid = gate(), 0, {}, 100.0
    for n, (what, size, price) in enumerate(made):
        ts = 10 + n * 10**8
        if what == "mark":
            of.apply(Mark("a", "X:Y", ts, price, price + 200, 2))
            mid = (price + 100) / 100
        elif what in ("fill", "expire") and working:
            order = working.pop(next(iter(working)))
            done = what == "fill"
            report = ExecutionReport(
                "a",
                "X:Y",
                order.cl_ord_id,
                f"e{n}",
                ts,
                ExecType.TRADE if done else ExecType.EXPIRED,
                order.side,
                price if done else 0,
                order.size if done else 0,
                order.size,
                0,
                2,
                0,
                Decimal(0),
                Liquidity.TAKER,
                "",
            )
            of.apply(report)
            held += (order.size if order.side is Side.BUY else -order.size) if done else 0
        elif what in ("buy", "sell", "target"):
            change = {"side": Side.SELL} if what == "sell" else {}
            change |= {"target": size - 5} if what == "target" else {}
            results = [o.message for o in of.apply(signal(size, n, ts, **change))]
            assert sum(isinstance(m, Decision) for m in results) == 1
            for order in results:
                if isinstance(order, ApprovedOrder):
                    working[order.cl_ord_id] = order
                    same = [w.size for w in working.values() if w.side is order.side]
                    worst = held + sum(same) * (1 if order.side is Side.BUY else -1)
                    assert order.size <= 5
                    assert abs(worst) <= 8
                    assert order.size * (mid - 1) <= 1000
