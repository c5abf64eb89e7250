"""The paper venue: an operator over the instrument's own log.

Market events and paper orders lie in one topic partition, so they have one total order, and
matching is a fold like any other: live paper trading, replay and backtest fill identically.
What must always hold stands in ``matching.py``.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from schemas.enums import ExecType, OrderAction, StatusKind
from schemas.frames import MarketFrame
from schemas.records import Clock, PaperOrder, Status
from streams import canonical
from streams.operator import Output, Refused
from streams.operators.market import book as bk
from streams.operators.market.bars_calendar import Calendar, calendar_of
from streams.operators.market.follow import EVENT, follow, market_of
from streams.operators.market.validate import check
from streams.operators.paper_venue import columns as c
from streams.operators.paper_venue.auctions import close
from streams.operators.paper_venue.carry import carry
from streams.operators.paper_venue.latency import Delay, Latency
from streams.operators.paper_venue.market import Market
from streams.operators.paper_venue.matching import FINISHED, act, match
from streams.operators.paper_venue.orders import contradiction, contradicts, with_change
from streams.operators.paper_venue.reports import Order, execution, refusal, report
from streams.operators.paper_venue.resting import on_book
from streams.operators.paper_venue.terms import Terms, against, terms_of
from streams.operators.risk.money import ZERO

QUEUE_MODELS = {
    "conservative": c.CONSERVATIVE,
    "power": c.POWER_LAW,
    "log": c.LOGARITHM,
    "by_order": c.BY_ORDER,
}
SELF_TRADES = {
    "allow": c.ALLOW,
    "cancel_newest": c.CANCEL_NEWEST,
    "cancel_oldest": c.CANCEL_OLDEST,
    "decrement": c.DECREMENT,
}
STOP_TRIGGERS = ("trade", "quote")
_STATES = (StatusKind.TRADING, StatusKind.AUCTION, StatusKind.HALTED, StatusKind.CLOSED)


@dataclass(frozen=True, slots=True)
class PaperVenueConfig:
    """``terms`` where none of ``instruments`` (patterns of VENUE:SYMBOL) matches; ``entry`` is the
    latency from an order's time to its arrival, ``reports`` that of a report's way back, both in
    event time; ``power`` is n of the queue model "power"; ``hidden`` is the fraction of a level
    that lies hidden behind what it shows; ``carry_ns`` the interval of borrow fees and funding;
    ``calendars`` of the sessions that DAY orders end with."""

    terms: Terms
    entry: Delay
    reports: Delay = field(default_factory=lambda: Latency(0))
    instruments: tuple[tuple[str, Terms], ...] = ()
    stop_trigger: str = "trade"
    queue_model: str = "conservative"
    power: int = 3
    hidden: Decimal = ZERO
    self_trade: str = "allow"
    carry_ns: int = 8 * 3600 * 10**9
    calendars: tuple[tuple[str, Calendar], ...] = ()


class PaperVenue:
    """Operator: ``ticks`` → execution reports and cash flows on ``orders``."""

    def __init__(self, config: PaperVenueConfig) -> None:
        self._config = config
        self._markets: dict[str, Market] = {}

    def apply(self, message: Any) -> list[Output]:
        match message:
            case MarketFrame():
                return self._fold(message)
            case PaperOrder():
                return self._order(message)
            case Clock() if message.key in self._markets:
                return self._tick(message)
            case Status() if message.instrument in self._markets:
                return self._status(message)
        return []

    def _fold(self, frame: MarketFrame) -> list[Output]:
        check(frame)
        market = self._of(frame)
        view, book = market_of(frame), market.book
        book.make_room(view)
        outputs: list[Output] = []
        if market.rows():
            outputs = self._match(market, view, len(frame) + len(view.depth.price))
        else:
            cursor = np.zeros(c.CURSOR_COLUMNS, np.int64)
            while (outcome := follow(view, cursor, book.state, book.orders.state)) != FINISHED:
                book.resolve(outcome, view, cursor)
        market.hear_trades(frame.trades)
        return outputs

    def _of(self, frame: MarketFrame) -> Market:
        scales = (frame.price_scale, frame.size_scale)
        market = self._markets.get(frame.instrument)
        if market is None:
            market = self._markets[frame.instrument] = self._new(frame.instrument, scales)
        if market.scales != scales:
            raise Refused(f"{frame.instrument}: scales {scales}, the venue trades {market.scales}")
        return market

    def _new(self, name: str, scales: tuple[int, int]) -> Market:
        terms = terms_of(self._config.instruments, name, self._config.terms)
        return Market(scales, terms, calendar_of(self._config.calendars, name))

    def _match(self, market: Market, view: Any, events: int) -> list[Output]:
        """The frame with live orders. A snapshot is a change of the book too: what waits sees it
        with those diffs that continue it."""
        book, cursor = market.book, np.zeros(c.CURSOR_COLUMNS, np.int64)
        desk = market.desk(self._rules(market), events)
        while True:
            state, orders = book.state, book.orders.state
            outcome = match(view, cursor, state, orders, desk)
            if outcome == FINISHED:
                return self._reports(market, desk.out[: cursor[c.EXECUTIONS]])
            outcome = book.resolve(outcome, view, cursor)
            if outcome in (bk.APPLIED, bk.LOCKED):
                ts, event = book.state.meta[bk.TS_EVENT], cursor[EVENT] - 1
                on_book(ts, event, book.state, book.orders.state, desk, cursor)

    def _rules(self, market: Market) -> Any:
        config, rules = self._config, np.zeros(c.RULES, np.int64)
        rules[c.STOP_BY_QUOTE] = config.stop_trigger == "quote"
        rules[c.QUEUE_MODEL] = QUEUE_MODELS[config.queue_model]
        rules[c.POWER], rules[c.UNIT] = config.power, 10 ** market.scales[1]
        rules[c.HIDDEN_PPM] = int(config.hidden * 1_000_000)
        rules[c.SELF_TRADES] = SELF_TRADES[config.self_trade]
        return rules

    def _tick(self, clock: Clock) -> list[Output]:
        market = self._markets[clock.key]
        outputs = self._pass_time(market, clock.ts_event) if market.rows() else []
        flows = carry(market, clock, self._config.carry_ns)
        return outputs + [Output("orders", flow.account, flow) for flow in flows]

    def _pass_time(self, market: Market, ts: int, closes: bool = False) -> list[Output]:
        cursor, desk = np.zeros(c.CURSOR_COLUMNS, np.int64), market.desk(self._rules(market), 1)
        act(ts, 0, market.book.state, market.book.orders.state, desk, cursor)
        if closes:
            close(ts, desk, cursor)
        return self._reports(market, desk.out[: cursor[c.EXECUTIONS]])

    def _status(self, status: Status) -> list[Output]:
        """A trading state is announced: what was due before happens in the old one."""
        market = self._markets[status.instrument]
        outputs: list[Output] = []
        if market.rows() and status.kind in _STATES:
            closes = status.kind is StatusKind.CLOSED
            outputs = self._pass_time(market, status.ts_event, closes)
        market.book.hear(status.kind)
        market.enter_phase(status.kind)
        return outputs

    def _order(self, sent: PaperOrder) -> list[Output]:
        market = self._markets.get(sent.instrument)
        if sent.action is not OrderAction.NEW:
            return self._request(market, sent)
        order = Order(sent, sent.size)
        arrives = self._arrival(order, sent.ts_event)
        problem = _problem(market, sent, arrives)
        if problem or market is None:
            return [self._answer(order, ExecType.REJECTED, sent, problem)]
        market.add(order, arrives)
        return [self._answer(order, ExecType.NEW, sent)]

    def _arrival(self, order: Order, ts: int) -> int:
        """When a message of the order arrives; they do not overtake each other."""
        drawn = ts + self._config.entry.draw(f"{order.sent.cl_ord_id}>{order.asked}")
        order.asked, order.sent_ns = order.asked + 1, max(order.sent_ns, drawn)
        return order.sent_ns

    def _request(self, market: Market | None, request: PaperOrder) -> list[Output]:
        i = market.find(request.cl_ord_id) if market else None
        if market is None or i is None:
            text = "the venue holds no such order; too late?"
            answer = refusal(request, text, self._config.reports)
            return [Output("orders", request.account, answer)]
        order, cancels = market.orders[i], request.action is OrderAction.CANCEL
        problem = "" if cancels else _misfit(market, order.sent, request)
        if problem:
            return [self._answer(order, ExecType.REPLACE_REJECTED, request, problem)]
        asked = c.CANCEL if cancels else c.REPLACE
        market.ask(i, asked, self._arrival(order, request.ts_event), request)
        return []

    def _answer(self, order: Order, kind: ExecType, to: PaperOrder, text: str = "") -> Output:
        made = report(order, kind, to.ts_event, self._config.reports, text)
        return Output("orders", to.account, made)

    def _reports(self, market: Market, executions: Any) -> list[Output]:
        outputs = []
        for i, what, price, size, event, ts in executions.tolist():
            order, terms = market.orders[i], market.terms
            made = execution(order, what, price, size, ts, terms, self._config.reports)
            outputs.append(Output("orders", order.sent.account, made, event))
        if outputs:
            market.tidy()
        return outputs

    def snapshot(self) -> bytes:
        return canonical.pack({name: market.pack() for name, market in self._markets.items()})

    def restore(self, state: bytes) -> None:
        self._markets = {}
        for name, packed in canonical.unpack(state).items():
            price_scale, size_scale = packed["scales"]
            self._markets[name] = self._new(name, (price_scale, size_scale))
            self._markets[name].unpack(packed)


def _problem(market: Market | None, order: PaperOrder, arrives: int) -> str:
    """Why the venue rejects an order at once; empty when it does not."""
    if market is None:
        return f"the venue knows no instrument {order.instrument}"
    if (order.price_scale, order.size_scale) != market.scales:
        return f"scales {order.price_scale}, {order.size_scale}: the venue uses {market.scales}"
    if market.find(order.cl_ord_id) is not None:
        return f"order {order.cl_ord_id} is open already"
    return contradiction(order, arrives) or against(market.terms, order, market.price())


def _misfit(market: Market, sent: PaperOrder, change: PaperOrder) -> str:
    """Why the venue rejects a change at once; empty when it does not."""
    if (change.price_scale, change.size_scale) != market.scales:
        return f"scales {change.price_scale}, {change.size_scale}: the venue uses {market.scales}"
    problem, changed = contradicts(sent, change), with_change(sent, change)
    return problem or against(market.terms, changed, market.price())
