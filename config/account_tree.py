"""[accounts] and [instruments]: who trades where, what is allowed, what is known."""

from dataclasses import dataclass, field
from decimal import Decimal

from config.period import MINUTE, NO_TIME, SECOND, Period
from schemas.enums import OrdType
from streams.operators.risk.limits import Limits

ALL_TYPES = tuple(map(str, OrdType))

CRYPTO = ("binance", "binanceusdm", "coinbase", "kraken", "mercadobitcoin")
VENUES = ("paper", "alpaca", *CRYPTO)


@dataclass(frozen=True, slots=True)
class ScopedLimits(Limits):
    """Limits of the account as a whole, and of its scopes by name."""

    venue: dict[str, Limits] = field(default_factory=dict)
    sector: dict[str, Limits] = field(default_factory=dict)
    strategy: dict[str, Limits] = field(default_factory=dict)
    instrument: dict[str, Limits] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stop:
    kind: str
    instruments: str = "*"
    distance: Decimal = Decimal(0)
    period: Period = NO_TIME
    share: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    measure: str
    limit: Decimal
    then: str
    window: Period = NO_TIME
    cool_down: Period = NO_TIME
    instruments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueAtRisk:
    method: str = "historical"
    confidence: float = 0.99
    period: Period = MINUTE
    length: int = 500
    least: int = 100
    decay: float = 0.94
    scenarios: int = 10_000
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Shock:
    price: float = 0.0
    volatility: float = 0.0


@dataclass(frozen=True, slots=True)
class Stress:
    all: Shock | None = None
    sector: dict[str, Shock] = field(default_factory=dict)
    instrument: dict[str, Shock] = field(default_factory=dict)
    days: float = 0.0


@dataclass(frozen=True, slots=True)
class Account:
    """``live``: at its venue with real money; ``url``: at a server of one's own."""

    limits: ScopedLimits
    venue: str = "paper"
    live: bool = False
    url: str = ""
    currency: str = ""
    capital: Decimal = Decimal(0)
    cost_basis: str = "average"
    native_types: tuple[str, ...] = ALL_TYPES
    currencies: dict[str, str] = field(default_factory=dict)
    correlations: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    stops: dict[str, Stop] = field(default_factory=dict)
    breakers: dict[str, CircuitBreaker] = field(default_factory=dict)
    state_interval: Period = SECOND
    unknown_orders: str = "adopt"
    var: ValueAtRisk | None = None
    stress: dict[str, Stress] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Option:
    """``symbols``: the convention by which names say ``strike``, ``expiry`` and ``kind``."""

    underlying: str
    symbols: str = ""
    strike: Decimal = Decimal(0)
    expiry: str = ""
    kind: str = ""
    on: str = "spot"
    currency: str = ""
    rate: float = 0.0
    dividend_yield: float = 0.0
    volatility: float | None = None


@dataclass(frozen=True, slots=True)
class Instrument:
    currency: str = ""
    multiplier: Decimal = Decimal(1)
    inverse: bool = False
    tick: Decimal = Decimal(0)
    lot: Decimal = Decimal(0)
    min_notional: Decimal = Decimal(0)
    sector: str = ""
    margin: Decimal = Decimal(1)
    shortable: bool = True
    restricted: bool = False
    session: str = ""
    option: Option | None = None
