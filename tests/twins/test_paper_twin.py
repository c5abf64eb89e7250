"""The paper venue against the obvious one, on random sequences; and what must hold for them all."""

import random
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.events import DepthEvent
from schemas.enums import OrderAction, OrdType, Side, StatusKind, TimeInForce
from schemas.frames import MarketFrame
from schemas.inbox import ExecutionReport
from schemas.records import Clock, PaperOrder, Status
from streams.operators.paper_venue.latency import Latency
from streams.operators.paper_venue.venue import PaperVenue, PaperVenueConfig
from tests.twins.paper_by_hand import Ask, ByHand, Report
from tests.twins.paper_market import TERMS, XY, frame, trade

EXAMPLES, SEEDS = 60, 25
KINDS = {
    *("NEW", "TRADE", "REJECTED", "EXPIRED", "CANCELED", "TRIGGERED"),
    *("REPLACED", "CANCEL_REJECTED", "REPLACE_REJECTED"),
}
prices = st.integers(96, 104)
sizes = st.integers(1, 9)
STATES = ("TRADING", "AUCTION", "HALTED", "CLOSED", "DISCONNECTED")


@st.composite
def books(draw: st.DrawFn) -> tuple[Any, ...]:
    """Bids up to a price, asks from it or from the next."""
    middle, locked = draw(prices), draw(st.booleans())
    bids = draw(st.dictionaries(st.integers(middle - 3, middle), sizes, max_size=3))
    asks = draw(st.dictionaries(st.integers(middle + 1 - locked, middle + 3), sizes, max_size=3))
    return "book", bids, asks


@st.composite
def orders(draw: st.DrawFn) -> tuple[Any, ...]:
    """Any order that the venue does not reject at once."""
    kind = draw(st.sampled_from(["MARKET", "LIMIT", "LIMIT", "STOP", "STOP_LIMIT", "TRAILING"]))
    limit, stops = kind in ("LIMIT", "STOP_LIMIT"), kind in ("STOP", "STOP_LIMIT", "TRAILING")
    tifs = ["GTC", "GTC", "IOC", "FOK", "DAY", "GTD"] + ([] if stops else ["OPG", "CLS"])
    tif, size = draw(st.sampled_from(tifs)), draw(sizes)
    rests = limit and tif not in ("IOC", "FOK", "OPG", "CLS")
    has_stop = kind in ("STOP", "STOP_LIMIT") or (kind == "TRAILING" and draw(st.booleans()))
    return "order", {
        "side": draw(st.sampled_from([1, -1])),
        "size": size,
        "price": draw(prices) if limit else None,
        "tif": tif,
        "stop": draw(prices) if has_stop else None,
        "trail": draw(st.integers(1, 3)) if kind == "TRAILING" else 0,
        "display": draw(st.integers(0, size)) if limit else 0,
        "expires": draw(st.integers(1, 60)) if tif == "GTD" else 0,
        "post_only": rests and draw(st.booleans()),
        "reduce_only": draw(st.sampled_from([False, False, True])),
        "account": draw(st.sampled_from("ab")),
    }


requests = st.tuples(
    st.just("request"),
    st.sampled_from(["CANCEL", "REPLACE"]),
    st.integers(0, 12),
    st.one_of(st.just(0), prices),
    st.one_of(st.just(0), sizes),
    st.one_of(st.just(0), prices),
)
trades = st.tuples(st.just("trade"), prices, sizes, st.sampled_from([-1, 0, 1]))
statuses = st.tuples(st.just("status"), st.sampled_from(STATES))
steps = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.one_of(
            books(), trades, trades, orders(), orders(), requests, statuses, st.just(("tick",))
        ),
    ),
    min_size=4,
    max_size=60,
)


def long_script(seed: int, steps: int) -> list[tuple[int, tuple[Any, ...]]]:
    """Many steps from a seed: a market that trades most of the time, and orders near it."""
    rng = random.Random(seed)
    script, placed, middle = [], 0, 100
    for _ in range(steps):
        middle = min(max(middle + rng.choice((-1, 0, 0, 1)), 96), 104)
        kind = rng.choices(("book", "trade", "order", "request", "status", "tick"), WEIGHTS)[0]
        placed += kind == "order"
        script.append((rng.randrange(3), random_step(rng, kind, middle, placed)))
    return script


WEIGHTS = (30, 30, 18, 15, 2, 3)


def random_step(rng: random.Random, kind: str, middle: int, placed: int) -> tuple[Any, ...]:
    price, size = middle + rng.randrange(-3, 4), rng.randrange(1, 10)
    match kind:
        case "book":
            low, high = middle - 1, middle + rng.randrange(2)
            bids = {low - n: rng.randrange(1, 10) for n in range(4) if rng.random() < 0.8}
            return kind, bids, {high + n: rng.randrange(1, 10) for n in range(4)}
        case "trade":
            return kind, middle + rng.randrange(-1, 2), size, rng.choice((-1, 1, 0))
        case "order":
            return kind, random_order(rng, price, size)
        case "request":
            what = rng.choice(("CANCEL", "REPLACE", "REPLACE"))
            change = (rng.choice((0, price)), rng.choice((0, 0, size)), rng.choice((0, 0, price)))
            return kind, what, max(placed - rng.randrange(6), 1), *change
        case "status":
            return kind, rng.choice(("TRADING", *STATES))
    return (kind,)


