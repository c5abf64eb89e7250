"""All indicators, by name."""

from streams.operators.features.indicators import (
    averages,
    momentum,
    trend,
    volatility,
    volume,
)
from streams.operators.features.indicators.candles import more, one, three, two
from streams.operators.features.indicators.indicator import Indicator

GROUPS: dict[str, tuple[Indicator, ...]] = {
    "averages": averages.INDICATORS,
    "momentum": momentum.INDICATORS,
    "trend": trend.INDICATORS,
    "volatility": volatility.INDICATORS,
    "volume": volume.INDICATORS,
    "candlesticks": one.INDICATORS + two.INDICATORS + three.INDICATORS + more.INDICATORS,
}
LIBRARY = {indicator.name: indicator for group in GROUPS.values() for indicator in group}
