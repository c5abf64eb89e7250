"""A local server that speaks Kraken's spot REST and its executions channel.

It checks signatures and that nonces rise, and refuses a client id only while its order is open.
"""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from connectors.timestamps import ns_rfc3339, rfc3339_ns
from tests.venues.exchange import Exchange, VenueOrder, VenueTrade
from tests.venues.order_server import Act, answer

KEY, SECRET = "a-test-key", base64.b64encode(b"a test secret of some length").decode()
_TOKEN = "the-stream-token"
_STATUS = {"open": "open", "filled": "closed", "canceled": "canceled", "expired": "expired"}
Form = dict[str, str]


@dataclass
class KrakenOrdersServer(Exchange):
    nonce: int = 0
    ledger: dict[str, dict[str, str]] = field(default_factory=dict)
    sequences: dict[int, int] = field(default_factory=dict)  # of each connection
    page: int = 50

    def assets(self, symbol: str) -> tuple[str, str]:
        return {"XBTUSD": ("XXBT", "ZUSD"), "ETHEUR": ("XETH", "ZEUR")}[symbol]

    async def asked(self, request: web.Request) -> Any:
        body = await request.text()
        form = dict(parse_qsl(body))
        if request.headers.get("API-Key") != KEY:
            return answer({"error": ["EAPI:Invalid key"]})
        if request.headers.get("API-Sign") != mac(request.path, form["nonce"], body):
            return answer({"error": ["EAPI:Invalid signature"]})
        if int(form["nonce"]) <= self.nonce:
            return answer({"error": ["EAPI:Invalid nonce"]})
        self.nonce = int(form["nonce"])
        return form

    def trouble(self, how: str) -> web.Response:
        if how == "429":
            return answer({"error": [f"EService:Throttled: {int(time.time())}"]})
        if how == "503":
            return web.Response(status=503, text="no server is available")
        return answer({"error": ["EGeneral:Internal error"]})

    async def add(self, form: Form) -> tuple[int, Any]:
        self.posted.append(form["cl_ord_id"])
        assert rfc3339_ns(form["deadline"]) > time.time_ns()
        if any(o.client_id == form["cl_ord_id"] for o in self.open()):
            return 200, {"error": ["EOrder:Invalid cl_ord_id: already in use"]}
        if Decimal(form["volume"]) > 1000:
            return 200, {"error": ["EOrder:Insufficient funds"]}
        order = VenueOrder(
            self.new_id(),
            form["cl_ord_id"],
            form["pair"],
            form["type"],
            form["ordertype"],
            Decimal(form["volume"]),
            form.get("price", "0"),
            more=form,
        )
        self.place(order)
        return _ok({"descr": {"order": "…"}, "txid": [order.id]})

    def _named(self, form: Form) -> VenueOrder | None:
        for order in reversed(self.orders.values()):
            if order.id == form.get("txid") or order.client_id == form.get("cl_ord_id"):
                return order
        return None

    async def cancel(self, form: Form) -> tuple[int, Any]:
        order = self._named(form)
        if order is None or not order.is_open:
            return 200, {"error": ["EOrder:Unknown order"]}
        await self.close(order.client_id, "canceled", "User requested")
        return _ok({"count": 1})

    async def change(self, form: Form) -> tuple[int, Any]:
        order = self._named(form)
        if order is None or not order.is_open:
            return 200, {"error": ["EOrder:Unknown order"]}
        await self.amend(order, form.get("order_qty", ""), form.get("limit_price", ""))
        return _ok({"amend_id": self.new_id("A")})

    async def list_open(self, form: Form) -> tuple[int, Any]:
        rows = [o for o in self.open() if form.get("cl_ord_id") in (None, o.client_id)]
        return _ok({"open": {o.id: rest(o) for o in rows}})

    async def list_closed(self, form: Form) -> tuple[int, Any]:
        rows = [o for o in self.orders.values() if not o.is_open]
        found = {o.id: rest(o) for o in rows if o.client_id == form["cl_ord_id"]}
        return _ok({"closed": found, "count": len(found)})

    async def query(self, form: Form) -> tuple[int, Any]:
        order = self.orders.get(form["txid"])
        return _ok({order.id: rest(order)}) if order else (200, {"error": ["EOrder:Unknown order"]})

    async def history(self, form: Form) -> tuple[int, Any]:
        assert form["consolidate_taker"] == "false"
        since, first = int(form["start"]) * 10**9, int(form["ofs"])
        rows = [t for t in reversed(self.trades) if t.at_ns > since]
        page = rows[first : first + self.page]
        return _ok({"trades": {t.id: past(t) for t in page}, "count": len(rows)})

    async def ledgers(self, _: Form) -> tuple[int, Any]:
        return _ok({"ledger": self.ledger, "count": len(self.ledger)})

    async def balances(self, _: Form) -> tuple[int, Any]:
        held = {n: {"balance": str(a), "hold_trade": "0"} for n, a in self.holdings.items()}
        return _ok(held)

    async def token(self, _: Form) -> tuple[int, Any]:
        return _ok({"token": _TOKEN, "expires": 900})

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"channel": "status", "type": "update", "data": [{}]})
        async for message in socket:
            asked = json.loads(message.data)
            if asked["method"] == "ping":
                await socket.send_json({"method": "pong"})
                continue
            if asked["params"]["token"] != _TOKEN:
                error = "EGeneral:Permission denied"
                await socket.send_json({"method": "subscribe", "success": False, "error": error})
                continue
            result = {"channel": "executions", "snapshot": True}
            await socket.send_json({"method": "subscribe", "success": True, "result": result})
            self.sequences[id(socket)] = 1
            rows = [stream(order) for order in self.open()]
            await socket.send_str(executions("snapshot", rows, 1))
            self.sockets.append(socket)
        if socket in self.sockets:
            self.sockets.remove(socket)
        return socket

    def dressed(self, payload: str | bytes, socket: web.WebSocketResponse) -> str | bytes:
        """Each connection counts for itself; what never arrives leaves a gap."""
        self.sequences[id(socket)] += 1
        return str(payload).replace('"SEQUENCE"', str(self.sequences[id(socket)]))

    def event(self, what: str, order: VenueOrder, trade: VenueTrade | None) -> list[str]:
        at = ns_rfc3339(order.updated_ns)
        row: dict[str, Any] = {"order_id": order.id, "timestamp": at, "exec_type": what}
        if what == "new":
            row = stream(order) | {"exec_type": "pending_new", "order_status": "pending_new"}
        elif what == "trade" and trade:
            row |= filled(trade)
        elif what == "amended":
            row |= {"order_status": "new", "order_qty": order.size, "cum_qty": order.filled}
            row |= {"limit_price": Decimal(order.price), "cl_ord_id": order.client_id}
        else:
            row |= {"order_status": what, "cum_qty": order.filled, "reason": order.reason}
        return [executions("update", [row], "SEQUENCE")]

    def routes(self) -> list[tuple[str, str, str, Act]]:
        acts = {
            "AddOrder": ("add", self.add),
            "CancelOrder": ("cancel", self.cancel),
            "AmendOrder": ("amend", self.change),
            "OpenOrders": ("open", self.list_open),
            "ClosedOrders": ("closed", self.list_closed),
            "QueryOrders": ("query", self.query),
            "TradesHistory": ("trades", self.history),
            "Ledgers": ("ledgers", self.ledgers),
            "BalanceEx": ("balances", self.balances),
            "GetWebSocketsToken": ("token", self.token),
        }
        return [("POST", f"/0/private/{n}", kind, act) for n, (kind, act) in acts.items()]


