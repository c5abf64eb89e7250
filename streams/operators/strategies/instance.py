"""One configured strategy at work: its places by instrument, and what it says of each vector."""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from schemas.enums import OrdStatus, Side, StatusKind
from schemas.ledger import Decision, Fill, OrderUpdate
from schemas.records import Clock, Status
from streams.operators.strategies.config import StrategyConfig
from streams.operators.strategies.emit import Moment, Record, cancel_all, records
from streams.operators.strategies.place import Place
from streams.operators.strategies.ring import Ring
from streams.operators.strategies.sizing.meter import Meter
from streams.operators.strategies.view import View

_ENDED = (OrdStatus.FILLED, OrdStatus.CANCELED, OrdStatus.REJECTED, OrdStatus.EXPIRED)
_FILLED, _GONE, _KNOWN = "filled", "gone", "known"
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

    def trades(self, instrument: str) -> bool:
        known = self._trades.get(instrument)
        if known is None:
            known = self._trades[instrument] = self.config.trades(instrument)
        return known

    def step(self, at: Moment, prices: tuple[float, float]) -> list[Record] | Fault:
        """Takes a vector whose book has two sides; ``prices``: bid and ask."""
        place = self._place(at.instrument)
        place.meter.see(at.ts, (prices[0] + prices[1]) / 2)
        config = self.config
        values = {name: at.features[column] for name, column in config.columns.items()}
        if place.fault or any(math.isnan(values[name]) for name in self._sure):
            return []
        view = View(at.instrument, at.ts, *prices, values, place, config.kind.hears, at.scales)
        place.ring.add([view.mid, *values.values()])
        try:
            said = list(config.kind.run(config.params, view) or ())
            return [r for wish in said for r in records(config, place, at, wish)]
        except Exception as error:  # noqa: BLE001  # a user's code may raise anything
            place.fault = f"{type(error).__name__}: {error}{_where(error, config)}"
            return Fault(config.name, at.instrument, place.fault)

    def hear(self, fact: Fill | OrderUpdate | Decision) -> None:
        """What became of an order; it waits for the clock."""
        if not self.config.kind.hears or fact.strategy != self.config.name:
            return
        heard = self._place(fact.instrument).heard
        match fact:
            case Fill():
                signed = fact.size if fact.side is Side.BUY else -fact.size
                units = Decimal(signed).scaleb(-fact.size_scale)
                heard.append([_FILLED, fact.signal_id, units])
            case Decision() if fact.request == _NEW:
                heard.append([_KNOWN if fact.approved else _GONE, fact.signal_id])
            case OrderUpdate() if fact.after in _ENDED:
                heard.append([_GONE, fact.signal_id])

    def tick(self, clock: Clock) -> None:
        place = self._places.get(clock.key)
        if not place:
            return
        for what, signal_id, *units in place.heard:
            if what == _FILLED:
                place.position += units[0]
                if signal_id in place.working:
                    place.working[signal_id] -= units[0]
            else:
                _update_quotes(place, what, signal_id)
        place.heard = []

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
        return Place(
            config.kind.state(), ring, Meter(config.sizing.half_life_ns, config.sizing.cost)
        )

    def pack(self) -> dict[str, Any]:
        places = {name: place.pack() for name, place in self._places.items()}
        return {"version": self.config.kind.version, "places": places}

    def unpack(self, packed: dict[str, Any]) -> None:
        same = packed["version"] == self.config.kind.version
        for name, values in packed["places"].items():
            self._place(name).unpack(values, fault_stands=same)


def _update_quotes(place: Place, what: str, signal_id: str) -> None:
    if what == _GONE:
        place.working.pop(signal_id, None)
    for name, stands in list(place.quotes.items()):
        if stands[0] == signal_id and what == _GONE:
            del place.quotes[name]
        elif stands[0] == signal_id:
            stands[3] = True


def _where(error: Exception, config: StrategyConfig) -> str:
    """The last line of the strategy's own file, where it failed."""
    file = getattr(config.kind.run, "__code__", None)
    line, trace = 0, error.__traceback__
    while trace and file:
        if trace.tb_frame.f_code.co_filename == file.co_filename:
            line = trace.tb_lineno
        trace = trace.tb_next
    name = file.co_filename.rpartition("/")[2] if file else ""
    return f" ({name}:{line})" if line else ""
