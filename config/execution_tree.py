"""[execution]: what algorithms and the routing of orders are told."""

from dataclasses import dataclass
from decimal import Decimal

from config.period import Period
from streams.operators.execution.adaptive import Adaptive
from streams.operators.execution.iceberg import Iceberg
from streams.operators.execution.pov import Pov
from streams.operators.execution.shortfall import Shortfall
from streams.operators.execution.twap import Twap
from streams.operators.execution.volume_curve import CurveConfig
from streams.operators.execution.vwap import Vwap

# What an order calls an algorithm → its block of [execution].
ALGORITHMS = {
    "twap": "twap",
    "vwap": "vwap",
    "pov": "pov",
    "iceberg": "iceberg",
    "is": "shortfall",
    "adaptive": "adaptive",
}


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