def mac(path: str, nonce: str, body: str) -> str:
    inner = hashlib.sha256((nonce + body).encode()).digest()
    made = hmac.new(base64.b64decode(SECRET), path.encode() + inner, hashlib.sha512)
    return base64.b64encode(made.digest()).decode()


def _ok(result: Any) -> tuple[int, Any]:
    return 200, {"error": [], "result": result}


def rest(order: VenueOrder) -> dict[str, Any]:
    return {
        "cl_ord_id": order.client_id,
        "status": _STATUS[order.status],
        "reason": order.reason or None,
        "opentm": order.created_ns / 1e9,
        "closetm": None if order.is_open else order.updated_ns / 1e9,
        "descr": {
            "pair": order.symbol,
            "type": order.side,
            "ordertype": order.kind,
            "price": order.price,
            "price2": order.more.get("price2", "0"),
        },
        "vol": str(order.size),
        "vol_exec": str(order.filled),
        "oflags": "fciq",
    }


def past(trade: VenueTrade) -> dict[str, Any]:
    return {
        "ordertxid": trade.order.id,
        "pair": "XXBTZUSD" if trade.order.symbol == "XBTUSD" else trade.order.symbol,
        "time": trade.at_ns / 1e9,
        "type": trade.order.side,
        "ordertype": trade.order.kind,
        "price": trade.price,
        "fee": str(trade.fee),
        "vol": str(trade.size),
        "maker": trade.maker,
    }


def stream(order: VenueOrder) -> dict[str, Any]:
    return {
        "order_id": order.id,
        "cl_ord_id": order.client_id,
        "symbol": {"XBTUSD": "BTC/USD", "ETHEUR": "ETH/EUR"}[order.symbol],
        "side": order.side,
        "order_type": order.kind,
        "order_qty": order.size,
        "limit_price": Decimal(order.price),
        "cum_qty": order.filled,
        "order_status": "partially_filled" if order.filled else "new",
        "exec_type": "new",
        "timestamp": ns_rfc3339(order.updated_ns),
    }


def filled(trade: VenueTrade) -> dict[str, Any]:
    return {
        "exec_id": trade.id,
        "symbol": "BTC/USD",
        "side": trade.order.side,
        "last_qty": trade.size,
        "last_price": Decimal(trade.price),
        "liquidity_ind": "m" if trade.maker else "t",
        "order_status": "partially_filled",
        "fees": [{"asset": "USD", "qty": trade.fee}],
    }


def executions(kind: str, rows: list[dict[str, Any]], sequence: int | str) -> str:
    """Decimals as JSON numbers, as the venue writes them."""
    message = {"channel": "executions", "type": kind, "data": rows, "sequence": sequence}
    return json.dumps(message, default=float)
