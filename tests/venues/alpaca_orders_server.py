"""A local server that keeps orders, fills, positions and cash as Alpaca does, over HTTP and the
trade-updates WebSocket, and misbehaves on demand (``order_server``).

A market order trades at once, a limit order when ``trade`` is called.
"""

import asyncio
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from aiohttp import WSMsgType, web

from tests.venues.order_server import Act, OrderServer, answer

KEY, SECRET = "a-test-key", "a-test-secret"
_DONE = ("filled", "canceled", "expired", "rejected", "replaced")


def now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


@dataclass
class AlpacaOrdersServer(OrderServer):
    """``price`` is what everything trades at; ``pieces`` cuts a market order into so many fills."""

    price: str = "100.00"
    pieces: int = 1
    market_fills: bool = True
    cash: Decimal = Decimal(1_000_000)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    fills: list[dict[str, Any]] = field(default_factory=list)
    activities: list[dict[str, Any]] = field(default_factory=list)
    refused_duplicates: int = 0
    _ids: int = 0

    def new_id(self) -> str:
        self._ids += 1
        return f"{self._ids:08x}-0000-4000-8000-000000000000"

    def by_client(self, client_id: str) -> dict[str, Any]:
        return next(o for o in self.orders.values() if o["client_order_id"] == client_id)

    def position(self, symbol: str) -> Decimal:
        return sum(
            (Decimal(f["qty"]) * (1 if f["side"] == "buy" else -1) for f in self.fills)
            if symbol == "*"
            else (
                Decimal(f["qty"]) * (1 if f["side"] == "buy" else -1)
                for f in self.fills
                if f["symbol"] == symbol
            ),
            Decimal(0),
        )

    async def trade(self, client_id: str, qty: str, price: str | None = None) -> None:
        """A fill of an order, told on the stream unless that misbehaves."""
        order, size = self.by_client(client_id), Decimal(qty)
        filled = Decimal(order["filled_qty"]) + size
        assert filled <= Decimal(order["qty"]), "the server would overfill"
        done = filled == Decimal(order["qty"])
        status = "filled" if done else "partially_filled"
        order |= {"filled_qty": str(filled), "status": status, "updated_at": now()}
        at, execution = now(), self.new_id()
        fill = {
            "activity_type": "FILL",
            "id": f"{at[:23].translate(str.maketrans('', '', '-:.T'))}::{self.new_id()}",
            "cum_qty": str(filled),
            "leaves_qty": str(Decimal(order["qty"]) - filled),
            "price": price or self.price,
            "qty": qty,
            "side": order["side"],
            "symbol": order["symbol"],
            "transaction_time": at,
            "order_id": order["id"],
            "type": "fill" if done else "partial_fill",
        }
        self.fills.append(fill)
        self.activities.append(fill)
        self.cash -= size * Decimal(fill["price"]) * (1 if order["side"] == "buy" else -1)
        more = {"execution_id": execution, "price": fill["price"], "qty": qty, "timestamp": at}
        await self.tell("fill" if done else "partial_fill", order, more)

    async def close(self, client_id: str, status: str) -> None:
        """The venue ends an order by itself."""
        order = self.by_client(client_id)
        order |= {"status": status, "updated_at": now()}
        await self.tell(status, order)

    async def tell(self, event: str, order: dict[str, Any], more: Any = None) -> None:
        data = {"event": event, "order": order, "timestamp": now()} | (more or {})
        payload = json.dumps({"stream": "trade_updates", "data": data}).encode()
        await self.broadcast(payload)  # the paper endpoint sends binary frames

    # What the venue does when asked: (status, body), whatever becomes of the answer.

    async def place(self, request: web.Request) -> tuple[int, Any]:
        body = await request.json()
        self.posted.append(body["client_order_id"])
        if any(o["client_order_id"] == body["client_order_id"] for o in self.orders.values()):
            self.refused_duplicates += 1
            return 422, {"code": 40010001, "message": "client_order_id must be unique"}
        if Decimal(body["qty"]) * Decimal(self.price) > 2 * self.cash:
            return 403, {"code": 40310000, "message": "insufficient buying power"}
        if body["type"] == "limit" and Decimal(body["limit_price"]).as_tuple().exponent < -2:
            message = f"invalid limit_price {body['limit_price']}. sub-penny increment"
            return 422, {"code": 42210000, "message": message}
        fraction = "/" not in body["symbol"] and Decimal(body["qty"]) % 1
        if fraction and body["time_in_force"] != "day":
            return 422, {"code": 42210000, "message": "fractional orders must be DAY orders"}
        order = self._order(body)
        self.orders[order["id"]] = order
        answer = dict(order)
        asyncio.get_running_loop().create_task(self._work(order))
        return 200, answer

    def _order(self, body: dict[str, Any]) -> dict[str, Any]:
        at = now()
        crypto = "/" in body["symbol"]
        order = {
            "id": self.new_id(),
            "client_order_id": body["client_order_id"],
            "created_at": at,
            "updated_at": at,
            "submitted_at": at,
            "asset_class": "crypto" if crypto else "us_equity",
            "filled_qty": "0",
            "status": "pending_new",
            "replaces": None,
            "replaced_by": None,
            "limit_price": None,
            "stop_price": None,
        }
        return order | {k: v for k, v in body.items() if k != "client_order_id"}

    async def _work(self, order: dict[str, Any]) -> None:
        await asyncio.sleep(0.01)
        if order["status"] in _DONE:
            return
        order |= {"status": "new", "updated_at": now()}
        await self.tell("new", order)
        if order["type"] == "market" and self.market_fills:
            piece = Decimal(order["qty"]) / self.pieces
            for _ in range(self.pieces):
                await self.trade(order["client_order_id"], str(piece))

    async def cancel(self, request: web.Request) -> tuple[int, Any]:
        order = self.orders.get(request.match_info["id"])
        if order is None:
            return 404, {"code": 40410000, "message": "order not found"}
        if order["status"] in _DONE:
            message = f'order is already in "{order["status"]}" state'
            return 422, {"code": 42210000, "message": message}
        order |= {"status": "canceled", "updated_at": now()}
        await self.tell("canceled", order)
        return 204, None

    async def replace(self, request: web.Request) -> tuple[int, Any]:
        body, old = await request.json(), self.orders.get(request.match_info["id"])
        if old is None:
            return 404, {"code": 40410000, "message": "order not found"}
        if any(o["client_order_id"] == body["client_order_id"] for o in self.orders.values()):
            self.refused_duplicates += 1
            return 422, {"code": 40010001, "message": "client_order_id must be unique"}
        if old["status"] not in ("new", "partially_filled"):
            return 422, {"code": 42210000, "message": "order is not open"}
        kept = {k: old[k] for k in ("symbol", "qty", "side", "type", "time_in_force")}
        kept |= {k: old[k] for k in ("limit_price", "stop_price")}
        order = self._order(kept | body) | {"replaces": old["id"]}
        self.orders[order["id"]] = order
        asyncio.get_running_loop().create_task(self._swap(old, order))
        return 200, dict(order)

    async def _swap(self, old: dict[str, Any], order: dict[str, Any]) -> None:
        await asyncio.sleep(0.01)
        if old["status"] in _DONE:
            order |= {"status": "rejected", "updated_at": now()}
            await self.tell("order_replace_rejected", old)
            return
        old |= {"status": "replaced", "replaced_by": order["id"], "updated_at": now()}
        order |= {"status": "new", "updated_at": now()}
        await self.tell("replaced", old)
        await self.tell("new", order)

    async def order(self, request: web.Request) -> tuple[int, Any]:
        order = self.orders.get(request.match_info["id"])
        return (200, order) if order else (404, {"code": 40410000, "message": "order not found"})

    async def order_by_client(self, request: web.Request) -> tuple[int, Any]:
        wanted = request.query["client_order_id"]
        for order in self.orders.values():
            if order["client_order_id"] == wanted:
                return 200, order
        return 404, {"code": 40410000, "message": f"order not found for {wanted}"}

    async def open_orders(self, request: web.Request) -> tuple[int, Any]:
        after, limit = request.query.get("after", ""), int(request.query["limit"])
        rows = [o for o in self.orders.values() if o["status"] not in _DONE]
        return 200, [o for o in rows if o["submitted_at"] > after][:limit]

    async def list_activities(self, request: web.Request) -> tuple[int, Any]:
        query = request.query
        rows = [a for a in self.activities if a["transaction_time"] >= query["after"][:26]]
        if token := query.get("page_token"):
            rows = rows[[a["id"] for a in rows].index(token) + 1 :]
        return 200, rows[: int(query["page_size"])]

    async def positions(self, _: web.Request) -> tuple[int, Any]:
        symbols = sorted({f["symbol"] for f in self.fills})
        held = {s: self.position(s) for s in symbols}
        return 200, [
            {
                "symbol": symbol.replace("/", ""),
                "asset_class": "crypto" if "/" in symbol else "us_equity",
                "qty": str(qty),
                "side": "long" if qty > 0 else "short",
                "avg_entry_price": self.price,
            }
            for symbol, qty in held.items()
            if qty
        ]

    async def account(self, _: web.Request) -> tuple[int, Any]:
        return 200, {"currency": "USD", "cash": str(self.cash), "buying_power": str(2 * self.cash)}

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type != WSMsgType.TEXT:
                continue
            said = json.loads(message.data)
            if said["action"] == "authenticate":
                right = said["data"] == {"key_id": KEY, "secret_key": SECRET}
                data = {"status": "authorized" if right else "unauthorized"}
                await socket.send_json({"stream": "authorization", "data": data})
            else:
                self.sockets.append(socket)
                await socket.send_json({"stream": "listening", "data": said["data"]})
        if socket in self.sockets:
            self.sockets.remove(socket)
        return socket

    async def asked(self, request: web.Request) -> Any:
        if request.headers.get("APCA-API-SECRET-KEY") != SECRET:
            return answer({"message": "unauthorized."}, 401)
        return request

    def trouble(self, how: str) -> web.Response:
        if how == "429":
            return answer({"message": "slow"}, 429, X_RateLimit_Reset=str(int(time.time())))
        return answer({"message": "unavailable"}, 503 if how == "503" else 500)

    def routes(self) -> list[tuple[str, str, str, Act]]:
        return [
            ("POST", "/v2/orders", "orders", self.place),
            ("GET", "/v2/orders", "orders", self.open_orders),
            ("GET", "/v2/orders:by_client_order_id", "lookup", self.order_by_client),
            ("GET", "/v2/orders/{id}", "order", self.order),
            ("DELETE", "/v2/orders/{id}", "orders", self.cancel),
            ("PATCH", "/v2/orders/{id}", "orders", self.replace),
            ("GET", "/v2/account/activities", "activities", self.list_activities),
            ("GET", "/v2/positions", "positions", self.positions),
            ("GET", "/v2/account", "account", self.account),
        ]
