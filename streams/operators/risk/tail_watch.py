"""Value at risk of an account, from the returns of the marks of what it trades."""

import math
from dataclasses import dataclass, field

import numpy as np

from streams.operators.risk.parametric import OutsideDomain
from streams.operators.risk.returns import ReturnWindow, UnknownReturns
from streams.operators.risk.tail import TooFewScenarios
from streams.operators.risk.var import VarConfig, measure


@dataclass(frozen=True, slots=True)
class VarRule:
    """Over ``length`` returns of ``period_ns`` each, with ``least`` of them at the least."""

    config: VarConfig = field(default_factory=VarConfig)
    period_ns: int = 60 * 10**9
    length: int = 500
    least: int = 100


@dataclass(frozen=True, slots=True)
class Tail:
    """``var`` and ``cvar`` of one period, in the account's currency, NaN where unknown; their
    components by instrument."""

    var: float = 0.0
    cvar: float = 0.0
    instruments: tuple[str, ...] = ()
    component_var: tuple[float, ...] = ()
    component_cvar: tuple[float, ...] = ()


NO_RISK = Tail()
UNKNOWN = Tail(math.nan, math.nan)


def tail_of(window: ReturnWindow, exposures: dict[str, float], rule: VarRule) -> Tail:
    """Of signed notionals by instrument; nothing held has no risk, and too few returns no
    answer."""
    if not exposures:
        return NO_RISK
    names = tuple(exposures)
    try:
        returns = window.returns(names, rule.least)
        found = measure(returns, np.array([exposures[n] for n in names]), rule.config)
    except (UnknownReturns, TooFewScenarios, OutsideDomain):
        return UNKNOWN
    component_var = tuple(map(float, found.component_var))
    component_cvar = tuple(map(float, found.component_cvar))
    return Tail(found.var, found.cvar, names, component_var, component_cvar)
