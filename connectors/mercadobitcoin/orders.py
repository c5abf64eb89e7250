"""Mercado Bitcoin's order session (API v4).

There is no private stream: the open orders of each symbol are asked for every second, and those
that are not among them any more one by one. An order cannot be changed. The venue does not say
that a client id (``externalId``) is refused the second time, nor how late a request may still be
done: a lost one is looked up for ten seconds before it is sent again.
"""

from typing import Any
from urllib.parse import urlencode

from connectors.decimals import exact_json
from connectors.mercadobitcoin import order_calls as calls
from connectors.mercadobitcoin import order_states
from connectors.mercadobitcoin.endpoints import VENUE
from connectors.mercadobitcoin.order_form import new_body, symbol_of
from connectors.mercadobitcoin.order_refusals import judged
from connectors.mercadobitcoin.token import Token
from connectors.trading import order_row, reports
from connectors.trading.credentials import Credentials
from connectors.trading.refusals import decided, rejecting
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


class MercadoBitcoinOrders:
    """An ``OrderSession``. The third word of the keys may name the account; without it the first
    that the venue lists is traded."""

    venue = VENUE
    holds = Holds.ASSETS
    settle_s = 10.0
    in_order = False
    stream_url = ""

    def __init__(self, account: str, keys: Credentials, rest: str) -> None:
        self.tracker = Tracker(account)
        self.tick_s = 1.0
        self._rest, self._token, self._account = rest, Token(keys), keys.extra

    def new(self, order: ApprovedOrder) -> Call:
        body = new_body(order)
        self.tracker.remember(order)
        return calls.new(symbol_of(order.instrument), body, order.cl_ord_id, order.ts_event)

    def cancel(self, request: CancelRequest) -> Call | None:
        order = self.tracker.orders.get(request.cl_ord_id)
        return calls.cancel(order, request.ts_event) if order and order.name else None

    def replace(self, request: ReplaceRequest) -> Call | None:
        raise Unsupported("Mercado Bitcoin changes no order: cancel it and send anew")

    def lookup(self, cl_ord_id: str, revision: int = 0) -> Call:
        order = self.tracker.orders[cl_ord_id]
        if order.name:
            return calls.by_name(symbol_of(order.instrument), order.name, cl_ord_id)
        return calls.by_client(order)

    def look_at(self, order: LiveOrder) -> Call:
        return calls.look_at(order)

    def reconcile(self) -> list[Call]:
        return [calls.open_orders(), calls.balances()]

    def fills(self, since: int, at: int) -> list[Call]:
        names = [n for n in self.tracker.instruments() if n.startswith(f"{VENUE}:")]
        return [calls.fills(symbol_of(name), since) for name in names]

    def before(self, at: int) -> Call | None:
        if call := self._token.call(at):
            return call
        return None if self._account else calls.accounts()

    def signed(self, call: Call, at: int) -> Http:
        if call.purpose is Purpose.STREAM and call.method == "POST":
            return self._token.request(call, self._rest)
        path = call.path.replace(calls.ACCOUNT, self._account)
        url = f"{self._rest}{path}" + (f"?{urlencode(call.query)}" if call.query else "")
        headers = {"Authorization": f"Bearer {self._token.value}"}
        if call.body:
            headers["Content-Type"] = "application/json"
        return Http(call.method, url, headers, call.body)

    def answer(
        self, call: Call, status: int, headers: dict[str, str], body: bytes, at: int
    ) -> Answer:
        if call.purpose is Purpose.STREAM and call.method == "POST":
            return self._token.take(call, status, body, at)
        judgement = judged(call.purpose, status, body)
        if judgement.verdict is not Verdict.UNAUTHORISED:
            self._token.taken()
        elif self._token.may_have_ended():
            return Answer(Verdict.WAIT, text=judgement.text)
        return decided(
            self.tracker,
            call,
            judgement,
            body,
            at,
            lambda: self._read(call, exact_json(body or b"{}"), at),
            self._after,
        )

    def _after(self, call: Call) -> list[Call]:
        """A refused cancel says that the order is done, not how: look."""
        order = self.tracker.orders.get(call.subject)
        refused = call.purpose is Purpose.CANCEL and order is not None and order.name
        return [calls.look_at(order)] if refused and order else []

    def _read(self, call: Call, data: Any, at: int) -> Answer:
        match call.purpose:
            case Purpose.STREAM:
                self._account = str(data[0]["id"])
                return Answer(Verdict.DONE)
            case Purpose.NEW:
                order = self.tracker.orders[call.subject]
                self.tracker.named(order, str(data["orderId"]))
                return Answer(Verdict.DONE, then=[calls.look_at(order)])
            case Purpose.CANCEL:
                return Answer(Verdict.DONE, then=self._after(call))
            case Purpose.LOOKUP if isinstance(data, dict):
                return self._order(data)
            case Purpose.LOOKUP:
                return self._searched(call, data)
            case Purpose.ORDERS if call.subject == calls.POLL:
                return self._polled(call, data)
            case Purpose.ORDERS:
                return self._listed(call, data["items"])
            case Purpose.FILLS:
                return self._filled(call, data)
        return self._balances(data, at)

    def _searched(self, call: Call, rows: list[dict[str, Any]]) -> Answer:
        for row in rows:
            if row.get("externalId") == call.subject:
                return self._order(row)
        return Answer(Verdict.ABSENT, then=_more(call, rows))

    def _order(self, row: dict[str, Any]) -> Answer:
        """An order with its executions; a row without them may have some all the same."""
        as_row = order_states.order_row(row)
        trades = order_states.trades(row, as_row.name)
        first = self.tracker.of(row["id"])
        if first is not None:
            self.tracker.named(first, as_row.name)
        reading = order_row.read(self.tracker, as_row, trades)
        then = []
        if reading.fills_missing and "executions" not in row:
            then.append(calls.by_name(row["instrument"], as_row.name))
        return Answer(Verdict.DONE, reading.told, then)

    def _each(self, rows: list[dict[str, Any]], answer: Answer) -> None:
        for row in rows:
            with rejecting(answer.told, row):
                read = self._order(row)
                answer.told += read.told
                answer.then += [call for call in read.then if call not in answer.then]
                order = self.tracker.of(order_states.order_row(row).name)
                answer.open += [order] if order else []

    def _listed(self, call: Call, rows: list[dict[str, Any]]) -> Answer:
        """A list that is full may have left some out: it is asked for anew, larger."""
        asked = int(dict(call.query)["size"])
        if len(rows) >= asked:
            return Answer(Verdict.DONE, then=[calls.open_orders(asked * 2)])
        answer = Answer(Verdict.DONE)
        self._each(rows, answer)
        return answer

    def _polled(self, call: Call, rows: list[dict[str, Any]]) -> Answer:
        answer = Answer(Verdict.DONE)
        self._each(rows, answer)
        listed = {order.cl_ord_id for order in answer.open}
        for order in self._open_of(call.path):
            if order.cl_ord_id not in listed:
                answer.then.append(calls.look_at(order))
        return answer

    def _open_of(self, path: str) -> list[LiveOrder]:
        at_path = (o for o in self.tracker.open() if f"/{symbol_of(o.instrument)}/" in path)
        return list(at_path)

    def _filled(self, call: Call, rows: list[dict[str, Any]]) -> Answer:
        answer = Answer(Verdict.DONE, then=_more(call, rows))
        for row in reversed(rows):  # newest first
            with rejecting(answer.told, row):
                order = self.tracker.of(order_states.order_row(row).name)
                if order is None:
                    read = self._order(row)
                    answer.told += read.told
                    continue
                for trade in order_states.trades(row, order.name):
                    answer.told += reports.trade(self.tracker, order, trade)
        return answer

    def _balances(self, rows: list[dict[str, Any]], at: int) -> Answer:
        answer = Answer(Verdict.DONE)
        for row in rows:
            with rejecting(answer.told, row):
                held = order_states.balance(row, self.tracker.account, at)
                answer.told += [held] if held.total else []
        return answer

    def stream_call(self) -> Call | None:
        return None

    def opened(self, at: int) -> StreamStep:
        return StreamStep(ready=True)

    def received(self, data: bytes, at: int) -> StreamStep:
        return StreamStep()

    def tick(self, at: int) -> StreamStep:
        """Nothing is asked while nothing is open."""
        symbols = sorted({symbol_of(order.instrument) for order in self.tracker.open()})
        return StreamStep(then=[calls.working(symbol) for symbol in symbols])


def _more(call: Call, rows: list[dict[str, Any]]) -> list[Call]:
    page = calls.next_page(call, rows[-1]["id"]) if rows else None
    return [page] if page else []
