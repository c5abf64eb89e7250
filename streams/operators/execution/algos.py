"""Execution algorithms: an approved parent order → child signals, which the gate judges again.

What always holds:

- Whatever fills, rejections and cancellations come, and in whatever order: what is filled and what
  may still be filled of the children together never exceeds the parent's size.
- No child has a worse price than the parent's limit; none is sent before the start, after the end
  or while the market is dark; a parent ends with exactly one report.
- Between two clock records the stage only listens; it acts when time passes. So it does not matter
  how market events were batched, nor in which order market and orders came between two clocks.
  ``[connectors] clock`` is therefore the finest interval there is. Only a cancel acts at once.

Children are named ``parent/number``: the same input gives the same children, and a child that is
sent twice is one order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.enums import ExecType
from schemas.execution import ApprovedOrder, CancelRequest
from schemas.frames import TapeFrame
from schemas.ledger import Decision, Fill, OrderUpdate
from schemas.records import Clock, Status
from streams import canonical
from streams.operator import Output
from streams.operators.execution import market_view, orders, params
from streams.operators.execution.market_view import MarketView
from streams.operators.execution.params import TAKE, Terms
from streams.operators.execution.parent import Child, Parent, resolved
from streams.operators.execution.parents import Parents
from streams.operators.execution.slicing import Action, Algorithm, Place, share, take
from streams.operators.execution.volume_curve import CurveConfig, VolumeCurve


@dataclass(frozen=True, slots=True)
class AlgosConfig:
    """``algorithms`` by the name that an order gives, with their default parameters; ``bar``: the
    kind of bars that tells how much trades."""

    algorithms: Mapping[str, Algorithm]
    bar: str
    terms: Terms = field(default_factory=Terms)
    curve: CurveConfig = field(default_factory=CurveConfig)


class Algos:
    """Operator: ``tape`` → child signals, commands and reports on ``orders``."""

    def __init__(self, config: AlgosConfig) -> None:
        self._config = config
        self._views: dict[str, MarketView] = {}
        self._parents = Parents()

    def apply(self, message: Any) -> list[Output]:
        match message:
            case TapeFrame():
                self._fold(message)
            case Status() if message.instrument in self._views:
                self._views[message.instrument].book.hear(message.kind)
            case ApprovedOrder() if message.algo and not self._parents.knows(message):
                return self._accept(message)
            case CancelRequest():
                one = self._parents.cancelled(message)
                return self._parents.wind_down(one, message.ts_event) if one else []
            case Fill() | OrderUpdate() | Decision():
                self._parents.hear(message)
            case Clock():
                return self._tick(message.key, message.ts_event)
        return []

    def _fold(self, tape: TapeFrame) -> None:
        view = self._view(tape.instrument)
        view.fold(tape, self._config.bar)
        self._views[tape.instrument] = view

    def _view(self, instrument: str) -> MarketView:
        return self._views.get(instrument) or MarketView(VolumeCurve(self._config.curve))

    def _accept(self, order: ApprovedOrder) -> list[Output]:
        try:
            terms = self._terms(order)
            reason = self._plan(order).refuses(Parent(order, terms))
        except ValueError as error:
            reason = str(error)
        if reason:
            return [orders.report(order, ExecType.REJECTED, order.ts_event, 0, reason)]
        return self._parents.add(order, terms)

    def _terms(self, order: ApprovedOrder) -> Terms:
        """Raises ValueError on a parameter that nobody knows, or that makes no sense."""
        plan, terms = self._plan(order), self._config.terms
        known = [*params.names(terms), *params.names(plan)]
        for name in order.params:
            if name not in known:
                raise ValueError(f"{order.algo} has no parameter {name!r}; known: {known}")
        made = params.overlaid(terms, order.params)
        made.check()
        return resolved(made, order)

    def _plan(self, order: ApprovedOrder) -> Algorithm:
        algorithms = self._config.algorithms
        if order.algo not in algorithms:
            raise ValueError(f"no algorithm {order.algo!r}; there are {', '.join(algorithms)}")
        plan = params.overlaid(algorithms[order.algo], order.params)
        plan.check()
        return plan

    def _tick(self, instrument: str, now: int) -> list[Output]:
        view = self._views[instrument] = self._view(instrument)
        view.curve.advance(now)
        return [o for one in self._parents.on(instrument) for o in self._act(one, view, now)]

    def _act(self, one: Parent, view: MarketView, now: int) -> list[Output]:
        if one.done >= one.size or one.stopping:
            return self._parents.wind_down(one, now)
        ready = view.book.firm and now >= one.retry_at
        if now >= one.terms.end:
            return self._at_the_end(one, view, now, ready)
        if not ready or now < one.terms.start:
            return []
        if view.book.scales != (one.order.price_scale, one.order.size_scale):
            one.stopping = f"the market's scales are {view.book.scales}"
            return self._parents.wind_down(one, now)
        if one.volume_before is None:
            one.volume_before = view.volume
        actions = self._plan(one.order).step(one, view, now)
        return [o for action in actions for o in _carry_out(one, action, view, now)]

    def _at_the_end(self, one: Parent, view: MarketView, now: int, ready: bool) -> list[Output]:
        """Takes what is left from the book, once, where the terms say so; then it is over."""
        sweeps = one.terms.remainder == TAKE and not one.swept and ready
        if not one.open and sweeps and one.volume_before is not None:
            one.swept = True
            last = take(one, view, one.size)
            if made := [o for action in last for o in _carry_out(one, action, view, now)]:
                return made
        return self._parents.wind_down(one, now)

    def snapshot(self) -> bytes:
        views = {name: market_view.pack(view) for name, view in self._views.items()}
        return canonical.pack({"views": views, "parents": self._parents.pack()})

    def restore(self, state: bytes) -> None:
        packed = canonical.unpack(state)
        curve = self._config.curve
        self._views = {n: market_view.unpack(curve, v) for n, v in packed["views"].items()}
        self._parents.unpack(packed["parents"])


def _carry_out(one: Parent, action: Action, view: MarketView, now: int) -> list[Output]:
    if not isinstance(action, Place):
        one.open[action.child].cancelling = True
        return [orders.cancel(one, action.child, action.reason, now)]
    size = _clipped(one, action, view)
    if size <= 0 or not one.within_limit(action.price):
        return []
    instrument, scale = one.order.instrument, one.order.size_scale
    name = one.send(Child(instrument, size, action.price, action.passive, scale))
    place = Place(size, action.price, action.passive, action.post_only)
    return [orders.child_signal(one, name, instrument, place, view.book.scales, now)]


def _clipped(one: Parent, place: Place, view: MarketView) -> int:
    """What may be placed of it. A piece below the least slice waits for more, unless no more can
    come."""
    terms, size = one.terms, min(place.size, one.free)
    if terms.max_slice:
        size = min(size, one.units(terms.max_slice))
    if terms.max_participation:
        traded = view.volume - (one.volume_before or 0)
        size = min(size, share(traded, terms.max_participation) - one.done - one.working)
    return size if size >= one.units(terms.min_slice) or size == one.free else 0
