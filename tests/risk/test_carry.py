"""Funding, borrow fees and dividends are profit or loss; deposits are not."""

from decimal import Decimal

import pytest

from schemas.enums import CashKind, Side, TradingState
from schemas.inbox import CashFlow
from schemas.ledger import AccountState, BreakerChanged
from streams.operators.risk.breakers import BreakerRule
from tests.risk.desk import SECOND, Desk, limits, of, one


def flow(desk: Desk, amount: int, kind: CashKind = CashKind.FUNDING, instrument: str = "X:Y"):  # type: ignore[no-untyped-def]
    desk.now += 1
    name = f"f{desk.ts}"
    return desk.send(CashFlow("a", instrument, desk.ts, kind, Decimal(amount), "", name, ""))


def holding(*args: object, **more: object) -> Desk:
    desk = Desk(*args, **more)  # type: ignore[arg-type]
    desk.mark()
    desk.fill(desk.order(6))
    desk.fill(desk.order(3, strategy="b"))
    return desk


@pytest.mark.parametrize("kind", [CashKind.FUNDING, CashKind.BORROW, CashKind.FEE])
def test_what_holding_costs_counts_as_a_loss_of_the_day(kind: CashKind) -> None:
    desk = holding(limits(daily_loss=100), capital=Decimal(1000))
    state = one(flow(desk, -90, kind), AccountState)
    assert (state.equity, state.day_pnl, state.cash_flows) == (910, -90, -90)
    assert desk.ask(1).approved
    flow(desk, -20, kind)
    assert desk.ask(1).rule == "daily_loss"
    assert desk.ask(1, Side.SELL).approved


def test_deposits_and_withdrawals_are_no_profit() -> None:
    desk = holding(limits(daily_loss=100, max_drawdown=100))
    state = one(flow(desk, -500, CashKind.WITHDRAWAL, ""), AccountState)
    assert (state.equity, state.day_pnl, state.drawdown) == (-500, 0, 0)
    assert desk.ask(1).approved


def test_each_strategy_bears_what_its_part_of_the_position_costs() -> None:
    desk = holding(None, {"strategy.b": limits(daily_loss=29), "instrument.X:Y": limits()})
    flow(desk, -90)
    tallies = desk.gate.accounts["a"].tallies
    parts = {name: round(tallies[f"strategy.{name}"].pnl, 9) for name in ("s", "b")}
    assert parts == {"s": -60, "b": -30}
    assert tallies["instrument.X:Y"].pnl == -90
    assert desk.ask(1, strategy="b").rule == "strategy.b.daily_loss"


def test_a_breaker_on_losses_sees_it() -> None:
    rule = BreakerRule("loss", "loss", Decimal(50), 60 * SECOND, TradingState.HALTED, 0)
    desk = holding(breakers=(rule,))
    desk.mark()
    flow(desk, -90)
    assert [b.after for b in of(desk.mark(), BreakerChanged)] == [TradingState.HALTED]
