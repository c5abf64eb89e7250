"""The typed tree that a TOML file fills; read once at the edge and passed down as plain values.

``default.toml`` holds every key. A user's file is laid over it, the environment over both. An
unknown key or a value of the wrong type is an error that names the file, the key and the nearest
known one.
"""

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from config.alerts import Alerts
from config.period import MINUTE, NO_TIME, SECOND, Period
from config.sessions import SessionHours
from schemas.enums import OrdType
from streams.operators.execution.adaptive import Adaptive
from streams.operators.execution.iceberg import Iceberg
from streams.operators.execution.params import CANCEL, TAKE
from streams.operators.execution.pov import Pov
from streams.operators.execution.shortfall import Shortfall
from streams.operators.execution.twap import Twap
from streams.operators.execution.volume_curve import CurveConfig
from streams.operators.execution.vwap import Vwap
from streams.operators.market.bars import parse, period_ns
from streams.operators.paper_venue.latency import MODELS
from streams.operators.paper_venue.terms import Terms
from streams.operators.paper_venue.venue import QUEUE_MODELS, SELF_TRADES, STOP_TRIGGERS
from streams.operators.risk.limits import Limits

DEFAULT = Path(__file__).parent / "default.toml"
ENVIRONMENT = {
    "TICKSTREAM_BROKER": ("broker", "bootstrap"),
    "TICKSTREAM_REGISTRY": ("registry", "url"),
    "TICKSTREAM_CLICKHOUSE": ("clickhouse", "target"),
}

ALL_TYPES = tuple(map(str, OrdType))
# What an order calls an algorithm → its block of [execution].
ALGORITHMS = {
    "twap": "twap",
    "vwap": "vwap",
    "pov": "pov",
    "iceberg": "iceberg",
    "is": "shortfall",
    "adaptive": "adaptive",
}
VENUES = ("paper", "alpaca", "binance", "binanceusdm")  # where an account may trade

T = TypeVar("T")


class ConfigError(Exception):
    """A configuration that cannot be used: which key, where, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Broker:
    bootstrap: str
    partitions: int
    replication: int


@dataclass(frozen=True, slots=True)
class Registry:
    url: str


@dataclass(frozen=True, slots=True)
class ClickHouse:
    target: str
    block_rows: int
    block_delay: Period


@dataclass(frozen=True, slots=True)
class Connectors:
    frame_events: int
    frame_delay: Period
    clock: Period


@dataclass(frozen=True, slots=True)
class Market:
    bars: tuple[str, ...]
    levels: int
    book_interval: Period
    mark_interval: Period
    clock_grace: Period
    empty_bars: str
    kept_bars: int
    session_years: tuple[int, ...]
    sessions: dict[str, SessionHours]


@dataclass(frozen=True, slots=True)
class Consolidated:
    levels: int
    stale_after: Period


@dataclass(frozen=True, slots=True)
class Features:
    bar: str
    ema_fast: int
    ema_slow: int
    rsi: int
    vol_window: int
    horizon: Period
    warm_up: int
    learning_rate: float


@dataclass(frozen=True, slots=True)
class EmaCross:
    account: str
    instruments: tuple[str, ...]
    notional: Decimal
    threshold: float
    allow_short: bool


@dataclass(frozen=True, slots=True)
class Strategies:
    ema_cross: EmaCross


@dataclass(frozen=True, slots=True)
class PaperVenue:
    maker_fee: Decimal
    taker_fee: Decimal
    latency: Period
    latency_model: str
    latency_jitter: Period
    latency_sigma: Decimal
    report_latency: Period
    report_latency_model: str
    report_latency_jitter: Period
    report_latency_sigma: Decimal
    queue_model: str
    queue_power: int
    hidden: Decimal
    stop_trigger: str
    self_trade: str
    tick_size: Decimal
    lot_size: Decimal
    min_notional: Decimal
    price_band: Decimal
    borrow_rate: Decimal
    funding_rate: Decimal
    carry_interval: Period
    instruments: dict[str, Terms]


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


@dataclass(frozen=True, slots=True)
class ExecutionTerms:
    duration: Period
    min_slice: Decimal
    max_slice: Decimal
    max_participation: float
    remainder: str
    retry: Period


@dataclass(frozen=True, slots=True)
class ExecutionVenue:
    taker_fee: Decimal
    order_cost: Decimal
    latency: Period
    least_size: Decimal


@dataclass(frozen=True, slots=True)
class Routing:
    drift: float
    miss: float
    weight: float
    other: ExecutionVenue
    venues: dict[str, ExecutionVenue]


@dataclass(frozen=True, slots=True)
class Execution:
    bar: str
    terms: ExecutionTerms
    curve: CurveConfig
    twap: Twap
    vwap: Vwap
    pov: Pov
    iceberg: Iceberg
    shortfall: Shortfall
    adaptive: Adaptive
    routing: Routing


@dataclass(frozen=True, slots=True)
class Trading:
    max_age: Period
    reconcile: Period
    grace: Period
    snapshot_interval: Period
    timeout: Period


@dataclass(frozen=True, slots=True)
class Sim:
    seed: int
    rate: float


@dataclass(frozen=True, slots=True)
class Worker:
    port: int
    snapshot_interval: Period
    fused: bool
    kill_file: str


@dataclass(frozen=True, slots=True)
class Settings:
    broker: Broker
    registry: Registry
    clickhouse: ClickHouse
    connectors: Connectors
    market: Market
    baskets: dict[str, tuple[str, ...]]
    consolidated: Consolidated
    features: Features
    strategies: Strategies
    paper_venue: PaperVenue
    accounts: dict[str, Account]
    instruments: dict[str, Instrument]
    execution: Execution
    trading: Trading
    sim: Sim
    worker: Worker
    alerts: Alerts


def load(path: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The defaults, with ``path`` (or ``$TICKSTREAM_CONFIG``) and the environment laid over.
    Raises ConfigError."""
    tree = _read(DEFAULT)
    chosen = path or (Path(p) if (p := environment.get("TICKSTREAM_CONFIG")) else None)
    where = str(chosen or DEFAULT)
    if chosen:
        tree = _laid_over(tree, _read(chosen))
    for name, (section, key) in ENVIRONMENT.items():
        if value := environment.get(name):
            tree[section][key] = value
    settings = _build(Settings, tree, where, "")
    _check(settings, where)
    return settings


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from error


