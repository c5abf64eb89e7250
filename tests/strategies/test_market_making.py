"""Market making: the papers' formulas, its rules on hand-made vectors, a run at the paper venue."""

import math
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from config.strategy import Strategy
from connectors.sim.venue import DEFAULT, SimConfig, SimVenue
from console.commands.demo import DEMO_CONFIG
from schemas.codec import Message
from schemas.enums import CommandAction, Liquidity, OrdStatus, Side, StatusKind
from schemas.inbox import OrderCommand, Signal
from schemas.ledger import Decision, Fill
from schemas.records import Clock, DeadLetter, Status
from streams.operators.period import Period
from streams.operators.strategies.market_making import (
    MarketMaking,
    avellaneda_stoikov,
    glft,
    market_making,
)
from streams.operators.strategies.strategies import Strategies
from tests.laws.test_laws import fold
from tests.strategies.maker import NAME, SECOND, SIZING, approved, ended, filled, frame, said, stage


@pytest.mark.parametrize(
    ("gamma", "left", "spread"),
    # 2/gamma ln(1 + gamma/1.5) + gamma 4 (T - t), by hand
    [(0.1, 0.5, 1.4908), (0.01, 0.5, 1.3489), (0.5, 0.5, 2.1507), (0.1, 1.0, 1.6908)],
)
def test_the_example_of_avellaneda_and_stoikov(gamma: float, left: float, spread: float) -> None:
    """Sigma 2 and k 1.5, section 3.3; half of the time is left on average."""
    for q in (-3, 0, 2):
        quotes = avellaneda_stoikov(q, gamma, 2.0, 1.5, left)
        assert quotes.bid + quotes.ask == pytest.approx(spread, abs=5e-5)
        assert 100 + quotes.centre == pytest.approx(100 - q * gamma * 4 * left)


@pytest.mark.parametrize(
    ("gamma", "sigma", "k", "arrivals"),
    [(0.01, 0.3, 0.3, 0.9), (0.05, 0.2, 0.5, 2.0)],
)
def test_glft_is_near_the_exact_solution_of_the_authors_equation(
    gamma: float, sigma: float, k: float, arrivals: float
) -> None:
    """The stationary quotes are ratios of neighbours in the eigenvector of the smallest eigenvalue
    of a tridiagonal matrix (their Theorem 2), of which the closed form is an approximation."""
    most = 60
    alpha, eta = k / 2 * gamma * sigma**2, arrivals * (1 + gamma / k) ** -(1 + k / gamma)
    held = np.arange(-most, most + 1)
    matrix = np.diag(alpha * held**2.0)
    matrix -= eta * (np.eye(len(held), k=1) + np.eye(len(held), k=-1))
    first = np.abs(np.linalg.eigh(matrix)[1][:, 0])
    for q in (-4, -1, 0, 1, 4):
        at = most + q
        base = math.log(1 + gamma / k) / gamma
        exact_bid = math.log(first[at] / first[at + 1]) / k + base
        exact_ask = math.log(first[at] / first[at - 1]) / k + base
        found = glft(q, gamma, sigma, k, arrivals)
        assert found.bid == pytest.approx(exact_bid, rel=0.01)
        assert found.ask == pytest.approx(exact_ask, rel=0.01)


def test_it_quotes_the_formula_rounded_away_from_the_mid() -> None:
    """1/0.01 ln(1 + 0.01/0.5) = 1.98 bp; c = 0.2343 bp: 1.98 + c/2 of 1000.00 is 20.97 ticks."""
    first, second = said(stage(), frame(100_000, 100_000))
    assert (first.side, first.price) == (Side.BUY, 99_979)
    assert (second.side, second.price) == (Side.SELL, 100_021)
    assert (first.size, first.post_only) == (1000, True)
    assert first.features["half_spread"] == pytest.approx(2.0974, abs=1e-4)
    assert first.features["lean"] == 0
    coarse, far = said(stage(tick=Decimal("0.25")), frame(100_000, 100_000))
    assert (coarse.price, far.price) == (99_975, 100_025)


