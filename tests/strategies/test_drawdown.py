"""Drawdown control: a strategy's size follows what its own fills made of its capital."""

import math
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import ConfigError
from config.keys import REPLAY_KEY
from config.operators import operator_configs
from schemas.codec import Message
from schemas.enums import Liquidity, Side
from schemas.frames import FeatureFrame, Vectors
from schemas.inbox import Signal
from schemas.ledger import Fill
from schemas.records import Clock, DeadLetter
from streams.operators.strategies.config import StrategiesConfig, StrategyConfig
from streams.operators.strategies.kind import NoParams, strategy
from streams.operators.strategies.sizing.drawdown import Drawdown
from streams.operators.strategies.sizing.fixed import Fixed
from streams.operators.strategies.strategies import Strategies
from streams.operators.strategies.view import View
from streams.operators.strategies.wants import Target
from tests.strategies.groups import made as groups
from tests.strategies.made import toml

NAME, SECOND = "TEST:ETH-BTC", 10**9
RULE = Drawdown(Fixed(units_each=Decimal(10)), limit=0.1)  # 1000 of 10 000 are the limit


@strategy("always")
def always(params: NoParams, view: View) -> Iterable[Target]:
    yield view.target(1, "always")


def stage(rule: Any = RULE) -> Strategies:
    config = StrategyConfig(
        *("mine", always, NoParams(), "paper", (NAME,), rule, {}),
        capital=Decimal(10_000),
        rebalance=1e-9,
    )
    return Strategies(StrategiesConfig((config,)))


def vector(second: int, mid: float) -> FeatureFrame:
    price = np.array([round(mid * 100)])
    vectors = Vectors(np.array([second * SECOND]), price - 1, price + 1, np.zeros(1))
    return FeatureFrame(NAME, 2, 3, "none", ("nothing",), vectors)


def filled(units: float, price: float, fee: float = 0.0, **other: Any) -> Fill:
    made = Fill(
        *("paper", "mine", "s", "c", "x", NAME, SECOND),
        side=Side.BUY if units > 0 else Side.SELL,
        price=round(price * 100),
        size=round(abs(units) * 1000),
        price_scale=2,
        size_scale=3,
        fee=Decimal(str(fee)),
        liquidity=Liquidity.TAKER,
        realised_pnl=Decimal(0),
    )
    return replace(made, **other)


def wanted(operator: Strategies, *messages: Message) -> list[float]:
    """Targets, in units."""
    said = [o.message for message in messages for o in operator.apply(message)]
    assert not [m for m in said if isinstance(m, DeadLetter)]
    return [m.target / 1000 for m in said if isinstance(m, Signal) and m.target is not None]


def clock(second: int) -> Clock:
    return Clock(NAME, second * SECOND)


def test_what_it_loses_by_its_fills_makes_it_smaller() -> None:
    operator = stage()
    assert wanted(operator, vector(1, 100)) == [10]
    assert wanted(operator, filled(10, 100), clock(2), vector(3, 80)) == [8]  # 200 of 1000 lost
    assert wanted(operator, filled(-2, 80), clock(4), vector(5, 50)) == [5.6]  # 240 more
    assert wanted(operator, filled(-2.4, 50), clock(6), vector(7, 200)) == [10]  # a new high


def test_slippage_and_fees_count() -> None:
    operator = stage()
    wanted(operator, vector(1, 100))
    # ten units, ten dearer than the mid, and a fee of 100: 200 of 1000
    assert wanted(operator, filled(10, 110, 100), clock(2), vector(3, 100)) == [8]


def test_what_was_refused_costs_nothing() -> None:
    operator = stage()
    assert wanted(operator, vector(1, 100)) == [10]
    assert wanted(operator, clock(2), vector(3, 1)) == []


def test_fills_of_others_are_not_its_own() -> None:
    operator = stage()
    wanted(operator, vector(1, 100))
    others = filled(10, 100, strategy="another")
    assert wanted(operator, others, clock(2), vector(3, 50)) == []


def test_a_fee_counts_in_the_base_currency_at_the_price_and_in_a_third_not_at_all() -> None:
    for currency, left in (("BTC", 9), ("ETH", 0), ("BNB", 10)):
        operator = stage()
        wanted(operator, vector(1, 100))
        fee = filled(10, 100, 100, fee_currency=currency)
        assert wanted(operator, fee, clock(2), vector(3, 100)) == ([left] if left < 10 else [])