def random_order(rng: random.Random, price: int, size: int) -> dict[str, Any]:
    kind = rng.choice(("MARKET", "LIMIT", "LIMIT", "LIMIT", "STOP", "STOP_LIMIT", "TRAILING"))
    limit, stops = kind in ("LIMIT", "STOP_LIMIT"), kind in ("STOP", "STOP_LIMIT")
    tifs = ["GTC"] * 4 + ["IOC", "FOK", "DAY", "GTD"]
    tifs += ["OPG", "CLS"] if kind in ("MARKET", "LIMIT") else []
    tif = rng.choice(tifs)
    return {
        "side": rng.choice((1, -1)),
        "size": size,
        "price": price if limit else None,
        "tif": tif,
        "stop": price + rng.randrange(-1, 2) if stops else None,
        "trail": rng.randrange(1, 3) if kind == "TRAILING" else 0,
        "display": rng.choice((0, 1, 2)) if limit and size > 1 else 0,
        "expires": rng.randrange(1, 60) if tif == "GTD" else 0,
        "post_only": limit and tif in ("GTC", "DAY", "GTD") and rng.random() < 0.2,
        "reduce_only": rng.random() < 0.2,
        "account": rng.choice("ab"),
    }


class Both:
    """The same steps for the twin, and as messages for the operator."""

    def __init__(self, twin: ByHand) -> None:
        self.twin, self.messages, self.now, self.seq = twin, [], 1, 0
        self.shown: list[dict[int, int]] = [{}, {}]
        self.placed = 0
        self.step(("book", {99: 5}, {101: 5}))

    def step(self, step: tuple[Any, ...]) -> None:
        match step:
            case ("book", bids, asks):
                self.messages.append(frame(self._depth(bids, asks)))
                self.twin.book(self.now, dict(bids), dict(asks))
            case ("trade", price, size, side):
                self.messages.append(frame(trade(self.now, price, size, side)))
                self.twin.trade(self.now, price, size, side)
            case ("status", kind):
                self.messages.append(Status("X:Y", self.now, self.now, StatusKind(kind), ""))
                self.twin.status(self.now, kind)
            case ("tick",):
                self.messages.append(Clock("X:Y", self.now))
                self.twin.clock(self.now)
            case ("order", fields):
                self.placed += 1
                arrives = self.now + self.twin.latency
                ends = arrives + fields["expires"] if fields["expires"] else 2**63 - 1
                if fields["tif"] == "DAY":
                    ends = 86_400 * 10**9
                ask = Ask(f"o{self.placed}", self.now, **{**fields, "expires": ends})
                self.messages.append(paper_order(ask))
                self.twin.order(ask)
            case ("request", what, n, price, size, stop):
                self.messages.append(paper_request(what, f"o{n}", self.now, price, size, stop))
                self.twin.request(what, f"o{n}", self.now, price, size, stop)

    def _depth(self, bids: dict[int, int], asks: dict[int, int]) -> DepthEvent:
        """A snapshot after trouble, else the difference to what was shown before."""
        self.seq += 1
        levels = [
            [*now.items(), *((p, 0) for p in was if p not in now)]
            if self.twin.synced
            else [*now.items()]
            for was, now in zip(self.shown, (bids, asks), strict=True)
        ]
        self.shown = [dict(bids), dict(asks)]
        levels = [sorted(levels[0], reverse=True), sorted(levels[1])]
        snapshot = not self.twin.synced
        ts, seq = self.now, self.seq
        return DepthEvent(XY, ts, ts, seq, 0 if snapshot else seq - 1, snapshot, *levels)


def paper_order(ask: Ask) -> PaperOrder:
    kinds = {(False, False): "MARKET", (True, False): "LIMIT", (False, True): "STOP"}
    kind = kinds.get((ask.price is not None, ask.stop is not None), "STOP_LIMIT")
    return PaperOrder(
        "X:Y",
        ask.account,
        ask.name,
        ask.ts,
        OrderAction.NEW,
        Side.BUY if ask.side > 0 else Side.SELL,
        OrdType.TRAILING_STOP if ask.trail else OrdType(kind),
        TimeInForce(ask.tif),
        ask.price or 0,
        ask.size,
        0,
        0,
        ask.stop or 0,
        ask.trail,
        ask.display,
        ask.expires if ask.tif == "GTD" else 0,
        ask.post_only,
        ask.reduce_only,
    )


