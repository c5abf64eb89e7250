"""Messages → rows: which tables a message fills, column by column. Pure.

A frame's columns go over whole; a plain record is one row. Every row ends with where its record
lies in the log and what caused it.
"""

from typing import NamedTuple

import numpy as np

from schemas.codec import Message
from schemas.execution import ApprovedOrder, CancelRequest, ReplaceRequest
from schemas.frames import ConsolidatedFrame, FeatureFrame, MarketFrame, TapeFrame
from schemas.inbox import CashFlow, ExecutionReport, Signal
from schemas.ledger import (
    AccountState,
    BreakerChanged,
    Decision,
    Discrepancy,
    Fill,
    LimitChanged,
    OrderUpdate,
    Position,
    Tca,
)
from schemas.mids import mids
from schemas.records import (
    DeadLetter,
    Disclosure,
    DriftDetected,
    Evaluation,
    FeatureDrift,
    FeedQuality,
    ModelChange,
    ModelState,
    PriceBand,
    Status,
    TradeNotice,
    VendorBar,
)
from sinks.clickhouse import plain
from sinks.clickhouse.native import (
    Column,
    decimal_arrays,
    decimals,
    numbers,
    same_text,
    texts,
    times,
    wide_decimals,
)
from streams.log import LogRecord


class Rows(NamedTuple):
    """``count`` rows for ``table``."""

    table: str
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody needs here
    columns: dict[str, Column]


def rows_of(record: LogRecord, message: Message) -> list[Rows]:
    """What a record of the log says, for each table that it fills. Raises ValueError where a
    value does not fit its column."""
    return [
        Rows(table, count, {**columns, **_origin(record, count)})
        for table, count, columns in _tables(record, message)
        if count
    ]


# what is told besides frames, and what else fills a table of its own, field by field
_TOLD: dict[type, str] = {
    TradeNotice: "trade_notices",
    PriceBand: "price_bands",
    VendorBar: "vendor_bars",
    FeedQuality: "feed_quality",
    Evaluation: "evaluations",
    DriftDetected: "drifts",
}
_LEDGER: dict[type, str] = {
    Decision: "decisions",
    OrderUpdate: "order_updates",
    Fill: "fills",
    Position: "positions",
    AccountState: "account_states",
    LimitChanged: "limit_changes",
    BreakerChanged: "breakers",
    Discrepancy: "discrepancies",
    Tca: "tca",
    CashFlow: "cash_flows",
    DeadLetter: "dead_letters",
}


def _tables(record: LogRecord, message: Message) -> list[tuple[str, int, dict[str, Column]]]:
    match message:
        case MarketFrame():
            return [_trades(message), _quotes(message)]
        case TapeFrame() if record.topic == "tape":  # baskets are told the same again
            return [_books(message), _bars(message)]
        case ConsolidatedFrame():
            return [_consolidated(message)]
        case FeatureFrame() if record.topic == "features":
            return [_features(message)]
        case Status() if record.topic == "tape":  # the builder repeats there what feeds say
            return [("statuses", 1, plain.record(message))]
        case Disclosure() if record.topic == "tape":
            return [("disclosures", 1, plain.record(message))]
        case ModelChange() if record.topic == "tape":
            partitions = numbers("Int32", np.array([message.partitions], np.int32))
            columns = plain.record(message, {"partitions": partitions})
            return [("model_changes", 1, columns)]
        case ModelState():
            return [("model_states", 1, plain.record(message))]
        case FeatureDrift():
            return [_feature_drift(message)]
        case _ if type(message) in _TOLD:
            return [(_TOLD[type(message)], 1, plain.record(message))]
        case Signal():
            return [("signals", 1, plain.signal(message))]
        case ApprovedOrder() | CancelRequest() if record.topic != "execution":
            return []  # parents go on to where their algorithm reads
        case ApprovedOrder() | CancelRequest() | ReplaceRequest() | ExecutionReport():
            return [("orders", 1, plain.order(message))]
    table = _LEDGER.get(type(message))
    if table and record.topic in ("ledger", "orders", "dead-letters"):
        return [(table, 1, plain.record(message))]
    return []


def _origin(record: LogRecord, count: int) -> dict[str, Column]:
    cause = record.cause
    return {
        "topic": same_text(record.topic, count),
        "partition": numbers("Int32", np.full(count, record.partition, np.int32)),
        "offset": numbers("Int64", np.full(count, record.offset, np.int64)),
        "row_index": numbers("UInt32", np.arange(count, dtype=np.uint32)),
        "writer": same_text(cause.writer if cause else "", count),
        "source": same_text(cause.source if cause else "", count),
        "cause_offset": numbers(
            "Int64", np.full(count, cause.offset if cause else record.offset, np.int64)
        ),
        "cause_index": numbers("Int32", np.full(count, cause.index if cause else 0, np.int32)),
    }


def _trades(frame: MarketFrame) -> tuple[str, int, dict[str, Column]]:
    rows, count = frame.trades, len(frame.trades.price)
    return (
        "trades",
        count,
        {
            "instrument": same_text(frame.instrument, count),
            "ts_event": times(rows.ts_event),
            "ts_recv": times(rows.ts_recv),
            "price": decimals(rows.price, frame.price_scale),
            "size": decimals(rows.size, frame.size_scale),
            "side": numbers("Enum8('sell' = -1, 'none' = 0, 'buy' = 1)", rows.side),
            "trade_id": numbers("Int64", rows.trade_id),
        },
    )


