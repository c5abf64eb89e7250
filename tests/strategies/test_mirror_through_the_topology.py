"""Mirror trading in the whole topology: fills of another account, and filings, come by the log."""

import math
from dataclasses import replace
from decimal import Decimal

import pytest

from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from config.strategy import Strategy
from connectors.sim.venue import DEFAULT, SimConfig, SimVenue
from console.commands.demo import DEMO_CONFIG
from schemas.codec import Message
from schemas.enums import DisclosedAction, Side
from schemas.inbox import Signal
from schemas.ledger import Fill
from schemas.records import Clock, DeadLetter, Disclosure
from streams.operators.strategies.mirror import Mirror, mirror
from streams.operators.strategies.sizing.fixed import Fixed
from tests.laws.test_laws import fold
from tests.strategies.test_through_the_topology import taker

SECOND = 10**9
SIZING = Fixed(notional=Decimal(1000))
NAMES = [one.name for one in DEFAULT[:2]]


@pytest.fixture(scope="module")
def log() -> list[tuple[str, Message]]:
    demo = load(DEMO_CONFIG, {})
    accounts = dict.fromkeys(("paper", "desk2"), demo.accounts["paper"])
    params = Mirror(unknown=0.9, window=5, trend=3)
    chosen = {
        "theirs": Strategy(taker, "desk2", (NAMES[0],), True, 0.0, taker.params(), SIZING),
        "ours": Strategy(
            mirror, "paper", (NAMES[0],), True, 0.0, params, SIZING, follows=("desk2",)
        ),
        "filings": Strategy(mirror, "paper", (NAMES[1],), True, 0.0, params, SIZING),
    }
    settings = replace(demo, strategies=chosen, accounts=accounts)
    return fold(operator_configs(settings, REPLAY_KEY), market())


def market() -> list[Message]:
    config = SimConfig(rate=1000, seed=9, frame_ns=100_000_000, instruments=DEFAULT[:2])
    made, now = list[Message](), config.start_ns
    known = now + 10 * SECOND
    filing = Disclosure(
        NAMES[1], "a fund", known, known, DisclosedAction.NEW, Side.BUY, 0.1, math.nan
    )
    for _, frame in SimVenue(config).advance(config.start_ns + 20 * SECOND):
        made += [filing] if not made else []
        made.append(frame)
        while frame.depth.ts_event.max(initial=now) >= now + SECOND:
            now += SECOND
            made += [Clock(name, now) for name in NAMES]
    return made


def signals(log: list[tuple[str, Message]], strategy: str) -> list[Signal]:
    return [
        m
        for topic, m in log
        if topic == "orders" and isinstance(m, Signal) and m.strategy == strategy
    ]


def test_fills_of_another_account_are_followed(log: list[tuple[str, Message]]) -> None:
    assert not [m for _, m in log if isinstance(m, DeadLetter)]
    told = [m for topic, m in log if topic == "features" and isinstance(m, Fill)]
    assert told
    assert {fill.account for fill in told} == {"desk2"}
    made = signals(log, "ours")
    assert made
    assert {signal.account for signal in made} == {"paper"}
    assert all(signal.reason.startswith("desk2: ") for signal in made)
    assert made[0].ts_event > told[0].ts_event
    assert made[0].side is told[0].side
    filled = [m for topic, m in log if topic == "ledger" and isinstance(m, Fill)]
    assert {fill.account for fill in filled} == {"desk2", "paper"}


def test_a_filing_is_followed_once_it_is_known(log: list[tuple[str, Message]]) -> None:
    (told,) = [m for topic, m in log if topic == "features" and isinstance(m, Disclosure)]
    made = signals(log, "filings")
    assert made[0].side is Side.BUY
    assert made[0].reason.startswith("a fund: new, confidence 0.90")
    assert told.ts_event <= made[0].ts_event < told.ts_event + 2 * SECOND
