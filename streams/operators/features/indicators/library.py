"""All indicators, by name."""

from streams.operators.features.indicators import (
    averages,
    book,
    liquidity,
    momentum,
    trades,
    trend,
    volatility,
    volume,
)
from streams.operators.features.indicators.indicator import Indicator

GROUPS: dict[str, tuple[Indicator, ...]] = {
    "averages": averages.INDICATORS,
    "momentum": momentum.INDICATORS,
    "trend": trend.INDICATORS,
    "volatility": volatility.INDICATORS,
    "volume": volume.INDICATORS,
    "book": book.INDICATORS,
    "trades": trades.INDICATORS,
    "liquidity": liquidity.INDICATORS,
}
LIBRARY = {indicator.name: indicator for group in GROUPS.values() for indicator in group}
