"""The paper venue that comes nearest to what was seen: its latency, queue model and fees.

Queue: of all models, the one under which the orders on which models disagree filled nearest to how
they did live, by ``apart``, each replayed with the latency that it had. Fees: what was paid as a
fraction of notional, for maker and taker.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import fmean

from research.compare.fit_latency import MS, LatencyFit, fit_latency
from research.compare.outcome import Outcome, apart, price_of, size_of
from research.compare.session import Asked
from schemas.enums import Liquidity
from schemas.inbox import ExecutionReport
from streams.operators.paper_venue.terms import Terms
from streams.operators.paper_venue.venue import PaperVenueConfig
from streams.operators.risk.money import EXACT, ZERO, plain

LEAST_ORDERS = 10  # on which queue models disagree
LEAST_FILLS = 3  # of a kind, for its fee
POWERS = range(1, 11)
_RATE = Decimal("0.0000001")


@dataclass(frozen=True, slots=True)
class QueueFit:
    """``distances``: seconds by model, over the orders on which models disagree; ``model``: None
    where those are too few."""

    model: str | None
    power: int
    orders: int
    distances: dict[str, float]
    verdict: str


@dataclass(frozen=True, slots=True)
class FeeFit:
    """Fractions of notional; None where too few fills tell. ``spread``: how far the rate of a
    single fill lay from it at most."""

    maker: Decimal | None
    taker: Decimal | None
    fills: dict[str, int]
    spread: Decimal
    verdict: str


@dataclass(frozen=True, slots=True)
class Fit:
    latency: LatencyFit
    queue: QueueFit
    fees: FeeFit

    def applied(self, config: PaperVenueConfig) -> PaperVenueConfig:
        """What was fitted laid over a configuration."""
        terms = [config.terms, *(terms for _, terms in config.instruments)]
        own, *others = (self._terms(known) for known in terms)
        names = [pattern for pattern, _ in config.instruments]
        config = replace(config, terms=own, instruments=tuple(zip(names, others, strict=True)))
        if self.latency.model:
            config = replace(config, entry=self.latency.model)
        if self.queue.model:
            config = replace(config, queue_model=self.queue.model, power=self.queue.power)
        return config

    def _terms(self, terms: Terms) -> Terms:
        maker = terms.maker_fee if self.fees.maker is None else self.fees.maker
        taker = terms.taker_fee if self.fees.taker is None else self.fees.taker
        return replace(terms, maker_fee=maker, taker_fee=taker)

    def toml(self) -> str:
        """What was fitted as a table of the configuration; empty where nothing was."""
        lines = []
        if model := self.latency.model:
            lines += [f'latency = "{model.ns // MS}ms"', f'latency_model = "{model.model}"']
            lines += [f'latency_jitter = "{model.jitter_ns // MS}ms"']
            lines += [f'latency_sigma = "{plain(model.sigma)}"']
        if self.queue.model:
            lines.append(f'queue_model = "{self.queue.model}"')
            lines += [f"queue_power = {self.queue.power}"] if self.queue.model == "power" else []
        for name, rate in (("maker_fee", self.fees.maker), ("taker_fee", self.fees.taker)):
            lines += [] if rate is None else [f'{name} = "{plain(rate)}"']
        return "\n".join(["[paper_venue]", *lines]) + "\n" if lines else ""


def queue_models(config: PaperVenueConfig) -> dict[str, PaperVenueConfig]:
    """Every model that may be fitted; the configured one first, so that it wins a tie."""
    models = {"conservative": ("conservative", config.power), "log": ("log", config.power)}
    models |= {f"power {n}": ("power", n) for n in POWERS}
    models["by_order"] = ("by_order", config.power)
    names = sorted(models, key=lambda name: name != label(config))
    return {
        name: replace(config, queue_model=models[name][0], power=models[name][1]) for name in names
    }


def label(config: PaperVenueConfig) -> str:
    """What a configuration's queue model is called here."""
    model = config.queue_model
    return f"power {config.power}" if model == "power" else model


def fit(
    orders: list[Asked],
    by_model: dict[str, dict[str, Outcome]],
    venues: dict[str, PaperVenueConfig],
    until_ns: dict[str, int],
) -> Fit:
    """``by_model`` has the outcomes of replays with live latency, by queue model and order;
    ``until_ns``: until when each order could fill."""
    delays = [asked.delays().get(f"{asked.order.cl_ord_id}>0") for asked in orders]
    return Fit(
        fit_latency([delay for delay in delays if delay is not None]),
        _queue(orders, by_model, venues, until_ns),
        _fees([t for asked in orders for t in asked.live.trades.values()]),
    )


def _queue(
    orders: list[Asked],
    by_model: dict[str, dict[str, Outcome]],
    venues: dict[str, PaperVenueConfig],
    until_ns: dict[str, int],
) -> QueueFit:
    rows = []
    for asked in orders:
        name, size = asked.order.cl_ord_id, asked.order.size
        row = [apart(asked.live, m[name], size, until_ns[name]) for m in by_model.values()]
        if len(set(row)) > 1:
            rows.append(row)
    columns = zip(*rows, strict=True) if rows else ()
    distances = {name: fmean(column) for name, column in zip(by_model, columns, strict=False)}
    if len(rows) < LEAST_ORDERS:
        verdict = f"not fitted: {len(rows)} orders tell models apart, {LEAST_ORDERS} are needed"
        return QueueFit(None, 0, len(rows), distances, verdict)
    best = min(distances, key=lambda name: distances[name])
    chosen, configured = venues[best], next(iter(distances))
    verdict = (
        f"{best} comes nearest: {distances[best]:.3f} s a unit on {len(rows)} orders, "
        f"{configured} as configured {distances[configured]:.3f} s"
    )
    return QueueFit(chosen.queue_model, chosen.power, len(rows), distances, verdict)


def _fees(trades: list[ExecutionReport]) -> FeeFit:
    """A venue that does not say who made the market is taken to mean that we took."""
    own = [trade for trade in trades if not trade.fee_currency]
    makers = [trade for trade in own if trade.liquidity is Liquidity.MAKER]
    takers = [trade for trade in own if trade.liquidity is not Liquidity.MAKER]
    (maker, one), (taker, other) = _rate(makers), _rate(takers)
    count = {"maker": len(makers), "taker": len(takers)}
    spread = max(one, other)
    verdict = (
        f"of {len(makers)} maker and {len(takers)} taker fills, none further off than {spread:f}"
    )
    if len(own) < len(trades):
        verdict += f"; {len(trades) - len(own)} paid in another currency are left out"
    if maker is None or taker is None:
        verdict += f"; a rate needs {LEAST_FILLS} fills"
    return FeeFit(maker, taker, count, spread, verdict)


def _rate(trades: list[ExecutionReport]) -> tuple[Decimal | None, Decimal]:
    paid = [(trade.fee, EXACT.multiply(price_of(trade), size_of(trade))) for trade in trades]
    paid = [(fee, notional) for fee, notional in paid if notional > 0]
    if len(paid) < LEAST_FILLS:
        return None, ZERO
    rate = EXACT.divide(sum((fee for fee, _ in paid), ZERO), sum((n for _, n in paid), ZERO))
    spread = max(abs(EXACT.divide(fee, notional) - rate) for fee, notional in paid)
    return EXACT.quantize(rate, _RATE), EXACT.quantize(spread, _RATE)
