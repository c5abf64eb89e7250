"""The typed tree that a TOML file fills, a class a table; ``default.toml`` explains each key."""

from dataclasses import dataclass
from decimal import Decimal

from config.account_tree import Account, Instrument
from config.alerts import Alerts
from config.execution_tree import Execution
from config.models_tree import Model
from config.period import Period
from config.sessions import SessionHours
from config.strategy import Strategy
from streams.operators.paper_venue.terms import Terms


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
class VenuePlace:
    socket: str = ""
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Vendor:
    """Of history; empty and 0: the vendor's own."""

    url: str = ""
    requests_a_minute: int = 0
    feed: str = ""


@dataclass(frozen=True, slots=True)
class Archive:
    folder: str
    block_rows: int
    block_delay: Period
    calendars: dict[str, str]
    vendors: dict[str, Vendor]


@dataclass(frozen=True, slots=True)
class Connectors:
    frame_events: int
    frame_delay: Period
    clock: Period
    stale_after: Period
    quality: Period
    reference: str
    reference_age: Period
    venues: dict[str, VenuePlace]


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
    indicators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UserStrategies:
    folder: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Of models, and of what they are given."""

    period: Period
    drift_period: Period
    drift_reference: int


@dataclass(frozen=True, slots=True)
class ModelsRegistry:
    """Of models from elsewhere."""

    folder: str


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
    archive: Archive
    connectors: Connectors
    market: Market
    baskets: dict[str, tuple[str, ...]]
    groups: dict[str, tuple[str, ...]]
    consolidated: Consolidated
    features: Features
    models: dict[str, Model]
    evaluation: Evaluation
    models_registry: ModelsRegistry
    strategies: dict[str, Strategy]
    user_strategies: UserStrategies
    paper_venue: PaperVenue
    accounts: dict[str, Account]
    instruments: dict[str, Instrument]
    execution: Execution
    trading: Trading
    sim: Sim
    worker: Worker
    alerts: Alerts
