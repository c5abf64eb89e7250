"""RSI-2: short setbacks in a long rise are bought, short rallies in a long fall are sold."""

from collections.abc import Iterable
from dataclasses import dataclass

from streams.operators.strategies.kind import strategy
from streams.operators.strategies.parameters import flag, number
from streams.operators.strategies.view import View
from streams.operators.strategies.wants import Signal


@dataclass(frozen=True, slots=True)
class Rsi2:
    rsi: int = number(2, 2, 50, "bars of the RSI")
    trend: int = number(200, 2, 5000, "bars of the average that tells the trend")
    out: int = number(5, 2, 500, "bars of the average at which it leaves")
    low: float = number(5.0, 0, 50, "RSI below which it buys in a rise")
    high: float = number(95.0, 50, 100, "RSI above which it sells in a fall")
    allow_short: bool = flag(True, "whether it may be short, or only flat")


@strategy(
    "rsi_2",
    needs=lambda p: {"rsi": f"rsi({p.rsi})", "trend": f"sma({p.trend})", "out": f"sma({p.out})"},
    fails="A setback that is the end of the rise: it holds on all the way down and has no stop of "
    "its own. The rules were found on daily bars of shares; on bars of seconds the spread costs "
    "more than a setback gives.",
    source="Connors and Alvarez 2008, Short Term Trading Strategies That Work, ch. 9",
)
def rsi_2(params: Rsi2, view: View) -> Iterable[Signal]:
    """Long when the mid is above its ``trend`` average and RSI < ``low``, until the mid is above
    its ``out`` average; short when it is below its ``trend`` average and RSI > ``high``, until the
    mid is below its ``out`` average.
    """
    price, rsi = view.mid, view["rsi"]
    if view.wanted and (price - view["out"]) * view.wanted > 0:
        yield view.target(0, f"{price:g} crossed the average {view['out']:g}")
    elif price > view["trend"] and rsi < params.low:
        yield view.target(1, f"setback in a rise: RSI {rsi:.1f}")
    elif price < view["trend"] and rsi > params.high and params.allow_short:
        yield view.target(-1, f"rally in a fall: RSI {rsi:.1f}")
