"""What may change what an account may do: the records of ``orders``."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from schemas.enums import (
    CashKind,
    CommandAction,
    ExecType,
    Holds,
    Liquidity,
    MarketState,
    OrdStatus,
    OrdType,
    Side,
    TimeInForce,
)


@dataclass(frozen=True, slots=True)
class Signal:
    """A strategy wants an order."""

    account: str
    strategy: str
    signal_id: str
    instrument: str
    ts_event: int
    side: Side
    ord_type: OrdType
    time_in_force: TimeInForce
    price: int
    size: int
    price_scale: int
    size_scale: int
    target: int | None
    probability: float
    reason: str
    stop_price: int = 0
    trail: int = 0
    display_size: int = 0
    ts_expire: int = 0
    post_only: bool = False
    reduce_only: bool = False
    parent: str = ""
    algo: str = ""
    params: dict[str, str] = field(default_factory=dict)
    after: str = ""
    group: str = ""
    features: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderCommand:
    """A strategy, an algorithm or the desk wants open orders gone or changed."""

    account: str
    command_id: str
    ts_event: int
    action: CommandAction
    signal_id: str
    instrument: str
    strategy: str
    price: int
    size: int
    stop_price: int
    price_scale: int
    size_scale: int
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Best bid and ask of an instrument that an account trades, at a limited rate."""

    account: str
    instrument: str
    ts_event: int
    bid: int
    ask: int
    price_scale: int
    size_scale: int = 0
    last: int = 0
    volume: int = 0
    state: MarketState = MarketState.TRADING
    bid_prices: tuple[int, ...] = ()
    bid_sizes: tuple[int, ...] = ()
    ask_prices: tuple[int, ...] = ()
    ask_sizes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ExecutionReport:
    """What the venue says of an order (FIX 35=8)."""

    account: str
    instrument: str
    cl_ord_id: str
    exec_id: str
    ts_event: int
    exec_type: ExecType
    side: Side
    last_price: int
    last_size: int
    cum_size: int
    leaves_size: int
    price_scale: int
    size_scale: int
    fee: Decimal
    liquidity: Liquidity
    text: str
    order_id: str = ""
    fee_currency: str = ""
    price: int = 0
    ref_exec_id: str = ""
    ord_status: OrdStatus = OrdStatus.NEW


@dataclass(frozen=True, slots=True)
class CashFlow:
    """Money that moves without a trade of ours."""

    account: str
    instrument: str
    ts_event: int
    kind: CashKind
    amount: Decimal
    currency: str
    flow_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Health:
    """What a part of the system measured of itself: an input of the circuit breakers."""

    account: str
    ts_event: int
    instrument: str
    measure: str
    value: float
    source: str


@dataclass(frozen=True, slots=True)
class LimitChange:
    """The desk changes a limit of an account while it runs."""

    account: str
    ts_event: int
    name: str
    value: str
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class KillSwitch:
    """The desk stops, or allows again, all orders of an account."""

    account: str
    ts_event: int
    engaged: bool
    who: str
    reason: str
    flatten: bool = False


@dataclass(frozen=True, slots=True)
class BreakerReset:
    """The desk lets an account trade again after a circuit breaker tripped."""

    account: str
    ts_event: int
    breaker: str
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A host begins or ends telling what a venue holds: its orders, fills, positions, balances."""

    account: str
    ts_event: int
    venue: str
    batch: str
    ended: bool
    ts_cutoff: int
    holds: Holds = Holds.UNKNOWN
    ts_approved: int = 2**63 - 1


@dataclass(frozen=True, slots=True)
class VenuePosition:
    """What a venue says we hold (reconciliation)."""

    account: str
    instrument: str
    ts_event: int
    quantity: int
    size_scale: int
    avg_price: Decimal
    batch: str


@dataclass(frozen=True, slots=True)
class VenueBalance:
    """What a venue says of an account's money (reconciliation)."""

    account: str
    ts_event: int
    venue: str
    currency: str
    total: Decimal
    available: Decimal
    batch: str


Inbox: TypeAlias = (
    Signal
    | OrderCommand
    | Mark
    | ExecutionReport
    | CashFlow
    | Health
    | LimitChange
    | KillSwitch
    | BreakerReset
    | Reconciliation
    | VenuePosition
    | VenueBalance
)
