"""Transaction cost analysis: what an order cost beside its benchmarks, once it is done.

A part of the risk gate, not a stage: a stage reads one topic, and only the gate has all of it in
one order, the marks of its inbox and its own approvals, fills and ends of orders, each once. A
stage beside it would have to decide again which report is a duplicate and which order is over.
So the gate tells this fold every mark that it reads and every record that it writes.

Slices count for their parent. An order that traded on several venues gets a record of the whole and
one a venue. Money is exact; basis points are floats, positive where the order cost something.

- slippage: average price against the mid when the order was approved
- VWAP: against that of the market until the order's end, as the marks tell last price and volume
- shortfall: Perold, "The implementation shortfall" (1988): slippage and fees of what was filled,
  and what the rest would have earned: its size times the way of the mid since the approval
- spread capture: how far from the mid each fill was, in half spreads of the mark before it
"""

from dataclasses import dataclass, field, fields
from decimal import Decimal, localcontext
from math import nan
from typing import Any

from schemas.enums import Side
from schemas.execution import ApprovedOrder
from schemas.inbox import Mark
from schemas.ledger import Fill, OrderUpdate, Tca
from streams.operators.execution.parent import ENDED
from streams.operators.risk.money import EXACT, ZERO, ratio, rounded, scaled


@dataclass(slots=True)
class Market:
    """The last mark of an instrument, and sums of volume and of price x volume since the start."""

    bid: Decimal = ZERO
    ask: Decimal = ZERO
    volume: Decimal = ZERO
    traded: Decimal = ZERO

    @property
    def mid(self) -> Decimal:
        return (self.bid + self.ask) / 2


@dataclass(slots=True)
class Part:
    """What of an order traded in one instrument. ``arrival`` mid and sums of the market as they
    were at the arrival; ``capture``: fills in half spreads from the mid, times their size."""

    arrival: Decimal = ZERO
    volume_before: Decimal = ZERO
    traded_before: Decimal = ZERO
    filled: Decimal = ZERO
    paid: Decimal = ZERO
    fees: Decimal = ZERO
    capture: Decimal = ZERO


@dataclass(slots=True)
class Order:
    """An order at work. ``parts`` by instrument."""

    strategy: str
    instrument: str
    side: Side
    ts_arrival: int
    size: Decimal
    parts: dict[str, Part] = field(default_factory=dict)


