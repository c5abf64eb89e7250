"""Alpaca's trade-updates stream (docs.alpaca.markets, Websocket Streaming): JSON, on the paper
endpoint in binary frames.

authenticate → ``authorization``, listen → ``listening``, then a message for each event of an order:
the event's own fields and the order as it then stood.
"""

from typing import TYPE_CHECKING, Any

import orjson

from connectors.alpaca import activities, order_states
from connectors.timestamps import rfc3339_ns
from connectors.trading import reports
from connectors.trading.credentials import Credentials
from connectors.trading.reports import Trade
from connectors.trading.session import StreamStep
from schemas.enums import ExecType

if TYPE_CHECKING:
    from connectors.alpaca.orders import AlpacaOrders

_REFUSED = {
    "order_cancel_rejected": ExecType.CANCEL_REJECTED,
    "order_replace_rejected": ExecType.REPLACE_REJECTED,
}
_STOPS = ("stop", "stop_limit", "trailing_stop")


def authenticate(credentials: Credentials) -> str:
    data = {"key_id": credentials.key, "secret_key": credentials.secret}
    return orjson.dumps({"action": "authenticate", "data": data}).decode()


def read(session: "AlpacaOrders", message: dict[str, Any]) -> StreamStep:
    """Raises KeyError, ValueError and the like on what cannot be read."""
    data = message["data"]
    match message["stream"]:
        case "authorization" if data["status"] == "authorized":
            listen = {"action": "listen", "data": {"streams": ["trade_updates"]}}
            return StreamStep(send=[orjson.dumps(listen).decode()])
        case "authorization":
            return StreamStep(refused=True)
        case "listening" if "trade_updates" in data["streams"]:
            return StreamStep(ready=True)
        case "listening":
            return StreamStep(broken=data.get("error") or "the venue does not send trade updates")
        case "trade_updates":
            return _event(session, data)
    raise ValueError(f"stream {message['stream']!r} is unknown")


def _event(session: "AlpacaOrders", data: dict[str, Any]) -> StreamStep:
    event, order_data = data["event"], data["order"]
    ts = rfc3339_ns(data["timestamp"]) if data.get("timestamp") else 0
    step = StreamStep()
    if event in _REFUSED:
        _refused(session, data, ts, step)
    elif event == "restated" and order_data["type"] in _STOPS:
        order = order_states.find(session.tracker, order_data)
        kind, name = ExecType.TRIGGERED, order_data["id"]
        step.told += reports.state(session.tracker, order, kind, f"{name}:{kind}", ts)
    else:
        fill = _trade(data, ts) if event in ("fill", "partial_fill") else None
        step.told, step.then = session.order(order_data, ts, fill)
    return step


def _trade(data: dict[str, Any], ts: int) -> Trade:
    order = data["order"]
    return Trade(
        name=order["id"],
        exec_id=activities.exec_id(order["id"], order["filled_qty"]),
        ts_event=ts or order_states.ts_of(order),
        price=data["price"],
        size=data["qty"],
        text=f"execution {data.get('execution_id')}",
    )


def _refused(session: "AlpacaOrders", data: dict[str, Any], ts: int, step: StreamStep) -> None:
    """The venue accepted to try a cancel or a change, and could not."""
    tracker, kind = session.tracker, _REFUSED[data["event"]]
    order = order_states.find(tracker, data["order"])
    which = str(ts)
    if kind is ExecType.REPLACE_REJECTED:
        if order.asked:
            which, order.asked = str(order.asked[0]), []
        tracker.unnamed(order, data["order"].get("replaced_by") or "")
    text = data.get("reason") or data["event"]
    exec_id = f"{order.cl_ord_id}:{which}:{kind}"
    step.told += reports.state(tracker, order, kind, exec_id, ts, text)
