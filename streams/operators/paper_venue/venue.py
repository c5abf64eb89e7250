"""The paper venue: an operator over the instrument's own log.

Market events and paper orders lie in one topic partition, so they have one total order, and
matching is a fold like any other: live paper trading, replay and backtest fill identically.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from schemas.enums import ExecType, Liquidity, OrderAction, OrdType, Side, TimeInForce
from schemas.frames import MarketFrame
from schemas.inbox import ExecutionReport
from schemas.records import Clock, PaperOrder, Status
from streams import canonical
from streams.operator import Output, Refused
from streams.operators.market.follow import Book, follow, market_of
from streams.operators.market.levels import ASK, BID, count
from streams.operators.market.validate import check
from streams.operators.paper_venue import matching as m
from streams.operators.risk.money import ZERO, scaled, times

_TIFS = {TimeInForce.GTC: m.GTC, TimeInForce.IOC: m.IOC, TimeInForce.FOK: m.FOK}
_EXEC_TYPES = {
    m.TAKEN: ExecType.TRADE,
    m.MADE: ExecType.TRADE,
    m.EXPIRED: ExecType.EXPIRED,
    m.REJECTED: ExecType.REJECTED,
    m.CANCELED: ExecType.CANCELED,
}
_TEXTS = {
    m.EXPIRED: "what was displayed did not fill the order",
    m.REJECTED: "the venue has no book of this instrument now",
    m.CANCELED: "cancelled as asked",
}


@dataclass(frozen=True, slots=True)
class PaperVenueConfig:
    """Fees as fractions of notional (negative: a rebate); ``latency_ns`` from an order's time to
    its arrival, in event time."""

    maker_fee: Decimal
    taker_fee: Decimal
    latency_ns: int


@dataclass(slots=True)
class _Order:
    """The order as it was sent, and what was reported of it."""

    sent: PaperOrder
    cum_size: int = 0
    reports: int = 0


class _Market:
    """One instrument: its book and the live orders, in order of arrival in the log."""

    def __init__(self, scales: tuple[int, int]) -> None:
        self.scales = scales
        self.book = Book()
        self.orders: list[_Order] = []
        self.live = np.empty((0, 9), np.int64)


class PaperVenue:
    """Operator: ``ticks`` → execution reports on ``orders``."""

    def __init__(self, config: PaperVenueConfig) -> None:
        self._config = config
        self._markets: dict[str, _Market] = {}

    def apply(self, message: Any) -> list[Output]:
        match message:
            case MarketFrame():
                return self._fold(message)
            case PaperOrder():
                return self._order(message)
            case Clock() if message.key in self._markets:
                return self._tick(message)
            case Status() if message.instrument in self._markets:
                self._markets[message.instrument].book.hear(message.kind)
        return []

    def _fold(self, frame: MarketFrame) -> list[Output]:
        check(frame)
        scales = (frame.price_scale, frame.size_scale)
        market = self._markets.get(frame.instrument)
        if market is None:
            market = self._markets[frame.instrument] = _Market(scales)
        if market.scales != scales:
            raise Refused(f"{frame.instrument}: scales {scales}, the venue trades {market.scales}")
        view, book = market_of(frame), market.book
        book.make_room(view)
        events = len(frame) + len(view.depth.price)
        cursor, out = np.zeros(m.CURSOR_COLUMNS, np.int64), _room(market, events)
        while True:
            books = (book.state, book.orders.state)
            if len(market.live):
                outcome = m.match(view, cursor, *books, market.live, out)
            else:
                outcome = follow(view, cursor, *books)
            if outcome == m.FINISHED:
                break
            book.resolve(outcome, view, cursor)
        return self._reports(market, out[: cursor[m.EXECUTIONS]])

    def _tick(self, clock: Clock) -> list[Output]:
        market = self._markets[clock.key]
        cursor, out = np.zeros(m.CURSOR_COLUMNS, np.int64), _room(market, 1)
        m.act(clock.ts_event, 0, market.book.state, market.live, out, cursor)
        return self._reports(market, out[: cursor[m.EXECUTIONS]])

    def _order(self, order: PaperOrder) -> list[Output]:
        market = self._markets.get(order.instrument)
        if order.action is OrderAction.CANCEL:
            return self._cancel(market, order)
        problem = _problem(market, order)
        entry = _Order(order)
        if problem or market is None:
            return [self._report(entry, ExecType.REJECTED, order.ts_event, text=problem)]
        market.orders.append(entry)
        row = np.array([_live_row(order, self._config.latency_ns)], np.int64)
        market.live = np.concatenate((market.live, row))
        return [self._report(entry, ExecType.NEW, order.ts_event)]

    def _cancel(self, market: _Market | None, cancel: PaperOrder) -> list[Output]:
        for i, entry in enumerate(market.orders if market else ()):
            if market and entry.sent.cl_ord_id == cancel.cl_ord_id:
                market.live[i, m.CANCELS] = cancel.ts_event + self._config.latency_ns
                return []
        raise Refused(f"cancel of {cancel.cl_ord_id}: no such order is open; too late?")

    def _reports(self, market: _Market, executions: Any) -> list[Output]:
        outputs = []
        for i, what, price, size, event, ts in executions.tolist():
            entry = market.orders[i]
            entry.cum_size += size
            report = self._execution(entry, what, price, size, ts)
            outputs.append(Output("orders", entry.sent.account, report, event))
        if outputs:
            open_ = market.live[:, m.STATE] != m.DONE_STATE
            market.orders = [e for e, keep in zip(market.orders, open_, strict=True) if keep]
            market.live = np.ascontiguousarray(market.live[open_])
        return outputs

    def _execution(
        self, entry: _Order, what: int, price: int, size: int, ts: int
    ) -> ExecutionReport:
        kind = _EXEC_TYPES[what]
        if kind is not ExecType.TRADE:
            return _make_report(entry, kind, ts, text=_TEXTS[what])
        sent, maker = entry.sent, what == m.MADE
        notional = times(scaled(price, sent.price_scale), scaled(size, sent.size_scale))
        fee = times(notional, self._config.maker_fee if maker else self._config.taker_fee)
        liquidity = Liquidity.MAKER if maker else Liquidity.TAKER
        return _make_report(entry, kind, ts, price, size, fee, liquidity)

    def _report(self, entry: _Order, kind: ExecType, ts: int, text: str = "") -> Output:
        return Output("orders", entry.sent.account, _make_report(entry, kind, ts, text=text))

    def snapshot(self) -> bytes:
        return canonical.pack({name: _pack(market) for name, market in self._markets.items()})

    def restore(self, state: bytes) -> None:
        packed = canonical.unpack(state)
        self._markets = {name: _unpack(market) for name, market in packed.items()}


def _room(market: _Market, events: int) -> Any:
    """For every order a fill at each level and at each event, and its end."""
    live, held = len(market.live), market.book.state.levels
    levels = max(count(held, side) for side in (BID, ASK)) if live else 0
    return np.empty((live * (levels + 2 * events + 2), 6), np.int64)


def _problem(market: _Market | None, order: PaperOrder) -> str:
    """Why the venue rejects an order at once; empty when it does not."""
    if market is None:
        return f"the venue knows no instrument {order.instrument}"
    if (order.price_scale, order.size_scale) != market.scales:
        return f"scales {order.price_scale}, {order.size_scale}: the venue uses {market.scales}"
    if order.size <= 0:
        return f"size {order.size} must be positive"
    if any(entry.sent.cl_ord_id == order.cl_ord_id for entry in market.orders):
        return f"order {order.cl_ord_id} is open already"
    return ""


def _live_row(order: PaperOrder, latency_ns: int) -> list[int]:
    row = [0] * 9
    row[m.SIDE] = 1 if order.side is Side.BUY else -1
    row[m.IS_LIMIT] = int(order.ord_type is OrdType.LIMIT)
    row[m.TIF] = _TIFS[order.time_in_force]
    row[m.PRICE], row[m.LEAVES] = order.price, order.size
    row[m.ARRIVES], row[m.CANCELS] = order.ts_event + latency_ns, m.NEVER
    return row


def _make_report(
    entry: _Order,
    kind: ExecType,
    ts: int,
    price: int = 0,
    size: int = 0,
    fee: Decimal = ZERO,
    liquidity: Liquidity = Liquidity.NONE,
    text: str = "",
) -> ExecutionReport:
    sent = entry.sent
    entry.reports += 1
    working = kind in (ExecType.NEW, ExecType.TRADE)
    return ExecutionReport(
        account=sent.account,
        instrument=sent.instrument,
        cl_ord_id=sent.cl_ord_id,
        exec_id=f"{sent.cl_ord_id}-{entry.reports}",
        ts_event=ts,
        exec_type=kind,
        side=sent.side,
        last_price=price,
        last_size=size,
        cum_size=entry.cum_size,
        leaves_size=sent.size - entry.cum_size if working else 0,
        price_scale=sent.price_scale,
        size_scale=sent.size_scale,
        fee=fee,
        liquidity=liquidity,
        text=text,
    )


def _pack(market: _Market) -> dict[str, Any]:
    return {
        "scales": list(market.scales),
        "book": market.book.pack(),
        "live": market.live,
        "orders": [
            [[getattr(e.sent, name) for name in e.sent.__slots__], e.cum_size, e.reports]
            for e in market.orders
        ],
    }


def _unpack(packed: dict[str, Any]) -> _Market:
    price_scale, size_scale = packed["scales"]
    market = _Market((price_scale, size_scale))
    market.book = Book.unpack(packed["book"])
    market.live = packed["live"]
    market.orders = [_Order(_order_of(f), cum, reports) for f, cum, reports in packed["orders"]]
    return market


def _order_of(fields: list[Any]) -> PaperOrder:
    values = dict(zip(PaperOrder.__slots__, fields, strict=True))
    values["action"] = OrderAction(values["action"])
    values["side"] = Side(values["side"])
    values["ord_type"] = OrdType(values["ord_type"])
    values["time_in_force"] = TimeInForce(values["time_in_force"])
    return PaperOrder(**values)
