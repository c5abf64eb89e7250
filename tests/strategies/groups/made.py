"""A strategy of a group as the configuration makes it, and what it sees and says."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from config.keys import REPLAY_KEY
from config.operators import operator_configs
from research.strategies.group_sample import SECOND, START, FloatArray, vectors
from schemas.codec import Message
from schemas.inbox import Signal
from schemas.records import DeadLetter
from streams.operators.strategies.groups.config import GroupConfig, GroupStrategiesConfig
from streams.operators.strategies.groups.group_strategies import GroupStrategies
from tests.strategies.made import toml

MEMBERS = {"triangular": ("X:BTC-USD", "X:ETH-USD", "X:ETH-BTC")}
DEFAULT = ("X:A", "X:B", "X:C", "X:D")
FIXED = 'kind = "fixed"\nnotional = "10000"'


def configured(
    kind: str,
    folder: Path,
    keys: str = "",
    members: Sequence[str] = (),
    sizing: str = FIXED,
    more: str = "",
) -> GroupConfig:
    names = list(members or MEMBERS.get(kind, DEFAULT))
    text = (
        f"[strategies.ema_cross]\nenabled = false\n[groups]\nG = {names}\n"
        f'[strategies.mine]\nkind = "{kind}"\naccount = "paper"\ngroup = "G"\n{keys}\n'
        f"[strategies.mine.sizing]\n{sizing}\n{more}\n"
    )
    configs = operator_configs(toml(text.replace("'", '"'), folder), REPLAY_KEY)
    return configs.group_strategies.strategies[0]


def stage(group: GroupConfig) -> GroupStrategies:
    return GroupStrategies(GroupStrategiesConfig((group,)))


def say(group: GroupConfig, messages: Sequence[Message]) -> list[Signal]:
    """Its signals; a strategy that fails, fails the test."""
    return heard(stage(group), messages)


def heard(operator: GroupStrategies, messages: Sequence[Message]) -> list[Signal]:
    said = [o.message for message in messages for o in operator.apply(message)]
    errors = [m.error for m in said if isinstance(m, DeadLetter)]
    assert not errors, errors[0]
    return [m for m in said if isinstance(m, Signal)]


def bars(group: GroupConfig, prices: FloatArray, first: int = 0) -> list[Message]:
    """A vector of each member each second, from the given second on."""
    ts = [START + (first + n) * SECOND for n in range(len(prices))]
    members = range(len(group.members))
    return [
        vectors(group, member, ts[row : row + 1], prices[row : row + 1, member])
        for row in range(len(prices))
        for member in members
    ]


def second(signal: Signal) -> int:
    return (signal.ts_event - START) // SECOND


def targets(signals: Sequence[Signal]) -> dict[str, float]:
    """By instrument, as last wanted."""
    return {s.instrument: s.target / 10**s.size_scale for s in signals if s.target is not None}


def reverting(rows: int, seed: int, pull: float = 0.2, deviation: float = 0.05) -> FloatArray:
    """An Ornstein-Uhlenbeck process at whole seconds."""
    rng = np.random.default_rng(seed)
    made = np.zeros(rows)
    for row in range(1, rows):
        made[row] = made[row - 1] * (1 - pull) + rng.normal(0, deviation)
    return made


def walk(rows: int, seed: int, deviation: float = 0.05) -> FloatArray:
    steps = np.random.default_rng(seed).normal(0, deviation, rows)
    found: FloatArray = 100 + steps.cumsum()
    return found
