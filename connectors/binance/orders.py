"""Binance's order session, for spot and for USD-M futures.

Requests are signed with HMAC-SHA256 over their query, with the time and a receive window in it: a
request that comes later than the window is refused. A client id is unique only among open orders,
so a lost request is sent again only when that window has passed and a lookup finds nothing.

Spot changes no order in place: a change is refused, cancel and send anew. USD-M changes a limit
order's price and size and keeps its name.
"""

import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

import orjson

from connectors.binance import holdings, order_calls, order_states, order_stream
from connectors.binance.markets import symbol_of
from connectors.binance.order_form import new_query
from connectors.binance.order_refusals import judged
from connectors.binance.trading_markets import TradingMarket
from connectors.decimals import text_of
from connectors.events import Rejected
from connectors.trading import order_row, reports
from connectors.trading.credentials import Credentials
from connectors.trading.refusals import UNREADABLE, decided, rejecting
from connectors.trading.session import (
    Answer,
    Call,
    Http,
    Purpose,
    StreamStep,
    Unsupported,
    Verdict,
)
from connectors.trading.tracker import LiveOrder, Tracker
from schemas.enums import Holds
from schemas.execution import ApprovedOrder, CancelRequest, ReplaceRequest

_WINDOW_MS = 5000
_KEEP_ALIVE_NS = 30 * 60 * 10**9  # a listen key lives an hour
_MS = 10**6


