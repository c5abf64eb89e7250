"""Alpaca's order session: which request an approval becomes, and what an answer means.

Paper and live differ only in where they are. The keys travel in two headers, and in the first
message of the trade-updates stream.

Client ids are unique for ever at Alpaca (422 ``client_order_id must be unique``), so a request
whose fate is unknown may be sent again after a lookup: it can never make a second order.
"""

from typing import Any

import orjson

from connectors.alpaca import activities, holdings, order_states, trade_updates
from connectors.alpaca import order_calls as calls
from connectors.alpaca.endpoints import ORDERS_PAGE, PAGE, VENUE, Endpoints
from connectors.alpaca.order_calls import ORDERS
from connectors.alpaca.order_form import new_body, replace_body
from connectors.alpaca.order_states import client_id
from connectors.alpaca.refusals import judged
from connectors.events import Rejected
from connectors.timestamps import ns_rfc3339
from connectors.trading import reports
from connectors.trading.credentials import Credentials
from connectors.trading.refusals import UNREADABLE, decided, rejecting
from connectors.trading.reports import Trade
from connectors.trading.session import (
    Answer,
    Call,
    Http,
    Purpose,
    StreamStep,
    Told,
    Unsupported,
    Verdict,
)
from connectors.trading.tracker import LiveOrder, Tracker
from schemas.enums import Holds
from schemas.execution import ApprovedOrder, CancelRequest, ReplaceRequest


