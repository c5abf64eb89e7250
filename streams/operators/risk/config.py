"""What an account is configured to be, as plain values."""

from dataclasses import dataclass, field
from decimal import Decimal

from schemas.enums import OrdType
from streams.operators.risk.breakers import BreakerRule
from streams.operators.risk.limits import LimitTree
from streams.operators.risk.money import ZERO
from streams.operators.risk.pnl import CostBasis
from streams.operators.risk.stops import StopRule
from streams.operators.risk.stress import Scenario
from streams.operators.risk.tail_watch import VarRule

ALL_TYPES = tuple(OrdType)


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """``currency``: what its money is counted in; ``capital``: what it began with. ``native``: the
    order types that its venue keeps itself; others are held here and sent when a mark triggers
    them. ``currencies``: instruments whose marks are rates (``EUR/USD``). ``correlations``:
    (pattern, pattern, ρ); pairs that match none are taken as uncorrelated. ``state_interval_ns``:
    of event time, between two account states on the ledger. ``adopt_unknown``: keep orders that
    the venue has and we never sent, instead of cancelling them. ``var``: how value at risk is
    measured; None: it is not. ``stress``: the scenarios that what is held is valued in."""

    limits: LimitTree
    currency: str = ""
    capital: Decimal = ZERO
    cost_basis: CostBasis = CostBasis.AVERAGE
    native: tuple[OrdType, ...] = ALL_TYPES
    currencies: dict[str, str] = field(default_factory=dict)
    correlations: tuple[tuple[str, str, Decimal], ...] = ()
    stops: tuple[StopRule, ...] = ()
    breakers: tuple[BreakerRule, ...] = ()
    state_interval_ns: int = 10**9
    adopt_unknown: bool = True
    var: VarRule | None = None
    stress: tuple[Scenario, ...] = ()
