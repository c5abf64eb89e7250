"""DBN records of one instrument → a market frame, column by column.

``mbo`` gives orders and trades, ``trades`` trades, ``mbp-1`` quotes and trades, ``mbp-10`` all
ten levels after each change, and trades. A trade's side is the aggressor's. A fill says which order
traded; the cancel or change that follows says what that did to it.
"""

from typing import Any

import numpy as np

from connectors.databento.records import MBO, MBP_10, TRADES, UNDEF_PRICE
from schemas.frames import (
    ADD,
    CANCEL,
    CLEAR,
    DEPTH,
    FILL,
    MODIFY,
    NO_ORDERS,
    ORDER,
    QUOTE,
    TRADE,
    Depth,
    MarketFrame,
    Orders,
    Quotes,
    Trades,
)

PRICE_SCALE, SIZE_SCALE = 9, 0
_ACTIONS = {b"A": ADD, b"C": CANCEL, b"M": MODIFY, b"R": CLEAR, b"F": FILL}
_SIDES = {b"B": 1, b"A": -1}


def to_frame(name: str, rtype: int, rows: Any) -> MarketFrame:
    """``rows``: a structured array of one of ``records.DTYPES``."""
    is_trade = rows["action"] == b"T"
    if rtype == MBO:
        rows = rows[rows["action"] != b"N"]
        is_trade = rows["action"] == b"T"
        kinds = np.where(is_trade, TRADE, ORDER)
        return _frame(name, kinds, rows[is_trade], orders=_orders(rows[~is_trade]))
    if rtype == TRADES:
        return _frame(name, np.full(len(rows), TRADE), rows)
    if rtype == MBP_10:
        kinds = np.where(is_trade, TRADE, DEPTH)
        return _frame(name, kinds, rows[is_trade], depth=_depth(rows[~is_trade]))
    kinds = np.where(is_trade, TRADE, QUOTE)
    return _frame(name, kinds, rows[is_trade], quotes=_quotes(rows[~is_trade]))


def _frame(
    name: str,
    kinds: Any,
    trades: Any,
    quotes: Quotes | None = None,
    depth: Depth | None = None,
    orders: Orders = NO_ORDERS,
) -> MarketFrame:
    empty: Any = np.empty(0, np.int64)
    no_depth = [empty] * 4 + [np.empty(0, np.uint8)] + [np.empty(0, np.int32)] * 2 + [empty] * 2
    return MarketFrame(
        name,
        PRICE_SCALE,
        SIZE_SCALE,
        kinds.astype(np.uint8),
        _trades(trades),
        quotes or Quotes._make([empty] * 7),
        depth or Depth._make(no_depth),
        orders,
    )


def _ints(column: Any) -> Any:
    return np.ascontiguousarray(column).astype(np.int64)


def _prices(column: Any) -> Any:
    return np.where(column == UNDEF_PRICE, 0, column).astype(np.int64)


def _mapped(column: Any, values: dict[bytes, int], dtype: type) -> Any:
    out: Any = np.zeros(len(column), dtype)
    for key, value in values.items():
        out[column == key] = value
    return out


def _trades(rows: Any) -> Trades:
    return Trades(
        _ints(rows["ts_event"]),
        _ints(rows["ts_recv"]),
        _ints(rows["sequence"]),
        _prices(rows["price"]),
        _ints(rows["size"]),
        _mapped(rows["side"], _SIDES, np.int8),
    )


def _orders(rows: Any) -> Orders:
    return Orders(
        _ints(rows["ts_event"]),
        _ints(rows["ts_recv"]),
        _ints(rows["sequence"]),
        _mapped(rows["action"], _ACTIONS, np.uint8),
        _mapped(rows["side"], _SIDES, np.int8),
        _ints(rows["order_id"]),
        _prices(rows["price"]),
        _ints(rows["size"]),
    )


def _quotes(rows: Any) -> Quotes:
    best = rows["levels"][:, 0]
    return Quotes(
        _ints(rows["ts_event"]),
        _ints(rows["ts_recv"]),
        _ints(rows["sequence"]),
        _prices(best["bid_px"]),
        _ints(best["bid_sz"]),
        _prices(best["ask_px"]),
        _ints(best["ask_sz"]),
    )


def _depth(rows: Any) -> Depth:
    """Each record is the whole book of ten levels."""
    levels, n = rows["levels"], len(rows)
    there = np.concatenate([levels["bid_px"], levels["ask_px"]], axis=1) != UNDEF_PRICE
    prices = np.concatenate([levels["bid_px"], levels["ask_px"]], axis=1)
    sizes = np.concatenate([levels["bid_sz"], levels["ask_sz"]], axis=1)
    half = levels.shape[1]
    seq = _ints(rows["sequence"])
    return Depth(
        _ints(rows["ts_event"]),
        _ints(rows["ts_recv"]),
        seq,
        np.zeros(n, np.int64),
        np.ones(n, np.uint8),
        there[:, :half].sum(axis=1).astype(np.int32),
        there[:, half:].sum(axis=1).astype(np.int32),
        _ints(prices[there]),
        _ints(sizes[there]),
    )
