"""A live session beside its replays: each order's outcome in both, why they differ, and the paper
venue that comes nearest.

Two passes over the recorded market. The first plays the configured venue, and with the live latency
every queue model; the second plays the venue that was fitted, to say how much nearer it comes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import fmean, median

from research.compare import fit as fitting
from research.compare.causes import Explained, Parts, Replayed, explain
from research.compare.fit import Fit
from research.compare.money import Valuer, scheduled_fees
from research.compare.outcome import Outcome, apart
from research.compare.play import Market, Observed, Played, Stage, with_orders
from research.compare.session import Asked, LiveSession
from research.compare.witness import Witness, watch
from schemas.codec import Codec
from streams.operators.paper_venue.latency import Delay, Latency
from streams.operators.paper_venue.terms import terms_of
from streams.operators.paper_venue.venue import PaperVenueConfig
from streams.operators.risk.instruments import Reference
from streams.operators.risk.lifecycle import ENDED
from streams.operators.risk.money import ZERO, plain
from streams.topology import OperatorConfigs

CONFIGURED, FITTED = "configured", "fitted"
MarketOf = Callable[[str], Market]


@dataclass(frozen=True, slots=True)
class Compared:
    """An order: live, on the configured paper venue, on the fitted one, and why they differ.
    ``paper_delay_ns``: the latency that the configured venue drew for it."""

    asked: Asked
    live: Replayed
    paper: Replayed
    fitted: Replayed
    explained: Explained
    paper_delay_ns: int

    @property
    def live_delay_ns(self) -> int | None:
        return self.asked.delays().get(f"{self.asked.order.cl_ord_id}>0")


@dataclass(frozen=True, slots=True)
class Closeness:
    """How near a replay comes to the session: ``seconds`` by which a unit's fill differs, mean
    over all orders; ``same``: orders of which as much was filled; P&L less the live one's."""

    seconds: float
    same: int
    pnl_off: Decimal


