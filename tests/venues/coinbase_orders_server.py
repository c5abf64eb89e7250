"""A local server that speaks Coinbase Advanced Trade: REST, and the user and heartbeats channels.

It verifies each token's signature, life and claims. A client id that was used returns the order
that used it.
"""

import asyncio
import json
import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.timestamps import ns_rfc3339, rfc3339_ns
from tests.venues.exchange import Exchange, VenueOrder, VenueTrade
from tests.venues.order_server import Act, answer

KEY = "organizations/test/apiKeys/test"
_PRIVATE = ec.derive_private_key(12345, ec.SECP256R1())
SECRET = _PRIVATE.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.TraditionalOpenSSL,
    serialization.NoEncryption(),
).decode()
_STATUS = {"open": "OPEN", "filled": "FILLED", "canceled": "CANCELLED", "expired": "EXPIRED"}
_BEAT_S = 0.1


@dataclass
class CoinbaseOrdersServer(Exchange):
    """``late_fills``: so many questions for fills are answered before a fill shows up in them."""

    sequences: dict[int, int] = field(default_factory=dict)
    edits: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    late_fills: int = 0
    page: int = 250
    size_is_what_is_left: bool = False

    def assets(self, symbol: str) -> tuple[str, str]:
        base, _, quote = symbol.partition("-")
        return base, quote

    def verified(self, token: str, uri: str) -> bool:
        try:
            claims = jwt.decode(token, _PRIVATE.public_key(), algorithms=["ES256"])
        except jwt.InvalidTokenError:
            return False
        header = jwt.get_unverified_header(token)
        assert claims["exp"] - claims["nbf"] == 120
        assert header["nonce"]
        named = header["kid"] == claims["sub"] == KEY
        return named and claims["iss"] == "cdp" and claims.get("uri", "") == uri

    async def asked(self, request: web.Request) -> Any:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not self.verified(token, f"{request.method} {request.host}{request.path}"):
            return web.Response(status=401, text="Unauthorized")
        return request

    def trouble(self, how: str) -> web.Response:
        if how == "429":
            return answer({"error": "rate limit"}, 429, Retry_After="0")
        return web.Response(status=503 if how == "503" else 500, text="oops")

    async def create(self, request: web.Request) -> tuple[int, Any]:
        body = await request.json()
        self.posted.append(body["client_order_id"])
        ((kind, terms),) = body["order_configuration"].items()
        if Decimal(terms["base_size"]) > 1000:
            error = {"error": "INSUFFICIENT_FUND", "message": "Insufficient balance in account"}
            return 200, {"success": False, "error_response": error}
        known = [o for o in self.orders.values() if o.client_id == body["client_order_id"]]
        order = known[0] if known else self.place(self._order(body, kind, terms))
        told = {"order_id": order.id, "client_order_id": order.client_id}
        return 200, {"success": True, "success_response": told}

    def _order(self, body: dict[str, Any], kind: str, terms: dict[str, Any]) -> VenueOrder:
        return VenueOrder(
            self.new_id(),
            body["client_order_id"],
            body["product_id"],
            body["side"].lower(),
            "market" if kind.startswith("market") else "limit",
            Decimal(terms["base_size"]),
            terms.get("limit_price", ""),
        )

    async def cancel(self, request: web.Request) -> tuple[int, Any]:
        (name,) = (await request.json())["order_ids"]
        order = self.orders.get(name)
        if order is None or not order.is_open:
            reason = "UNKNOWN_CANCEL_ORDER"
            return 200, {"results": [{"success": False, "failure_reason": reason}]}
        await self.close(order.client_id, "canceled", "User requested cancel")
        reason = "UNKNOWN_CANCEL_FAILURE_REASON"
        return 200, {"results": [{"success": True, "failure_reason": reason, "order_id": name}]}

    async def edit(self, request: web.Request) -> tuple[int, Any]:
        body = await request.json()
        order = self.orders[body["order_id"]]
        if not order.is_open:
            errors = [{"edit_failure_reason": "ONLY_OPEN_ORDERS_CAN_BE_EDITED"}]
            return 200, {"success": False, "errors": errors}
        edit = {"price": body["price"], "size": body["size"]}
        self.edits.setdefault(order.id, []).append(edit)
        size = Decimal(body["size"]) + (order.filled if self.size_is_what_is_left else 0)
        await self.amend(order, str(size), body["price"])
        return 200, {"success": True, "errors": []}

    async def list_orders(self, request: web.Request) -> tuple[int, Any]:
        query = request.query
        rows = list(reversed(self.orders.values()))
        if query.get("order_status") == "OPEN":
            rows = [o for o in rows if o.is_open]
        if start := query.get("start_date"):
            rows = [o for o in rows if o.created_ns >= rfc3339_ns(start)]
            rows = [o for o in rows if o.symbol == query["product_ids"]]
        first = int(query.get("cursor") or 0)
        page, more = rows[first : first + self.page], len(rows) > first + self.page
        cursor = str(first + self.page) if more else ""
        return 200, {"orders": [self.rest(o) for o in page], "has_next": more, "cursor": cursor}

    async def one_order(self, request: web.Request) -> tuple[int, Any]:
        order = self.orders.get(request.match_info["id"])
        return (200, {"order": self.rest(order)}) if order else (404, {"error": "NOT_FOUND"})

    async def list_fills(self, request: web.Request) -> tuple[int, Any]:
        query = request.query
        rows = list(reversed(self.trades))
        if name := query.get("order_ids"):
            rows = [t for t in rows if t.order.id == name]
        if since := query.get("start_sequence_timestamp"):
            rows = [t for t in rows if t.at_ns >= rfc3339_ns(since)]
        if self.late_fills:
            self.late_fills, rows = self.late_fills - 1, []
        first = int(query.get("cursor") or 0)
        page = rows[first : first + self.page]
        cursor = str(first + self.page) if len(rows) > first + self.page else ""
        return 200, {"fills": [fill(t) for t in page], "cursor": cursor}

    async def accounts(self, _: web.Request) -> tuple[int, Any]:
        rows = [
            {"currency": name, "available_balance": {"value": str(amount), "currency": name}}
            | {"hold": {"value": "0", "currency": name}}
            for name, amount in self.holdings.items()
        ]
        return 200, {"accounts": rows, "has_next": False, "cursor": ""}

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        beats = asyncio.create_task(self._beat(socket))
        async for message in socket:
            said = json.loads(message.data)
            if not self.verified(said["jwt"], ""):
                await socket.send_json({"type": "error", "message": "authentication failure"})
                continue
            subscribed = [{"subscriptions": {said["channel"]: ["…"]}}]
            await socket.send_str(self.dressed(channel("subscriptions", subscribed), socket))
            if said["channel"] == "user":
                event = {"type": "snapshot", "orders": [stream(o) for o in self.open()]}
                await socket.send_str(self.dressed(channel("user", [event]), socket))
                self.sockets.append(socket)
        beats.cancel()
        if socket in self.sockets:
            self.sockets.remove(socket)
        return socket

    async def _beat(self, socket: web.WebSocketResponse) -> None:
        while not socket.closed:
            await asyncio.sleep(_BEAT_S)
            if socket in self.sockets:
                await socket.send_str(self.dressed(channel("heartbeats", [{}]), socket))

    def dressed(self, payload: str | bytes, socket: web.WebSocketResponse) -> str:
        number = self.sequences.get(id(socket), -1) + 1
        self.sequences[id(socket)] = number
        return str(payload).replace('"SEQUENCE"', str(number))

    def event(self, what: str, order: VenueOrder, trade: VenueTrade | None) -> list[str]:
        return [channel("user", [{"type": "update", "orders": [stream(order)]}])]

    def rest(self, order: VenueOrder) -> dict[str, Any]:
        terms = {"base_size": str(order.size), "limit_price": order.price}
        return {
            "order_id": order.id,
            "client_order_id": order.client_id,
            "product_id": order.symbol,
            "side": order.side.upper(),
            "status": _STATUS[order.status],
            "order_type": order.kind.upper(),
            "order_configuration": {"limit_limit_gtc": terms},
            "edit_history": self.edits.get(order.id, []),
            "created_time": ns_rfc3339(order.created_ns),
            "filled_size": str(order.filled),
            "reject_reason": "REJECT_REASON_UNSPECIFIED",
            "cancel_message": order.reason,
        }

    def routes(self) -> list[tuple[str, str, str, Act]]:
        base = "/api/v3/brokerage"
        return [
            ("POST", f"{base}/orders", "orders", self.create),
            ("POST", f"{base}/orders/batch_cancel", "cancel", self.cancel),
            ("POST", f"{base}/orders/edit", "edit", self.edit),
            ("GET", f"{base}/orders/historical/batch", "batch", self.list_orders),
            ("GET", f"{base}/orders/historical/fills", "fills", self.list_fills),
            ("GET", f"{base}/orders/historical/{{id}}", "order", self.one_order),
            ("GET", f"{base}/accounts", "accounts", self.accounts),
        ]


