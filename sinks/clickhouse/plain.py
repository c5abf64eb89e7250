"""Plain records → the columns of one row. Pure.

Prices and sizes become decimals by their scales, money is one already, times are times, a map is
text. A record's fields are its table's columns.
"""

from decimal import Decimal
from typing import Any

import numpy as np

from schemas.execution import ApprovedOrder, CancelRequest, ReplaceRequest
from schemas.inbox import ExecutionReport, Signal
from sinks.clickhouse.native import (
    DECIMAL,
    Column,
    array_of,
    map_of,
    numbers,
    same_text,
    text,
    times,
)
from streams.operators.risk.money import EXACT

_PRICES = (
    *("price", "stop_price", "trail", "last_price", "new_price", "lower", "upper"),
    *("open", "high", "low", "close", "vwap"),
)
_SIZES = ("size", "display_size", "cum_size", "leaves_size", "quantity", "new_size", "volume")
_GREEKS = ("implied_volatility", "delta", "gamma", "vega", "theta")
_BINS = ("bin_labels", "bin_predicted", "bin_rises")
_NUMBERS = (*_BINS, "component_var", "component_cvar", "scenario_pnl", *_GREEKS)


def record(message: Any, given: dict[str, Column] | None = None) -> dict[str, Column]:
    """A row with a column for every field of the record but its scales."""
    columns = dict(given or {})
    for name in message.__slots__:
        if name not in columns and not name.endswith("_scale"):
            columns[name] = _field(message, name)
    return columns


def _field(message: Any, name: str) -> Column:
    value = getattr(message, name)
    if name in _PRICES and isinstance(value, int):
        return one(value, message.price_scale)
    if name in _SIZES and isinstance(value, int):
        return one(value, message.size_scale)
    return _value(name, value)


def _value(name: str, value: Any) -> Column:
    match value:
        case bool():
            return Column("Bool", bytes([value]))
        case str() | bytes():
            return Column("String", text(value))
        case Decimal():
            scaled = int(value.scaleb(18, EXACT))
            return Column(DECIMAL, scaled.to_bytes(16, "little", signed=True))
        case float():
            return numbers("Float64", np.array([value]))
        case tuple():
            return array_of("Float64" if name in _NUMBERS else "String", value)
        case dict():
            words = ", ".join(f"{key}={value[key]}" for key in sorted(value))
            return Column("String", text(words))
        case int() if name.startswith("ts_"):
            return times(np.array([value]))
        case int() if name.endswith("partition"):
            return numbers("Int32", np.array([value], np.int32))
    return numbers("Int64", np.array([value], np.int64))


def one(value: int, scale: int) -> Column:
    """A scaled integer. Raises ValueError for a scale over 18."""
    if not 0 <= scale <= 18:
        raise ValueError(f"{scale} decimals do not fit {DECIMAL}")
    return Column(DECIMAL, (value * 10 ** (18 - scale)).to_bytes(16, "little", signed=True))


def signal(message: Signal) -> dict[str, Column]:
    value = one(message.target or 0, message.size_scale).data
    target = Column(f"Nullable({DECIMAL})", value, nulls=bytes([message.target is None]))
    return record(message, {"target": target, "features": map_of(message.features)})


Order = ApprovedOrder | CancelRequest | ReplaceRequest | ExecutionReport


def order(message: Order) -> dict[str, Column]:
    """One event of an order: what was sent, or what the venue said."""
    base = {
        "account": same_text(message.account, 1),
        "cl_ord_id": same_text(message.cl_ord_id, 1),
        "instrument": same_text(message.instrument, 1),
        "ts_event": times(np.array([message.ts_event])),
    }
    words = ("strategy", "signal_id", "ord_type", "time_in_force", "side", "text", "parent")
    empty = {name: same_text("", 1) for name in (*words, "algo", "exec_id", "order_id")}
    zero = {name: one(0, 0) for name in ("price", "size", "stop_price", "cum_size", "leaves_size")}
    return {**empty, **zero, **base, **_order_details(message)}


def _order_details(message: Order) -> dict[str, Column]:
    match message:
        case ApprovedOrder():
            names = ("strategy", "signal_id", "side", "ord_type", "time_in_force", "parent", "algo")
            words = {name: same_text(getattr(message, name), 1) for name in names}
            leaves = {"leaves_size": one(message.size, message.size_scale)}
            return {"event": same_text("APPROVED", 1), **words, **_terms(message), **leaves}
        case CancelRequest():
            return {
                "event": same_text("CANCEL_REQUESTED", 1),
                "text": same_text(message.reason, 1),
            }
        case ReplaceRequest():
            reason = {"text": same_text(message.reason, 1)}
            return {"event": same_text("REPLACE_REQUESTED", 1), **_terms(message), **reason}
        case ExecutionReport():
            told = ("side", "text", "exec_id", "order_id")
            return {
                **{name: same_text(getattr(message, name), 1) for name in told},
                "event": same_text(message.exec_type, 1),
                "price": one(message.last_price, message.price_scale),
                "size": one(message.last_size, message.size_scale),
                "cum_size": one(message.cum_size, message.size_scale),
                "leaves_size": one(message.leaves_size, message.size_scale),
            }


def _terms(message: ApprovedOrder | ReplaceRequest) -> dict[str, Column]:
    return {
        "price": one(message.price, message.price_scale),
        "stop_price": one(message.stop_price, message.price_scale),
        "size": one(message.size, message.size_scale),
    }
