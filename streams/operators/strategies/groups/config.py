"""What the stage is told: every configured strategy of a group, as plain values."""

from dataclasses import dataclass

from streams.operators.execution.venue_quotes import VenueCosts
from streams.operators.strategies.config import StrategyConfig


@dataclass(frozen=True, slots=True)
class GroupConfig:
    """``members``: instruments of the group, in order; a member that is silent for ``stale_ns`` of
    event time is not traded anew; ``costs`` at each member's venue."""

    config: StrategyConfig
    group: str
    members: tuple[str, ...]
    stale_ns: int
    costs: tuple[VenueCosts, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupStrategiesConfig:
    strategies: tuple[GroupConfig, ...] = ()
