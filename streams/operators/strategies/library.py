"""All strategies that come with the system, by kind."""

from streams.operators.strategies import (
    breakout,
    ema_cross,
    enhanced_momentum,
    ensemble,
    ma_cross,
    market_making,
    mean_reversion,
    mirror,
    momentum,
    neural_arbitrage,
    neural_trend,
    rsi_2,
)
from streams.operators.strategies.kind import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        breakout.breakout,
        ema_cross.ema_cross,
        enhanced_momentum.enhanced_momentum,
        ensemble.ensemble,
        ma_cross.ma_cross,
        market_making.market_making,
        mean_reversion.mean_reversion,
        mirror.mirror,
        momentum.momentum,
        neural_arbitrage.neural_arbitrage,
        neural_trend.neural_trend,
        rsi_2.rsi_2,
    )
}
