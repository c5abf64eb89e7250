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
    off by more than this part of it, 0: never while the direction stays; ``follows``: the sources
    whose disclosures it is told of, none: all, and the accounts whose fills are disclosed to it."""

    name: str
    kind: Kind
    params: Any
    account: str
    instruments: tuple[str, ...]
    sizing: Sizing
    columns: dict[str, str]
    capital: Decimal = Decimal(0)
    rebalance: float = 0.0
    follows: tuple[str, ...] = ()

    def trades(self, instrument: str) -> bool:
        return any(fnmatchcase(instrument, pattern) for pattern in self.instruments)


@dataclass(frozen=True, slots=True)
class StrategiesConfig:
    strategies: tuple[StrategyConfig, ...]
