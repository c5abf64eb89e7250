"""Settings → the plain values that operators take."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from config.accounts import accounts, reference
from config.execution_tree import ALGORITHMS, Execution, ExecutionVenue, Routing
from config.features import Wanted, features_of
from config.groups import (
    book_groups_of,
    group_strategies,
    groups_of,
    hearers,
    strategy_config,
)
from config.models_tree import named_models
from config.tree import Market, Settings
from streams.models.store import Store
from streams.operators.execution import params
from streams.operators.execution.algos import AlgosConfig
from streams.operators.execution.router import RouterConfig
from streams.operators.execution.smart_router import SmartRouterConfig
from streams.operators.execution.venue_quotes import Costs, VenueCosts
from streams.operators.features.between import Watched
from streams.operators.features.feature_drift import DriftConfig
from streams.operators.features.features import FeaturesConfig
from streams.operators.features.indicators.asked import Asked
from streams.operators.features.indicators.indicator import OF_TRADES
from streams.operators.market.bars import parse
from streams.operators.market.bars_state import TimeBars
from streams.operators.market.builder import BuilderConfig
from streams.operators.market.consolidated import ConsolidatedConfig
from streams.operators.paper_venue.latency import Latency
from streams.operators.paper_venue.terms import Terms
from streams.operators.paper_venue.venue import PaperVenueConfig
from streams.operators.risk.gate import GateConfig
from streams.operators.risk.signing import SigningKey
from streams.operators.strategies.config import StrategiesConfig
from streams.operators.strategies.drift import MEASURES
from streams.operators.strategies.kind import INSTRUMENT, TRADES
from streams.topology import OperatorConfigs


def operator_configs(settings: Settings, key: SigningKey) -> OperatorConfigs:
    """Raises ValueError on a bar that cannot be made, or on terms that make no sense."""
    market, features, wanted = settings.market, settings.features, features_of(settings)
    costs, watched = _costs(settings.execution.routing), _watched(settings)
    return OperatorConfigs(
        builder=BuilderConfig(
            tuple(parse(bar) for bar in market.bars),
            market.levels,
            tuple(settings.accounts),
            market.mark_interval,
            market.clock_grace,
            {name: basket for basket, names in settings.baskets.items() for name in names},
            _time_bars(market),
            market.book_interval,
            _prints(features.bar, wanted.indicators, watched),
            book_groups_of(settings),
        ),
        features=FeaturesConfig(
            features.bar,
            features.ema_fast,
            features.ema_slow,
            features.rsi,
            features.vol_window,
            wanted.indicators,
            named_models(settings.models),
            settings.evaluation.period,
            DriftConfig(settings.evaluation.drift_reference, settings.evaluation.drift_period),
            Store(Path(settings.models_registry.folder)),
            groups_of(settings),
            hearers(settings),
            watched,
        ),
        strategies=_strategies(settings, wanted),
        group_strategies=group_strategies(settings, wanted, costs),
        paper_venue=_paper_venue(settings),
        gate=GateConfig(
            accounts(settings), key, reference(settings), _hearing(settings), _followed(settings)
        ),
        router=RouterConfig(
            key, tuple(name for name, at in settings.accounts.items() if at.venue == "paper")
        ),
        consolidated=ConsolidatedConfig(
            settings.baskets, settings.consolidated.levels, settings.consolidated.stale_after
        ),
        algos=AlgosConfig(
            {name: getattr(settings.execution, block) for name, block in ALGORITHMS.items()},
            settings.execution.bar,
            _terms(settings.execution),
            settings.execution.curve,
        ),
        smart_router=SmartRouterConfig(
            settings.baskets,
            tuple(settings.accounts),
            settings.consolidated.stale_after,
            costs,
            _terms(settings.execution),
            settings.execution.routing.weight,
        ),
    )


def _strategies(settings: Settings, wanted: Wanted) -> StrategiesConfig:
    return StrategiesConfig(
        tuple(
            strategy_config(settings, name, its.instruments, wanted)
            for name, its in settings.strategies.items()
            if its.enabled and its.kind.of == INSTRUMENT
        ),
        tuple(_drift(settings)),
    )


def _drift(settings: Settings) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Accounts with a circuit breaker on drift, and the instruments that their strategies trade."""
    for name, account in settings.accounts.items():
        if any(rule.measure in MEASURES for rule in account.breakers.values()):
            traded = [
                pattern
                for its in settings.strategies.values()
                if its.enabled and its.account == name
                for pattern in (its.instruments if its.kind.of == INSTRUMENT else ("*",))
            ]
            yield name, tuple(dict.fromkeys(traded))


def _hearing(settings: Settings) -> tuple[str, ...]:
    """The strategies that are told what becomes of their orders."""
    return tuple(n for n, its in settings.strategies.items() if its.enabled and its.hears)


def _followed(settings: Settings) -> tuple[str, ...]:
    """The accounts whose fills strategies of others are told of."""
    asked = {name for its in settings.strategies.values() if its.enabled for name in its.follows}
    return tuple(account for account in settings.accounts if account in asked)


def _paper_venue(settings: Settings) -> PaperVenueConfig:
    venue = settings.paper_venue
    return PaperVenueConfig(
        terms=Terms(*(getattr(venue, field.name) for field in fields(Terms))),
        entry=Latency(
            venue.latency, venue.latency_model, venue.latency_jitter, venue.latency_sigma
        ),
        reports=Latency(
            venue.report_latency,
            venue.report_latency_model,
            venue.report_latency_jitter,
            venue.report_latency_sigma,
        ),
        instruments=tuple(venue.instruments.items()),
        stop_trigger=venue.stop_trigger,
        queue_model=venue.queue_model,
        power=venue.queue_power,
        hidden=venue.hidden,
        self_trade=venue.self_trade,
        carry_ns=venue.carry_interval,
        calendars=_time_bars(settings.market).calendars,
    )


def _terms(execution: Execution) -> params.Terms:
    terms = execution.terms
    made = params.Terms(
        duration_ns=terms.duration,
        min_slice=terms.min_slice,
        max_slice=terms.max_slice,
        max_participation=terms.max_participation,
        remainder=terms.remainder,
        retry_ns=terms.retry,
    )
    made.check()
    return made


def _costs(routing: Routing) -> Costs:
    venues = {name: _venue(venue) for name, venue in routing.venues.items()}
    return Costs(venues, _venue(routing.other), routing.drift, routing.miss)


def _venue(venue: ExecutionVenue) -> VenueCosts:
    return VenueCosts(venue.taker_fee, venue.order_cost, venue.latency, venue.least_size)


def _watched(settings: Settings) -> tuple[Watched, ...]:
    """What strategies are told of between vectors."""
    found: list[Watched] = []
    for its in settings.strategies.values():
        watches = its.kind.watches(its.params) if its.enabled else ()
        found += [Watched(one, TRADES in watches) for one in its.instruments if watches]
    return tuple(found)


def _prints(bar: str, indicators: tuple[Asked, ...], watched: tuple[Watched, ...]) -> str | None:
    """The kind of the bars at which features of single trades are made, if single trades are asked
    for."""
    asked = any(one.made_of == OF_TRADES for one in indicators)
    asked = asked or any(one.trades for one in watched)
    return parse(bar).kind if asked else None


def _time_bars(market: Market) -> TimeBars:
    first, last = market.session_years
    calendars = tuple(
        (pattern, hours.calendar(first, last)) for pattern, hours in market.sessions.items()
    )
    return TimeBars(market.empty_bars == "flat", market.kept_bars, calendars)
