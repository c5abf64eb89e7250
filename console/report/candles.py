"""Bars as candlesticks, each as wide as the others however long it lasted; below, their volume."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from console.report.charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Axis,
    clock,
    empty,
    svg,
    text,
    value_grid,
)

_VOLUME = 40  # pixels below the prices
_LABEL_EVERY = 110  # pixels


class Candle(NamedTuple):
    """``at``: seconds since the epoch at which the bar opens."""

    at: float
    open: float
    high: float
    low: float
    close: float
    volume: float


def candles(bars: Sequence[Candle]) -> str:
    """CSS class "rise" where a bar closes at or above its open, else "fall"."""
    if not bars:
        return empty("no bar closed yet")
    low, high = min(bar.low for bar in bars), max(bar.high for bar in bars)
    margin = (high - low) * 0.04 or max(abs(high) * 1e-4, 1e-9)
    floor = HEIGHT - BOTTOM
    ys = Axis(low - margin, high + margin, floor - _VOLUME - 10, TOP)
    volumes = Axis(0.0, max(bar.volume for bar in bars) or 1.0, floor, floor - _VOLUME)
    step = (WIDTH - LEFT - RIGHT) / len(bars)
    body = [value_grid(ys), _times(bars, step)]
    for n, bar in enumerate(bars):
        body.append(_candle(bar, LEFT + (n + 0.5) * step, step, ys, volumes))
    return svg("".join(body))


def _candle(bar: Candle, x: float, step: float, ys: Axis, volumes: Axis) -> str:
    css = "rise" if bar.close >= bar.open else "fall"
    wide, left = min(step * 0.7, 14.0), x - min(step * 0.7, 14.0) / 2
    top, bottom = ys(max(bar.open, bar.close)), ys(min(bar.open, bar.close))
    return (
        f'<path class="wick {css}" d="M{x:.1f},{ys(bar.high):.1f}V{ys(bar.low):.1f}"/>'
        f'<rect class="{css}" x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" '
        f'height="{max(bottom - top, 1.0):.1f}"/>'
        f'<rect class="{css} volume" x="{left:.1f}" y="{volumes(bar.volume):.1f}" '
        f'width="{wide:.1f}" height="{volumes.start - volumes(bar.volume):.1f}"/>'
    )


def _times(bars: Sequence[Candle], step: float) -> str:
    """Under every so manieth bar when it opens."""
    label = clock(bars[-1].at - bars[0].at)
    every = math.ceil(_LABEL_EVERY / step)
    return "".join(
        text(LEFT + (n + 0.5) * step, HEIGHT - 8, label(bars[n].at), "middle")
        for n in range(every // 2, len(bars), every)
    )
