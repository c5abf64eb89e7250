"""A local server that keeps orders and trades as Binance does, spot or USD-M, and misbehaves.

Requests must be signed and within their receive window. How it misbehaves is in ``order_server``.
A client id is refused only while its order is open, as at Binance.
"""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from connectors.binance.trading_markets import SPOT, TradingMarket
from tests.venues.order_server import Act, OrderServer, answer

KEY, SECRET = "a-test-key", "a-test-secret"
_DONE = ("FILLED", "CANCELED", "EXPIRED", "REJECTED")
_UNSIGNED = {"code": -1022, "msg": "Signature for this request is not valid."}
_TELLS = {"fill": "TRADE", "new": "NEW", "canceled": "CANCELED", "expired": "EXPIRED"}


def ms() -> int:
    return time.time_ns() // 10**6


@dataclass
class BinanceOrdersServer(OrderServer):
    market: TradingMarket = SPOT
    price: str = "100.00"
    pieces: int = 1
    orders: dict[int, dict[str, Any]] = field(default_factory=dict)
    trades: list[dict[str, Any]] = field(default_factory=list)
    income: list[dict[str, Any]] = field(default_factory=list)
    _ids: int = 1000

    def new_id(self) -> int:
        self._ids += 1
        return self._ids

    def by_client(self, client_id: str) -> dict[str, Any]:
        return next(o for o in self.orders.values() if o["clientOrderId"] == client_id)

    def position(self, symbol: str) -> Decimal:
        rows = [t for t in self.trades if t["symbol"] == symbol]
        signed = (Decimal(t["qty"]) * (1 if t["buyer"] else -1) for t in rows)
        return sum(signed, Decimal(0))

    async def trade(self, client_id: str, qty: str) -> None:
        order = self.by_client(client_id)
        fill = self._fill(order, qty)
        await self.tell("fill", order, fill)

    def _fill(self, order: dict[str, Any], qty: str) -> dict[str, Any]:
        filled = Decimal(order["executedQty"]) + Decimal(qty)
        assert filled <= Decimal(order["origQty"]), "the server would overfill"
        full = filled == Decimal(order["origQty"])
        order |= {"executedQty": str(filled), "updateTime": ms()}
        order["status"] = "FILLED" if full else "PARTIALLY_FILLED"
        trade = {
            "symbol": order["symbol"],
            "id": self.new_id(),
            "orderId": order["orderId"],
            "price": self.price,
            "qty": qty,
            "commission": "0.01",
            "commissionAsset": "USDT",
            "time": ms(),
            "buyer": order["side"] == "BUY",
            ("maker" if self.market.futures else "isMaker"): order["type"] == "LIMIT",
        }
        self.trades.append(trade)
        return trade

    async def close(self, client_id: str, status: str) -> None:
        order = self.by_client(client_id)
        order |= {"status": status.upper(), "updateTime": ms()}
        await self.tell(status, order)

    async def tell(self, what: str, order: dict[str, Any], fill: Any = None) -> None:
        await self.broadcast(json.dumps(self._event(what, order, fill)))

    def _event(self, what: str, order: dict[str, Any], fill: Any) -> dict[str, Any]:
        canceled = what == "canceled" and not self.market.futures
        event = {
            "s": order["symbol"],
            "c": "web_generated" if canceled else order["clientOrderId"],
            "S": order["side"],
            "o": order["type"],
            "q": order["origQty"],
            "p": order["price"],
            "x": _TELLS[what],
            "X": order["status"],
            "r": "NONE",
            "i": order["orderId"],
            "l": fill["qty"] if fill else "0",
            "L": fill["price"] if fill else "0",
            "z": order["executedQty"],
            "n": fill["commission"] if fill else "0",
            "N": fill["commissionAsset"] if fill else None,
            "T": order["updateTime"],
            "t": fill["id"] if fill else -1,
            "m": bool(fill and fill.get("isMaker", fill.get("maker"))),
        }
        if self.market.futures:
            return {"e": "ORDER_TRADE_UPDATE", "E": ms(), "o": event}
        event |= {"e": "executionReport", "C": order["clientOrderId"] if canceled else ""}
        return {"subscriptionId": 0, "event": event}

    async def place(self, query: dict[str, str]) -> tuple[int, Any]:
        self.posted.append(query["newClientOrderId"])
        open_ = [o for o in self.orders.values() if o["status"] not in _DONE]
        if any(o["clientOrderId"] == query["newClientOrderId"] for o in open_):
            if self.market.futures:
                return 400, {"code": -4116, "msg": "ClientOrderId is duplicated."}
            return 400, {"code": -2010, "msg": "Duplicate order sent."}
        if Decimal(query["quantity"]) > 1000:
            message = "Account has insufficient balance for requested action."
            return 400, {"code": -2010, "msg": message}
        order = {
            "symbol": query["symbol"],
            "orderId": self.new_id(),
            "clientOrderId": query["newClientOrderId"],
            "side": query["side"],
            "type": query["type"],
            "price": query.get("price", "0"),
            "origQty": query["quantity"],
            "executedQty": "0",
            "status": "NEW",
            "updateTime": ms(),
        }
        self.orders[order["orderId"]] = order
        if query["type"] != "MARKET":
            answer = dict(order)
            await self.tell("new", order)
            return 200, answer
        fills = []
        for _ in range(self.pieces):
            fill = self._fill(order, str(Decimal(query["quantity"]) / self.pieces))
            fills.append(fill | {"tradeId": fill["id"]})
            await self.tell("fill", order, fill)
        return 200, order | ({} if self.market.futures else {"fills": fills})

    def _find(self, query: dict[str, str]) -> dict[str, Any] | None:
        for order in reversed(self.orders.values()):
            named = order["clientOrderId"] == query.get("origClientOrderId")
            if order["symbol"] == query["symbol"] and (
                named or str(order["orderId"]) == query.get("orderId")
            ):
                return order
        return None

    async def look(self, query: dict[str, str]) -> tuple[int, Any]:
        order = self._find(query)
        return (200, order) if order else (400, {"code": -2013, "msg": "Order does not exist."})

    async def cancel(self, query: dict[str, str]) -> tuple[int, Any]:
        order = self._find(query)
        if order is None or order["status"] in _DONE:
            return 400, {"code": -2011, "msg": "Unknown order sent."}
        await self.close(order["clientOrderId"], "canceled")
        if self.market.futures:
            return 200, order
        mine = {"origClientOrderId": order["clientOrderId"], "clientOrderId": "cancel-id"}
        return 200, order | mine

    async def change(self, query: dict[str, str]) -> tuple[int, Any]:
        order = self._find(query)
        if order is None or order["status"] in _DONE:
            return 400, {"code": -2013, "msg": "Order does not exist."}
        order |= {"price": query["price"], "origQty": query["quantity"], "updateTime": ms()}
        return 200, order

    async def open_orders(self, _: dict[str, str]) -> tuple[int, Any]:
        return 200, [o for o in self.orders.values() if o["status"] not in _DONE]

    async def list_trades(self, query: dict[str, str]) -> tuple[int, Any]:
        rows = [t for t in self.trades if t["symbol"] == query["symbol"]]
        if "orderId" in query:
            rows = [t for t in rows if str(t["orderId"]) == query["orderId"]]
        if "startTime" in query:
            rows = [
                t for t in rows if int(query["startTime"]) <= t["time"] <= int(query["endTime"])
            ]
        if "fromId" in query:
            rows = [t for t in rows if t["id"] >= int(query["fromId"])]
        return 200, rows[: int(query["limit"])]

    async def list_income(self, _: dict[str, str]) -> tuple[int, Any]:
        return 200, self.income

    async def balances(self, _: dict[str, str]) -> tuple[int, Any]:
        if self.market.futures:
            row = {"asset": "USDT", "balance": "1000", "availableBalance": "900"}
            return 200, [row, {"asset": "BNB", "balance": "0", "availableBalance": "0"}]
        return 200, {"balances": [{"asset": "USDT", "free": "900", "locked": "100"}]}

    async def positions(self, _: dict[str, str]) -> tuple[int, Any]:
        held = {s: self.position(s) for s in sorted({t["symbol"] for t in self.trades})}
        rows = [(s, q) for s, q in held.items() if q]
        return 200, [
            {"symbol": s, "positionAmt": str(q), "entryPrice": self.price} for s, q in rows
        ]

    async def listen_key(self, _: dict[str, str]) -> tuple[int, Any]:
        return 200, {"listenKey": "the-listen-key"}

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if self.market.futures:
            assert request.path.endswith("/the-listen-key")
            self.sockets.append(socket)
        async for message in socket:
            params = json.loads(message.data)["params"]
            signed = f"apiKey={params['apiKey']}&timestamp={params['timestamp']}"
            if params["signature"] != mac(signed):
                await socket.send_json({"id": "1", "status": 400, "error": _UNSIGNED})
                continue
            self.sockets.append(socket)
            await socket.send_json({"id": "1", "status": 200, "result": {"subscriptionId": 0}})
        if socket in self.sockets:
            self.sockets.remove(socket)
        return socket

    async def asked(self, request: web.Request) -> Any:
        """A listen key is not signed for, everything else is."""
        payload, _, signature = request.query_string.rpartition("&signature=")
        query = dict(parse_qsl(payload))
        if request.path == self.market.paths.listen_key:
            return query
        if signature != mac(payload) or request.headers.get("X-MBX-APIKEY") != KEY:
            return answer(_UNSIGNED, 400)
        assert abs(ms() - int(query["timestamp"])) <= int(query["recvWindow"])
        return query

    def trouble(self, how: str) -> web.Response:
        if how == "503":
            return answer({"code": -1000, "msg": "Service Unavailable."}, 503)
        if how == "429":
            return answer({"code": -1003, "msg": "Too many requests."}, 429, Retry_After="0")
        return answer({"code": -1007, "msg": "Timeout waiting for response."}, 408)

    def routes(self) -> list[tuple[str, str, str, Act]]:
        paths = self.market.paths
        routes: list[tuple[str, str, str, Act]] = [
            ("POST", paths.order, "order", self.place),
            ("GET", paths.order, "order", self.look),
            ("DELETE", paths.order, "order", self.cancel),
            ("PUT", paths.order, "order", self.change),
            ("GET", paths.open_orders, "open", self.open_orders),
            ("GET", paths.trades, "trades", self.list_trades),
            ("GET", paths.balances, "balances", self.balances),
        ]
        if self.market.futures:
            routes += [
                ("GET", paths.positions, "positions", self.positions),
                ("GET", paths.income, "income", self.list_income),
                ("POST", paths.listen_key, "listenKey", self.listen_key),
                ("PUT", paths.listen_key, "listenKey", self.listen_key),
            ]
        return routes


def mac(payload: str) -> str:
    return hmac.new(SECRET.encode(), payload.encode(), hashlib.sha256).hexdigest()
