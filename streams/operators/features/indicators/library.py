"""All indicators, by name."""

from streams.operators.features.indicators import (
    averages,
    bands,
    book,
    cycles,
    levels,
    liquidity,
    models,
    momentum,
    moves,
    oscillators,
    pairs,
    prices,
    regression,
    returns,
    trades,
    trend,
    turnover,
    volatility,
    volume,
)
from streams.operators.features.indicators.candles import more, one, three, two
from streams.operators.features.indicators.indicator import Indicator

GROUPS: dict[str, tuple[Indicator, ...]] = {
    "averages": averages.INDICATORS + bands.INDICATORS,
    "momentum": momentum.INDICATORS + oscillators.INDICATORS + moves.INDICATORS,
    "trend": trend.INDICATORS,
    "volatility": volatility.INDICATORS,
    "volume": volume.INDICATORS + turnover.INDICATORS,
    "prices and levels": prices.INDICATORS + levels.INDICATORS,
    "cycles": cycles.INDICATORS,
    "statistics": returns.INDICATORS + regression.INDICATORS + pairs.INDICATORS,
    "models": models.INDICATORS,
    "candlesticks": one.INDICATORS + two.INDICATORS + three.INDICATORS + more.INDICATORS,
    "book": book.INDICATORS,
    "trades": trades.INDICATORS,
    "liquidity": liquidity.INDICATORS,
}
LIBRARY = {indicator.name: indicator for group in GROUPS.values() for indicator in group}
