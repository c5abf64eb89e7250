"""What became of it all: the records of ``ledger``."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from schemas.enums import DiscrepancyKind, Liquidity, OrdStatus, Side, TradingState


@dataclass(frozen=True, slots=True)
class Decision:
    """What the risk gate said of a signal, and why."""

    account: str
    strategy: str
    signal_id: str
    cl_ord_id: str
    instrument: str
    ts_event: int
    approved: bool
    rule: str
    limit_value: str
    asked: str
    text: str
    request: str = "NEW"
    rules: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderUpdate:
    """One transition of an order's lifecycle: from which state to which, and what caused it."""

    account: str
    strategy: str
    signal_id: str
    cl_ord_id: str
    instrument: str
    ts_event: int
    before: OrdStatus
    after: OrdStatus
    event: str
    cum_size: int
    leaves_size: int
    size_scale: int
    order_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Fill:
    """A trade of ours, with what it did to the account."""

    account: str
    strategy: str
    signal_id: str
    cl_ord_id: str
    exec_id: str
    instrument: str
    ts_event: int
    side: Side
    price: int
    size: int
    price_scale: int
    size_scale: int
    fee: Decimal
    liquidity: Liquidity
    realised_pnl: Decimal
    parent: str = ""
    fee_currency: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """A position after a fill, or revalued at a mark."""

    account: str
    instrument: str
    ts_event: int
    quantity: int
    size_scale: int
    avg_price: Decimal
    mark: Decimal
    realised_pnl: Decimal
    unrealised_pnl: Decimal
    fees: Decimal


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account as a whole, at a cadence of event time."""

    account: str
    ts_event: int
    currency: str
    equity: Decimal
    realised_pnl: Decimal
    unrealised_pnl: Decimal
    fees: Decimal
    cash_flows: Decimal
    day_pnl: Decimal
    drawdown: Decimal
    gross: Decimal
    net: Decimal
    open_notional: Decimal
    margin: Decimal
    buying_power: Decimal
    leverage: float
    var: float
    cvar: float
    open_orders: int
    state: TradingState
    instruments: tuple[str, ...] = ()
    component_var: tuple[float, ...] = ()
    component_cvar: tuple[float, ...] = ()
    options: tuple[str, ...] = ()
    implied_volatility: tuple[float, ...] = ()
    underlyings: tuple[str, ...] = ()
    delta: tuple[float, ...] = ()
    gamma: tuple[float, ...] = ()
    vega: tuple[float, ...] = ()
    theta: tuple[float, ...] = ()
    scenarios: tuple[str, ...] = ()
    scenario_pnl: tuple[float, ...] = ()
    worst_scenario: str = ""


@dataclass(frozen=True, slots=True)
class LimitChanged:
    """A limit or the kill switch was changed: who, when, from what to what."""

    account: str
    ts_event: int
    name: str
    old_value: str
    new_value: str
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class BreakerChanged:
    """A circuit breaker tripped or was reset."""

    account: str
    ts_event: int
    breaker: str
    before: TradingState
    after: TradingState
    value: str
    limit: str
    ts_until: int
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Where our books and the venue's differ, and what was done about it."""

    account: str
    instrument: str
    ts_event: int
    kind: DiscrepancyKind
    subject: str
    ours: str
    venues: str
    resolution: str
    resolved: bool
    batch: str


@dataclass(frozen=True, slots=True)
class Tca:
    """What an order cost beside its benchmarks, once it is done (transaction cost analysis)."""

    account: str
    strategy: str
    signal_id: str
    instrument: str
    venue: str
    side: Side
    ts_event: int
    ts_arrival: int
    size: Decimal
    filled: Decimal
    avg_price: Decimal
    arrival_price: Decimal
    vwap: Decimal
    slippage_bps: float
    vwap_bps: float
    shortfall_bps: float
    spread_capture: float
    fees: Decimal


Entry: TypeAlias = (
    Decision
    | OrderUpdate
    | Fill
    | Position
    | AccountState
    | LimitChanged
    | BreakerChanged
    | Discrepancy
    | Tca
)