def _quotes(frame: MarketFrame) -> tuple[str, int, dict[str, Column]]:
    rows, count = frame.quotes, len(frame.quotes.bid)
    return (
        "quotes",
        count,
        {
            "instrument": same_text(frame.instrument, count),
            "ts_event": times(rows.ts_event),
            "ts_recv": times(rows.ts_recv),
            "seq": numbers("Int64", rows.seq),
            "bid": decimals(rows.bid, frame.price_scale),
            "bid_size": decimals(rows.bid_size, frame.size_scale),
            "ask": decimals(rows.ask, frame.price_scale),
            "ask_size": decimals(rows.ask_size, frame.size_scale),
        },
    )


def _books(frame: TapeFrame) -> tuple[str, int, dict[str, Column]]:
    rows, n = frame.books, frame.levels
    count = len(rows.seq)
    price, size = frame.price_scale, frame.size_scale
    columns = {
        "instrument": same_text(frame.instrument, count),
        "ts_event": times(rows.ts_event),
        "ts_recv": times(rows.ts_recv),
        "seq": numbers("Int64", rows.seq),
        "bid": decimals(rows.bid_price[::n], price),
        "bid_size": decimals(rows.bid_size[::n], size),
        "ask": decimals(rows.ask_price[::n], price),
        "ask_size": decimals(rows.ask_size[::n], size),
    }
    for side, prices, sizes in (
        ("bid", rows.bid_price, rows.bid_size),
        ("ask", rows.ask_price, rows.ask_size),
    ):
        there = sizes > 0
        lengths = there.reshape(count, n).sum(axis=1)
        columns[f"{side}_prices"] = decimal_arrays(prices[there], price, lengths)
        columns[f"{side}_sizes"] = decimal_arrays(sizes[there], size, lengths)
    return "books", count, columns


def _bars(frame: TapeFrame) -> tuple[str, int, dict[str, Column]]:
    rows, count = frame.bars, len(frame.bars.spec)
    specs = [frame.specs[n].partition(":") for n in rows.spec.tolist()]
    columns = {
        "instrument": same_text(frame.instrument, count),
        "kind": texts(kind for kind, _, _ in specs),
        "spec": texts(spec for _, _, spec in specs),
        "ts_open": times(rows.ts_open),
        "ts_close": times(rows.ts_close),
        "trades": numbers("Int64", rows.trades),
        "revision": numbers("Int32", rows.revision),
        "late": numbers("Int64", rows.late),
    }
    for name in ("open", "high", "low", "close"):
        columns[name] = decimals(getattr(rows, name), frame.price_scale)
    for name in ("volume", "buy_volume", "sell_volume"):
        columns[name] = decimals(getattr(rows, name), frame.size_scale)
    if count:
        scale = frame.price_scale + frame.size_scale
        columns["notional"] = wide_decimals(rows.notional_hi, rows.notional_lo, scale)
    return "bars", count, columns


def _features(frame: FeatureFrame) -> tuple[str, int, dict[str, Column]]:
    vectors, k = len(frame), len(frame.names)
    count = vectors * k
    return (
        "features",
        count,
        {
            "instrument": same_text(frame.instrument, count),
            "ts_event": times(np.repeat(frame.vectors.ts_event, k)),
            "feature_set": same_text(frame.feature_set, count),
            "mid": numbers("Float64", np.repeat(mids(frame), k)),
            "name": Column("String", texts(frame.names).data * vectors),
            "value": numbers("Float64", frame.vectors.values),
        },
    )


def _feature_drift(told: FeatureDrift) -> tuple[str, int, dict[str, Column]]:
    count = len(told.names)
    return (
        "feature_drift",
        count,
        {
            "instrument": same_text(told.instrument, count),
            "ts_event": times(np.full(count, told.ts_event)),
            "period_ns": numbers("Int64", np.full(count, told.period_ns)),
            "feature_set": same_text(told.feature_set, count),
            "name": texts(told.names),
            "counted": numbers("Int64", np.array(told.counted, np.int64)),
            "psi": numbers("Float64", np.array(told.psi)),
            "shift": numbers("Float64", np.array(told.shift)),
        },
    )


def _consolidated(frame: ConsolidatedFrame) -> tuple[str, int, dict[str, Column]]:
    rows, n, count = frame.nbbo, frame.levels, len(frame)
    columns = {
        "basket": same_text(frame.basket, count),
        "ts_event": times(rows.ts_event),
        "ts_recv": times(rows.ts_recv),
        "state": numbers("Enum8('normal' = 0, 'locked' = 1, 'crossed' = 2)", rows.state),
        "bidding": numbers("Int32", rows.bidding),
        "asking": numbers("Int32", rows.asking),
    }
    for side, first, prices, sizes, venues in (
        ("bid", rows.bid_first, rows.bid_price, rows.bid_size, rows.bid_venues),
        ("ask", rows.ask_first, rows.ask_price, rows.ask_size, rows.ask_venues),
    ):
        there = sizes > 0
        lengths = there.reshape(count, n).sum(axis=1)
        names = (*frame.instruments, "")  # -1: nobody
        columns |= {
            side: decimals(prices[::n], frame.price_scale),
            f"{side}_size": decimals(sizes[::n], frame.size_scale),
            f"{side}_first": texts(names[at] for at in first.tolist()),
            f"{side}_venues": numbers("Int32", np.ascontiguousarray(venues[::n])),
            f"{side}_prices": decimal_arrays(prices[there], frame.price_scale, lengths),
            f"{side}_sizes": decimal_arrays(sizes[there], frame.size_scale, lengths),
            f"{side}_counts": Column("Array(Int32)", venues[there].tobytes(), lengths),
        }
    return "consolidated", count, columns