class CostFold:
    """Of one account: marks, approvals, fills and order updates → ``Tca`` records."""

    def __init__(self) -> None:
        self._markets: dict[str, Market] = {}
        self._orders: dict[str, Order] = {}
        self._parents: dict[str, str] = {}  # child → parent, while the parent works

    def apply(self, message: Any) -> list[Tca]:
        """Anything else than it needs is passed over."""
        with localcontext(EXACT):
            return self.take(message)

    def take(self, message: Any) -> list[Tca]:
        """As ``apply``, where the exact context is set."""
        match message:
            case Mark():
                self._mark(message)
            case ApprovedOrder():
                self._approved(message)
            case Fill():
                self._fill(message)
            case OrderUpdate() if message.after in ENDED and message.signal_id in self._orders:
                return self._ended(message)
        return []

    def _mark(self, mark: Mark) -> None:
        market = self._markets.setdefault(mark.instrument, Market())
        market.bid = scaled(mark.bid, mark.price_scale)
        market.ask = scaled(mark.ask, mark.price_scale)
        volume = scaled(mark.volume, mark.size_scale)
        market.volume += volume
        market.traded += volume * scaled(mark.last, mark.price_scale)

    def _approved(self, order: ApprovedOrder) -> None:
        parent = self._orders.get(order.parent)
        if parent is None:
            size = scaled(order.size, order.size_scale)
            parent = Order(order.strategy, order.instrument, order.side, order.ts_event, size)
            self._orders[order.signal_id] = parent
        else:
            self._parents[order.signal_id] = order.parent
        if order.instrument not in parent.parts:
            parent.parts[order.instrument] = self._part(order.instrument)

    def _part(self, instrument: str) -> Part:
        at = self._markets.get(instrument, Market())
        return Part(at.mid, at.volume, at.traded)

    def _fill(self, fill: Fill) -> None:
        order = self._orders.get(self._parents.get(fill.signal_id, fill.signal_id))
        if order is None or fill.instrument not in order.parts:
            return
        part, market = order.parts[fill.instrument], self._markets.get(fill.instrument, Market())
        size, price = scaled(fill.size, fill.size_scale), scaled(fill.price, fill.price_scale)
        half, sign = (market.ask - market.bid) / 2, 1 if fill.side is Side.BUY else -1
        part.filled += size
        part.paid += size * price
        part.fees += fill.fee
        if half > 0:
            part.capture += size * sign * (market.mid - price) / half

    def _ended(self, update: OrderUpdate) -> list[Tca]:
        order = self._orders.pop(update.signal_id)
        self._parents = {c: p for c, p in self._parents.items() if p != update.signal_id}
        whole = self._record(update, order, order.instrument, order.size, _summed(order))
        traded = {name: part for name, part in order.parts.items() if part.filled}
        if len(traded) == 1 and order.instrument in traded:
            return [whole]
        each = [self._record(update, order, n, traded[n].filled, traded[n]) for n in sorted(traded)]
        return [whole, *each]

    def _record(
        self, update: OrderUpdate, order: Order, instrument: str, size: Decimal, part: Part
    ) -> Tca:
        sign = 1 if order.side is Side.BUY else -1
        avg = ratio(part.paid, part.filled) if part.filled else ZERO
        vwap = self._vwap(order if instrument == order.instrument else None, instrument, part)
        market = self._markets.get(instrument, Market())
        missed = (size - part.filled) * (market.mid - part.arrival)
        shortfall = sign * (part.paid - part.filled * part.arrival + missed) + part.fees
        return Tca(
            account=update.account,
            strategy=order.strategy,
            signal_id=update.signal_id,
            instrument=instrument,
            venue=instrument.partition(":")[0],
            side=order.side,
            ts_event=update.ts_event,
            ts_arrival=order.ts_arrival,
            size=size,
            filled=part.filled,
            avg_price=avg,
            arrival_price=rounded(part.arrival),
            vwap=vwap,
            slippage_bps=_bps(sign * (avg - part.arrival), part.arrival) if avg else 0.0,
            vwap_bps=_bps(sign * (avg - vwap), vwap) if avg else nan,
            shortfall_bps=_bps(shortfall, size * part.arrival),
            spread_capture=float(part.capture / part.filled) if part.filled else 0.0,
            fees=part.fees,
        )

    def _vwap(self, order: Order | None, instrument: str, part: Part) -> Decimal:
        """Of the market since the arrival; of all its markets, for the whole of an order."""
        parts = order.parts if order else {instrument: part}
        volume = traded = ZERO
        for name, one in parts.items():
            market = self._markets.get(name, Market())
            volume += market.volume - one.volume_before
            traded += market.traded - one.traded_before
        return ratio(traded, volume) if volume else ZERO

    def pack(self) -> dict[str, Any]:
        """As canonical.pack takes it."""
        orders = {
            name: {**_values(order), "parts": {n: _values(p) for n, p in order.parts.items()}}
            for name, order in self._orders.items()
        }
        markets = {name: _values(market) for name, market in self._markets.items()}
        return {"markets": markets, "orders": orders, "parents": self._parents}

    def unpack(self, packed: dict[str, Any]) -> None:
        self._markets = {name: Market(**values) for name, values in packed["markets"].items()}
        self._parents = packed["parents"]
        self._orders = {
            name: Order(
                **{
                    **values,
                    "side": Side(values["side"]),
                    "parts": {n: Part(**p) for n, p in values["parts"].items()},
                }
            )
            for name, values in packed["orders"].items()
        }


def _summed(order: Order) -> Part:
    """All parts as one, with the arrival of the order's own instrument."""
    parts, own = order.parts.values(), order.parts[order.instrument]
    if len(parts) == 1:
        return own
    return Part(
        own.arrival,
        own.volume_before,
        own.traded_before,
        sum((p.filled for p in parts), ZERO),
        sum((p.paid for p in parts), ZERO),
        sum((p.fees for p in parts), ZERO),
        sum((p.capture for p in parts), ZERO),
    )


def _bps(cost: Decimal, of: Decimal) -> float:
    return float(cost / of) * 10_000 if of > 0 else nan


def _values(value: Any) -> dict[str, Any]:
    return {f.name: getattr(value, f.name) for f in fields(value)}
