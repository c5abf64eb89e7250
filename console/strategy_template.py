"""my-idea: buys what has fallen too fast."""

from collections.abc import Iterable
from dataclasses import dataclass

from streams.strategy import Signal, View, number, strategy


@dataclass(frozen=True)
class Params:
    period: int = number(14, 2, 500, "bars of the RSI")
    low: float = number(30.0, 0, 100, "RSI below which it buys")
    high: float = number(60.0, 0, 100, "RSI above which it sells")


@strategy("my-idea", needs=lambda p: {"rsi": f"rsi({p.period})"})
def my_idea(params: Params, view: View) -> Iterable[Signal]:
    """Long when the RSI is below `low`, out again when it is above `high`."""
    if view["rsi"] < params.low:
        yield view.target(+1, f"RSI {view['rsi']:.0f} is low")
    elif view["rsi"] > params.high:
        yield view.target(0, f"RSI {view['rsi']:.0f} is high")
