"""Settings → the plain values that operators take."""

from config.settings import Market, Settings
from streams.operators.execution.router import RouterConfig
from streams.operators.features.features import FeaturesConfig
from streams.operators.market.bars import parse
from streams.operators.market.bars_state import TimeBars
from streams.operators.market.builder import BuilderConfig
from streams.operators.market.consolidated import ConsolidatedConfig
from streams.operators.paper_venue.venue import PaperVenueConfig
from streams.operators.risk.gate import GateConfig
from streams.operators.risk.signing import SigningKey
from streams.operators.strategies.ema_cross import EmaCrossConfig
from streams.topology import OperatorConfigs


def operator_configs(settings: Settings, key: SigningKey) -> OperatorConfigs:
    """Raises ValueError on a bar that cannot be made."""
    market, features, cross = settings.market, settings.features, settings.strategies.ema_cross
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
        ),
        features=FeaturesConfig(
            features.bar,
            features.ema_fast,
            features.ema_slow,
            features.rsi,
            features.vol_window,
            features.horizon,
            features.warm_up,
            features.learning_rate,
        ),
        ema_cross=EmaCrossConfig(
            cross.account, cross.instruments, cross.notional, cross.threshold, cross.allow_short
        ),
        paper_venue=PaperVenueConfig(
            settings.paper_venue.maker_fee,
            settings.paper_venue.taker_fee,
            settings.paper_venue.latency,
        ),
        gate=GateConfig(settings.accounts, key),
        router=RouterConfig(
            key, tuple(name for name, at in settings.venues.items() if at.venue == "paper")
        ),
        consolidated=ConsolidatedConfig(
            settings.baskets, settings.consolidated.levels, settings.consolidated.stale_after
        ),
    )


def _time_bars(market: Market) -> TimeBars:
    first, last = market.session_years
    calendars = tuple(
        (pattern, hours.calendar(first, last)) for pattern, hours in market.sessions.items()
    )
    return TimeBars(market.empty_bars == "flat", market.kept_bars, calendars)
