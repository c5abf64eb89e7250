"""What Binance tells of orders: ``executionReport`` (spot) and ``ORDER_TRADE_UPDATE`` (USD-M).

Both have the same one-letter fields (API documentation: "User Data Stream", "Event: Order Update").
"""

from decimal import Decimal
from typing import Any

from connectors.trading.reports import Trade
from schemas.enums import Liquidity

_MS = 10**6


def row_of(event: dict[str, Any]) -> dict[str, Any]:
    """The event's order as REST writes it. A cancel has a client id of its own in ``c``; ``C`` is
    the order's then."""
    return {
        "symbol": event["s"],
        "orderId": event["i"],
        "clientOrderId": event.get("C") or event["c"],
        "side": event["S"],
        "type": event["o"],
        "price": event["p"],
        "origQty": event["q"],
        "executedQty": event["z"],
        "status": event["X"],
        "updateTime": event["T"],
    }


def trades_of(event: dict[str, Any]) -> list[Trade]:
    """The trade that an event tells, if it does."""
    if event["x"] not in ("TRADE", "CALCULATED") or not Decimal(event["l"]):
        return []
    return [
        Trade(
            name=f"{event['s']}:{event['i']}",
            exec_id=f"{event['s']}:{event['t']}",
            ts_event=int(event["T"]) * _MS,
            price=event["L"],
            size=event["l"],
            fee=Decimal(event.get("n") or "0"),
            fee_currency=event.get("N") or "",
            liquidity=Liquidity.MAKER if event["m"] else Liquidity.TAKER,
        )
    ]


def reason_of(event: dict[str, Any]) -> str:
    """Why the venue refused or ended it; empty when it says NONE."""
    reason = event.get("r") or ""
    return "" if reason == "NONE" else str(reason)
