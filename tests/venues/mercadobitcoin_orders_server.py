"""A local server that speaks Mercado Bitcoin's API v4: tokens of both forms, orders, executions.

It refuses no client id, has no stream, and takes fees of what was bought in the coin.
"""

import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from aiohttp import web

from tests.venues.exchange import Exchange, VenueOrder, VenueTrade
from tests.venues.order_server import Act, answer

KEY, SECRET = "a-test-key", "a-test-secret"
ACCOUNT = "a322205ace882ef800553118e5000066"
RATE = Decimal("0.005")  # per cent
_STATUS = {"open": "working", "filled": "filled", "canceled": "cancelled"}


@dataclass
class MercadoBitcoinOrdersServer(Exchange):
    """``oauth``: whether the current form of tokens is there; ``lives_s``: how long one is good."""

    oauth: bool = True
    lives_s: float = 3600.0
    tokens: dict[str, float] = field(default_factory=dict)
    asked_for_tokens: list[str] = field(default_factory=list)
    page: int = 100

    def assets(self, symbol: str) -> tuple[str, str]:
        base, _, quote = symbol.partition("-")
        return base, quote

    def fees(self, trade: VenueTrade) -> tuple[Decimal, Decimal]:
        if trade.order.side == "buy":
            return trade.size * RATE / 100, Decimal(0)
        return Decimal(0), trade.size * Decimal(trade.price) * RATE / 100

    async def asked(self, request: web.Request) -> Any:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if "/accounts" in request.path and self.tokens.get(token, 0.0) <= time.time():
            return answer({"code": "API|UNAUTHORIZED", "message": "log in"}, 401)
        return request

    def trouble(self, how: str) -> web.Response:
        if how == "429":
            error = {"code": "API|REQUEST_RATE_EXCEEDED", "message": "slow"}
            return answer(error, 429)
        error = {"code": "API|INTERNAL_SERVER_ERROR", "message": "An unexpected error"}
        return answer(error, 503 if how == "503" else 500)

    def _token(self, right: bool) -> tuple[int, Any]:
        if not right:
            return 401, {"code": "API|FORBIDDEN", "message": "Invalid login or password"}
        token = f"token-{len(self.tokens)}"
        self.tokens[token] = time.time() + self.lives_s
        return 200, {"access_token": token}

    async def oauth_token(self, request: web.Request) -> tuple[int, Any]:
        self.asked_for_tokens.append("oauth2")
        if not self.oauth:
            return 404, {"code": "API|ROUTE_NOT_FOUND", "message": "no"}
        form = await request.post()
        assert (form["grant_type"], form["scope"]) == ("client_credentials", "global")
        status, body = self._token((form["client_id"], form["client_secret"]) == (KEY, SECRET))
        return status, body | {"expires_in": int(self.lives_s)}

    async def authorize(self, request: web.Request) -> tuple[int, Any]:
        self.asked_for_tokens.append("authorize")
        status, body = self._token(await request.json() == {"login": KEY, "password": SECRET})
        return status, body | {"expiration": int(time.time() + self.lives_s)}

    async def accounts(self, _: web.Request) -> tuple[int, Any]:
        return 200, [{"id": ACCOUNT, "currency": "BRL", "type": "live"}]

    async def create(self, request: web.Request) -> tuple[int, Any]:
        body = await request.json()
        self.posted.append(body["externalId"])
        assert isinstance(body["qty"], str)
        if Decimal(body["qty"]) > 1000:
            message = "Insufficient balance to carry out the operation"
            return 400, {"code": "TRADING|PLACE_ORDER|INSUFFICIENT_BALANCE", "message": message}
        order = VenueOrder(
            self.new_id(),
            body["externalId"],
            request.match_info["symbol"],
            body["side"],
            body["type"],
            Decimal(body["qty"]),
            str(body.get("limitPrice", "0")),
            str(body.get("stopPrice", "0")),
        )
        return 200, {"orderId": self.place(order).id}

    async def cancel(self, request: web.Request) -> tuple[int, Any]:
        order = self.orders.get(request.match_info["id"])
        if order is None:
            return 400, {"code": "TRADING|CANCEL_ORDER|ORDER_NOT_FOUND", "message": "no"}
        if not order.is_open:
            error = {"code": "TRADING|CANCEL_ORDER|ORDER_PROCESSED", "message": "done"}
            return 400, error
        await self.close(order.client_id, "canceled")
        return 200, {"status": "cancelled"}

    async def one(self, request: web.Request) -> tuple[int, Any]:
        order = self.orders.get(request.match_info["id"])
        if order is None:
            return 400, {"code": "TRADING|GET_ORDER|ORDER_NOT_FOUND", "message": "no"}
        return 200, self.rest(order)

    async def list_symbol(self, request: web.Request) -> tuple[int, Any]:
        query = request.query
        rows = [o for o in self.orders.values() if o.symbol == request.match_info["symbol"]]
        rows = rows[::-1]
        if status := query.get("status"):
            rows = [o for o in rows if _STATUS[o.status] == status]
        if query.get("has_executions"):
            rows = [o for o in rows if o.filled]
        if since := query.get("executed_at_from"):
            rows = [o for o in rows if o.updated_ns >= int(since) * 10**9]
        if since := query.get("created_at_from"):
            rows = [o for o in rows if o.created_ns >= int(since) * 10**9]
        if last := query.get("id_to"):
            rows = [o for o in rows if o.id <= last]
        return 200, [self.rest(o) for o in rows[: self.page]]

    async def list_all(self, request: web.Request) -> tuple[int, Any]:
        rows = [self.rest(o) for o in self.open()][: int(request.query["size"])]
        for row in rows:
            del row["executions"]
            row["external_id"] = row.pop("externalId")
        return 200, {"items": rows}

    async def balances(self, _: web.Request) -> tuple[int, Any]:
        rows = self.holdings.items()
        return 200, [
            {"symbol": n, "available": str(a), "on_hold": "0", "total": str(a)} for n, a in rows
        ]

    def event(self, what: str, order: VenueOrder, trade: VenueTrade | None) -> list[str]:
        return []

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        raise web.HTTPNotFound

    def rest(self, order: VenueOrder) -> dict[str, Any]:
        return {
            "id": order.id,
            "externalId": order.client_id,
            "instrument": order.symbol,
            "side": order.side,
            "type": order.kind,
            "status": _STATUS[order.status],
            "qty": str(order.size),
            "filledQty": str(order.filled),
            "limitPrice": float(order.price or 0),
            "stopPrice": float(order.stop or 0),
            "triggerOrderId": order.more.get("trigger", ""),
            "created_at": order.created_ns // 10**9,
            "updated_at": order.updated_ns // 10**9,
            "executions": [execution(t) for t in self.trades_of(order)],
        }

    def routes(self) -> list[tuple[str, str, str, Act]]:
        orders = "/accounts/{account}/{symbol}/orders"
        return [
            ("POST", "/oauth2/token", "token", self.oauth_token),
            ("POST", "/authorize", "authorize", self.authorize),
            ("GET", "/accounts", "accounts", self.accounts),
            ("GET", f"/accounts/{ACCOUNT}/orders", "all", self.list_all),
            ("GET", f"/accounts/{ACCOUNT}/balances", "balances", self.balances),
            ("POST", orders, "orders", self.create),
            ("GET", orders, "list", self.list_symbol),
            ("GET", f"{orders}/{{id}}", "order", self.one),
            ("DELETE", f"{orders}/{{id}}", "orders", self.cancel),
        ]


def execution(trade: VenueTrade) -> dict[str, Any]:
    return {
        "id": trade.id,
        "instrument": trade.order.symbol,
        "side": trade.order.side,
        "price": float(trade.price),
        "qty": str(trade.size),
        "fee_rate": str(RATE),
        "executed_at": trade.at_ns // 10**9,
        "liquidity": "maker" if trade.maker else "taker",
    }