def fill(trade: VenueTrade) -> dict[str, Any]:
    return {
        "entry_id": f"E{trade.id}",
        "trade_id": trade.id,
        "order_id": trade.order.id,
        "trade_time": ns_rfc3339(trade.at_ns),
        "trade_type": "FILL",
        "price": trade.price,
        "size": str(trade.size),
        "commission": str(trade.fee),
        "product_id": trade.order.symbol,
        "liquidity_indicator": "MAKER" if trade.maker else "TAKER",
        "size_in_quote": False,
        "side": trade.order.side.upper(),
    }


def stream(order: VenueOrder) -> dict[str, Any]:
    return {
        "order_id": order.id,
        "client_order_id": order.client_id,
        "cumulative_quantity": str(order.filled),
        "leaves_quantity": str(order.size - order.filled if order.is_open else 0),
        "status": _STATUS[order.status],
        "product_id": order.symbol,
        "order_side": order.side.upper(),
        "order_type": order.kind.capitalize(),
        "cancel_reason": order.reason,
        "reject_reason": "",
    }


def channel(name: str, events: list[dict[str, Any]]) -> str:
    at = ns_rfc3339(time.time_ns())
    message = {"channel": name, "timestamp": at, "sequence_num": "SEQUENCE", "events": events}
    return json.dumps(message)
