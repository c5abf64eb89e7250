"""Kraken's order session for the spot exchange: REST for orders, the executions channel for what
becomes of them.

Requests are signed with HMAC-SHA512 over the path and the SHA256 of nonce and form
(docs.kraken.com, "Spot REST authentication"). The nonce is the time in ns and always larger than
the last: requests go out one at a time. A client id is unique among open orders only, so every
order has a deadline: after it the engine refuses the order, and only then, and when a lookup finds
it neither among the open nor among the closed orders, is it sent again.
"""

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

from connectors.decimals import exact_json
from connectors.events import Rejected
from connectors.kraken import order_calls as calls
from connectors.kraken import order_holdings, order_states
from connectors.kraken.endpoints import PAGE, VENUE, Endpoints
from connectors.kraken.executions import subscribe, take
from connectors.kraken.order_form import amend_form, client_id, new_form, our_ids
from connectors.kraken.order_refusals import judged
from connectors.timestamps import ns_rfc3339
from connectors.trading import order_row, reports
from connectors.trading.credentials import Credentials, KeysError
from connectors.trading.line import Line
from connectors.trading.order_row import OrderRow
from connectors.trading.refusals import UNREADABLE, decided, rejecting
from connectors.trading.reports import Trade
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

_DEADLINE_NS = 5 * 10**9  # Kraken takes 2 to 60 s
_EARLIER_NS = 10**9  # clocks differ


