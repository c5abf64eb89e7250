"""What the risk gate consents to, signed: the records of ``execution``."""

from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, TypeAlias

from schemas.enums import OrdType, Side, TimeInForce


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
    stop_price: int = 0
    trail: int = 0
    display_size: int = 0
    ts_expire: int = 0
    post_only: bool = False
    reduce_only: bool = False
    parent: str = ""
    algo: str = ""
    params: dict[str, str] = field(default_factory=dict)


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
    algo: str = ""


@dataclass(frozen=True, slots=True)
class ReplaceRequest:
    """The risk gate's signed consent to change an open order (FIX 35=G)."""

    account: str
    instrument: str
    cl_ord_id: str
    ts_event: int
    revision: int
    price: int
    size: int
    stop_price: int
    price_scale: int
    size_scale: int
    reason: str
    key_id: str
    signature: bytes


Signed: TypeAlias = ApprovedOrder | CancelRequest | ReplaceRequest

# what a signal, an approval and a paper order say alike
TERMS = (
    "side",
    "ord_type",
    "time_in_force",
    "price",
    "size",
    "price_scale",
    "size_scale",
    "stop_price",
    "trail",
    "display_size",
    "ts_expire",
    "post_only",
    "reduce_only",
)

_TERMS_OF = attrgetter(*TERMS)


def terms(message: Any) -> dict[str, Any]:
    """The terms of an order, by name."""
    return dict(zip(TERMS, _TERMS_OF(message), strict=True))