def test_what_it_holds_moves_both_quotes_the_other_way() -> None:
    for model, lean in (("glft", -0.2343), ("avellaneda_stoikov", -0.6)):
        operator = stage(model=model, refresh=1)
        bid, ask = said(operator, frame(100_000, 100_000))
        known = [approved(bid), approved(ask), filled(bid, 1000), ended(bid, OrdStatus.FILLED)]
        said(operator, *known, Clock(NAME, 3 * SECOND))
        cancel, lower, offer = said(operator, frame(100_000, first=3))
        assert (cancel.action, cancel.signal_id) == (CommandAction.CANCEL, ask.signal_id)
        assert lower.features["lean"] == pytest.approx(lean, abs=1e-4)
        assert lower.price < bid.price
        assert offer.price < ask.price


def test_the_end_of_its_day_shortens_the_horizon_and_then_takes_its_quotes() -> None:
    keys = {"model": "avellaneda_stoikov", "gamma": 0.1, "max_inventory": Decimal(50)}
    operator = stage(closes=Period(12 * SECOND), **keys)
    early = said(operator, frame(100_000, 100_000))[0].features["half_spread"]
    more = said(operator, frame(*range(100_000, 100_800, 100), first=3))
    late = more[-1].features["half_spread"]
    assert early - late == pytest.approx(0.1 * (10 - 2) / 2)
    (gone,) = said(operator, frame(100_000, 100_000, first=12))
    assert (gone.action, gone.reason) == (CommandAction.CANCEL_ALL, "outside its hours")


def test_it_does_not_requote_for_less_than_the_threshold() -> None:
    operator = stage(refresh=10)
    both = said(operator, frame(100_000, 100_000))
    said(operator, *map(approved, both), Clock(NAME, 3 * SECOND))
    assert said(operator, frame(100_009, 99_991, first=4)) == []
    assert len(said(operator, frame(100_010, first=6))) == 4


@pytest.mark.parametrize(
    ("stop", "why"),
    [
        (frame(100_000, first=4, half=260), "spread is 52.0 bp"),
        (frame(100_000, first=3, volatility=0.01), "volatility is 100.0 bp"),
        (Status(NAME, 4, 4, StatusKind.HALTED, "news"), "HALTED: news"),
        (Status(NAME, 4, 4, StatusKind.STALE, ""), "STALE"),
    ],
)
def test_its_quotes_go_when_the_market_is_not_one_to_quote_in(stop: Message, why: str) -> None:
    operator = stage()
    said(operator, frame(100_000, 100_000))
    (gone,) = said(operator, stop)
    assert isinstance(gone, OrderCommand)
    assert why in gone.reason


def test_it_quotes_again_when_the_market_trades_again() -> None:
    operator = stage()
    said(operator, frame(100_000, 100_000), Status(NAME, 4, 4, StatusKind.HALTED, ""))
    copy = stage()
    copy.restore(operator.snapshot())
    for one in (operator, copy):
        assert said(one, frame(100_000, first=4)) == []
        assert said(one, Status(NAME, 5, 5, StatusKind.CONNECTED, "")) == []
        assert said(one, frame(100_000, first=6)) == []
        said(one, Status(NAME, 7, 7, StatusKind.TRADING, ""))
        assert len(said(one, frame(100_000, first=8))) == 2


def test_at_its_limit_it_quotes_the_side_that_leads_back() -> None:
    operator = stage(max_inventory=Decimal(1))
    bid, ask = said(operator, frame(100_000, 100_000))
    known = [approved(bid), approved(ask), filled(bid, 1000), ended(bid, OrdStatus.FILLED)]
    said(operator, *known, Clock(NAME, 3 * SECOND))
    made = said(operator, frame(99_000, first=4))
    assert [m.side for m in made if isinstance(m, Signal)] == [Side.SELL]
    again = said(operator, frame(98_000, first=5))  # both offers may yet be taken
    assert not [m for m in again if isinstance(m, Signal)]
    said(operator, ended(ask, OrdStatus.CANCELED), Clock(NAME, 6 * SECOND))
    made = said(operator, frame(98_000, first=7))
    assert [m.side for m in made] == [Side.SELL]


