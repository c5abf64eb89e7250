"""A paper venue with a small book, for worked examples; time is counted in ns."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from connectors.batch import Batch
from connectors.events import DepthEvent, Instrument, QuoteEvent, TradeEvent
from schemas.enums import OrderAction, OrdType, Side, StatusKind, TimeInForce
from schemas.frames import MarketFrame
from schemas.inbox import ExecutionReport
from schemas.records import Clock, PaperOrder, Status
from streams.operators.paper_venue.latency import Latency
from streams.operators.paper_venue.terms import Terms
from streams.operators.paper_venue.venue import PaperVenue, PaperVenueConfig

XY = Instrument("X:Y", 0, 0)
BOOK = DepthEvent(XY, 1, 1, 1, 0, True, [(99, 5), (98, 5)], [(101, 3), (102, 4), (105, 9)])
TERMS = Terms(Decimal("-0.01"), Decimal("0.1"))
CONFIG = PaperVenueConfig(TERMS, Latency(10))
ORDER = PaperOrder(
    "X:Y", "a", "o", 100, OrderAction.NEW, Side.BUY, OrdType.MARKET, TimeInForce.IOC, 0, 5, 0, 0
)
LIMIT = {"ord_type": OrdType.LIMIT, "time_in_force": TimeInForce.GTC}

Told = list[tuple[Any, ...]]


class Venue:
    """The venue after ``BOOK``; every step returns what it reported."""

    def __init__(self, **change: Any) -> None:
        self.operator = PaperVenue(replace(CONFIG, **change))
        self.seq = 1
        self.market(BOOK)

    def market(self, *events: Any) -> Told:
        return brief(self.operator.apply(frame(*events)))

    def diff(self, ts: int, bids: Any = (), asks: Any = ()) -> Told:
        """A change of the book."""
        self.seq += 1
        levels = (list(bids), list(asks))
        return self.market(DepthEvent(XY, ts, ts, self.seq, self.seq - 1, False, *levels))

    def order(self, **change: Any) -> Told:
        return brief(self.operator.apply(replace(ORDER, **change)))

    def clock(self, ts: int) -> Told:
        return brief(self.operator.apply(Clock("X:Y", ts)))

    def status(self, kind: StatusKind, ts: int = 150) -> Told:
        return brief(self.operator.apply(Status("X:Y", ts, ts, kind, "")))


def frame(*events: Any) -> MarketFrame:
    batch = Batch(XY)
    for event in events:
        batch.add(event)
    return batch.frame()


def brief(outputs: list[Any]) -> Told:
    """(kind, price, size, leaves) of reports."""
    reports = [o.message for o in outputs]
    assert all(isinstance(r, ExecutionReport) for r in reports)
    return [(str(r.exec_type), r.last_price, r.last_size, r.leaves_size) for r in reports]


def trade(ts: int, price: int, size: int, side: int) -> TradeEvent:
    return TradeEvent(XY, ts, ts, ts, price, size, side)


def quote(ts: int, bid: int, ask: int) -> QuoteEvent:
    return QuoteEvent(XY, ts, ts, ts, bid, 1, ask, 1)


LATER = trade(200, 103, 1, 0)  # trades nowhere near: time passes
