"""The requests that Alpaca's order session makes besides sending orders."""

from urllib.parse import quote

from connectors.alpaca.endpoints import ORDERS_PAGE, PAGE
from connectors.trading.session import Call, Purpose

ORDERS = "/v2/orders"


def cancel(name: str, subject: str, ts_event: int) -> Call:
    path = f"{ORDERS}/{name}"
    return Call(Purpose.CANCEL, "DELETE", path, subject=subject, ts_event=ts_event)


def by_name(name: str) -> Call:
    return Call(Purpose.LOOKUP, "GET", f"{ORDERS}/{name}")


def open_orders(after: str) -> Call:
    query = [("status", "open"), ("limit", str(ORDERS_PAGE)), ("direction", "asc")]
    return Call(Purpose.ORDERS, "GET", ORDERS, tuple(query + ([("after", after)] if after else [])))


def activities(after: str, page: str) -> Call:
    query = [("after", after), ("direction", "asc"), ("page_size", str(PAGE))]
    query += [("page_token", page)] if page else []
    return Call(Purpose.FILLS, "GET", "/v2/account/activities", tuple(query))


def quoted(text: str) -> str:
    return quote(text, safe="")
