"""Records that belong to no account: time, what feeds say, paper orders, what hosts keep.

Every record of a topic that is not a frame is one plain Avro record, field by field the schema of
the same name (a test holds them equal). Prices and sizes are integers with their scales beside
them; money is an exact ``Decimal`` of 18 decimal places.
"""

from dataclasses import dataclass
from typing import TypeAlias

from schemas.enums import (
    DisclosedAction,
    ModelCondition,
    ModelRole,
    OrderAction,
    OrdType,
    Side,
    StatusKind,
    TimeInForce,
    TradeNoticeKind,
)


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
class TradeNotice:
    """What a venue says of a trade besides its print: that it was corrected or canceled, or that
    it never set a price."""

    instrument: str
    ts_event: int
    ts_recv: int
    kind: TradeNoticeKind
    trade_id: int
    price: int
    size: int
    new_trade_id: int
    new_price: int
    new_size: int
    exchange: str
    conditions: str
    price_scale: int
    size_scale: int


@dataclass(frozen=True, slots=True)
class PriceBand:
    """Prices outside of which an instrument may not trade (limit up, limit down)."""

    instrument: str
    ts_event: int
    ts_recv: int
    lower: int
    upper: int
    indicator: str
    price_scale: int


@dataclass(frozen=True, slots=True)
class VendorBar:
    """A bar as a vendor made it. Bars that are built here from trades lie on the tape."""

    instrument: str
    ts_event: int
    ts_recv: int
    spec: str
    basis: str
    ts_open: int
    ts_close: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    vwap: int
    trades: int
    final: bool
    price_scale: int
    size_scale: int


@dataclass(frozen=True, slots=True)
class FeedQuality:
    """What a feed measured of itself over a period."""

    feed: str
    ts_event: int
    period_ns: int
    instruments: int
    stale: int
    unsynced: int
    messages: int
    events: int
    rejected: int
    gaps: int
    duplicates: int
    out_of_order: int
    resyncs: int
    checksum_failures: int
    connections: int
    latency_min_ns: int
    latency_p50_ns: int
    latency_p99_ns: int
    round_trip_ns: int
    clock_offset_ns: int


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What somebody who may be followed did, told when it became known: a filing, or a fill."""

    instrument: str
    who: str
    ts_event: int
    ts_traded: int
    action: DisclosedAction
    side: Side
    weight: float
    price: float
    role: str = ""
    shares: float = 0.0


@dataclass(frozen=True, slots=True)
class ModelChange:
    """People change, while it runs, which version of a model does the work of a slot."""

    key: str
    partitions: int
    ts_event: int
    slot: str
    role: ModelRole
    version: str
    share: float
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class ModelState:
    """What became of a version of a model: it took up a role, it failed, it works again."""

    key: str
    ts_event: int
    slot: str
    model: str
    version: str
    role: ModelRole
    condition: ModelCondition
    detail: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How good a model's predictions were whose labels became known during a period."""

    instrument: str
    model: str
    ts_event: int
    period_ns: int
    labels: int
    rises: float
    log_loss: float
    brier: float
    auc: float
    accuracy: float
    mean_error: float
    rms_error: float
    correlation: float
    drifts: int
    bin_labels: tuple[float, ...]
    bin_predicted: tuple[float, ...]
    bin_rises: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class DriftDetected:
    """The error of a model changed, and what was done."""

    instrument: str
    model: str
    ts_event: int
    error_before: float
    error_after: float
    done: str


@dataclass(frozen=True, slots=True)
class FeatureDrift:
    """How far the features of a period are from those of the beginning."""

    instrument: str
    ts_event: int
    period_ns: int
    feature_set: str
    names: tuple[str, ...]
    counted: tuple[int, ...]
    psi: tuple[float, ...]
    shift: tuple[float, ...]


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
    stop_price: int = 0
    trail: int = 0
    display_size: int = 0
    ts_expire: int = 0
    post_only: bool = False
    reduce_only: bool = False


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
    | TradeNotice
    | PriceBand
    | VendorBar
    | FeedQuality
    | Disclosure
    | ModelChange
    | ModelState
    | Evaluation
    | DriftDetected
    | FeatureDrift
    | PaperOrder
    | DeadLetter
    | Snapshot
)
