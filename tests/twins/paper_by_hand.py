"""The obvious paper venue: a book of two dictionaries and a list of orders, in plain Python."""

import math
from dataclasses import dataclass, field, replace
from typing import Any

NEVER = 2**63 - 1
Report = tuple[str, str, int, int, int, int]  # id, kind, last price, last size, leaves, time


@dataclass
class Ask:
    """An order: ``side`` 1 or -1; ``price`` None: at any."""

    name: str
    ts: int
    side: int
    size: int
    price: int | None = None
    tif: str = "GTC"
    stop: int | None = None
    trail: int = 0
    display: int = 0
    expires: int = NEVER
    post_only: bool = False
    reduce_only: bool = False
    account: str = "a"
    state: str = "waiting"
    filled: int = 0
    queue: int = 0  # what stands before it
    level: int = 0
    owed: int = 0  # traded, and still in the book
    gone: int = 0  # out of the book, and not known to be traded
    told: int = 0  # when either came about
    front: int = 0  # what stood before it when that began
    joined: int = -1  # since when it is in the queue; -1: since it arrived
    met: int | None = None  # what the other side showed within its reach; None: it took nothing
    shown: int = 0
    reported: int = 0  # the time of its last report: they do not go back

    @property
    def leaves(self) -> int:
        return self.size - self.filled

    @property
    def can_rest(self) -> bool:
        return self.price is not None and self.tif not in ("IOC", "FOK")

    def reaches(self, price: int) -> bool:
        return self.price is None or self.side * (self.price - price) >= 0


