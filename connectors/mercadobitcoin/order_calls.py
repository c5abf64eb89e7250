"""The requests of Mercado Bitcoin's order session. The account's id is put in when they are sent.

Lists come newest first, in pages of a size that is nowhere told: the next page is asked for up to
the last order of this one, until one brings no other order.
"""

from connectors.mercadobitcoin.endpoints import BALANCES, LIST, LIST_ALL, ONE, PLACE
from connectors.mercadobitcoin.order_form import symbol_of
from connectors.trading.session import Call, Purpose
from connectors.trading.tracker import LiveOrder

ACCOUNT = "{account}"
_BASE = f"/accounts/{ACCOUNT}"
_EARLIER_S = 60  # clocks differ
_S = 10**9
MOST = 1000  # open orders asked for at first
POLL = "poll"  # the subject of what stands in for a stream

Query = tuple[tuple[str, str], ...]


def accounts() -> Call:
    return Call(Purpose.STREAM, "GET", "/accounts")


def _orders(symbol: str) -> str:
    return f"{_BASE}/{symbol}/orders"


def new(symbol: str, body: bytes, subject: str, ts_event: int) -> Call:
    spends = ((PLACE, 1.0),)
    return Call(Purpose.NEW, "POST", _orders(symbol), (), body, subject, 0, ts_event, spends=spends)


def cancel(order: LiveOrder, ts_event: int) -> Call:
    path, query = f"{_orders(symbol_of(order.instrument))}/{order.name}", (("async", "false"),)
    spends, subject = ((PLACE, 1.0),), order.cl_ord_id
    return Call(Purpose.CANCEL, "DELETE", path, query, b"", subject, 0, ts_event, spends=spends)


def by_name(symbol: str, name: str, subject: str = "") -> Call:
    path = f"{_orders(symbol)}/{name}"
    return Call(Purpose.LOOKUP, "GET", path, subject=subject, spends=((ONE, 1.0),))


def look_at(order: LiveOrder) -> Call:
    return by_name(symbol_of(order.instrument), order.name)


def by_client(order: LiveOrder) -> Call:
    """There is no question by client id: the orders of the symbol since it was approved."""
    since = str(order.ts_event // _S - _EARLIER_S)
    query = (("created_at_from", since),)
    return _list(Purpose.LOOKUP, symbol_of(order.instrument), query, order.cl_ord_id)


def working(symbol: str) -> Call:
    return _list(Purpose.ORDERS, symbol, (("status", "working"),), POLL)


def fills(symbol: str, since: int) -> Call:
    query = (("has_executions", "true"), ("executed_at_from", str(since // _S - 1)))
    return _list(Purpose.FILLS, symbol, query, "")


def _list(purpose: Purpose, symbol: str, query: Query, subject: str) -> Call:
    return Call(purpose, "GET", _orders(symbol), query, subject=subject, spends=((LIST, 1.0),))


def next_page(call: Call, last: str) -> Call | None:
    """The page after one that ended with an order; None where that was the last one."""
    if dict(call.query).get("id_to") == last:
        return None
    query = (*(pair for pair in call.query if pair[0] != "id_to"), ("id_to", last))
    return Call(call.purpose, "GET", call.path, query, subject=call.subject, spends=call.spends)


def open_orders(size: int = MOST) -> Call:
    query = (("status", "created,working"), ("size", str(size)))
    spends = ((LIST_ALL, 1.0),)
    return Call(Purpose.ORDERS, "GET", f"{_BASE}/orders", query, spends=spends)


def balances() -> Call:
    return Call(Purpose.BALANCES, "GET", f"{_BASE}/balances", spends=((BALANCES, 1.0),))
