"""Mean reversion: what has left its usual range comes back into it."""

from collections.abc import Iterable
from dataclasses import dataclass

from streams.operators.strategies.kind import strategy
from streams.operators.strategies.parameters import flag, number, one_of
from streams.operators.strategies.view import View
from streams.operators.strategies.wants import Signal


@dataclass(frozen=True, slots=True)
class MeanReversion:
    period: int = number(20, 5, 5000, "bars of the Bollinger bands")
    width: float = number(2.0, 0.1, 10, "deviations between the mean and a band")
    rsi: int = number(14, 2, 500, "bars of the RSI")
    oversold: float = number(30.0, 0, 50, "RSI below which it buys")
    overbought: float = number(70.0, 50, 100, "RSI above which it sells")
    leaves: str = one_of("band", ("band", "mean"), "back inside the bands, or only at their middle")
    allow_short: bool = flag(True, "whether it may be short, or only flat")


def _needs(params: MeanReversion) -> dict[str, str]:
    bands = f"bbands({params.period}, {params.width:g})"
    rsi = {"rsi": f"rsi({params.rsi})"}
    return {"upper": f"{bands}.upper", "mean": f"{bands}.middle", "lower": f"{bands}.lower"} | rsi


@strategy(
    "mean_reversion",
    needs=_needs,
    fails="Trends and news: a price that leaves its range for a reason does not come back, and "
    "this has no stop of its own; give the account one (`[accounts.NAME.stops]`). Left at the "
    "band, a win is small beside spread and fees.",
    source="Bollinger 2001, Bollinger on Bollinger Bands, ch. 16; Wilder 1978 (RSI)",
)
def mean_reversion(params: MeanReversion, view: View) -> Iterable[Signal]:
    """Long when the mid is below the lower band and RSI < ``oversold``; short when it is above the
    upper band and RSI > ``overbought``. It leaves when the mid is back inside the bands, or
    (``leaves = "mean"``) at their middle.

    The RSI is Wilder's and the deviation the population's, as the indicators have them; the rules
    that it follows took a simple average and the sample's. ``confidence`` is kept with a signal:
    0.6 × min(10 × distance beyond the band / band, 1) + 0.4 × how extreme the RSI is, 0.5 … 1.
    """
    price, lower, upper, rsi = view.mid, view["lower"], view["upper"], view["rsi"]
    if view.wanted and _back(params, view):
        yield view.target(0, f"{price:g} is back from beyond {lower:g} … {upper:g}")
    elif price < lower and rsi < params.oversold:
        sure = _sure(price, lower, (params.oversold - rsi) / params.oversold)
        yield view.target(1, f"{price:g} is below {lower:g}, RSI {rsi:.0f}", confidence=sure)
    elif price > upper and rsi > params.overbought and params.allow_short:
        sure = _sure(price, upper, (rsi - params.overbought) / (100 - params.overbought))
        yield view.target(-1, f"{price:g} is above {upper:g}, RSI {rsi:.0f}", confidence=sure)


def _back(params: MeanReversion, view: View) -> bool:
    if params.leaves == "band":
        return view["lower"] < view.mid < view["upper"]
    return (view.mid - view["mean"]) * view.wanted >= 0


def _sure(price: float, band: float, extreme: float) -> float:
    beyond = min(10 * abs(price - band) / band, 1.0)
    return min(max(0.6 * beyond + 0.4 * extreme, 0.5), 1.0)
