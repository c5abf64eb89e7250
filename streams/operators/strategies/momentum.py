"""Time-series momentum: what rose unusually fast goes on rising for a while."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from streams.operators.strategies.kind import strategy
from streams.operators.strategies.parameters import flag, number
from streams.operators.strategies.view import View
from streams.operators.strategies.wants import Signal


@dataclass(frozen=True, slots=True)
class Momentum:
    period: int = number(20, 5, 5000, "bars over which momentum is taken")
    window: int = number(100, 10, 5000, "momenta that the z-score is taken over")
    entry: float = number(2.0, 0.01, 10, "z-score beyond which it enters")
    exit: float = number(0.5, 0, 10, "z-score below which it leaves")
    rsi: int = number(14, 5, 500, "bars of the RSI")
    overbought: float = number(70.0, 50, 100, "RSI above which it neither is nor gets long")
    oversold: float = number(30.0, 0, 50, "RSI below which it neither is nor gets short")
    allow_short: bool = flag(True, "whether it may be short, or only flat")

    def check(self) -> None:
        if self.exit >= self.entry:
            raise ValueError(f"exit {self.exit} must lie below entry {self.entry}")


@strategy(
    "momentum",
    needs=lambda p: {"roc": f"roc({p.period})", "rsi": f"rsi({p.rsi})", "macd": "macd"},
    history=lambda p: p.window,
    fails="Turning points and ranges: it buys the last of a rise. A jump widens the deviation, so "
    "that for a window afterwards nothing seems unusual. The RSI filter keeps it out of the "
    "strongest trends; widen it (overbought = 100) to follow those.",
    source="Moskowitz, Ooi and Pedersen 2012, Time Series Momentum, J. Financial Economics 104; "
    "Appel 1979 (MACD); Wilder 1978 (RSI)",
)
def momentum(params: Momentum, view: View) -> Iterable[Signal]:
    """Momentum is the rate of change over ``period`` bars; z is the last momentum less the mean of
    the last ``window``, over their sample deviation (0 where they do not differ).

    Long when z > ``entry``, RSI < ``overbought`` and the MACD line is above 0; short when z <
    -``entry``, RSI > ``oversold`` and the MACD line is below 0. It leaves a long when z < ``exit``
    or RSI > ``overbought``, a short when z > -``exit`` or RSI < ``oversold``.

    Exit and entry are both z-scores (the rules that it follows compared the exit with a raw return,
    which closed every position at once).
    """
    if view.seen < params.window:
        return
    z = _z(view)
    if view.wanted and _leaves(params, view, z):
        yield view.target(0, f"momentum is over: z {z:.2f}, RSI {view['rsi']:.0f}", z=z)
    side = _enters(params, view, z)
    if side and not view.wanted:
        yield view.target(side, f"momentum z {z:.2f}, RSI {view['rsi']:.0f}", z=z)


def _z(view: View) -> float:
    momenta = view.history("roc")
    deviation = float(np.std(momenta, ddof=1))
    return float(momenta[-1] - np.mean(momenta)) / deviation if deviation > 0 else 0.0


def _leaves(params: Momentum, view: View, z: float) -> bool:
    if view.wanted > 0:
        return z < params.exit or view["rsi"] > params.overbought
    return z > -params.exit or view["rsi"] < params.oversold


def _enters(params: Momentum, view: View, z: float) -> int:
    if z > params.entry and view["rsi"] < params.overbought and view["macd"] > 0:
        return 1
    low = z < -params.entry and view["rsi"] > params.oversold and view["macd"] < 0
    return -1 if low and params.allow_short else 0
