"""Records: decisions and facts about orders, one plain Avro record each.

Field by field the schemas of the same names (a test holds them equal). Prices and sizes are
integers with their scales beside them; money is an exact ``Decimal`` of 18 decimal places.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias


class Side(StrEnum):
    BUY = "BUY"
    SELL = "SELL"


class OrdType(StrEnum):
    MARKET = "MARKET"
    LIMIT = "LIMIT"


class TimeInForce(StrEnum):
    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"


class OrderAction(StrEnum):
    NEW = "NEW"
    CANCEL = "CANCEL"


class ExecType(StrEnum):
    NEW = "NEW"
    TRADE = "TRADE"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


class Liquidity(StrEnum):
    NONE = "NONE"
    MAKER = "MAKER"
    TAKER = "TAKER"


class StatusKind(StrEnum):
    CONNECTED = "CONNECTED"
    DISCONNECTED = "DISCONNECTED"
    GAP = "GAP"
    RESYNCED = "RESYNCED"
    STALE = "STALE"
    CROSSED = "CROSSED"
    LOCKED = "LOCKED"
    CHECKSUM = "CHECKSUM"
    UNKNOWN_ORDER = "UNKNOWN_ORDER"
    TRADING = "TRADING"
    AUCTION = "AUCTION"
    HALTED = "HALTED"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Clock:
    """Time passes because a record says so."""

    key: str
    ts_event: int


@dataclass(frozen=True, slots=True)
class Status:
    """Trouble is data: what happened to a feed or a book, in the order it happened."""

    instrument: str
    ts_event: int
    ts_recv: int
    kind: StatusKind
    detail: str


@dataclass(frozen=True, slots=True)
class PaperOrder:
    """An approved order on its way to the paper venue, in the instrument's own log."""

    instrument: str
    account: str
    cl_ord_id: str
    ts_event: int
    action: OrderAction
    side: Side
    ord_type: OrdType
    time_in_force: TimeInForce
    price: int
    size: int
    price_scale: int
    size_scale: int


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


@dataclass(frozen=True, slots=True)
class Mark:
    """Best bid and ask of an instrument that an account trades, at a limited rate."""

    account: str
    instrument: str
    ts_event: int
    bid: int
    ask: int
    price_scale: int


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


@dataclass(frozen=True, slots=True)
class ApprovedOrder:
    """The risk gate's signed consent: the only thing that execution sends."""

    account: str
    strategy: str
    signal_id: str
    cl_ord_id: str
    instrument: str
    ts_event: int
    side: Side
    ord_type: OrdType
    time_in_force: TimeInForce
    price: int
    size: int
    price_scale: int
    size_scale: int
    key_id: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """The risk gate wants an open order gone."""

    account: str
    instrument: str
    cl_ord_id: str
    ts_event: int
    reason: str
    key_id: str
    signature: bytes


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
class DeadLetter:
    """A record that could not be decoded or folded, as it was."""

    source_topic: str
    source_partition: int
    source_offset: int
    stage: str
    error: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An operator's state and the input offset that it holds."""

    stage: str
    partition: int
    next_offset: int
    causes: dict[str, list[int]]
    state: bytes


Record: TypeAlias = (
    Clock
    | Status
    | PaperOrder
    | Signal
    | Mark
    | ExecutionReport
    | LimitChange
    | KillSwitch
    | ApprovedOrder
    | CancelRequest
    | Decision
    | Fill
    | Position
    | LimitChanged
    | DeadLetter
    | Snapshot
)
