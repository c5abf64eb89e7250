"""The requests of Coinbase's order session, before they are signed."""

import orjson

from connectors.coinbase.endpoints import PAGE
from connectors.coinbase.order_form import product_of
from connectors.timestamps import ns_rfc3339
from connectors.trading.session import Call, Purpose
from connectors.trading.tracker import LiveOrder

BROKERAGE = "/api/v3/brokerage"
_BATCH = f"{BROKERAGE}/orders/historical/batch"
_FILLS = f"{BROKERAGE}/orders/historical/fills"
_EARLIER_NS = 60 * 10**9  # clocks differ

Query = tuple[tuple[str, str], ...]


def new(body: bytes, subject: str, ts_event: int) -> Call:
    path = f"{BROKERAGE}/orders"
    return Call(Purpose.NEW, "POST", path, body=body, subject=subject, ts_event=ts_event)


def cancel(name: str, subject: str, ts_event: int) -> Call:
    path, body = f"{BROKERAGE}/orders/batch_cancel", orjson.dumps({"order_ids": [name]})
    return Call(Purpose.CANCEL, "POST", path, body=body, subject=subject, ts_event=ts_event)


def edit(body: bytes, subject: str, ts_event: int, revision: int) -> Call:
    path = f"{BROKERAGE}/orders/edit"
    return Call(Purpose.REPLACE, "POST", path, (), body, subject, revision, ts_event)


def by_name(name: str, subject: str = "", revision: int = 0) -> Call:
    path = f"{BROKERAGE}/orders/historical/{name}"
    return Call(Purpose.LOOKUP, "GET", path, subject=subject, revision=revision)


def by_client(order: LiveOrder) -> Call:
    """There is no question by client id: the orders of the product since it was approved."""
    since = ns_rfc3339(order.ts_event - _EARLIER_NS)
    query = (("product_ids", product_of(order.instrument)), ("start_date", since), _LIMIT)
    return Call(Purpose.LOOKUP, "GET", _BATCH, query, subject=order.cl_ord_id)


def everything() -> list[Call]:
    """Open orders and balances."""
    orders = Call(Purpose.ORDERS, "GET", _BATCH, (("order_status", "OPEN"), _LIMIT))
    return [orders, Call(Purpose.BALANCES, "GET", f"{BROKERAGE}/accounts", (_LIMIT,))]


def fills(since: int) -> Call:
    query = (("start_sequence_timestamp", ns_rfc3339(since)), _LIMIT)
    return Call(Purpose.FILLS, "GET", _FILLS, query)


def fills_of(name: str) -> Call:
    return Call(Purpose.FILLS, "GET", _FILLS, (("order_ids", name), _LIMIT))


def next_page(call: Call, cursor: str) -> Call:
    query = (*(pair for pair in call.query if pair[0] != "cursor"), ("cursor", cursor))
    return Call(call.purpose, call.method, call.path, query, subject=call.subject)


_LIMIT = ("limit", str(PAGE))