class BinanceOrders:
    """An ``OrderSession``; ``rest`` and ``stream`` say where the market is."""

    settle_s = _WINDOW_MS / 1000 + 1.0
    tick_s = 5.0
    in_order = False

    def __init__(
        self, account: str, keys: Credentials, market: TradingMarket, rest: str, stream: str
    ) -> None:
        self.tracker = Tracker(account)
        self.venue = market.venue
        self.holds = Holds.WALLET if market.futures else Holds.ASSETS
        self._keys, self._market, self._rest, self._stream = keys, market, rest, stream
        self._listen_key, self._kept_alive_at = "", 0

    def new(self, order: ApprovedOrder) -> Call:
        query = new_query(order, self._market)
        self.tracker.remember(order)
        return order_calls.order(
            self._market, Purpose.NEW, "POST", query, order.cl_ord_id, order.ts_event
        )

    def cancel(self, request: CancelRequest) -> Call | None:
        query = (
            ("symbol", symbol_of(request.instrument)),
            ("origClientOrderId", request.cl_ord_id),
        )
        return order_calls.order(
            self._market, Purpose.CANCEL, "DELETE", query, request.cl_ord_id, request.ts_event
        )

    def replace(self, request: ReplaceRequest) -> Call | None:
        order = self.tracker.orders.get(request.cl_ord_id)
        if order is None:
            return None
        if not self._market.futures:
            raise Unsupported("Binance spot changes no order in place: cancel it and send anew")
        self.tracker.ask(request)
        query = (
            ("symbol", symbol_of(request.instrument)),
            ("origClientOrderId", request.cl_ord_id),
            ("side", str(order.side)),
            ("quantity", text_of(request.size, request.size_scale)),
            ("price", text_of(request.price, request.price_scale)),
        )
        return order_calls.order(
            self._market,
            Purpose.REPLACE,
            "PUT",
            query,
            request.cl_ord_id,
            request.ts_event,
            request.revision,
        )

    def lookup(self, cl_ord_id: str, revision: int = 0) -> Call:
        order = self.tracker.orders[cl_ord_id]
        query = (("symbol", symbol_of(order.instrument)), ("origClientOrderId", cl_ord_id))
        return order_calls.order(self._market, Purpose.LOOKUP, "GET", query, cl_ord_id, 0, revision)

    def look_at(self, order: LiveOrder) -> Call:
        symbol, _, number = order.name.rpartition(":")
        return order_calls.order(
            self._market, Purpose.LOOKUP, "GET", (("symbol", symbol), ("orderId", number))
        )

    def reconcile(self) -> list[Call]:
        return order_calls.everything(self._market)

    def fills(self, since: int, at: int) -> list[Call]:
        return order_calls.fills(self._market, self.tracker.instruments(), since, at)

    def before(self, at: int) -> Call | None:
        return None

    def signed(self, call: Call, at: int) -> Http:
        headers = {"X-MBX-APIKEY": self._keys.key}
        url = f"{self._rest}{call.path}"
        if call.purpose is Purpose.STREAM:
            return Http(call.method, url, headers, b"")
        query = urlencode([*call.query, ("recvWindow", _WINDOW_MS), ("timestamp", at // _MS)])
        return Http(call.method, f"{url}?{query}&signature={self._mac(query)}", headers, b"")

    def _mac(self, payload: str) -> str:
        return hmac.new(self._keys.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()

    def answer(
        self, call: Call, status: int, headers: dict[str, str], body: bytes, at: int
    ) -> Answer:
        return decided(
            self.tracker,
            call,
            judged(call.purpose, status, headers, body),
            body,
            at,
            lambda: self._read(call, orjson.loads(body), at),
            self._after,
        )

    def _after(self, call: Call) -> list[Call]:
        """A refused cancel says that the order is done, not how: look."""
        known = call.subject in self.tracker.orders
        return [self.lookup(call.subject)] if known and call.purpose is Purpose.CANCEL else []

    def _read(self, call: Call, data: Any, at: int) -> Answer:
        market, account = self._market, self.tracker.account
        answer = Answer(Verdict.DONE)
        match call.purpose:
            case Purpose.NEW | Purpose.CANCEL | Purpose.REPLACE | Purpose.LOOKUP:
                return self._order_answer(call, data)
            case Purpose.ORDERS:
                for row in data:
                    with rejecting(answer.told, row):
                        self._listed(row, answer)
            case Purpose.FILLS if call.subject == "income":
                for row in data:
                    with rejecting(answer.told, row):
                        self._income(row, answer)
            case Purpose.FILLS:
                for row in data:
                    with rejecting(answer.told, row):
                        self._trade(row, answer)
                if len(data) == order_calls.PAGE:
                    symbol, last = data[-1]["symbol"], int(data[-1]["id"])
                    answer.then.append(order_calls.next_page(market, symbol, last))
            case Purpose.POSITIONS:
                answer.told += [holdings.position(row, market, self.tracker, at) for row in data]
            case Purpose.BALANCES:
                answer.told += holdings.balances(data, market, account, at)
            case Purpose.STREAM:
                self._listen_key = data.get("listenKey") or self._listen_key
                self._kept_alive_at = at
        return answer

    def _order_answer(self, call: Call, row: dict[str, Any]) -> Answer:
        trades = [order_states.trade_in_answer(row, fill) for fill in row.get("fills") or ()]
        answer = self._order(row, trades)
        order = self.tracker.orders.get(call.subject)
        if call.purpose is Purpose.LOOKUP and call.revision and order and order.asked:
            answer.verdict = Verdict.ABSENT  # the order is there, the change is not
        return answer

    def _order(self, row: dict[str, Any], trades: list[reports.Trade], reason: str = "") -> Answer:
        as_row = order_states.order_row(row, self.venue, reason)
        reading = order_row.read(self.tracker, as_row, trades)
        answer = Answer(Verdict.DONE, reading.told)
        if reading.fills_missing:
            order_id = int(row["orderId"])
            answer.then.append(order_calls.trades_of(self._market, row["symbol"], order_id))
        return answer

    def _listed(self, row: dict[str, Any], answer: Answer) -> None:
        read = self._order(row, [])
        answer.told += read.told
        answer.then += read.then
        order = self.tracker.of(order_states.name_of(row))
        answer.open += [order] if order else []

    def _trade(self, row: dict[str, Any], answer: Answer) -> None:
        """A trade of an order that is not known is looked up: its fills are missing then."""
        order = self.tracker.of(order_states.name_of(row))
        if order is None:
            query = (("symbol", row["symbol"]), ("orderId", str(row["orderId"])))
            call = order_calls.order(self._market, Purpose.LOOKUP, "GET", query)
            answer.then += [] if call in answer.then else [call]
            return
        answer.told += reports.trade(self.tracker, order, order_states.trade_of(row))

    def _income(self, row: dict[str, Any], answer: Answer) -> None:
        flow = holdings.cash_flow(row, self._market, self.tracker.account)
        if flow and self.tracker.is_new(f"income {flow.flow_id}"):
            answer.told.append(flow)

    def stream_call(self) -> Call | None:
        key = self._market.paths.listen_key
        return Call(Purpose.STREAM, "POST", key) if key else None

    @property
    def stream_url(self) -> str:
        return f"{self._stream}/{self._listen_key}" if self._market.futures else self._stream

    def opened(self, at: int) -> StreamStep:
        if self._market.futures:
            return StreamStep(ready=True)
        params: dict[str, Any] = {"apiKey": self._keys.key, "timestamp": at // _MS}
        params["signature"] = self._mac(urlencode(params))
        method = "userDataStream.subscribe.signature"
        return StreamStep(
            send=[orjson.dumps({"id": "1", "method": method, "params": params}).decode()]
        )

    def received(self, data: bytes, at: int) -> StreamStep:
        try:
            return self._event(orjson.loads(data))
        except UNREADABLE as error:
            return StreamStep([Rejected(f"stream: {error or type(error).__name__}", data)])

    def _event(self, message: dict[str, Any]) -> StreamStep:
        if "status" in message:
            code = (message.get("error") or {}).get("code")
            refused_ = code in (-1022, -2014, -2015)
            ready = message["status"] == 200
            return StreamStep(ready=ready, refused=refused_, broken="" if ready else str(message))
        event = message.get("event", message)
        match event["e"]:
            case "executionReport":
                return self._update(event)
            case "ORDER_TRADE_UPDATE":
                return self._update(event["o"])
            case "eventStreamTerminated" | "listenKeyExpired" | "serverShutdown":
                return StreamStep(broken=event["e"])
        return StreamStep()

    def _update(self, event: dict[str, Any]) -> StreamStep:
        row, reason = order_stream.row_of(event), order_stream.reason_of(event)
        answer = self._order(row, order_stream.trades_of(event), reason)
        return StreamStep(answer.told, then=answer.then)

    def tick(self, at: int) -> StreamStep:
        if not self._market.futures or at - self._kept_alive_at < _KEEP_ALIVE_NS:
            return StreamStep()
        self._kept_alive_at = at
        return StreamStep(then=[Call(Purpose.STREAM, "PUT", self._market.paths.listen_key)])