@dataclass(frozen=True, slots=True)
class Comparison:
    orders: list[Compared]
    causes: Parts
    fit: Fit
    before: Closeness
    after: Closeness
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Comparer:
    """``market_of`` gives what was recorded of an instrument, as often as it is asked."""

    session: LiveSession
    market_of: MarketOf
    configs: OperatorConfigs
    codec: Codec
    reference: Reference

    def compare(self) -> Comparison:
        """Raises UnknownMark for fills of an instrument that has no mark."""
        config = self.configs.paper_venue
        delayed = replace(config, entry=self._observed())
        models = fitting.queue_models(delayed)
        witnesses = {name: watch(self._of(name)) for name in self.session.instruments}
        played = self._play({CONFIGURED: config, **models}, witnesses)
        until = {n: self._until(a, witnesses) for n, a in self.session.orders.items()}
        by_model = {name: played[name].outcomes for name in models}
        fit = fitting.fit(list(self.session.orders.values()), by_model, models, until)
        last = self._play({FITTED: fit.applied(config)}, {})[FITTED]
        replays = {n: p.outcomes for n, p in played.items()} | {FITTED: last.outcomes}
        fitted = fitting.label(fit.applied(config))
        names = sorted(models, key=lambda name: name != fitted)
        orders = self._orders(replays, witnesses, until, names)
        return Comparison(
            orders,
            sum((found.explained.pnl for found in orders), Parts()),
            fit,
            _closeness(orders, [c.paper for c in orders], until),
            _closeness(orders, [c.fitted for c in orders], until),
            self._notes(played[CONFIGURED], witnesses),
        )

    def _of(self, instrument: str) -> list[Asked]:
        return [a for a in self.session.orders.values() if a.order.instrument == instrument]

    def _observed(self) -> Delay:
        """The latency of each message as it was; a message without an answer had the median."""
        delays: dict[str, int] = {}
        for asked in self.session.orders.values():
            delays |= {name: max(delay, 0) for name, delay in asked.delays().items()}
        if not delays:
            return self.configs.paper_venue.entry
        return Observed(delays, Latency(int(median(delays.values()))))

    def _play(
        self, venues: dict[str, PaperVenueConfig], witnesses: dict[str, Witness]
    ) -> dict[str, Played]:
        stage = Stage(self.configs, self.codec, venues, self.session.orders)
        for instrument in self.session.instruments:
            market = self.market_of(instrument)
            if witness := witnesses.get(instrument):
                market = _seen(market, witness)
            for record in with_orders(market, self._of(instrument)):
                stage.take(record)
        return stage.played

    def _until(self, asked: Asked, witnesses: dict[str, Witness]) -> int:
        """Until when it could fill: its end where it was not filled whole, else the session's."""
        live, end = asked.live, witnesses[asked.order.instrument].end_ns
        open_until = live.ended_ns if live.cum < live.size else None
        return max(end if open_until is None else open_until, asked.order.ts_event)

    def _orders(
        self,
        replays: dict[str, dict[str, Outcome]],
        witnesses: dict[str, Witness],
        until: dict[str, int],
        models: list[str],
    ) -> list[Compared]:
        """``models``: names of replays with live latency; the first wins a tie."""
        configured = fitting.label(self.configs.paper_venue)
        live = {name: asked.live for name, asked in self.session.orders.items()}
        found = {name: self._replayed(outcomes, witnesses) for name, outcomes in replays.items()}
        lived, made = self._replayed(live, witnesses), []
        unseen = {n: price for w in witnesses.values() for n, price in w.never_shown().items()}
        for name, asked in self.session.orders.items():
            by_model = {model: found[model][name] for model in models}
            witness = witnesses[asked.order.instrument]
            why = _missing(asked, witness, unseen.get(name), until[name])
            explained = explain(
                asked,
                lived[name],
                found[CONFIGURED][name],
                by_model[configured],
                by_model,
                why,
                until[name],
            )
            delay = self.configs.paper_venue.entry.draw(f"{name}>0")
            paper, fitted = found[CONFIGURED][name], found[FITTED][name]
            made.append(Compared(asked, lived[name], paper, fitted, explained, delay))
        return made

    def _replayed(
        self, outcomes: dict[str, Outcome], witnesses: dict[str, Witness]
    ) -> dict[str, Replayed]:
        end = max(witness.end_ns for witness in witnesses.values())
        valuer = Valuer(self.session.marks, self.reference, end)
        worth, config = (
            valuer.value(self.session.orders.values(), outcomes),
            self.configs.paper_venue,
        )
        made = {}
        for name, outcome in outcomes.items():
            instrument = self.session.orders[name].order.instrument
            terms = terms_of(config.instruments, instrument, config.terms)
            made[name] = Replayed(outcome, worth[name], scheduled_fees(outcome, terms))
        return made

    def _notes(self, configured: Played, witnesses: dict[str, Witness]) -> list[str]:
        session, notes = self.session, list[str]()
        if session.strangers:
            notes.append(f"{len(session.strangers)} orders were not sent from here: left out")
        silent = [n for n, asked in session.orders.items() if not asked.live.answers]
        if silent:
            notes.append(f"{len(silent)} orders have no answer of the venue, as {silent[0]}")
        if configured.refused:
            count, first = len(configured.refused), configured.refused[0]
            notes.append(f"the paper venue refused {count} records, the first: {first}")
        for name, witness in witnesses.items():
            blind = [span for span in witness.blind if span[0]]
            if blind:
                notes.append(f"{name}: the recording was blind {len(blind)} times")
        foreign = {
            trade.fee_currency
            for asked in session.orders.values()
            for trade in asked.live.trades.values()
            if trade.fee_currency
        }
        if foreign:
            notes.append(f"fees paid in {', '.join(sorted(foreign))} are not in P&L: no rate known")
        return notes


def _missing(asked: Asked, witness: Witness, unseen: Decimal | None, until_ns: int) -> str:
    """Why no replay of the order can be trusted; ``unseen``: a price of a fill."""
    if witness.blind_in(asked.order.ts_event, _over(asked.live, until_ns)):
        return "the recording was blind while the order was at work"
    if unseen is not None:
        return f"filled live at {plain(unseen)}, which the recording never showed"
    return ""


def _over(live: Outcome, until_ns: int) -> int:
    """When an order was no longer at work."""
    if live.status in ENDED:
        times = [t.ts_event for t in live.trades.values()]
        return max([*times, live.ended_ns or 0], default=until_ns)
    return until_ns


def _seen(market: Market, witness: Witness) -> Market:
    """The same records, each after the witness saw it."""
    for record in market:
        witness.take(record)
        yield record


def _closeness(orders: list[Compared], replays: list[Replayed], until: dict[str, int]) -> Closeness:
    pairs = list(zip(orders, replays, strict=True))
    seconds = [
        apart(c.live.outcome, r.outcome, c.asked.order.size, until[c.asked.order.cl_ord_id])
        for c, r in pairs
    ]
    off = sum((r.worth.pnl - c.live.worth.pnl for c, r in pairs), ZERO)
    return Closeness(
        fmean(seconds), sum(c.live.outcome.cum == r.outcome.cum for c, r in pairs), off
    )
