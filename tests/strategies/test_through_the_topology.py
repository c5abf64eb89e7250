"""Strategies in the whole topology: what became of their orders comes back to them by the log."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from config.strategy import Strategy
from connectors.sim.venue import DEFAULT, SimConfig, SimVenue
from console.commands.demo import DEMO_CONFIG
from schemas.codec import Message
from schemas.enums import Side
from schemas.frames import MarketFrame, cut_market
from schemas.inbox import OrderCommand, Signal
from schemas.ledger import Fill, Position
from schemas.records import Clock, DeadLetter
from streams.operators.strategies.kind import Kind, NoParams, strategy
from streams.operators.strategies.sizing.fixed import Fixed
from streams.operators.strategies.view import View
from streams.operators.strategies.wants import Signal as Said
from streams.topology import OperatorConfigs
from tests.laws.test_laws import flat, fold

SECONDS, SIZE = 30, 0.05


@dataclass(slots=True)
class Told:
    held: float = 0.0


@strategy("maker", state=Told, hears=True)
def maker(params: NoParams, view: View) -> Iterable[Said]:
    """Bids and offers at the best prices, or only where it gets rid of what it holds."""
    view.state.held = float(view.position)
    bid = view.bid if view.state.held <= 0 else None
    ask = view.ask if view.state.held >= 0 else None
    held = {"held": view.state.held}
    yield view.quote(bid, ask, "the best prices", bid_size=SIZE, ask_size=SIZE, **held)


@strategy("taker", needs={"rsi": "rsi(3)"})
def taker(params: NoParams, view: View) -> Iterable[Said]:
    if view["rsi"] > 70 or view["rsi"] < 30:
        yield view.target(1 if view["rsi"] < 30 else -1, "RSI turned")


def its(kind: Kind) -> Strategy:
    sizing = Fixed(notional=Decimal(1000))
    return Strategy(kind, "paper", ("*",), True, 0.0, NoParams(), sizing)


@pytest.fixture(scope="module")
def configs() -> OperatorConfigs:
    settings = load(DEMO_CONFIG, {})
    chosen = {"maker": its(maker), "taker": its(taker)}
    return operator_configs(replace(settings, strategies=chosen), REPLAY_KEY)


@pytest.fixture(scope="module")
def market() -> list[Message]:
    config = SimConfig(rate=1000, seed=9, frame_ns=100_000_000, instruments=DEFAULT[:1])
    made, now = list[Message](), config.start_ns
    for _, frame in SimVenue(config).advance(config.start_ns + SECONDS * 10**9):
        made.append(frame)
        while frame.depth.ts_event.max(initial=now) >= now + 10**9:
            now += 10**9
            made.append(Clock(frame.instrument, now))
    return made


@pytest.fixture(scope="module")
def log(configs: OperatorConfigs, market: list[Message]) -> list[tuple[str, Message]]:
    return fold(configs, market)


def test_a_strategy_that_hears_knows_its_position_by_its_fills(
    log: list[tuple[str, Message]],
) -> None:
    assert not [m for _, m in log if isinstance(m, DeadLetter)]
    fills = [m for topic, m in log if topic == "features" and isinstance(m, Fill)]
    assert len(fills) > 3
    assert {fill.strategy for fill in fills} == {"maker"}, "the taker did not ask to be told"
    held = Decimal(0)
    known = {Decimal(0)}
    for fill in fills:
        held += Decimal(fill.size if fill.side is Side.BUY else -fill.size).scaleb(-fill.size_scale)
        known.add(held)
    said = [
        m.features["held"]
        for topic, m in log
        if topic == "orders" and isinstance(m, Signal) and m.strategy == "maker"
    ]
    assert len(set(said)) > 1
    assert set(said) <= set(map(float, known))


def test_its_quotes_are_replaced_and_never_pile_up(log: list[tuple[str, Message]]) -> None:
    orders = [m for topic, m in log if topic == "orders"]
    quotes = [m for m in orders if isinstance(m, Signal) and m.strategy == "maker"]
    assert len(quotes) > 20
    assert all(quote.post_only for quote in quotes)
    assert any(isinstance(m, OrderCommand) and m.strategy == "maker" for m in orders)
    largest = max(
        abs(Decimal(m.quantity).scaleb(-m.size_scale)) for _, m in log if isinstance(m, Position)
    )
    assert largest < 1, "some fills of a twentieth of a coin"


def test_cutting_frames_changes_nothing_for_those_that_hear(
    configs: OperatorConfigs, market: list[Message], log: list[tuple[str, Message]]
) -> None:
    cut: list[Message] = []
    for frame in market:
        if isinstance(frame, MarketFrame):
            at = len(frame) // 3
            parts = (cut_market(frame, 0, at), cut_market(frame, at, len(frame)))
            cut += [part for part in parts if len(part)]
        else:
            cut.append(frame)
    assert flat(fold(configs, cut)) == flat(log)
