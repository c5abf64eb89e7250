"""Exact queue position: where every order is shown, ours is one more in their queue."""

import random
from dataclasses import replace
from typing import Any

import pytest

from connectors.events import OrderEvent
from schemas.enums import StatusKind
from schemas.frames import ADD, CANCEL, EXECUTE, MODIFY
from schemas.records import Status
from streams.operators.paper_venue.latency import Latency
from streams.operators.paper_venue.venue import PaperVenue, PaperVenueConfig
from tests.twins.paper_market import LIMIT, ORDER, TERMS, XY, brief, frame
from tests.twins.test_order_book_twin import NaiveOrderBook

OURS, ASK = -1, 10_000  # ids of their own in the naive book
CONFIG = PaperVenueConfig(TERMS, Latency(0), queue_model="by_order")


class WithOurs(NaiveOrderBook):
    """Our order is one of the queue; what is executed behind it was ours first."""

    def __init__(self) -> None:
        super().__init__()
        self.fills: list[int] = []

    def apply(self, message: tuple[int, ...]) -> None:
        action, _, order_id, _, size = message
        if action == EXECUTE and self.behind(order_id):
            ours = self.entry(OURS)
            self.fills.append(min(size, ours[1]))
            ours[1] -= self.fills[-1]
            if not ours[1]:
                self.take(OURS)
        super().apply(message)  # type: ignore[arg-type]

    def behind(self, order_id: int) -> bool:
        if OURS not in self.where or self.where.get(order_id) != self.where[OURS]:
            return False
        ids = [entry[0] for entry in self.queues[self.where[OURS]]]
        return ids.index(order_id) > ids.index(OURS)


def random_change(rng: random.Random, naive: NaiveOrderBook, n: int) -> tuple[int, ...]:
    """To orders at two prices, ours and the one behind."""
    live = [i for i in naive.where if i not in (OURS, ASK)]
    if len(live) < 4 or rng.random() < 0.35:
        return ADD, 1, n, rng.choice((99, 99, 98)), rng.randrange(1, 6)
    order_id = rng.choice(live)
    side, price = naive.where[order_id]
    size = naive.entry(order_id)[1]
    action = rng.choice((CANCEL, EXECUTE, EXECUTE, MODIFY))
    if action == MODIFY:
        return action, side, order_id, rng.choice((99, 98)), rng.randrange(1, 8)
    return action, side, order_id, price, rng.randrange(1, size + 1)


def event(ts: int, message: tuple[int, ...]) -> OrderEvent:
    action, side, order_id, price, size = message
    return OrderEvent(XY, ts, ts, ts, action, side, order_id, price, size)


@pytest.mark.parametrize("seed", range(30))
def test_the_order_fills_when_one_behind_it_is_executed(seed: int) -> None:
    rng, naive, venue = random.Random(seed), WithOurs(), PaperVenue(CONFIG)
    found: list[Any] = []
    for ts in range(1, 160):
        if ts == 40:
            venue.apply(_ours(ts))
            naive.enter(OURS, 1, 99, 6)
        message = (ADD, -1, ASK, 105, 1) if ts == 1 else random_change(rng, naive, ts)
        naive.apply(message)
        found += brief(venue.apply(frame(event(ts, message))))
        restored = PaperVenue(CONFIG)
        restored.restore(venue.snapshot())
        venue = restored
    assert [size for kind, _, size, _ in found if kind == "TRADE"] == naive.fills


def _ours(ts: int) -> Any:
    return replace(ORDER, ts_event=ts, price=99, size=6, **LIMIT)


def test_some_of_these_orders_fill_in_parts() -> None:
    venue = PaperVenue(CONFIG)
    adds = [(ADD, -1, 1, 105, 1), (ADD, 1, 2, 99, 3)]
    venue.apply(frame(*(event(n, m) for n, m in enumerate(adds, 1))))
    venue.apply(_ours(3))
    told = [
        brief(venue.apply(frame(event(ts, message))))
        for ts, message in enumerate(
            [
                (ADD, 1, 3, 99, 9),  # we stand before it
                (EXECUTE, 1, 2, 99, 2),  # one ahead: not us
                (EXECUTE, 1, 3, 99, 4),  # one behind: us first
                (CANCEL, 1, 2, 99, 1),
                (EXECUTE, 1, 3, 99, 4),
            ],
            4,
        )
    ]
    assert told == [[], [], [("TRADE", 99, 4, 2)], [], [("TRADE", 99, 2, 0)]]


def test_nothing_fills_while_the_venue_is_halted() -> None:
    venue = PaperVenue(CONFIG)
    adds = [(ADD, -1, 1, 105, 1), (ADD, 1, 2, 99, 3)]
    venue.apply(frame(*(event(n, m) for n, m in enumerate(adds, 1))))
    venue.apply(_ours(3))
    venue.apply(frame(event(4, (ADD, 1, 3, 99, 9))))
    venue.apply(Status("X:Y", 5, 5, StatusKind.HALTED, ""))
    assert venue.apply(frame(event(6, (EXECUTE, 1, 3, 99, 4)))) == []
