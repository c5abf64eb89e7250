"""Kraken's executions channel (docs.kraken.com, Spot WebSocket v2, "Executions"): a snapshot of
open orders, then every event, numbered without a gap on each connection. Trades that were missed
are asked for by REST, which knows since when.

A token of GetWebSocketsToken opens it.
"""

from typing import Any

import orjson

from connectors.kraken.order_refusals import stream_refusal
from connectors.trading.line import Line
from connectors.trading.session import StreamStep


def subscribe(token: str) -> str:
    params = {"channel": "executions", "token": token, "snap_orders": True, "snap_trades": False}
    return orjson.dumps({"method": "subscribe", "params": params}).decode()


def take(line: Line, message: dict[str, Any]) -> tuple[StreamStep, list[dict[str, Any]]]:
    """What a message means for the line, and the events in it. Raises KeyError, ValueError."""
    if message.get("method") == "subscribe" and not message["success"]:
        error = str(message.get("error"))
        return StreamStep(refused=stream_refusal(message), broken=error), []
    if message.get("channel") != "executions" or not line.follows(int(message["sequence"])):
        return StreamStep(broken=line.gap), []
    return StreamStep(ready=message["type"] == "snapshot"), message["data"]
