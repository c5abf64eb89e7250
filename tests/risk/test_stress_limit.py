"""Scenarios of an account through the gate: what they would bring, and the limit on the worst."""

import math
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.enums import CommandAction, Side
from schemas.inbox import LimitChange
from schemas.ledger import Decision
from streams.operators.risk.contracts import Contract
from streams.operators.risk.gate import Gate
from streams.operators.risk.instruments import Instrument
from streams.operators.risk.option_terms import Valuation
from streams.operators.risk.stress import Scenario, Scope, Shock
from tests.risk.desk import Desk, limits, one
from tests.risk.test_option_book import (
    HELD,
    PRICES,
    TERMS,
    book,
    desk_of,
    implied,
    option,
    quantlib,
    state,
    terms,
    trade,
)

BUY, SELL = Side.BUY, Side.SELL
CRASH = Scenario("crash", (Shock(Scope.ALL, price=-0.2, volatility_points=15),), days=5)
RALLY = Scenario("rally", (Shock(Scope.ALL, price=0.1),))
CALM = Scenario("calm", (Shock(Scope.INSTRUMENT, "X:F", price=0.05),), days=1)
LINEAR = (Scenario("down", (Shock(Scope.ALL, price=-0.1),)), RALLY)


def test_a_book_of_options_is_valued_anew_in_each_scenario() -> None:
    told = state(book(stress=(CRASH, RALLY, CALM)))
    assert told.scenarios == ("crash", "rally", "calm")
    moves: list[tuple[Callable[[str], float], float, int]] = [
        (lambda name: -0.2, 0.15, 5),
        (lambda name: 0.1, 0.0, 0),
        (lambda name: 0.05 if name == "X:F" else 0.0, 0.0, 1),
    ]
    for place, (move, points, days) in enumerate(moves):
        expected = HELD["X:S"] * PRICES["X:S"] * move("X:S")
        for name, (_, _, valuation) in TERMS.items():
            moved = PRICES[valuation.underlying] * (1 + move(valuation.underlying))
            then, _ = quantlib(name, implied(name) + points, moved, days)
            worth = then.NPV()  # before the evaluation date moves back
            expected += HELD[name] * 100 * (worth - PRICES[name])
        assert told.scenario_pnl[place] == pytest.approx(expected, rel=1e-6)
    worst = min(range(3), key=lambda place: told.scenario_pnl[place])
    assert told.worst_scenario == told.scenarios[worst]


def test_the_most_specific_shock_counts_by_hand() -> None:
    mixed = Scenario(
        "mixed",
        (
            Shock(Scope.ALL, price=-0.1),
            Shock(Scope.SECTOR, "energy", price=0.2),
            Shock(Scope.INSTRUMENT, "X:Y", price=-0.5),
        ),
    )
    desk = desk_of({"X:OIL": Instrument(sector="energy")}, stress=(mixed,))
    for name in ("X:Y", "X:Z", "X:OIL"):
        desk.mark(100, 100, name)
    trade(desk, X_Y=1, X_Z=-2, X_OIL=3)
    assert state(desk).scenario_pnl == pytest.approx((-50 + 20 + 60,))


@pytest.mark.parametrize("side", [BUY, SELL])
def test_an_order_at_the_limit_passes_and_one_beyond_is_refused(side: Side) -> None:
    for size, passes in ((5, True), (6, False)):
        desk = Desk(limits(max_stress_loss=150), stress=LINEAR)
        desk.mark(100, 100)
        desk.fill(desk.order(10, side))
        decision = desk.ask(size, side)
        at = decision.rules.index("max_stress_loss")
        assert (decision.limits[at], decision.values[at]) == ("150", str(100 + 10 * size))
        assert decision.approved is passes, decision.text
        assert decision.rule == ("" if passes else "max_stress_loss")


def test_a_hedge_lowers_what_the_worst_scenario_costs() -> None:
    protective = {"X:P": option("X:P")}
    desk = desk_of(protective, account=limits(max_stress_loss=1500), stress=(CRASH,))
    desk.mark(100, 100, "X:S")
    desk.mark(1.75, 1.75, "X:P")
    assert desk.ask(100, instrument="X:S").rule == "max_stress_loss"
    trade(desk, X_P=1)
    decision = desk.ask(100, instrument="X:S")
    assert decision.approved
    assert 0 < Decimal(decision.values[decision.rules.index("max_stress_loss")]) < 1000


def test_all_that_works_beside_the_order_is_not_counted_nor_what_it_has_filled() -> None:
    desk = Desk(limits(max_stress_loss=60), stress=LINEAR)
    desk.mark(100, 100)
    first = desk.order(5, price=9900)
    assert desk.ask(5, price=9800).approved
    desk.fill(first, 2)
    assert desk.ask(5, price=9700).asked == "70"
    assert one(change(desk, first, 7), Decision).asked == "70"
    assert one(change(desk, first, 6), Decision).approved  # four of it are left


