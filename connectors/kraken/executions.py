"""Kraken's executions channel (docs.kraken.com, Spot WebSocket v2, "Executions"): a snapshot of
open orders, then every event, numbered without a gap on each connection. Trades that were missed
are asked for by REST, which knows since when.

A token of GetWebSocketsToken opens it. The venue sends a heartbeat each second: a line that is
silent for ten is dead.
"""

from dataclasses import dataclass
from typing import Any

import orjson

from connectors.kraken.order_refusals import stream_refusal
from connectors.trading.session import StreamStep

_DEAD_NS = 10 * 10**9


def subscribe(token: str) -> str:
    params = {"channel": "executions", "token": token, "snap_trades": False}
    return orjson.dumps({"method": "subscribe", "params": params}).decode()


@dataclass(slots=True)
class Line:
    """One connection: ``sequence`` is the last number seen, 0 before the snapshot."""

    heard_at: int
    sequence: int = 0

    def take(self, message: dict[str, Any]) -> tuple[StreamStep, list[dict[str, Any]]]:
        """What a message means for the line, and the events in it. Raises KeyError, ValueError."""
        if message.get("method") == "subscribe":
            return self._subscribed(message), []
        if message.get("channel") != "executions":
            return StreamStep(), []
        sequence = int(message["sequence"])
        first = message["type"] == "snapshot"
        if not first and sequence <= self.sequence:
            return StreamStep(), []  # told already
        if not first and sequence != self.sequence + 1:
            gap = f"executions {self.sequence + 1} to {sequence - 1} are missing"
            return StreamStep(broken=gap), []
        self.sequence = sequence
        return StreamStep(ready=first), message["data"]

    def _subscribed(self, message: dict[str, Any]) -> StreamStep:
        if message["success"]:
            return StreamStep()
        return StreamStep(refused=stream_refusal(message), broken=str(message.get("error")))

    def dead(self, at: int) -> bool:
        return at - self.heard_at > _DEAD_NS
