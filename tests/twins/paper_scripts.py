"""Random scripts for the paper venue, and the same script for its twin and for the operator."""

import random
from typing import Any

from hypothesis import strategies as st

from connectors.events import DepthEvent
from schemas.enums import OrderAction, OrdType, Side, StatusKind, TimeInForce
from schemas.inbox import ExecutionReport
from schemas.records import Clock, PaperOrder, Status
from tests.twins.paper_by_hand import Ask, ByHand, Report
from tests.twins.paper_market import XY, frame, trade

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
lags = st.sampled_from([0, 0, 1, 3])  # trades may be told later than the book
trades = st.tuples(st.just("trade"), prices, sizes, st.sampled_from([-1, 0, 1]), lags)
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
            price, side = middle + rng.randrange(-1, 2), rng.choice((-1, 1, 0))
            return kind, price, size, side, rng.choice((0, 0, 1, 3))
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
            case ("trade", price, size, side, lag):
                ts = max(self.now - lag, 0)
                self.messages.append(frame(trade(ts, price, size, side)))
                self.twin.trade(ts, price, size, side)
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