class AlpacaOrders:
    """An ``OrderSession``."""

    venue = VENUE
    settle_s = 2.0
    tick_s = 5.0
    in_order = False
    holds = Holds.CASH

    def __init__(self, account: str, credentials: Credentials, endpoints: Endpoints) -> None:
        self.tracker = Tracker(account)
        self._credentials, self._endpoints = credentials, endpoints
        self._waiting: dict[str, list[dict[str, Any]]] = {}  # fills of orders not known yet
        self.stream_url = endpoints.stream

    def new(self, order: ApprovedOrder) -> Call:
        body = new_body(order)
        self.tracker.remember(order)
        return Call(
            Purpose.NEW,
            "POST",
            ORDERS,
            body=body,
            subject=order.cl_ord_id,
            ts_event=order.ts_event,
        )

    def cancel(self, request: CancelRequest) -> Call | None:
        order = self.tracker.orders.get(request.cl_ord_id)
        if order is None or not order.name:
            return None
        return calls.cancel(order.name, request.cl_ord_id, request.ts_event)

    def replace(self, request: ReplaceRequest) -> Call | None:
        order = self.tracker.orders.get(request.cl_ord_id)
        if order is None or not order.name:
            return None
        if request.size_scale != order.size_scale or request.price_scale != order.price_scale:
            raise Unsupported("a change must have the order's own scales")
        body = replace_body(request, order, client_id(order.cl_ord_id, request.revision))
        self.tracker.ask(request)
        return Call(
            Purpose.REPLACE,
            "PATCH",
            f"{ORDERS}/{order.name}",
            body=body,
            subject=order.cl_ord_id,
            revision=request.revision,
            ts_event=request.ts_event,
        )

    def lookup(self, cl_ord_id: str, revision: int = 0) -> Call:
        query = (("client_order_id", client_id(cl_ord_id, revision)),)
        path = f"{ORDERS}:by_client_order_id"
        return Call(Purpose.LOOKUP, "GET", path, query, subject=cl_ord_id, revision=revision)

    def look_at(self, order: LiveOrder) -> Call:
        return calls.by_name(order.name)

    def reconcile(self) -> list[Call]:
        return [
            calls.open_orders(""),
            Call(Purpose.POSITIONS, "GET", "/v2/positions"),
            Call(Purpose.BALANCES, "GET", "/v2/account"),
        ]

    def fills(self, since: int, at: int) -> list[Call]:
        return [calls.activities(ns_rfc3339(since), "")]

    def before(self, at: int) -> Call | None:
        return None

    def signed(self, call: Call, at: int) -> Http:
        query = "&".join(f"{name}={calls.quoted(value)}" for name, value in call.query)
        url = f"{self._endpoints.rest}{call.path}" + (f"?{query}" if query else "")
        headers = {
            "APCA-API-KEY-ID": self._credentials.key,
            "APCA-API-SECRET-KEY": self._credentials.secret,
        }
        if call.body:
            headers["Content-Type"] = "application/json"
        return Http(call.method, url, headers, call.body)

    def answer(
        self, call: Call, status: int, headers: dict[str, str], body: bytes, at: int
    ) -> Answer:
        return decided(
            self.tracker,
            call,
            judged(call.purpose, status, headers, body, at),
            body,
            at,
            lambda: self._read(call, orjson.loads(body or b"{}"), at),
            self._after,
        )

    def _after(self, call: Call) -> list[Call]:
        """A refused cancel says that the order is done, not how: look."""
        if call.purpose is Purpose.CANCEL:
            order = self.tracker.orders.get(call.subject)
            return [calls.by_name(order.name)] if order and order.name else []
        return []

    def _read(self, call: Call, data: Any, at: int) -> Answer:
        match call.purpose:
            case Purpose.NEW | Purpose.REPLACE | Purpose.LOOKUP:
                told, then = self.order(data)
                return Answer(Verdict.DONE, told, then)
            case Purpose.ORDERS:
                return self._orders(data)
            case Purpose.FILLS:
                return self._fills(call, data)
            case Purpose.POSITIONS:
                return self._positions(data, at)
            case Purpose.BALANCES:
                return Answer(Verdict.DONE, [holdings.balance(data, self.tracker.account, at)])
        return Answer(Verdict.DONE)

    def order(
        self, data: dict[str, Any], ts: int = 0, fill: Trade | None = None
    ) -> tuple[list[Told], list[Call]]:
        """An order object's reports, then those of the fill that came with it; and the calls that
        they ask for."""
        reading = order_states.read(self.tracker, data, ts)
        order, told, then = reading.order, reading.told, list[Call]()
        trades = [activities.fill(row) for row in self._waiting.pop(data["id"], [])]
        for trade in [fill, *trades] if fill else trades:
            told += reports.trade(self.tracker, order, trade)
        if order_states.fills_missing(order, data):
            then += self.fills(order_states.submitted(data), ts)
        if reading.look_up:
            then.append(calls.by_name(reading.look_up))
        return told, then + self._excess(order)

    def _excess(self, order: LiveOrder) -> list[Call]:
        name = order_states.too_much(order)
        return [calls.cancel(name, "", 0)] if name else []

    def _orders(self, rows: list[dict[str, Any]]) -> Answer:
        answer = Answer(Verdict.DONE)
        for row in rows:
            with rejecting(answer.told, row):
                told, then = self.order(row)
                answer.told += told
                answer.then += then
                answer.open.append(order_states.find(self.tracker, row))
        if len(rows) == ORDERS_PAGE:
            answer.then.append(calls.open_orders(rows[-1]["submitted_at"]))
        return answer

    def _fills(self, call: Call, rows: list[dict[str, Any]]) -> Answer:
        answer = Answer(Verdict.DONE)
        for row in rows:
            with rejecting(answer.told, row):
                if row["activity_type"] == "FILL":
                    self._fill(row, answer)
                else:
                    answer.told += self._cash(row)
        if len(rows) == PAGE:
            answer.then.append(calls.activities(dict(call.query)["after"], rows[-1]["id"]))
        return answer

    def _fill(self, row: dict[str, Any], answer: Answer) -> None:
        """A trade; one of an order that is not known waits until that was looked up."""
        order = self.tracker.of(row["order_id"])
        if order is None:
            waiting = self._waiting.setdefault(row["order_id"], [])
            waiting.append(row)
            answer.then += [calls.by_name(row["order_id"])] if len(waiting) == 1 else []
            return
        answer.told += reports.trade(self.tracker, order, activities.fill(row))
        answer.then += self._excess(order)

    def _cash(self, row: dict[str, Any]) -> list[Told]:
        symbol = row.get("symbol") or ""
        instrument = f"{VENUE}:{symbol}" if symbol else ""
        flow = activities.cash_flow(row, self.tracker.account, instrument)
        return [flow] if flow and self.tracker.is_new(f"activity {flow.flow_id}") else []

    def _positions(self, rows: list[dict[str, Any]], at: int) -> Answer:
        answer = Answer(Verdict.DONE)
        for row in rows:
            with rejecting(answer.told, row):
                account, scale_of = self.tracker.account, self.tracker.scale_of
                answer.told.append(holdings.position(row, account, scale_of, at))
        return answer

    def stream_call(self) -> Call | None:
        return None

    def opened(self, at: int) -> StreamStep:
        return StreamStep(send=[trade_updates.authenticate(self._credentials)])

    def received(self, data: bytes, at: int) -> StreamStep:
        try:
            return trade_updates.read(self, orjson.loads(data))
        except UNREADABLE as error:
            return StreamStep([Rejected(f"stream: {error or type(error).__name__}", data)])

    def tick(self, at: int) -> StreamStep:
        return StreamStep()
