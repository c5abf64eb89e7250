"""Breakout: a price beyond its range of many bars is followed."""

from collections.abc import Iterable
from dataclasses import dataclass

from streams.operators.strategies.kind import strategy
from streams.operators.strategies.parameters import flag, number
from streams.operators.strategies.view import View
from streams.operators.strategies.wants import Signal


@dataclass(frozen=True, slots=True)
class Breakout:
    entry: int = number(55, 2, 5000, "bars of the channel whose break it follows")
    exit: int = number(20, 2, 5000, "bars of the channel whose break takes it out")
    atr: int = number(20, 2, 500, "bars of the average true range")
    stop: float = number(2.0, 0.1, 100, "average true ranges between the entry and the stop")
    allow_short: bool = flag(True, "whether it may be short, or only flat")

    def check(self) -> None:
        if self.exit > self.entry:
            raise ValueError(f"exit {self.exit} must not be longer than entry {self.entry}")


@dataclass(slots=True)
class Stop:
    """``price``: at which a position is given up."""

    price: float = 0.0


@strategy(
    "breakout",
    needs=lambda p: {
        "high": f"donchian({p.entry}).upper",
        "low": f"donchian({p.entry}).lower",
        "exit_high": f"donchian({p.exit}).upper",
        "exit_low": f"donchian({p.exit}).lower",
        "atr": f"atr({p.atr})",
    },
    state=Stop,
    history=2,
    fails="Ranges: most breaks are false, and each costs up to the stop. It lives on few long "
    "trends, so long losing streaks belong to it. A gap fills beyond the stop.",
    source="Faith 2003, The Original Turtle Trading Rules (System 2); Donchian 1960",
)
def breakout(params: Breakout, view: View) -> Iterable[Signal]:
    """Long when the mid is above the highest high of the last ``entry`` bars, short when it is
    below their lowest low; the channel is the one before this bar, which has no part in it. A long
    leaves below the lowest low of ``exit`` bars or ``stop`` average true ranges below its entry, a
    short the other way round. The stop goes with the signal, for sizing by percent risk.
    """
    if view.seen < 2:
        return
    price, state = view.mid, view.state
    if view.wanted > 0 and price < (out := max(_before(view, "exit_low"), state.price)):
        yield view.target(0, f"{price:g} fell below {out:g}", out=out)
    elif view.wanted < 0 and price > (out := min(_before(view, "exit_high"), state.price)):
        yield view.target(0, f"{price:g} rose above {out:g}", out=out)
    elif not view.wanted and price > (high := _before(view, "high")):
        state.price = price - params.stop * view["atr"]
        yield view.target(1, f"{price:g} broke {high:g}", stop=state.price, broke=high)
    elif not view.wanted and price < (low := _before(view, "low")) and params.allow_short:
        state.price = price + params.stop * view["atr"]
        yield view.target(-1, f"{price:g} broke {low:g}", stop=state.price, broke=low)


def _before(view: View, name: str) -> float:
    return float(view.history(name)[-2])
