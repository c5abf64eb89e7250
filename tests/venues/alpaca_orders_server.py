"""A local server that keeps orders, fills, positions and cash as Alpaca does, over HTTP and the
trade-updates WebSocket, and misbehaves on demand.

``misbehave`` holds, for ``"METHOD kind"`` such as ``"POST orders"``, what to do with the next
requests, one after the other:

- ``lost``: does what is asked and lets the answer never come
- ``cut``: does what is asked and cuts the line
- ``503`` before doing anything, ``500-done`` after doing it
- ``429``: does nothing; the window opens again soon

``stream`` says the same of the next events: ``twice``, ``never``, ``cut`` (the line breaks before
it). A market order trades at once, a limit order when ``trade`` is called.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from aiohttp import WSMsgType, web

KEY, SECRET = "a-test-key", "a-test-secret"
_DONE = ("filled", "canceled", "expired", "rejected", "replaced")


def now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


@dataclass
class AlpacaOrdersServer:
    """``price`` is what everything trades at; ``pieces`` cuts a market order into so many fills."""

    price: str = "100.00"
    pieces: int = 1
    market_fills: bool = True
    cash: Decimal = Decimal(1_000_000)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    fills: list[dict[str, Any]] = field(default_factory=list)
    activities: list[dict[str, Any]] = field(default_factory=list)
    misbehave: dict[str, list[str]] = field(default_factory=dict)
    stream: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    posted: list[str] = field(default_factory=list)  # client ids, as often as they were sent
    refused_duplicates: int = 0
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
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
        how = self.stream.pop(0) if self.stream else ""
        if how == "cut":
            await self.hang_up()
        if how in ("never", "cut"):
            return
        data = {"event": event, "order": order, "timestamp": now()} | (more or {})
        payload = json.dumps({"stream": "trade_updates", "data": data}).encode()
        for _ in range(2 if how == "twice" else 1):
            for socket in list(self.sockets):
                with suppress(ConnectionError):  # the line may just have broken
                    await socket.send_bytes(payload)  # the paper endpoint sends binary frames

    async def hang_up(self) -> None:
        for socket in list(self.sockets):
            self.sockets.remove(socket)
            await socket.close()

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

    def handler(self, kind: str, act: Any) -> Any:
        """The act with the misbehaviour that was asked for."""

        async def handle(request: web.Request) -> web.StreamResponse:
            name = f"{request.method} {kind}"
            self.requests.append(name)
            if request.headers.get("APCA-API-SECRET-KEY") != SECRET:
                return web.json_response({"message": "unauthorized."}, status=401)
            waiting = self.misbehave.get(name) or [""]
            how = waiting.pop(0)
            if how == "503":
                return web.json_response({"message": "unavailable"}, status=503)
            if how == "429":
                headers = {"X-RateLimit-Reset": str(int(time.time()))}
                return web.json_response({"message": "slow"}, status=429, headers=headers)
            status, body = await act(request)
            if how == "cut" and request.transport:
                request.transport.abort()
            if how in ("lost", "cut"):
                await asyncio.sleep(30)
            if how == "500-done":
                return web.json_response({"message": "internal server error"}, status=500)
            if body is None:
                return web.Response(status=status)
            return web.json_response(body, status=status)

        return handle


@asynccontextmanager
async def serving(server: AlpacaOrdersServer, port: int = 0) -> AsyncIterator[int]:
    """The server on a port of the loopback; 0: a free one."""
    app = web.Application()
    add = app.router.add_route
    add("GET", "/stream", server.socket)
    add("POST", "/v2/orders", server.handler("orders", server.place))
    add("GET", "/v2/orders", server.handler("orders", server.open_orders))
    add("GET", "/v2/orders:by_client_order_id", server.handler("lookup", server.order_by_client))
    add("GET", "/v2/orders/{id}", server.handler("order", server.order))
    add("DELETE", "/v2/orders/{id}", server.handler("orders", server.cancel))
    add("PATCH", "/v2/orders/{id}", server.handler("orders", server.replace))
    add("GET", "/v2/account/activities", server.handler("activities", server.list_activities))
    add("GET", "/v2/positions", server.handler("positions", server.positions))
    add("GET", "/v2/account", server.handler("account", server.account))
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