def test_one_that_has_lost_the_limit_stays_out_for_good() -> None:
    operator = stage()
    wanted(operator, vector(1, 100))
    assert wanted(operator, filled(10, 200), clock(2), vector(3, 100)) == [0]
    assert wanted(operator, filled(-10, 100), clock(4), vector(5, 500)) == []


moves = st.lists(
    st.tuples(st.floats(1, 1000), st.floats(-5, 5), st.floats(0.9, 1.1), st.floats(0, 3)),
    min_size=1,
    max_size=30,
)


@settings(deadline=None, max_examples=50)
@given(moves)
def test_the_drawdown_is_that_of_cash_and_holdings(steps: list[Any]) -> None:
    """Also after a restart between any two records."""
    rule = replace(RULE, base=Fixed(units_each=Decimal(1)), limit=1.0, capital=Decimal(100_000))
    operator, cash, held, peak, targets = stage(rule), 0.0, 0.0, 0.0, 1.0
    wanted(operator, vector(1, 100))
    for n, (mid, units, slip, fee) in enumerate(steps):
        fact = filled(round(units, 3), 100 * slip, round(fee, 2))
        size, price = fact.size / 1000 * (1 if fact.side is Side.BUY else -1), fact.price / 100
        cash, held = cash - size * price - float(fact.fee), held + size
        before = operator.snapshot()
        operator = stage(rule)
        operator.restore(before)
        last = round((steps[n - 1][0] if n else 100) * 100) / 100
        peak = max(peak, cash + held * last)
        said = wanted(operator, fact, clock(2 * n + 2), vector(2 * n + 3, mid))
        value = cash + held * round(mid * 100) / 100
        peak = max(peak, value)
        targets = said[-1] if said else targets
        left = max(0.0, 1 - (peak - value) / 100_000)
        assert math.isclose(targets, round(left, 3), abs_tol=1.001e-3)


def test_a_group_is_one_equity_curve(tmp_path: Path) -> None:
    sizing = 'kind = "drawdown"\nlimit = 0.1\nbase = { kind = "fixed", notional = "10000" }'
    group = groups.configured("constant_mix", tmp_path, 'every = "1s"', ("X:A", "X:B"), sizing)
    operator, prices = groups.stage(group), np.array([[100.0, 100.0], [100.0, 80.0]])
    first = groups.heard(operator, groups.bars(group, prices[:1]))
    assert groups.targets(first) == {"X:A": 50, "X:B": 50}
    facts = [
        replace(filled(50, 100), strategy=group.config.name, instrument=name)
        for name in group.members
    ]
    later = [*facts, Clock("G", first[0].ts_event), *groups.bars(group, prices[1:], 1)]
    # half of it fell by a fifth: 1000 of the 10 000 that 100 000 may lose
    assert groups.targets(groups.heard(operator, later)) == {"X:A": 45, "X:B": 56.25}


def test_who_is_sized_by_its_drawdown_is_told_of_its_fills(tmp_path: Path) -> None:
    text = """
[strategies.ema_cross.sizing]
kind = "drawdown"
base = { kind = "fixed", notional = "1000" }
[groups]
G = ["X:A", "X:B", "X:C"]
[strategies.mix]
kind = "constant_mix"
account = "paper"
group = "G"
[strategies.mix.sizing]
kind = "drawdown"
base = { kind = "risk_parity" }
[strategies.plain]
kind = "momentum"
account = "paper"
instruments = ["*"]
[strategies.plain.sizing]
kind = "fixed"
notional = "1000"
"""
    configs = operator_configs(toml(text, tmp_path), REPLAY_KEY)
    assert configs.gate.hearing == ("ema_cross", "mix")
    assert configs.features.hearers == {"mix": "G"}


def test_a_strategy_on_books_keeps_no_equity_curve(tmp_path: Path) -> None:
    sizing = 'kind = "drawdown"\nbase = { kind = "fixed", notional = "1000" }'
    with pytest.raises(ConfigError, match="limit the account's drawdown"):
        groups.configured("triangular", tmp_path, sizing=sizing)