def change(desk: Desk, order: Any, size: int) -> list[Any]:
    return desk.command(CommandAction.REPLACE, order.signal_id, size=size)


def test_what_only_reduces_passes_and_what_is_unknown_is_without_bound() -> None:
    unheard = {"X:Q": Instrument(Contract("USD"), option=terms(9, True, 10, Valuation("X:NONE")))}
    desk = desk_of(unheard, account=limits(max_stress_loss=1000), stress=LINEAR)
    for name in ("X:Y", "X:Q"):
        desk.mark(100, 100, name)
    trade(desk, X_Y=5)
    assert desk.ask(1, instrument="X:Q").asked == "Infinity"
    desk.send(LimitChange("a", desk.ts, "max_stress_loss", "none", "me", ""))
    trade(desk, X_Q=1)
    desk.send(LimitChange("a", desk.ts, "max_stress_loss", "10", "me", ""))
    assert all(map(math.isnan, state(desk).scenario_pnl))
    assert state(desk).worst_scenario == "down"
    assert (desk.ask(1).rule, desk.ask(1).asked) == ("max_stress_loss", "Infinity")
    assert desk.ask(5, SELL).approved


def test_without_scenarios_nothing_is_known_of_the_worst() -> None:
    desk = Desk()
    desk.mark()
    desk.send(LimitChange("a", desk.ts, "max_stress_loss", "10000", "me", ""))
    assert desk.ask(1).asked == "Infinity"


def test_the_limit_is_asked_after_value_at_risk_in_the_order_of_the_limits() -> None:
    desk = Desk(
        limits(max_margin=1, max_var=1000, max_stress_loss=1000, max_correlated_notional=1000),
        stress=LINEAR,
        capital=Decimal(1000),
    )
    desk.mark()
    rules = list(desk.ask(1).rules)
    assert rules[-4:] == ["max_margin", "max_var", "max_stress_loss", "max_correlated_notional"]


def test_money_of_another_currency_is_brought_to_the_accounts_until_its_rate_is_too_old() -> None:
    desk = desk_of(
        {"X:Y": Instrument(Contract("EUR"))},
        account=limits(max_stress_loss=1000),
        stress=LINEAR,
        currencies={"F:EURUSD": "EUR/USD"},
    )
    desk.mark(100, 100)
    desk.mark(1.2, 1.2, "F:EURUSD")
    desk.mark(1.2, 1.2, "X:Z")
    trade(desk, X_Y=10)
    assert state(desk).scenario_pnl == pytest.approx((-120, 120))
    desk.now += 100
    assert all(map(math.isnan, state(desk).scenario_pnl))
    assert desk.ask(1, instrument="X:Z").asked == "Infinity"


# what may happen: a mark, an order filled or left open, an order refused, a minute that passes
ORDER = ("cl_ord_id", "instrument", "size", "side")  # what a fill needs to know of one
NAMES = ("X:S", "X:C", "X:P", "X:E", "F:EURUSD")
steps = st.lists(
    st.tuples(
        st.sampled_from(["mark", "fill", "ask", "wait"]),
        st.sampled_from(NAMES[:-1]),
        st.integers(-20, 20).filter(bool),
    ),
    max_size=30,
)


@settings(deadline=None, max_examples=60)
@given(steps)
@example([("fill", "X:E", 5), ("wait", "X:E", 1), ("wait", "X:E", 20)])  # a rate grows too old
def test_what_is_kept_between_orders_changes_nothing(made: list[tuple[str, str, int]]) -> None:
    """A gate that lives on, and one that comes out of a snapshot before every message."""
    reference = {"X:C": option("X:C"), "X:P": option("X:P", volatility=0.3)}
    desk = desk_of(
        {**reference, "X:E": Instrument(Contract("EUR"))},
        account=limits(max_stress_loss=4000),
        stress=(CRASH, RALLY, CALM),
        currencies={"F:EURUSD": "EUR/USD"},
    )
    kept = Gate(desk.config)

    def send(message: Any) -> list[Any]:
        outputs = [o.message for o in kept.apply(message) if o.topic != "ticks"]
        told = restored(message)
        assert list(map(repr, outputs)) == list(map(repr, told))
        return told

    restored, desk.send = desk.send, send  # type: ignore[method-assign]
    for name in NAMES:
        desk.mark(PRICES.get(name, 1.2), PRICES.get(name, 1.2), name)
    for what, name, number in made:
        match what:
            case "mark":
                price = PRICES.get(name, 50.0) * (1 + number / 100)
                desk.mark(price, price + 0.01, name)
            case "wait":
                desk.clock(abs(number) * 5)
            case _:
                side = BUY if number > 0 else SELL
                decided = one(desk.send(desk.signal(abs(number), side, instrument=name)), Decision)
                if what == "fill" and decided.approved:
                    filled = decided.cl_ord_id, decided.instrument, abs(number), side
                    desk.fill(SimpleNamespace(**dict(zip(ORDER, filled, strict=True))))
    assert kept.snapshot() == desk.gate.snapshot()