@dataclass
class ByHand:
    latency: int = 0
    model: str = "conservative"
    power: int = 3
    hidden: int = 0  # percent
    stop_by_quote: bool = False
    self_trade: str = "allow"
    bids: dict[int, int] = field(default_factory=dict)
    asks: dict[int, int] = field(default_factory=dict)
    synced: bool = False
    phase: str = "TRADING"
    last: tuple[int, int, int] = (0, 0, 0)  # price, size, time
    orders: list[Ask] = field(default_factory=list)
    requests: list[list[Any]] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=dict)
    now: int = 0
    told: list[Report] = field(default_factory=list)

    # what comes in

    def order(self, order: Ask) -> None:
        self.orders.append(replace(order))
        self.now = order.ts
        self.tell(self.orders[-1], "NEW")

    def request(self, what: str, name: str, ts: int, price: int, size: int, stop: int) -> None:
        for order in self.orders:
            if order.name == name and order.state != "done":
                has_stop = order.stop is not None or order.trail
                if what == "REPLACE" and (
                    (price and order.price is None) or (stop and not has_stop)
                ):
                    self.now = ts
                    self.tell(order, "REPLACE_REJECTED")
                    return
                self.requests.append([what, order, ts + self.latency, price, size, stop])
                return
        self.told.append((name, f"{what}_REJECTED", 0, 0, 0, ts))

    def clock(self, ts: int) -> None:
        self.pass_time(ts)

    def status(self, ts: int, kind: str) -> None:
        if kind == "DISCONNECTED":
            self.synced = False
            return
        self.pass_time(ts)
        if kind == "CLOSED":
            for order in list(self.orders):
                if order.state == "for auction" and order.tif == "CLS":
                    price, size, at = self.last
                    self.cross(order, price, size if at >= order.ts + self.latency else 0)
                elif order.tif == "DAY" and order.state not in ("done", "waiting"):
                    self.end(order, "EXPIRED")
        self.phase = kind

    def book(self, ts: int, bids: dict[int, int], asks: dict[int, int]) -> None:
        self.pass_time(ts)
        self.bids, self.asks, self.synced = bids, asks, True
        if self.phase != "TRADING":
            return
        for order in self.orders:
            far = self.far(order)
            if order.state == "stopped" and self.stop_by_quote and far:
                self.watch(order, far[0][0])
            if order.state == "triggered":
                order.joined = ts
                self.start(order)
            elif order.state == "resting":
                self.move_up(order)
                if order.met is not None:
                    met, order.met = order.met, self.within(order)
                    if order.met > met:
                        self.make(order, min(order.met - met, order.leaves))
                elif self.within(order):
                    self.make(order, order.leaves)

    def trade(self, ts: int, price: int, size: int, side: int) -> None:
        self.pass_time(ts)
        self.last = (price, size, ts)
        if self.phase in ("HALTED", "CLOSED"):
            return
        for order in self.orders:
            if order.state == "for auction" and order.tif == "OPG":
                self.cross(order, price, size)
            elif order.state == "resting" and self.phase == "AUCTION":
                better = order.side * ((order.price or 0) - price) > 0
                if better and min(size, self.most(order)):
                    self.fill(order, price, min(size, self.most(order)))
                    order.shown = min(order.shown, order.leaves)
            elif order.state == "resting" and side != order.side:
                if ts >= (order.ts + self.latency if order.joined < 0 else order.joined):
                    self.meet(order, price, size)
            elif order.state == "stopped" and self.phase == "TRADING" and not self.stop_by_quote:
                self.watch(order, price)

    # what happens

    def pass_time(self, ts: int) -> None:
        while True:
            due = [
                (o.ts + self.latency if o.state == "waiting" else o.expires, 0, n)
                for n, o in enumerate(self.orders)
                if o.state != "done"
            ]
            due += [(request[2], 1, n) for n, request in enumerate(self.requests)]
            when, is_request, n = min(due, default=(NEVER, 0, 0))
            if when > ts or when == NEVER:
                self.now = ts
                return
            self.now = ts
            if is_request:
                self.answer(self.requests.pop(n))
            elif self.orders[n].state == "waiting":
                self.arrive(self.orders[n])
            else:
                self.end(self.orders[n], "EXPIRED")

    def arrive(self, order: Ask) -> None:
        if order.tif in ("OPG", "CLS"):
            over = {"OPG": "TRADING", "CLS": "CLOSED"}[order.tif]
            if self.phase == over or not self.most(order):
                self.end(order, "REJECTED")
            else:
                order.state = "for auction"
        elif order.stop is not None or order.trail:
            order.state = "stopped"
        else:
            self.start(order)

    def start(self, order: Ask) -> None:
        trading = self.phase == "TRADING"
        within = [(p, s) for p, s in self.far(order) if order.reaches(p)]
        refused = not self.synced or (not trading and not order.can_rest) or not self.most(order)
        if refused or (order.post_only and trading and within):
            self.end(order, "REJECTED")
        elif order.tif == "FOK" and (
            sum(s for _, s in within) < order.leaves or self.most(order) < order.leaves
        ):
            self.end(order, "EXPIRED")
        elif trading:
            self.act(order)
        else:
            self.enter(order)

    def act(self, order: Ask) -> None:
        before = order.met or 0
        for price, size in self.far(order):
            if not order.reaches(price) or order.state == "done" or not self.most(order):
                break
            self.keep_apart(order, price)
            fresh, before = max(size - before, 0), max(before - size, 0)
            if order.state != "done" and min(fresh, self.most(order)):
                self.fill(order, price, min(fresh, self.most(order)))
        if order.state != "done" and self.most(order):
            self.keep_apart(order, None)
        if order.state == "done":
            return
        if self.most(order) and order.can_rest:
            if order.met is not None or self.within(order):
                order.met = self.within(order)
            self.enter(order)
        else:
            self.end(order, "EXPIRED")

    def keep_apart(self, order: Ask, price: int | None) -> None:
        for other in self.orders:
            meets = other.state == "resting" and other.account == order.account
            meets = meets and other.side != order.side and order.reaches(other.price or 0)
            if price is not None:
                meets = meets and order.side * (price - (other.price or 0)) >= 0
            if not meets or order.state == "done" or self.self_trade == "allow":
                continue
            if self.self_trade == "cancel_newest":
                self.end(order, "CANCELED")
            elif self.self_trade == "cancel_oldest":
                self.end(other, "CANCELED")
            else:
                size = min(order.leaves, other.leaves)
                for either in (order, other):
                    if either.leaves == size:
                        self.end(either, "CANCELED")
                    else:
                        either.size -= size
                        either.shown = min(either.shown, either.leaves)
                        self.tell(either, "REPLACED")

    def answer(self, request: list[Any]) -> None:
        what, order, _, price, size, stop = request
        size = size or order.size
        if order.state == "done":
            self.tell(order, f"{what}_REJECTED")
        elif what == "CANCEL":
            self.end(order, "CANCELED")
        elif size <= order.filled:
            self.tell(order, "REPLACE_REJECTED")
        else:
            self.change(order, price or order.price, size, stop, request[2])

    def change(self, order: Ask, price: int | None, size: int, stop: int, comes: int) -> None:
        resting, trading = order.state == "resting", self.phase == "TRADING"
        moved = replace(order, price=price)
        if (
            order.post_only
            and resting
            and trading
            and any(moved.reaches(p) for p, _ in self.far(order))
        ):
            self.tell(order, "REPLACE_REJECTED")
            return
        keeps = price == order.price and size <= order.size
        order.price, order.size = price, size
        order.stop = stop or order.stop
        self.tell(order, "REPLACED")
        if resting and keeps:
            order.shown = min(order.shown, order.leaves)
            return
        order.joined = comes
        if resting and trading and self.synced:
            self.act(order)
        elif resting:
            self.enter(order)

    def enter(self, order: Ask) -> None:
        order.state = "resting"
        order.queue = order.level = self.near(order)
        order.owed = order.gone = 0
        order.shown = min(order.display or order.leaves, order.leaves)

    def move_up(self, order: Ask) -> None:
        level = self.near(order)
        if level == order.level:
            return
        traded = min(max(order.level - level, 0), order.owed)
        gone = order.level - level - traded
        order.owed = order.owed - traded if self.now < order.told else 0
        if gone > 0:
            order.front = order.front if order.gone else order.queue
            order.queue = self.without(gone, order.queue, level + gone)
            order.gone, order.told = order.gone + gone, self.now
        order.queue, order.level = min(order.queue, level), level

    def without(self, gone: int, front: int, level: int) -> int:
        """What stands before an order when so much of the level is cancelled."""
        if self.model == "conservative" or not level:
            return front
        back = max(level - front, 0)
        ahead, behind = self.weight(front, level), self.weight(back, level)
        share = behind / (ahead + behind)
        left = front - (1.0 - share) * gone + min(back - share * gone, 0.0)
        return max(math.ceil(left), 0)

    def weight(self, size: int, level: int) -> float:
        if self.model == "log":
            return math.log(1.0 + size)
        return float((size / level) ** self.power)

    def meet(self, order: Ask, price: int, size: int) -> None:
        through = order.side * ((order.price or 0) - price)
        if through > 0:
            self.make(order, order.leaves)
        elif through == 0:
            order.gone = 0 if self.now > order.told else order.gone
            known = min(size, order.gone)
            front = order.front if known else order.queue
            order.queue = order.front = max(front - size, 0)
            order.gone -= known
            if order.gone:
                level = order.level + order.gone
                order.queue = self.without(order.gone, order.front, level)
            if known:
                order.queue = min(order.queue, order.level)
            if size > known:
                order.owed, order.told = order.owed + size - known, max(order.told, self.now)
            if size > front:
                self.make(order, min(size - front, order.shown))

    def make(self, order: Ask, size: int) -> None:
        size = min(size, self.most(order))
        if size:
            order.shown = max(order.shown - size, 0)
            self.fill(order, order.price or 0, size)
        if order.state != "done":
            if not self.most(order):
                self.end(order, "EXPIRED")
            elif not order.shown:
                order.joined = self.now
                self.enter(order)

    def cross(self, order: Ask, price: int, size: int) -> None:
        size = min(size, self.most(order)) if order.reaches(price) else 0
        if size:
            self.fill(order, price, size)
        if order.state != "done":
            self.end(order, "EXPIRED")

    def watch(self, order: Ask, price: int) -> None:
        if order.trail:
            stops = [price + order.side * order.trail]
            stops += [] if order.stop is None else [order.stop]
            order.stop = min(stops) if order.side > 0 else max(stops)
        if order.side * (price - (order.stop or 0)) >= 0:
            order.state = "triggered"
            self.tell(order, "TRIGGERED")

    def fill(self, order: Ask, price: int, size: int) -> None:
        order.filled += size
        self.held[order.account] = self.held.get(order.account, 0) + order.side * size
        if not order.leaves:
            order.state = "done"
        self.tell(order, "TRADE", price, size)

    def end(self, order: Ask, kind: str) -> None:
        order.state = "done"
        self.tell(order, kind)

    # what is known

    def far(self, order: Ask) -> list[tuple[int, int]]:
        side = sorted(self.asks.items()) if order.side > 0 else sorted(self.bids.items())[::-1]
        return [(price, size + size * self.hidden // 100) for price, size in side]

    def within(self, order: Ask) -> int:
        """What the other side shows that the order could trade with."""
        return sum(size for price, size in self.far(order) if order.reaches(price))

    def near(self, order: Ask) -> int:
        return (self.bids if order.side > 0 else self.asks).get(order.price or 0, 0)

    def most(self, order: Ask) -> int:
        if not order.reduce_only:
            return order.leaves
        return min(order.leaves, max(-order.side * self.held.get(order.account, 0), 0))

    def tell(self, order: Ask, kind: str, price: int = 0, size: int = 0) -> None:
        leaves = 0 if order.state == "done" else order.leaves
        order.reported = max(order.reported, self.now)
        self.told.append((order.name, kind, price, size, leaves, order.reported))