def paper_request(what: str, name: str, ts: int, price: int, size: int, stop: int) -> PaperOrder:
    side, kind, tif = Side.BUY, OrdType.MARKET, TimeInForce.GTC
    action = OrderAction(what)
    return PaperOrder(
        "X:Y", "a", name, ts, action, side, kind, tif, price, size, 0, 0, stop_price=stop
    )


def told(outputs: list[Any]) -> list[Report]:
    reports: list[ExecutionReport] = [o.message for o in outputs]
    return [
        (r.cl_ord_id, str(r.exec_type), r.last_price, r.last_size, r.leaves_size, r.ts_event)
        for r in reports
    ]


def both(twin: ByHand, script: list[tuple[int, tuple[Any, ...]]]) -> Both:
    pair = Both(twin)
    for wait, step in script:
        pair.now += wait
        pair.step(step)
    return pair


def fold(config: PaperVenueConfig, messages: list[Any]) -> list[Report]:
    venue = PaperVenue(config)
    return [report for message in messages for report in told(venue.apply(message))]


TWINS = (
    {},
    {"latency": 5, "self_trade": "cancel_newest"},
    {"latency": 3, "self_trade": "cancel_oldest", "model": "power"},
    {"latency": 1, "self_trade": "decrement", "model": "log", "stop_by_quote": True},
    {"hidden": 50, "stop_by_quote": True, "model": "power", "power": 1},
)


def config_of(latency: int = 0, model: str = "conservative", **rest: Any) -> PaperVenueConfig:
    by_quote = rest.pop("stop_by_quote", False)
    return PaperVenueConfig(
        TERMS,
        Latency(latency),
        queue_model=model,
        stop_trigger="quote" if by_quote else "trade",
        power=rest.get("power", 3),
        hidden=Decimal(rest.get("hidden", 0)) / 100,
        self_trade=rest.get("self_trade", "allow"),
    )


@pytest.mark.parametrize("choice", TWINS, ids=lambda c: "-".join(map(str, c.values())) or "plain")
@given(script=steps)
@settings(max_examples=EXAMPLES)
def test_the_venue_does_what_the_obvious_one_does(choice: dict[str, Any], script: Any) -> None:
    pair = both(ByHand(**choice), script)
    assert fold(config_of(**choice), pair.messages) == pair.twin.told
    check_invariants(pair.twin)


@pytest.mark.parametrize("choice", TWINS, ids=lambda c: "-".join(map(str, c.values())) or "plain")
def test_so_it_does_over_long_sequences_in_which_everything_happens(choice: dict[str, Any]) -> None:
    seen: set[str] = set()
    for seed in range(SEEDS):
        pair = both(ByHand(**choice), long_script(seed, 400))
        assert fold(config_of(**choice), pair.messages) == pair.twin.told, seed
        check_invariants(pair.twin)
        seen.update(kind for _, kind, *_ in pair.twin.told)
    assert seen == KINDS


def check_invariants(twin: ByHand) -> None:
    """No order fills more than it asks or ends twice, and nothing but refusals follows an end."""
    for order in twin.orders:
        kinds = [kind for name, kind, *_ in twin.told if name == order.name]
        ends = [k for k in kinds if k in ("REJECTED", "EXPIRED", "CANCELED")]
        assert 0 <= order.filled <= order.size or ends
        assert len(ends) + (order.filled == order.size and not ends) <= 1
        if ends:
            after = kinds[kinds.index(ends[0]) + 1 :]
            assert all(kind.endswith("_REJECTED") for kind in after)


@given(script=steps)
@settings(max_examples=EXAMPLES)
def test_frames_may_be_joined_and_the_venue_restored_anywhere(script: Any) -> None:
    """Books and trades that follow each other are one frame, and each record meets a venue that
    was just restored."""
    messages = both(ByHand(latency=3), script).messages
    config = config_of(latency=3, self_trade="decrement", model="power")
    joined, found = [], []
    for message in messages:
        if joined and isinstance(message, MarketFrame) and isinstance(joined[-1], list):
            joined[-1].append(message)
        else:
            joined.append([message] if isinstance(message, MarketFrame) else message)
    venue = PaperVenue(config)
    for item in joined:
        again = PaperVenue(config)
        again.restore(venue.snapshot())
        assert again.snapshot() == venue.snapshot()
        venue = again
        found += told(venue.apply(one_frame(item) if isinstance(item, list) else item))
    assert found == fold(config, messages)


def one_frame(frames: list[MarketFrame]) -> MarketFrame:
    """Frames of one event each as one."""
    first = frames[0]
    sections = [
        type(getattr(first, name))(
            *(np.concatenate(c) for c in zip(*(getattr(f, name) for f in frames), strict=True))
        )
        for name in ("trades", "quotes", "depth")
    ]
    kinds = np.concatenate([f.kinds for f in frames])
    return MarketFrame("X:Y", 0, 0, kinds, *sections)
