"""Execution reports: what kernels did, in the words of FIX."""

from dataclasses import dataclass, replace
from decimal import Decimal

from schemas.enums import ExecType, Liquidity, OrderAction
from schemas.inbox import ExecutionReport
from schemas.records import PaperOrder
from streams.operators.paper_venue import columns as c
from streams.operators.paper_venue.latency import Delay
from streams.operators.paper_venue.terms import Terms
from streams.operators.risk.money import ZERO, scaled, times

_WORDS = {
    c.TAKEN: (ExecType.TRADE, ""),
    c.MADE: (ExecType.TRADE, ""),
    c.CROSSED: (ExecType.TRADE, "in an auction"),
    c.WOKEN: (ExecType.TRIGGERED, "the stop price was reached"),
    c.CHANGED: (ExecType.REPLACED, "changed as asked"),
    c.DECREASED: (ExecType.REPLACED, "smaller by what would have met an order of the account"),
    c.UNFILLED: (ExecType.EXPIRED, "what was displayed did not fill the order"),
    c.TIMED_OUT: (ExecType.EXPIRED, "its time in force is over"),
    c.NOT_REDUCING: (ExecType.EXPIRED, "what is left would no longer reduce the position"),
    c.NO_CROSS: (ExecType.EXPIRED, "the auction did not fill the order"),
    c.NO_BOOK: (ExecType.REJECTED, "the venue has no book of this instrument now"),
    c.NOT_TRADING: (ExecType.REJECTED, "the venue does not trade now, and the order cannot wait"),
    c.WOULD_TAKE: (ExecType.REJECTED, "a post-only order would have traded at once"),
    c.NO_AUCTION: (ExecType.REJECTED, "there is no auction to come"),
    c.NOTHING_TO_REDUCE: (ExecType.REJECTED, "the order would not reduce the position"),
    c.CANCELED: (ExecType.CANCELED, "cancelled as asked"),
    c.SELF_TRADE: (ExecType.CANCELED, "it would have met an order of the same account"),
    c.CANCEL_TOO_LATE: (ExecType.CANCEL_REJECTED, "too late: the order is finished"),
    c.CHANGE_TOO_LATE: (ExecType.REPLACE_REJECTED, "too late: the order is finished"),
    c.CHANGE_TOO_SMALL: (ExecType.REPLACE_REJECTED, "as much as the new size is filled already"),
    c.CHANGE_WOULD_TAKE: (ExecType.REPLACE_REJECTED, "a post-only order would trade at once"),
}
_OVER = (ExecType.REJECTED, ExecType.EXPIRED, ExecType.CANCELED)


@dataclass(slots=True)
class Order:
    """The order as it was sent, and what was reported of it. ``size`` is what it asks now;
    ``asked`` counts requests for it, ``sent_ns`` is when the last of its messages arrives, and
    ``told_ns`` the time of its last report."""

    sent: PaperOrder
    size: int
    cum_size: int = 0
    reports: int = 0
    asked: int = 0
    sent_ns: int = 0
    told_ns: int = 0
    over: bool = False


def execution(
    order: Order, what: int, price: int, size: int, ts: int, terms: Terms, latency: Delay
) -> ExecutionReport:
    """The report of a row that kernels wrote."""
    kind, text = _WORDS[what]
    if what in (c.CHANGED, c.DECREASED):
        order.size = size
        return report(order, kind, ts, latency, text=text, price=price)
    if what not in c.FILLS:
        return report(order, kind, ts, latency, text=text)
    order.cum_size += size
    sent, maker = order.sent, what == c.MADE
    notional = times(scaled(price, sent.price_scale), scaled(size, sent.size_scale))
    fee = times(notional, terms.maker_fee if maker else terms.taker_fee)
    liquidity = Liquidity.MAKER if maker else Liquidity.TAKER
    return report(order, kind, ts, latency, text, (price, size), fee, liquidity)


def report(
    order: Order,
    kind: ExecType,
    ts: int,
    latency: Delay,
    text: str = "",
    last: tuple[int, int] = (0, 0),
    fee: Decimal = ZERO,
    liquidity: Liquidity = Liquidity.NONE,
    price: int = 0,
) -> ExecutionReport:
    """Reports of an order reach the account in the order in which they were made."""
    sent = order.sent
    order.reports += 1
    order.over = order.over or kind in _OVER
    name = f"{sent.cl_ord_id}-{order.reports}"
    order.told_ns = max(order.told_ns, ts + latency.draw(name))
    return ExecutionReport(
        account=sent.account,
        instrument=sent.instrument,
        cl_ord_id=sent.cl_ord_id,
        exec_id=name,
        ts_event=order.told_ns,
        exec_type=kind,
        side=sent.side,
        last_price=last[0],
        last_size=last[1],
        cum_size=order.cum_size,
        leaves_size=0 if order.over else order.size - order.cum_size,
        price_scale=sent.price_scale,
        size_scale=sent.size_scale,
        fee=fee,
        liquidity=liquidity,
        text=text,
        price=price,
    )


def refusal(request: PaperOrder, text: str, latency: Delay) -> ExecutionReport:
    """The answer to a request for an order that the venue does not hold."""
    cancels = request.action is OrderAction.CANCEL
    kind = ExecType.CANCEL_REJECTED if cancels else ExecType.REPLACE_REJECTED
    name = f"{request.cl_ord_id}-{request.action.lower()}-{request.ts_event}"
    order = Order(request, 0)
    made = report(order, kind, request.ts_event, latency, text)
    return replace(made, exec_id=name)
