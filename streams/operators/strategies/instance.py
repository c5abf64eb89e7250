"""One configured strategy at work: its places by instrument, and what it says of each vector."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from schemas.enums import OrdStatus, Side, StatusKind
from schemas.frames import TapeFrame
from schemas.ledger import Decision, Fill, OrderUpdate
from schemas.records import Clock, Disclosure, Status
from streams.operators.strategies.between import Between
from streams.operators.strategies.config import StrategyConfig
from streams.operators.strategies.disclosed import Followed, due, packed
from streams.operators.strategies.emit import Record, cancel_all, records
from streams.operators.strategies.kind import TRADES
from streams.operators.strategies.moment import Moment
from streams.operators.strategies.place import Place
from streams.operators.strategies.ring import Ring
from streams.operators.strategies.sizing.meter import Meter
from streams.operators.strategies.view import BACK, TOLD, TOP, TRADE, VECTOR, Print, View

_ENDED = (OrdStatus.FILLED, OrdStatus.CANCELED, OrdStatus.REJECTED, OrdStatus.EXPIRED)
_FILLED, _GONE, _KNOWN, _FOLLOWED = "filled", "gone", "known", "followed"
_NEW = "NEW"  # a decision of the gate on an order, not on a command
# what stops the quotes that stand
BLIND = (
    *(StatusKind.GAP, StatusKind.DISCONNECTED, StatusKind.STALE),
    *(StatusKind.AUCTION, StatusKind.HALTED, StatusKind.CLOSED),
)
# what blocks the market or the feed until the other word comes; a lost book needs none of it, as no
# vector has two sides before it is back
_BLOCKS = {
    **dict.fromkeys((StatusKind.STALE, StatusKind.CONNECTED, StatusKind.RESYNCED), "feed"),
    **dict.fromkeys((StatusKind.AUCTION, StatusKind.HALTED, StatusKind.CLOSED), "market"),
    StatusKind.TRADING: "market",
}
_FREE = (StatusKind.CONNECTED, StatusKind.RESYNCED, StatusKind.TRADING)


@dataclass(frozen=True, slots=True)
class Fault:
    """A strategy failed, and was switched off in an instrument."""

    strategy: str
    instrument: str
    error: str


class Instance:
    """What became of its orders counts from the next clock record on: so it does not matter how
    market events were batched, nor in which order market and orders came between two clocks."""

    def __init__(self, config: StrategyConfig) -> None:
        self.config = config
        self._places: dict[str, Place] = {}
        self._trades: dict[str, bool] = {}
        self._sure = [n for n in config.columns if n not in config.kind.may_lack]
        self._asked = [Instance(one) for one in config.asked]
        self.watches = config.kind.watches(config.params)

    def trades(self, instrument: str) -> bool:
        known = self._trades.get(instrument)
        if known is None:
            known = self._trades[instrument] = self.config.trades(instrument)
        return known

    def step(self, at: Moment, prices: tuple[float, float]) -> list[Record | Fault]:
        """Takes a vector whose book has two sides; ``prices``: bid and ask."""
        faults = self._ask(at, prices)
        return [*faults, *self._say(at, prices)]

    def _ask(self, at: Moment, prices: tuple[float, float]) -> list[Fault]:
        """Lets those that it asks think; what they would say stays here."""
        said = [r for one in self._asked if one.trades(at.instrument) for r in one.step(at, prices)]
        inside = f"{self.config.name}.of."
        return [replace(r, strategy=inside + r.strategy) for r in said if isinstance(r, Fault)]

    def _others(self, instrument: str) -> dict[str, float]:
        """What those that it asks want there; none of one that failed, or is not for it."""
        places = {one.config.name: one._places.get(instrument) for one in self._asked}
        return {n: place.direction for n, place in places.items() if place and not place.fault}

    def _say(self, at: Moment, prices: tuple[float, float]) -> Sequence[Record | Fault]:
        place = self._place(at.instrument)
        place.meter.see(at.ts, (prices[0] + prices[1]) / 2)
        lacks = any(math.isnan(at.features[self.config.columns[name]]) for name in self._sure)
        if place.between:
            at = place.between.vector(at)
            place.between.features = None if lacks else at.features
        if place.fault or lacks:
            return []
        place.ring.add([sum(prices) / 2, *(at.features[c] for c in self.config.columns.values())])
        told = due(place.disclosed, at.ts)
        place.disclosed = [told for told in place.disclosed if told["ts_event"] > at.ts]
        return self._call(place, at, prices, told)

    def _call(
        self,
        place: Place,
        at: Moment,
        prices: tuple[float, float],
        told: list[Disclosure],
        event: str = VECTOR,
        trade: Print | None = None,
    ) -> Sequence[Record | Fault]:
        config, others = self.config, self._others(at.instrument)
        values = {name: at.features[column] for name, column in config.columns.items()}
        view = View(
            *(at.instrument, at.ts, *prices, values, place, config.kind, at.scales),
            *(told, others, event, trade),
        )
        try:
            said = list(config.kind.run(config.params, view) or ())
            return [r for wish in said for r in records(config, place, at, wish)]
        except Exception as error:  # noqa: BLE001  # a user's code may raise anything
            place.fault = f"{type(error).__name__}: {error}{where(error, config)}"
            return [Fault(config.name, at.instrument, place.fault)]

    def see_top(self, tape: TapeFrame, row: int) -> list[Record | Fault]:
        """Takes the next row of the book."""
        place = self._place(tape.instrument)
        if place.between:
            place.between.take(tape, row)
        return self._between(place, tape.instrument, TOP)

    def see_trade(self, tape: TapeFrame, row: int) -> list[Record | Fault]:
        """Takes the next trade; one that does not watch them knows nothing of it."""
        if TRADES not in self.watches:
            return []
        place, prints = self._place(tape.instrument), tape.prints
        if place.between:
            place.between.now = max(place.between.now, int(prints.ts_event[row]))
        price, size = int(prints.price[row]), int(prints.size[row])
        trade = Print(
            price / 10.0**tape.price_scale, size / 10.0**tape.size_scale, int(prints.side[row])
        )
        return self._between(place, tape.instrument, TRADE, trade)

    def _between(
        self, place: Place, instrument: str, event: str, trade: Print | None = None
    ) -> list[Record | Fault]:
        """Not before the first vector, nor while nobody can trade at what is shown."""
        between, said = place.between, list[Record | Fault]()
        if not between or between.features is None or not between.book.firm:
            return []
        at = between.moment(instrument)
        unit = 10.0**at.price_scale
        prices = at.bid / unit, at.ask / unit
        events = ([BACK] if between.lost else []) + ([event] if event != TOP else [])
        between.lost = False
        for each in events or [TOP]:
            if not place.fault:
                its = trade if each == TRADE else None
                said += self._call(place, at, prices, [], each, its)
        return said

    def hear(self, fact: Fill | OrderUpdate | Decision) -> None:
        """What became of an order; it waits for the clock."""
        if isinstance(fact, Fill) and fact.account in self.config.follows:
            price = fact.price / 10.0**fact.price_scale
            told = [_FOLLOWED, fact.account, _units(fact), price, fact.ts_event]
            self._place(fact.instrument).heard.append(told)
        if self.config.hears and fact.strategy == self.config.name:
            note(self._place(fact.instrument), fact)

    def tick(self, clock: Clock) -> list[Record | Fault]:
        """What was told of its orders counts now; one that looks between vectors is called."""
        place = self._places.get(clock.key)
        if not place:
            return []
        told = bool(place.heard)
        settle(place, clock.key, clock.ts_event)
        if not (told and place.between):
            return []
        place.between.now = max(place.between.now, clock.ts_event)
        return self._between(place, clock.key, TOLD)

    def learn(self, told: Disclosure) -> None:
        """It is shown with the first vector of that time or later."""
        config = self.config
        wanted = config.kind.follows and (not config.follows or told.who in config.follows)
        if wanted and self.trades(told.instrument):
            self._place(told.instrument).disclosed.append(packed(told))

    def trouble(self, status: Status) -> list[Record]:
        """Nothing stands in a book that nobody sees, or in which nobody trades."""
        if not self.trades(status.instrument):
            return []
        place = self._place(status.instrument)
        where = _BLOCKS.get(status.kind)
        if where and status.kind in _FREE:
            place.blocks.pop(where, None)
        elif where:
            place.blocks[where] = str(status.kind)
        if place.between:
            place.between.hear(status.kind, status.kind in BLIND)
        if not place.quotes or status.kind not in BLIND:
            return []
        reason = f"{status.kind}: {status.detail}".removesuffix(": ")
        return [cancel_all(self.config, place, status.instrument, status.ts_event, reason)]

    def _place(self, instrument: str) -> Place:
        found = self._places.get(instrument)
        if found is None:
            found = self._places[instrument] = self._empty()
        return found

    def _empty(self) -> Place:
        config = self.config
        ring = Ring(config.kind.history(config.params), 1 + len(config.columns))
        meter = Meter(config.sizing.half_life_ns)
        between = Between() if self.watches else None
        return Place(config.kind.state(), ring, meter, between=between)

    def pack(self) -> dict[str, Any]:
        places = {name: place.pack() for name, place in self._places.items()}
        packed = {"version": self.config.kind.version, "places": places}
        if self._asked:
            packed["asked"] = {one.config.name: one.pack() for one in self._asked}
        return packed

    def unpack(self, packed: dict[str, Any]) -> None:
        same = packed["version"] == self.config.kind.version
        for name, values in packed["places"].items():
            self._place(name).unpack(values, fault_stands=same)
        for one in self._asked:
            if one.config.name in packed.get("asked", {}):
                one.unpack(packed["asked"][one.config.name])


def note(place: Place, fact: Fill | OrderUpdate | Decision) -> None:
    """Keeps what became of an order until the clock."""
    match fact:
        case Fill():
            price = fact.price / 10.0**fact.price_scale
            place.heard.append([_FILLED, fact.signal_id, _units(fact), price, _fee(fact, price)])
        case Decision() if fact.request == _NEW:
            place.heard.append([_KNOWN if fact.approved else _GONE, fact.signal_id])
        case OrderUpdate() if fact.after in _ENDED:
            place.heard.append([_GONE, fact.signal_id])


def settle(place: Place, instrument: str, now: int) -> None:
    """The clock: what was kept counts from here on."""
    for what, name, *of in place.heard:
        if what == _FOLLOWED:
            before = place.others.get(name, Decimal(0))
            place.others[name] = before + of[0]
            fill = Followed(name, before, *of)
            place.disclosed.append(packed(fill.disclosed(instrument, now)))
        elif what == _FILLED:
            units, price, fee = of
            place.position += units
            place.meter.trade(float(units), price, fee, float(place.position))
            if name in place.working:
                place.working[name] -= units
        else:
            _update_quotes(place, what, name)
    place.heard = []


def _units(fill: Fill) -> Decimal:
    signed = fill.size if fill.side is Side.BUY else -fill.size
    return Decimal(signed).scaleb(-fill.size_scale)


def _fee(fill: Fill, price: float) -> float:
    """In the quote currency, which a symbol ends with; nothing of a third currency's, of which no
    rate is told here."""
    symbol, currency = fill.instrument.partition(":")[2], fill.fee_currency
    if not currency or symbol.endswith(currency):
        return float(fill.fee)
    return float(fill.fee) * price if symbol.startswith(currency) else 0.0


def _update_quotes(place: Place, what: str, signal_id: str) -> None:
    if what == _GONE:
        place.working.pop(signal_id, None)
    for name, stands in list(place.quotes.items()):
        if stands[0] == signal_id and what == _GONE:
            del place.quotes[name]
        elif stands[0] == signal_id:
            stands[3] = True


def where(error: Exception, config: StrategyConfig) -> str:
    """The last line of the strategy's own file, where it failed."""
    file = getattr(config.kind.run, "__code__", None)
    line, trace = 0, error.__traceback__
    while trace and file:
        if trace.tb_frame.f_code.co_filename == file.co_filename:
            line = trace.tb_lineno
        trace = trace.tb_next
    name = file.co_filename.rpartition("/")[2] if file else ""
    return f" ({name}:{line})" if line else ""
