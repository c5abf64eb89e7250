"""One table ``[strategies.NAME]``: what every strategy is told, and its kind's own parameters."""

from dataclasses import dataclass
from typing import Any

from config.period import HALF_A_MINUTE, NO_TIME, Period
from streams.operators.strategies.kind import Kind
from streams.operators.strategies.sizing.sizing import Sizing


@dataclass(frozen=True, slots=True)
class Common:
    """The keys of any strategy; those of its kind stand beside them."""

    kind: str
    account: str
    instruments: tuple[str, ...]
    enabled: bool = True
    rebalance: float = 0.0
    follows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupCommon:
    """The keys of any strategy of a group. A member that is silent for ``stale_after`` of event
    time is not traded anew."""

    kind: str
    account: str
    group: str
    enabled: bool = True
    rebalance: float = 0.0
    stale_after: Period = HALF_A_MINUTE


@dataclass(frozen=True, slots=True)
class Strategy:
    """``rebalance``: a position is resized when it is off by more than this part of what it should
    be; 0: never while the direction stays. ``group``: for a kind that trades one; its members are
    the ``instruments``."""

    kind: Kind
    account: str
    instruments: tuple[str, ...]
    enabled: bool
    rebalance: float
    params: Any
    sizing: Sizing
    group: str = ""
    stale_after: Period = NO_TIME
    follows: tuple[str, ...] = ()

    @property
    def hears(self) -> bool:
        """It is told what becomes of its orders, for itself or for its sizing."""
        return self.kind.hears or self.sizing.hears