class Worst:
    """A venue that fills whatever is open, when it likes, and confirms cancels late."""

    def __init__(self, operator: Strategies) -> None:
        self.operator, self.open, self.asked = operator, dict[str, Signal](), set[str]()
        self.held = 0

    def take(self, made: list[Any]) -> None:
        for record in made:
            if isinstance(record, Signal):
                self.open[record.signal_id] = record
                said(self.operator, approved(record))
            elif record.action is CommandAction.CANCEL_ALL:
                self.asked |= self.open.keys()
            else:
                self.asked.add(record.signal_id)

    def fill(self, side: Side) -> None:
        for name, order in list(self.open.items()):
            if order.side is side:
                self.held += order.size if side is Side.BUY else -order.size
                said(self.operator, filled(order, order.size), ended(order, OrdStatus.FILLED))
                del self.open[name]

    def confirm(self) -> None:
        for name in sorted(self.asked & self.open.keys()):
            said(self.operator, ended(self.open.pop(name), OrdStatus.CANCELED))
        self.asked.clear()


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(["up", "down", "buy", "sell", "confirm", "clock"]), max_size=60))
def test_no_order_of_fills_breaks_the_maximum_inventory(steps: list[str]) -> None:
    venue, mid = Worst(stage()), 100_000
    for n, step in enumerate(steps):
        match step:
            case "up" | "down":
                mid += 50 if step == "up" else -50
                venue.take(said(venue.operator, frame(mid, first=n + 1)))
            case "buy" | "sell":
                venue.fill(Side.BUY if step == "buy" else Side.SELL)
            case "confirm":
                venue.confirm()
            case "clock":
                said(venue.operator, Clock(NAME, (n + 1) * SECOND))
        assert abs(venue.held) <= 3000


def market() -> Iterator[Message]:
    config = SimConfig(rate=1000, seed=9, frame_ns=100_000_000, instruments=DEFAULT[:1])
    now = config.start_ns
    for _, made in SimVenue(config).advance(config.start_ns + 40 * SECOND):
        yield made
        while made.depth.ts_event.max(initial=now) >= now + SECOND:
            now += SECOND
            yield Clock(made.instrument, now)


def test_at_the_paper_venue_both_sides_trade_and_inventory_stays_within_its_bounds() -> None:
    most = Decimal("0.15")
    params = MarketMaking(
        k=5.0, gamma=0.5, least=0.1, size=Decimal("0.05"), max_inventory=most, window=10
    )
    chosen = Strategy(market_making, "paper", ("*",), True, 0.0, params, SIZING)
    demo = load(DEMO_CONFIG, {})
    configs = operator_configs(replace(demo, strategies={"mm": chosen}), REPLAY_KEY)
    log = fold(configs, list(market()))
    assert not [m for _, m in log if isinstance(m, DeadLetter)]
    decisions = [m for topic, m in log if topic == "ledger" and isinstance(m, Decision)]
    assert decisions
    assert all(d.approved for d in decisions if d.request == "NEW")
    fills = [m for topic, m in log if topic == "ledger" and isinstance(m, Fill)]
    assert {fill.side for fill in fills} == {Side.BUY, Side.SELL}
    assert {fill.liquidity for fill in fills} == {Liquidity.MAKER}
    held = Decimal(0)
    for fill in fills:
        signed = fill.size if fill.side is Side.BUY else -fill.size
        held += Decimal(signed).scaleb(-fill.size_scale)
        assert abs(held) <= most


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"size": Decimal(5)}, "at least a size"),
        ({"opens": Period(86_400 * SECOND)}, "never quote"),
        ({"model": "avelaneda"}, "use glft"),
        ({"gamma": 0.0}, "gamma 0"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(keys: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        stage(**keys)
