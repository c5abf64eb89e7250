"""Coinbase's order session for Advanced Trade's spot products.

A client id that was used before makes no second order: the first one is the answer
(docs.cdp.coinbase.com, "Create Order"). A lost request is looked up all the same before it is sent
again. The user channel tells an order's state and how much of it is filled; the fills themselves
are asked for, and again at each heartbeat while some are missing.
"""

from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from connectors.coinbase import order_calls as calls
from connectors.coinbase import order_states
from connectors.coinbase.endpoints import VENUE, Endpoints
from connectors.coinbase.key import CdpKey
from connectors.coinbase.order_form import edit_body, new_body
from connectors.coinbase.order_refusals import judged
from connectors.decimals import scaled
from connectors.events import Rejected
from connectors.timestamps import rfc3339_ns
from connectors.trading import order_row, reports
from connectors.trading.credentials import Credentials
from connectors.trading.line import Line
from connectors.trading.order_row import OrderRow
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
from schemas.enums import ExecType, Holds
from schemas.execution import ApprovedOrder, CancelRequest, ReplaceRequest

_EARLIER_NS = 10**9  # clocks differ


class CoinbaseOrders:
    """An ``OrderSession``. Raises KeysError where the secret is no EC key."""

    venue = VENUE
    holds = Holds.ASSETS
    settle_s = 2.0
    tick_s = 5.0
    in_order = False

    def __init__(self, account: str, keys: Credentials, endpoints: Endpoints) -> None:
        self.tracker = Tracker(account)
        self.stream_url = endpoints.stream
        self._key, self._rest = CdpKey(account, keys), endpoints.rest
        self._line, self._ready = Line(0), False
        self._behind: dict[str, str] = {}  # an order's name → its filled size, of which fills lack
        self._sizes: dict[str, str] = {}  # … its size, as the channel told it last
        self._edited: set[str] = set()

    def new(self, order: ApprovedOrder) -> Call:
        body = new_body(order)
        self.tracker.remember(order)
        return calls.new(body, order.cl_ord_id, order.ts_event)

    def cancel(self, request: CancelRequest) -> Call | None:
        order = self.tracker.orders.get(request.cl_ord_id)
        if order is None or not order.name:
            return None
        return calls.cancel(order.name, request.cl_ord_id, request.ts_event)

    def replace(self, request: ReplaceRequest) -> Call | None:
        order = self.tracker.orders.get(request.cl_ord_id)
        if order is None or not order.name:
            return None
        if request.size <= order.cum:
            raise Unsupported(f"{request.size} is not more than the {order.cum} that are filled")
        body = edit_body(request, order)
        self.tracker.ask(request)
        return calls.edit(body, request.cl_ord_id, request.ts_event, request.revision)

    def lookup(self, cl_ord_id: str, revision: int = 0) -> Call:
        order = self.tracker.orders[cl_ord_id]
        if order.name:
            return calls.by_name(order.name, cl_ord_id, revision)
        return calls.by_client(order)

    def look_at(self, order: LiveOrder) -> Call:
        return calls.by_name(order.name)

    def reconcile(self) -> list[Call]:
        return calls.everything()

    def fills(self, since: int, at: int) -> list[Call]:
        return [calls.fills(since - _EARLIER_NS)]

    def before(self, at: int) -> Call | None:
        return None

    def signed(self, call: Call, at: int) -> Http:
        host = urlsplit(self._rest).netloc
        headers = {"Authorization": f"Bearer {self._key.token(at, call.method, host, call.path)}"}
        if call.body:
            headers["Content-Type"] = "application/json"
        url = f"{self._rest}{call.path}" + (f"?{urlencode(call.query)}" if call.query else "")
        return Http(call.method, url, headers, call.body)

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
        order = self.tracker.orders.get(call.subject)
        if call.purpose is not Purpose.CANCEL or order is None or not order.name:
            return []
        return [calls.by_name(order.name)]

    def _read(self, call: Call, data: Any, at: int) -> Answer:
        match call.purpose:
            case Purpose.NEW:
                return self._accepted(call, data["success_response"]["order_id"])
            case Purpose.REPLACE:
                name = self.tracker.orders[call.subject].name
                return Answer(Verdict.DONE, then=[calls.by_name(name)])
            case Purpose.LOOKUP if "order" in data:
                return self._found(call, data["order"])
            case Purpose.LOOKUP:
                return self._searched(call, data)
            case Purpose.ORDERS:
                return self._listed(call, data)
            case Purpose.FILLS:
                return self._fills(call, data)
            case Purpose.BALANCES:
                return self._balances(call, data, at)
        return Answer(Verdict.DONE)

    def _accepted(self, call: Call, name: str) -> Answer:
        """It may still be refused: what became of it is asked at once."""
        self.tracker.named(self.tracker.orders[call.subject], name)
        return Answer(Verdict.DONE, then=[calls.by_name(name)])

    def _found(self, call: Call, row: dict[str, Any]) -> Answer:
        answer = self._order(order_states.rest_row(row))
        order = self.tracker.orders.get(call.subject)
        if call.revision and order and order.asked:
            answer.verdict = Verdict.ABSENT  # the order is there, the change is not
        return answer

    def _searched(self, call: Call, data: dict[str, Any]) -> Answer:
        for row in data["orders"]:
            if row["client_order_id"] == call.subject:
                return self._found(call, row)
        return Answer(Verdict.ABSENT, then=_more(call, data))

    def _listed(self, call: Call, data: dict[str, Any]) -> Answer:
        answer = Answer(Verdict.DONE, then=_more(call, data))
        for row in data["orders"]:
            with rejecting(answer.told, row):
                read = self._order(order_states.rest_row(row))
                answer.told += read.told
                answer.then += read.then
                order = self.tracker.of(row["order_id"])
                answer.open += [order] if order else []
        return answer

    def _order(self, row: OrderRow) -> Answer:
        reading = order_row.read(self.tracker, row, [])
        answer = Answer(Verdict.DONE, reading.told)
        if any(getattr(r, "exec_type", None) is ExecType.REPLACED for r in reading.told):
            self._edited.add(row.name)
        if reading.fills_missing:
            self._behind[row.name] = row.filled
            answer.then.append(calls.fills_of(row.name))
        return answer

    def _fills(self, call: Call, data: dict[str, Any]) -> Answer:
        answer = Answer(Verdict.DONE, then=_more(call, data))
        for row in reversed(data["fills"]):  # newest first
            with rejecting(answer.told, row):
                order = self.tracker.of(row["order_id"])
                if order is None:  # looked up, its fills are missing then
                    look = calls.by_name(row["order_id"])
                    answer.then += [] if look in answer.then else [look]
                    continue
                answer.told += reports.trade(self.tracker, order, order_states.trade(row))
        return answer

    def _balances(self, call: Call, data: dict[str, Any], at: int) -> Answer:
        answer = Answer(Verdict.DONE, then=_more(call, data))
        for row in data["accounts"]:
            with rejecting(answer.told, row):
                held = order_states.balance(row, self.tracker.account, at)
                answer.told += [held] if held.total else []
        return answer

    def stream_call(self) -> Call | None:
        return None

    def opened(self, at: int) -> StreamStep:
        self._line, self._ready = Line(at), False
        messages = [{"type": "subscribe", "channel": name} for name in ("heartbeats", "user")]
        made = [orjson.dumps(m | {"jwt": self._key.token(at)}).decode() for m in messages]
        return StreamStep(send=made)

    def received(self, data: bytes, at: int) -> StreamStep:
        self._line.heard_at = at
        try:
            return self._message(orjson.loads(data))
        except UNREADABLE as error:
            return StreamStep([Rejected(f"stream: {error or type(error).__name__}", data)])

    def _message(self, message: dict[str, Any]) -> StreamStep:
        if message.get("type") == "error":
            text = str(message.get("message"))
            return StreamStep(refused="authentication" in text, broken=text)
        if not self._line.follows(int(message["sequence_num"])):
            return StreamStep(broken=self._line.gap)
        match message["channel"]:
            case "user":
                return self._events(message)
            case "heartbeats":
                return StreamStep(then=self._still_missing() + self._too_large())
        return StreamStep()

    def _events(self, message: dict[str, Any]) -> StreamStep:
        """The first is a snapshot of open orders, in pieces of 50."""
        step, at = StreamStep(ready=not self._ready), rfc3339_ns(message["timestamp"])
        self._ready = True
        for event in message["events"]:
            for row in event.get("orders") or ():
                with rejecting(step.told, row):
                    told = order_states.stream_row(row, at)
                    read = self._order(told)
                    step.told += read.told
                    step.then += read.then + self._changing(told)
        return step

    def _changing(self, row: OrderRow) -> list[Call]:
        """The channel does not tell of an edit: look."""
        order = self.tracker.of(row.name)
        if order is None or order.done:
            self._sizes.pop(row.name, None)
            return []
        self._sizes[row.name] = row.size
        return [calls.by_name(row.name)] if order.asked else []

    def _too_large(self) -> list[Call]:
        """Cancels of edited orders that would trade more than was consented to, as the venue may
        take the new size for what is left."""
        found = []
        for name, size in list(self._sizes.items()):
            order = self.tracker.of(name)
            if order is None or order.done:
                del self._sizes[name]
                self._edited.discard(name)
            elif name in self._edited and not order.asked:
                too_large = scaled(size, order.size_scale) > order.size
                found += [calls.cancel(name, "", 0)] if too_large else []
        return found

    def _still_missing(self) -> list[Call]:
        for name, filled in list(self._behind.items()):
            order = self.tracker.of(name)
            if order is None or scaled(filled, order.size_scale) <= order.filled.get(name, 0):
                del self._behind[name]
        return [calls.fills_of(name) for name in self._behind]

    def tick(self, at: int) -> StreamStep:
        return StreamStep(broken=self._line.silent(at))


def _more(call: Call, data: dict[str, Any]) -> list[Call]:
    """The next page. Fills have a cursor alone, empty at the end."""
    cursor = data.get("cursor") or ""
    return [calls.next_page(call, cursor)] if cursor and data.get("has_next", True) else []
