"""Enhanced momentum: trends of three lengths, scaled by volatility, filtered and weighed."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from streams.operators.strategies.kind import strategy
from streams.operators.strategies.parameters import flag, number, text
from streams.operators.strategies.view import FloatArray, View
from streams.operators.strategies.wants import Signal

_HORIZONS = (1, 2, 4)  # times ``fast``
_SLOW = 3  # times the fast average
_PEAK = 0.89  # scales the response to a variance of one; Baz et al. 2015, eq. for u
_CONTRADICTS = -0.5


@dataclass(frozen=True, slots=True)
class EnhancedMomentum:
    fast: int = number(8, 2, 500, "bars of the shortest average; the others are multiples of it")
    deviation: int = number(63, 5, 5000, "bars of the deviation that prices are scaled by")
    window: int = number(252, 10, 5000, "bars of the deviation that trends are scaled by")
    entry: float = number(0.5, 0.01, 1, "strength of the trend at which it enters")
    exit: float = number(0.1, 0, 1, "strength of the trend below which it leaves")
    agree: int = number(2, 1, 3, "horizons that must point the same way")
    efficiency: float = number(0.0, 0, 1, "least efficiency ratio, or the market only wavers")
    min_confidence: float = number(0.5, 0, 1, "least confidence for a position")
    model: str = text("p_up", "column of the probability of a rise; empty: none")
    model_weight: float = number(0.2, 0, 1, "of the model in the confidence")
    sentiment: str = text("", "column of the news' sentiment from -1 to 1; empty: none")
    sentiment_weight: float = number(0.3, 0, 1, "of the sentiment in the confidence")
    allow_short: bool = flag(True, "whether it may be short, or only flat")

    def check(self) -> None:
        if self.exit >= self.entry:
            raise ValueError(f"exit {self.exit} must lie below entry {self.entry}")
        if self.model_weight + self.sentiment_weight > 1:
            raise ValueError("model_weight and sentiment_weight together must be at most 1")


def _needs(params: EnhancedMomentum) -> dict[str, str]:
    needs = {
        "stddev": f"stddev({params.deviation})",
        "efficiency": f"efficiency({params.deviation})",
    }
    for n, times in enumerate(_HORIZONS):
        needs[f"fast_{n}"] = f"rma({times * params.fast})"
        needs[f"slow_{n}"] = f"rma({_SLOW * times * params.fast})"
    more = {"model": params.model, "sentiment": params.sentiment}
    return needs | {name: column for name, column in more.items() if column}


@strategy(
    "enhanced_momentum",
    needs=_needs,
    may_lack=("model", "sentiment"),
    history=lambda p: p.window,
    fails="Sharp turns: the averages follow late, and all three horizons are wrong together. Long "
    "quiet markets: the scaling makes a trend of every small move when volatility is low. The "
    "confidence is a mixture by fixed weights and no probability; do not size by Kelly with it.",
    source="Baz, Granger, Harvey, Le Roux and Rattray 2015, Dissecting Investment Strategies in "
    "the Cross Section and Time Series (the CTA momentum signal, its lengths 8/24, 16/48 and 32/96 "
    "and its response); Moskowitz, Ooi and Pedersen 2012, Time Series Momentum, J. Financial "
    "Economics 104; Kaufman 1995, Smarter Trading (efficiency ratio)",
)
def enhanced_momentum(params: EnhancedMomentum, view: View) -> Iterable[Signal]:
    """For each of the lengths n = ``fast``, twice and four times that: x is the exponential average
    with weight 1/n of the newest bar less that with 1/(3n); y = x over the standard deviation of
    the close over ``deviation`` bars; z = y over its own standard deviation over ``window`` bars;
    and u = z exp(-z²/4) / 0.89, which grows with the trend up to |z| = √2 and then shrinks, because
    what has run too far turns. The strength of the trend is the mean of the three u.

    It enters the side of the strength when |strength| >= ``entry``, at least ``agree`` horizons
    point that way, the efficiency ratio over ``deviation`` bars (net move over path) is at least
    ``efficiency``, and the confidence is at least ``min_confidence``. It leaves when the strength
    of its side is below ``exit``, and turns when it may enter the other.

    Confidence = base (1 - ws - wm) + (1 + s) / 2 ws + p wm, in 0 … 1, where base is |strength|, s
    the sentiment and p the model's probability, both as seen from the side that it would take (a
    fall that is foretold speaks for a short). Where the sentiment contradicts the side (s < -0.5)
    the confidence is halved, and the reason says so. A column that is not configured, or that says
    nothing yet, has the weight 0. There is no topic of news so far, so ``sentiment`` is empty
    unless a column of your own tells it.

    How large a position is, the sizing says: ``volatility_target`` with a target of 0.4 is the 40 %
    a year over volatility of Moskowitz, Ooi and Pedersen.
    """
    if view.seen < params.window:
        return
    trends = [_response(_z(view, n)) for n in range(len(_HORIZONS))]
    strength = sum(trends) / len(trends)
    side = (strength > 0) - (strength < 0)
    said = {f"trend_{n}": trend for n, trend in enumerate(trends)} | {"strength": strength}
    if side and side != view.wanted and _enters(params, view, trends, strength, side):
        sure, doubt = confidence(params, view, min(abs(strength), 1.0), side)
        if sure >= params.min_confidence:
            reason = f"trend {strength:+.2f}, confidence {sure:.3f}{doubt}"
            yield view.target(side, reason, confidence=sure, **said)
            return
    if view.wanted and strength * view.wanted < params.exit:
        yield view.target(0, f"the trend is over: {strength:+.2f}", **said)


def _z(view: View, n: int) -> float:
    """The last scaled trend over the deviation of the last ``window`` of them; 0 where prices, or
    trends, do not differ."""
    fast, slow, spread = (view.history(name) for name in (f"fast_{n}", f"slow_{n}", "stddev"))
    y: FloatArray = np.divide(fast - slow, spread, out=np.zeros_like(fast), where=spread > 0)
    deviation = float(np.std(y, ddof=1))
    return float(y[-1]) / deviation if deviation > 0 else 0.0


def _response(z: float) -> float:
    return z * math.exp(-z * z / 4) / _PEAK


def _enters(
    params: EnhancedMomentum, view: View, trends: list[float], strength: float, side: int
) -> bool:
    if abs(strength) < params.entry or view["efficiency"] < params.efficiency:
        return False
    if side < 0 and not params.allow_short:
        return False
    return sum(trend * side > 0 for trend in trends) >= params.agree


def confidence(params: EnhancedMomentum, view: View, base: float, side: int) -> tuple[float, str]:
    """How sure it is of a side, and what speaks against it, in words."""
    p = view["model"] if params.model else math.nan
    s = view["sentiment"] * side if params.sentiment else math.nan
    heard = 0.0 if math.isnan(p) else params.model_weight
    read = 0.0 if math.isnan(s) else params.sentiment_weight
    mixed = base * (1 - heard - read)
    if heard:
        mixed += heard * (p if side > 0 else 1 - p)
    if read:
        mixed += read * (s + 1) / 2
    mixed = min(max(mixed, 0.0), 1.0)
    return (mixed / 2, ", but the news say otherwise") if s < _CONTRADICTS else (mixed, "")
