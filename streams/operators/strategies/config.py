"""What the stage is told: every configured strategy, as plain values."""

from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from streams.operators.strategies.kind import Kind
from streams.operators.strategies.sizing.sizing import Sizing


@dataclass(frozen=True, slots=True)
class StrategyConfig:
    """``instruments`` are patterns such as ``SIM:*``; ``columns``: name in the view → column of the
    vector; ``capital``: the account's, for sizing; ``rebalance``: a target is resized when it is
    off by more than this part of it, 0: never while the direction stays; ``asked``: strategies that
    think for this one, and do not trade by that; ``follows``: the sources whose disclosures it is
    told of, none: all, and the accounts whose fills are disclosed to it."""

    name: str
    kind: Kind
    params: Any
    account: str
    instruments: tuple[str, ...]
    sizing: Sizing
    columns: dict[str, str]
    capital: Decimal = Decimal(0)
    rebalance: float = 0.0
    asked: tuple["StrategyConfig", ...] = ()
    follows: tuple[str, ...] = ()

    @property
    def hears(self) -> bool:
        """It is told what becomes of its orders, for itself or for its sizing."""
        return self.kind.hears or self.sizing.hears

    @property
    def reads(self) -> tuple[str, ...]:
        """Columns of the vector, its own and of those that think for it."""
        theirs = (column for one in self.asked for column in one.reads)
        return tuple(dict.fromkeys((*self.columns.values(), *theirs)))

    def trades(self, instrument: str) -> bool:
        return any(fnmatchcase(instrument, pattern) for pattern in self.instruments)


@dataclass(frozen=True, slots=True)
class StrategiesConfig:
    """``drift``: (account, patterns of instruments) of those with a circuit breaker on drift."""

    strategies: tuple[StrategyConfig, ...]
    drift: tuple[tuple[str, tuple[str, ...]], ...] = ()
