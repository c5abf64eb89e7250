"""All strategies that come with the system, by kind."""

from streams.operators.strategies import ema_cross, market_making, mirror, momentum
from streams.operators.strategies.kind import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        ema_cross.ema_cross,
        market_making.market_making,
        mirror.mirror,
        momentum.momentum,
    )
}
