"""The requests of Kraken's order session, before they are signed: POST, with a form."""

from connectors.kraken.endpoints import HISTORY_WEIGHT, PAGE, PAIR
from connectors.kraken.order_form import Form, client_id
from connectors.kraken.symbols import pair_of
from connectors.trading.session import Call, Purpose

_PRIVATE = "/0/private/"
OPEN, CLOSED, QUERY = "OpenOrders", "ClosedOrders", "QueryOrders"
TRADES, LEDGERS = "TradesHistory", "Ledgers"
NEW, CANCEL, AMEND, TOKEN = "AddOrder", "CancelOrder", "AmendOrder", "GetWebSocketsToken"
# of an order's age in seconds: what its end, and its change, add to its pair's counter
_CANCEL_COSTS = ((5, 8.0), (10, 6.0), (15, 5.0), (45, 4.0), (90, 2.0), (300, 1.0))
_AMEND_COSTS = ((5, 3.0), (10, 2.0), (15, 1.0))


def _call(purpose: Purpose, name: str, form: Form = (), weight: float = 1.0) -> Call:
    return Call(purpose, "POST", _PRIVATE + name, form, weight=weight)


def method_of(call: Call) -> str:
    """``AddOrder`` of ``/0/private/AddOrder``."""
    return call.path.rpartition("/")[2]


def new(form: Form, instrument: str, subject: str, ts_event: int) -> Call:
    return _engine(Purpose.NEW, NEW, form, instrument, 1.0, subject, ts_event)


def cancel(form: Form, instrument: str, age_ns: int, subject: str, ts_event: int) -> Call:
    cost = _cost(_CANCEL_COSTS, age_ns)
    return _engine(Purpose.CANCEL, CANCEL, form, instrument, cost, subject, ts_event)


def amend(
    form: Form, instrument: str, age_ns: int, subject: str, ts_event: int, revision: int
) -> Call:
    cost = 1.0 + _cost(_AMEND_COSTS, age_ns)
    return _engine(Purpose.REPLACE, AMEND, form, instrument, cost, subject, ts_event, revision)


def _engine(
    purpose: Purpose,
    name: str,
    form: Form,
    instrument: str,
    cost: float,
    subject: str,
    ts_event: int,
    revision: int = 0,
) -> Call:
    """What the matching engine is asked does not count against the REST counter."""
    spends = ((f"{PAIR} {pair_of(instrument)}", cost),)
    path = _PRIVATE + name
    return Call(purpose, "POST", path, form, b"", subject, revision, ts_event, 0.0, spends)


def _cost(costs: tuple[tuple[int, float], ...], age_ns: int) -> float:
    return next((cost for below_s, cost in costs if age_ns < below_s * 10**9), 0.0)


def by_name(txid: str, subject: str = "", revision: int = 0) -> Call:
    form = (("txid", txid), ("consolidate_taker", "false"))
    path = _PRIVATE + QUERY
    return Call(Purpose.LOOKUP, "POST", path, form, subject=subject, revision=revision)


def among_open(cl_ord_id: str) -> Call:
    form = (("cl_ord_id", client_id(cl_ord_id)),)
    return Call(Purpose.LOOKUP, "POST", _PRIVATE + OPEN, form, subject=cl_ord_id)


def among_closed(cl_ord_id: str) -> Call:
    form = (("cl_ord_id", client_id(cl_ord_id)),)
    path, weight = _PRIVATE + CLOSED, HISTORY_WEIGHT
    return Call(Purpose.LOOKUP, "POST", path, form, subject=cl_ord_id, weight=weight)


def everything() -> list[Call]:
    """Open orders and balances."""
    return [_call(Purpose.ORDERS, OPEN), _call(Purpose.BALANCES, "BalanceEx")]


def trades(since: int) -> Call:
    form = (("start", str(since // 10**9)), ("consolidate_taker", "false"), ("ofs", "0"))
    return _call(Purpose.FILLS, TRADES, form, HISTORY_WEIGHT)


def ledgers(since: int) -> Call:
    form = (("start", str(since // 10**9)), ("ofs", "0"))
    return _call(Purpose.FILLS, LEDGERS, form, HISTORY_WEIGHT)


def next_page(call: Call) -> Call:
    """Newest first: what comes meanwhile moves rows to later pages, and none is missed."""
    form = dict(call.query)
    form["ofs"] = str(int(form["ofs"]) + PAGE)
    return _call(Purpose.FILLS, method_of(call), tuple(form.items()), HISTORY_WEIGHT)


def token() -> Call:
    return _call(Purpose.STREAM, TOKEN)
