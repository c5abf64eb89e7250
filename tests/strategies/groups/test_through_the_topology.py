"""Strategies of groups in the whole topology: from two simulated venues to fills and back."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load, strategy_of
from config.strategy_tables import SHIPPED
from connectors.sim.venue import DEFAULT, SimConfig, SimInstrument, SimVenue
from console.commands.demo import DEMO_CONFIG
from schemas.codec import Message
from schemas.enums import Side
from schemas.inbox import Signal
from schemas.ledger import Fill
from schemas.records import Clock, DeadLetter
from tests.laws.test_laws import fold

SECONDS = 30
OTHER = SimInstrument("SIM2:BTC-USD", 64_000.0, 2, 6, 1.5e-4, 10, 4000.0, 4.0)
MEMBERS = (DEFAULT[0], OTHER)
PAPER = {"account": "paper", "sizing": {"kind": "fixed", "notional": "1000"}}


@pytest.fixture(scope="module")
def log() -> list[tuple[str, Message]]:
    settings = load(DEMO_CONFIG, {})
    eager = {"significance": 0.5, "drop": 1.0, "entry": 0.6, "retest": 2, "period": 20}
    tables: dict[str, dict[str, Any]] = {
        "pair": {"kind": "pairs", "group": "TWO", **eager},
        "cross": {"kind": "cross_venue", "group": "TWO", "least": 0.0},
    }
    free = replace(settings.execution.routing.other, taker_fee=Decimal(0))
    execution = replace(settings.execution, routing=replace(settings.execution.routing, other=free))
    settings = replace(
        settings,
        groups={"TWO": tuple(member.name for member in MEMBERS)},
        strategies={n: strategy_of({**t, **PAPER}, SHIPPED, n) for n, t in tables.items()},
        execution=execution,
    )
    return fold(operator_configs(settings, REPLAY_KEY), market())


def market() -> list[Message]:
    config = SimConfig(rate=300, seed=9, frame_ns=100_000_000, instruments=MEMBERS)
    made, now = list[Message](), config.start_ns
    for _, frame in SimVenue(config).advance(config.start_ns + SECONDS * 10**9):
        made.append(frame)
        while frame.depth.ts_event.max(initial=now) >= now + 10**9:
            now += 10**9
            made += [Clock(member.name, now) for member in MEMBERS]
    return made


def of(log: list[tuple[str, Message]], strategy: str, kind: type) -> list[Any]:
    return [m for t, m in log if isinstance(m, kind) and m.strategy == strategy and t != "features"]


def test_both_legs_are_wanted_and_filled(log: list[tuple[str, Message]]) -> None:
    for strategy in ("pair", "cross"):
        signals = of(log, strategy, Signal)
        legs = Counter(s.instrument for s in signals)
        assert set(legs) == {member.name for member in MEMBERS}, strategy
        assert {s.instrument for s in of(log, strategy, Fill)} == set(legs)
        assert all(s.reason and s.features for s in signals)


def test_arbitrage_hears_its_fills_and_goes_on(log: list[tuple[str, Message]]) -> None:
    """What it bought it sold, but for what the last trade's legs may have left."""
    signals = of(log, "cross", Signal)
    fills = {(f.exec_id, f.instrument): f for t, f in log if isinstance(f, Fill) and t == "ledger"}
    own = [f for f in fills.values() if f.strategy == "cross"]
    net = sum(units(f) if f.side is Side.BUY else -units(f) for f in own)
    assert len({s.ts_event for s in signals}) > 2
    assert abs(net) <= max(map(units, signals))


def units(of: Fill | Signal) -> Decimal:
    return Decimal(of.size).scaleb(-of.size_scale)


def test_no_strategy_failed(log: list[tuple[str, Message]]) -> None:
    assert [m.error for _, m in log if isinstance(m, DeadLetter)] == []