def _laid_over(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        merged[key] = _laid_over(base[key], value) if both else value
    return merged


def _build(cls: type[T], tree: Any, where: str, prefix: str) -> T:
    if not isinstance(tree, dict):
        raise ConfigError(f"{where}: [{prefix}] must be a table")
    hints = get_type_hints(cls)
    wanted = fields(cls)  # type: ignore[arg-type]
    names = [f.name for f in wanted]
    for key in tree:
        if key not in names:
            raise ConfigError(f"{where}: unknown key {_dotted(prefix, key)}{_hint(key, names)}")
    missing = [f.name for f in wanted if f.name not in tree and _is_needed(f)]
    if missing:
        raise ConfigError(f"{where}: [{prefix}] lacks {', '.join(missing)}")
    return cls(**{n: _value(hints[n], v, where, _dotted(prefix, n)) for n, v in tree.items()})


def _is_needed(wanted: Field[Any]) -> bool:
    return wanted.default is MISSING and wanted.default_factory is MISSING


def _value(hint: Any, value: Any, where: str, key: str) -> Any:
    if get_origin(hint) is UnionType:  # something, or not given
        hint = get_args(hint)[0]
    if is_dataclass(hint) and isinstance(hint, type):
        return _build(hint, value, where, key)
    if get_origin(hint) is dict:
        if not isinstance(value, dict):
            raise ConfigError(f"{where}: [{key}] must be a table")
        inner = get_args(hint)[1]
        return {name: _value(inner, v, where, _dotted(key, name)) for name, v in value.items()}
    try:
        return _scalar(hint, value)
    except (ValueError, TypeError, InvalidOperation) as error:
        reason = str(error) if isinstance(error, ValueError) else "wrong type"
        raise ConfigError(f"{where}: {key} = {value!r}: {reason}") from error


def _scalar(hint: Any, value: Any) -> Any:
    if hint is Period:
        return Period(period_ns(value))
    if hint is Decimal:
        if not isinstance(value, str):
            raise ValueError("write it as a string, so that it stays exact")
        return Decimal(value)
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise ValueError("must be a list")
        return tuple(_scalar(get_args(hint)[0], item) for item in value)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise ValueError(f"must be of type {hint.__name__}")
    return value


def _dotted(prefix: str, key: str) -> str:
    return f"{prefix}.{key}" if prefix else key


def _hint(key: str, names: list[str]) -> str:
    near = difflib.get_close_matches(key, names, 1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(names)}"


def _check(settings: Settings, where: str) -> None:
    """What no type can say."""
    market, features = settings.market, settings.features
    if features.bar not in market.bars:
        raise ConfigError(f"{where}: features.bar {features.bar!r} must be among market.bars")
    if not 1 <= market.levels <= 1000:
        raise ConfigError(f"{where}: market.levels {market.levels} must lie in 1 … 1000")
    _check_bars(market, where)
    account = settings.strategies.ema_cross.account
    if account not in settings.accounts:
        raise ConfigError(f"{where}: strategies.ema_cross.account {account!r} has no [accounts.…]")
    _check_baskets(settings, where)
    _check_execution(settings, where)
    _check_paper_venue(settings.paper_venue, where)
    _check_venues(settings, where)


def _check_venues(settings: Settings, where: str) -> None:
    for account, at in settings.accounts.items():
        if at.venue not in VENUES:
            raise ConfigError(
                f"{where}: accounts.{account}.venue {at.venue!r}: use one of {', '.join(VENUES)}"
            )
        if at.live and (at.venue == "paper" or at.url):
            raise ConfigError(
                f"{where}: accounts.{account} cannot be live: the paper venue and a url of one's "
                "own never are; leave live or the other out"
            )


def _check_paper_venue(venue: PaperVenue, where: str) -> None:
    choices = {
        "latency_model": MODELS,
        "report_latency_model": MODELS,
        "queue_model": tuple(QUEUE_MODELS),
        "stop_trigger": STOP_TRIGGERS,
        "self_trade": tuple(SELF_TRADES),
    }
    for key, known in choices.items():
        value = getattr(venue, key)
        if value not in known:
            raise ConfigError(f"{where}: paper_venue.{key} {value!r}: use {' or '.join(known)}")
    if not 1 <= venue.queue_power <= 10:
        raise ConfigError(
            f"{where}: paper_venue.queue_power {venue.queue_power} must lie in 1 … 10"
        )
    if not 0 <= venue.hidden <= 10:
        raise ConfigError(f"{where}: paper_venue.hidden {venue.hidden} must lie in 0 … 10")
    if venue.carry_interval <= 0:
        raise ConfigError(f"{where}: paper_venue.carry_interval must be longer than nothing")


def _check_baskets(settings: Settings, where: str) -> None:
    """An instrument belongs to one basket, because what a basket is told names the instrument."""
    basket_of: dict[str, str] = {}
    for basket, members in settings.baskets.items():
        if len(members) < 2:
            raise ConfigError(f"{where}: baskets.{basket} needs at least two instruments")
        for name in members:
            if name in basket_of:
                raise ConfigError(
                    f"{where}: {name} stands in baskets.{basket_of[name]} and baskets.{basket}; "
                    "an instrument belongs to one basket, once"
                )
            basket_of[name] = basket
    levels, most = settings.consolidated.levels, settings.market.levels
    if settings.baskets and not 1 <= levels <= most:
        raise ConfigError(
            f"{where}: consolidated.levels {levels} must lie in 1 … {most}, market.levels"
        )


def _check_execution(settings: Settings, where: str) -> None:
    execution = settings.execution
    if execution.bar not in settings.market.bars:
        raise ConfigError(f"{where}: execution.bar {execution.bar!r} must be among market.bars")
    if execution.terms.remainder not in (CANCEL, TAKE):
        raise ConfigError(f"{where}: execution.terms.remainder: use {CANCEL} or {TAKE}")
    blocks: dict[str, Any] = {
        name: getattr(execution, name) for name in ("curve", *ALGORITHMS.values())
    }
    for name, block in blocks.items():
        try:
            block.check()
        except ValueError as error:
            raise ConfigError(f"{where}: execution.{name}: {error}") from error


def _check_bars(market: Market, where: str) -> None:
    if market.empty_bars not in ("skip", "flat"):
        raise ConfigError(f"{where}: market.empty_bars {market.empty_bars!r}: use skip or flat")
    if not 0 <= market.kept_bars <= 1000:
        raise ConfigError(f"{where}: market.kept_bars {market.kept_bars} must lie in 0 … 1000")
    years = market.session_years
    if len(years) != 2 or not 1970 <= years[0] <= years[1] <= 2200:
        raise ConfigError(
            f"{where}: market.session_years {list(years)}: use the first and the last year, from "
            "1970 to 2200"
        )
    try:
        for bar in market.bars:
            parse(bar)
    except ValueError as error:
        raise ConfigError(f"{where}: market.bars: {error}") from error
    for pattern, hours in market.sessions.items():
        try:
            hours.check()
        except ValueError as error:
            raise ConfigError(f"{where}: market.sessions.{pattern!r}: {error}") from error