class KrakenOrders:
    """An ``OrderSession``. Raises KeysError where the secret is not base64."""

    venue = VENUE
    holds = Holds.ASSETS
    settle_s = _DEADLINE_NS / 1e9 + 1.0
    tick_s = 5.0
    in_order = True

    def __init__(self, account: str, keys: Credentials, endpoints: Endpoints) -> None:
        self.tracker = Tracker(account)
        self.stream_url = endpoints.stream
        self._key, self._secret = keys.key, _decoded(account, keys.secret)
        self._rest, self._nonce, self._token = endpoints.rest, 0, ""
        self._line = Line(0)

    def new(self, order: ApprovedOrder) -> Call:
        form = new_form(order)
        self.tracker.remember(order)
        return calls.new(form, order.instrument, order.cl_ord_id, order.ts_event)

    def cancel(self, request: CancelRequest) -> Call | None:
        order = self.tracker.orders.get(request.cl_ord_id)
        if order is None:
            return None
        name = ("txid", order.name) if order.name else ("cl_ord_id", client_id(order.cl_ord_id))
        age = request.ts_event - order.ts_event
        return calls.cancel((name,), order.instrument, age, order.cl_ord_id, request.ts_event)

    def replace(self, request: ReplaceRequest) -> Call | None:
        order = self.tracker.orders.get(request.cl_ord_id)
        if order is None or not order.name:
            return None
        if request.size <= order.cum:
            raise Unsupported(f"{request.size} is not more than the {order.cum} that are filled")
        form = amend_form(request, order)
        self.tracker.ask(request)
        age, ts = request.ts_event - order.ts_event, request.ts_event
        return calls.amend(form, order.instrument, age, order.cl_ord_id, ts, request.revision)

    def lookup(self, cl_ord_id: str, revision: int = 0) -> Call:
        order = self.tracker.orders[cl_ord_id]
        if order.name:
            return calls.by_name(order.name, cl_ord_id, revision)
        return calls.among_open(cl_ord_id)

    def look_at(self, order: LiveOrder) -> Call:
        return calls.by_name(order.name)

    def reconcile(self) -> list[Call]:
        return calls.everything()

    def fills(self, since: int, at: int) -> list[Call]:
        return [calls.trades(since - _EARLIER_NS), calls.ledgers(since - _EARLIER_NS)]

    def before(self, at: int) -> Call | None:
        return None

    def signed(self, call: Call, at: int) -> Http:
        self._nonce = max(self._nonce + 1, at)
        form = [("nonce", str(self._nonce)), *call.query]
        if call.purpose is Purpose.NEW:
            form.append(("deadline", ns_rfc3339(at + _DEADLINE_NS)))
        body = urlencode(form).encode()
        headers = {
            "API-Key": self._key,
            "API-Sign": self._mac(call.path, str(self._nonce), body),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return Http(call.method, f"{self._rest}{call.path}", headers, body)

    def _mac(self, path: str, nonce: str, body: bytes) -> str:
        inner = hashlib.sha256(nonce.encode() + body).digest()
        mac = hmac.new(self._secret, path.encode() + inner, hashlib.sha512)
        return base64.b64encode(mac.digest()).decode()

    def answer(
        self, call: Call, status: int, headers: dict[str, str], body: bytes, at: int
    ) -> Answer:
        return decided(
            self.tracker,
            call,
            judged(call.purpose, status, body, at),
            body,
            at,
            lambda: self._read(call, exact_json(body)["result"], at),
            self._after,
        )

    def _after(self, call: Call) -> list[Call]:
        """A refused cancel says that the order is done, not how: look."""
        known = call.subject in self.tracker.orders
        return [self.lookup(call.subject)] if known and call.purpose is Purpose.CANCEL else []

    def _read(self, call: Call, result: Any, at: int) -> Answer:
        match calls.method_of(call):
            case calls.NEW:
                return self._accepted(call, result["txid"][0], at)
            case calls.AMEND:
                return self._amended(call, at)
            case calls.QUERY:
                return self._found(call, result)
            case calls.CLOSED:
                return self._found(call, result["closed"])
            case calls.OPEN if call.purpose is Purpose.LOOKUP:
                return self._found(call, result["open"])
            case calls.OPEN:
                return self._listed(result["open"])
            case calls.TRADES:
                return self._history(call, result["trades"], self._trade)
            case calls.LEDGERS:
                return self._history(call, result["ledger"], self._entry)
            case calls.TOKEN:
                self._token = result["token"]
                return Answer(Verdict.DONE)
            case calls.CANCEL:
                return Answer(Verdict.DONE)
        return Answer(Verdict.DONE, [*order_holdings.balances(result, self.tracker.account, at)])

    def _accepted(self, call: Call, txid: str, at: int) -> Answer:
        self.tracker.named(self.tracker.orders[call.subject], txid)
        return self._order(order_states.accepted(txid, at), [])

    def _amended(self, call: Call, at: int) -> Answer:
        order = self.tracker.orders[call.subject]
        if not order.asked:
            return Answer(Verdict.DONE)  # the channel was faster
        revision, price, size, _ = order.asked
        exec_id = f"{order.name}:REPLACED:{revision}"
        told = reports.replaced(self.tracker, order, exec_id, at, size, price or order.price)
        return Answer(Verdict.DONE, [*told])

    def _found(self, call: Call, rows: dict[str, Any]) -> Answer:
        """A lookup's answer; an order that is not open may be closed."""
        if calls.method_of(call) != calls.QUERY:  # by client id: others are not meant
            rows = {n: r for n, r in rows.items() if call.subject in our_ids(r.get("cl_ord_id"))}
        if not rows:
            elsewhere = calls.method_of(call) == calls.OPEN
            then = [calls.among_closed(call.subject)] if elsewhere else []
            return Answer(Verdict.ABSENT, then=then)
        txid, row = next(iter(rows.items()))
        answer = self._order(order_states.rest_row(txid, row), [])
        order = self.tracker.orders.get(call.subject)
        if call.revision and order and order.asked:
            answer.verdict = Verdict.ABSENT  # the order is there, the change is not
        return answer

    def _listed(self, rows: dict[str, Any]) -> Answer:
        answer = Answer(Verdict.DONE)
        for txid, row in rows.items():
            with rejecting(answer.told, {txid: row}):
                read = self._order(order_states.rest_row(txid, row), [])
                answer.told += read.told
                answer.then += read.then
                order = self.tracker.of(txid)
                answer.open += [order] if order else []
        return answer

    def _order(self, row: OrderRow, trades: list[Trade]) -> Answer:
        reading = order_row.read(self.tracker, row, trades)
        answer = Answer(Verdict.DONE, reading.told)
        if reading.order is None:
            answer.then.append(calls.by_name(row.name))
        elif reading.fills_missing:
            answer.then.append(calls.trades(reading.order.ts_event - _EARLIER_NS))
        return answer

    def _history(self, call: Call, rows: dict[str, Any], read: Any) -> Answer:
        answer = Answer(Verdict.DONE)
        for name, row in reversed(rows.items()):  # newest first at Kraken
            with rejecting(answer.told, {name: row}):
                read(name, row, answer)
        if len(rows) == PAGE:
            answer.then.append(calls.next_page(call))
        return answer

    def _trade(self, trade_id: str, row: dict[str, Any], answer: Answer) -> None:
        """A trade of an order that is not known is looked up: its fills are missing then."""
        order = self.tracker.of(row["ordertxid"])
        if order is None:
            call = calls.by_name(row["ordertxid"])
            answer.then += [] if call in answer.then else [call]
            return
        trade = order_states.rest_trade(trade_id, row)
        answer.told += reports.trade(self.tracker, order, trade)

    def _entry(self, entry_id: str, row: dict[str, Any], answer: Answer) -> None:
        flow = order_holdings.cash_flow(entry_id, row, self.tracker.account)
        if flow and self.tracker.is_new(f"ledger {entry_id}"):
            answer.told.append(flow)

    def stream_call(self) -> Call | None:
        return calls.token()

    def opened(self, at: int) -> StreamStep:
        self._line = Line(at)
        return StreamStep(send=[subscribe(self._token)])

    def received(self, data: bytes, at: int) -> StreamStep:
        self._line.heard_at = at
        try:
            step, events = take(self._line, exact_json(data))
            for event in events:
                with rejecting(step.told, event):
                    answer = self._event(event)
                    step.told += answer.told
                    step.then += [call for call in answer.then if call not in step.then]
        except UNREADABLE as error:
            return StreamStep([Rejected(f"stream: {error or type(error).__name__}", data)])
        return step

    def _event(self, event: dict[str, Any]) -> Answer:
        return self._order(order_states.stream_row(event), order_states.stream_trade(event))

    def tick(self, at: int) -> StreamStep:
        return StreamStep(send=['{"method":"ping"}'], broken=self._line.silent(at))


def _decoded(account: str, secret: str) -> bytes:
    try:
        return base64.b64decode(secret, validate=True)
    except ValueError:
        why = f"account {account}: Kraken's secret is base64, as its page shows it once"
        raise KeysError(why) from None
