"""A live account's orders through the paper venue, over the market that was recorded.

Each order enters its instrument's log behind the last event that is not later than it, as if the
account traded on paper, and the local host folds the paper venue over that log. Several venues,
each with a configuration of its own, are played in one pass.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from research.compare.outcome import Outcome
from research.compare.session import Asked
from research.frames import event_times, joined
from schemas.codec import Codec, Message
from schemas.frames import MarketFrame, cut_market
from schemas.inbox import ExecutionReport
from schemas.records import Clock, DeadLetter, PaperOrder, Status
from streams.cause import Cause
from streams.local_host import LocalHost
from streams.log import LogRecord
from streams.operators.execution.router import paper_order
from streams.operators.paper_venue.latency import Latency
from streams.operators.paper_venue.venue import PaperVenueConfig
from streams.topology import OperatorConfigs, chains

Market = Iterable[MarketFrame | Clock | Status]
_MOST = 20_000
_VENUE = tuple(chain for chain in chains() if chain.name == "paper_venue")


@dataclass(frozen=True, slots=True)
class Observed:
    """The latency that each message had live; ``otherwise`` for one that was never answered."""

    delays: dict[str, int]
    otherwise: Latency

    def draw(self, what: str) -> int:
        found = self.delays.get(what)
        return self.otherwise.draw(what) if found is None else found


@dataclass(slots=True)
class Played:
    """What became of the orders, by client order id; ``refused``: what the venue could not fold."""

    outcomes: dict[str, Outcome]
    refused: list[str] = field(default_factory=list)

    def read(self, _: LogRecord, message: Message) -> None:
        if isinstance(message, ExecutionReport) and message.cl_ord_id in self.outcomes:
            self.outcomes[message.cl_ord_id].take(message)
        elif isinstance(message, DeadLetter):
            self.refused.append(message.error)


class Stage:
    """The paper venue on a local host, once for each of ``venues``."""

    def __init__(
        self,
        configs: OperatorConfigs,
        codec: Codec,
        venues: dict[str, PaperVenueConfig],
        orders: dict[str, Asked],
    ) -> None:
        self._codec, self._sent = codec, 0
        self.played: dict[str, Played] = {}
        self._hosts = []
        for name, venue in venues.items():
            outcomes = {n: Outcome(asked.order.size) for n, asked in orders.items()}
            played = self.played[name] = Played(outcomes)
            own = replace(configs, paper_venue=replace(venue, reports=Latency(0)))
            self._hosts.append(LocalHost(own, codec, [played.read], _VENUE))

    def take(self, message: MarketFrame | Clock | Status | PaperOrder) -> None:
        """The next record of an instrument's log."""
        key = message.key if isinstance(message, Clock) else message.instrument
        value, cause = self._codec.encode(message), Cause("compare", key, self._sent, 0)
        self._sent += 1
        for host in self._hosts:
            host.take("ticks", key, message, cause, value)


def with_orders(
    market: Market, orders: Iterable[Asked], most: int = _MOST
) -> Iterator[MarketFrame | Clock | Status | PaperOrder]:
    """One instrument's log with the orders in it; what was sent after its end stands there.
    Frames between which nothing stands are joined up to so many events: to a fold they are the
    same, and it takes them faster."""
    held, events = list[MarketFrame](), 0
    for record in _in_order(market, orders):
        fits = isinstance(record, MarketFrame) and events + len(record) <= most
        if held and not (fits and _alike(held[-1], record)):
            yield joined(held)
            held, events = [], 0
        if isinstance(record, MarketFrame):
            held.append(record)
            events += len(record)
        else:
            yield record
    if held:
        yield joined(held)


def _alike(one: MarketFrame, other: Any) -> bool:
    return (one.price_scale, one.size_scale) == (other.price_scale, other.size_scale)


def _in_order(
    market: Market, orders: Iterable[Asked]
) -> Iterator[MarketFrame | Clock | Status | PaperOrder]:
    waiting = [paper_order(message) for asked in orders for message in asked.sent]
    waiting.sort(key=lambda order: order.ts_event, reverse=True)
    for record in market:
        if not isinstance(record, MarketFrame):
            while waiting and waiting[-1].ts_event < record.ts_event:
                yield waiting.pop()
            yield record
            continue
        times, start = np.maximum.accumulate(event_times(record)), 0
        while waiting and len(times) and waiting[-1].ts_event < times[-1]:
            stop = int(np.searchsorted(times, waiting[-1].ts_event, side="right"))
            if stop > start:
                yield cut_market(record, start, stop)
                start = stop
            yield waiting.pop()
        yield cut_market(record, start, len(record)) if start else record
    yield from reversed(waiting)
