"""Pairs: two prices that stay together are traded against each other when they part."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from streams.operators.statistics import kalman
from streams.operators.statistics.regression import FloatArray
from streams.operators.strategies.groups.kind import group_strategy
from streams.operators.strategies.groups.selection import Found, select, tested
from streams.operators.strategies.groups.view import GroupView
from streams.operators.strategies.groups.wants import Hold
from streams.operators.strategies.parameters import number, one_of
from streams.operators.strategies.sizing.meter import YEAR_S

OLS, KALMAN = "ols", "kalman"


@dataclass(frozen=True, slots=True)
class Pairs:
    period: int = number(120, 20, 5000, "bars that the test and the z-score look back on")
    entry: float = number(2.0, 0.01, 10, "z-score of the spread beyond which it enters")
    exit: float = number(0.5, 0, 10, "z-score within which it leaves")
    stop: float = number(4.0, 0.1, 100, "z-score beyond which it gives up, until the next test")
    significance: float = number(0.05, 1e-6, 0.5, "p-value below which two are a pair")
    drop: float = number(0.2, 1e-6, 1, "p-value above which they are one no longer")
    retest: int = number(60, 1, 100_000, "bars between two tests")
    lags: int = number(1, 0, 20, "most lags of the unit root test; AIC chooses")
    half_life: float = number(0.5, 0.01, 100, "longest half-life of the spread, in periods")
    most_pairs: int = number(1, 1, 10, "pairs at a time; each has this part of the size")
    most_bars: int = number(0, 0, 1_000_000, "bars that a position is held at most; 0: any")
    prices: str = one_of("price", ("price", "log"), "hedge units by price, or money by log price")
    hedge: str = one_of(OLS, (OLS, KALMAN), "fixed from test to test, or moving with each bar")
    delta: float = number(1e-6, 1e-12, 0.5, "how fast a Kalman hedge moves")

    def check(self) -> None:
        if not self.exit < self.entry < self.stop:
            raise ValueError(f"exit {self.exit} < entry {self.entry} < stop {self.stop} must hold")
        if self.drop < self.significance:
            raise ValueError(f"drop {self.drop} must not lie below significance")
        if self.period < 2 * self.lags + 6:
            raise ValueError(f"lags {self.lags}: too many for a period of {self.period}")


@dataclass(slots=True)
class Pair:
    """Members ``a`` and ``b`` with what the test found. ``side``: 1 is long a and short b;
    ``barred`` until the next test; ``since``: the bar it entered at; ``weights``: units of a and b
    for one unit of money; ``filter``: state of the Kalman filter."""

    a: int
    b: int
    hedge: float
    p_value: float
    half_life: float
    noise: float
    filter: list[float]
    side: int = 0
    barred: bool = False
    since: int = 0
    weights: list[float] = field(default_factory=lambda: [0.0, 0.0])


@dataclass(slots=True)
class State:
    """``bars`` seen; ``due``: the one of the next test; ``began``: time of the first, ns UTC."""

    bars: int = 0
    due: int = 0
    began: int = 0
    pairs: list[Pair] = field(default_factory=list)

    def __post_init__(self) -> None:
        given: list[Any] = self.pairs  # plain tables, where they come from a snapshot
        self.pairs = [pair if isinstance(pair, Pair) else Pair(**pair) for pair in given]


@group_strategy(
    "pairs",
    state=State,
    history=lambda p: p.period,
    members=(2, 20),
    fails="When what tied the two together ends: the spread goes on, and the stop takes the loss. "
    "Twenty members are 190 tests; at a significance of 0.05 about ten of them pass by chance, so "
    "ask for less, or for a reason. A hedge of a window with no movement in it is noise. Costs are "
    "paid four times a trade.",
    source="Engle and Granger 1987; MacKinnon 2010; Gatev, Goetzmann and Rouwenhorst 2006, Pairs "
    "Trading; Chan 2013, Algorithmic Trading, ch. 3 (Kalman hedge)",
)
def pairs(params: Pairs, view: GroupView) -> Iterable[Hold]:
    """Every ``retest`` bars all pairs of members are tested over the last ``period`` bars: the
    member that stands first in the group is regressed on the other with an intercept, and the
    residuals must have no unit root (``significance``), come back with a short enough
    ``half_life``, and the hedge must be above 0. The best are traded, each member in one at most.

    The spread is a - hedge × b. With ``hedge = "ols"`` z is its distance from the mean of the last
    ``period`` bars, in sample deviations, and the hedge stays as it was while a position is held.
    With ``"kalman"`` the hedge begins at the regression and moves with each bar; z is what the
    filter's forecast was off by, in its deviations, and ``rebalance`` says when a position follows.

    z > ``entry``: short a, long b; z < -``entry``: the reverse. It leaves when z is back within
    ``exit`` (or has gone beyond, to the other side), beyond ``stop``, after ``most_bars``, and when
    a later test gives more than ``drop``. While a member is silent only ``most_bars`` counts.

    The rules that it follows took the rate at which the spread crosses its mean for a test of
    cointegration (it is none: noise crosses all the time) and never sent a signal.
    """
    state: State = view.state
    state.began = state.began or view.ts
    state.bars += 1
    if view.silent:
        yield from _time_out(params, view)
        return
    if view.seen < params.period:
        return
    prices = np.log(view.mids()) if params.prices == "log" else view.mids()
    if state.bars >= state.due:
        state.due = state.bars + params.retest
        yield from _test(params, view, prices)
    yield from _time_out(params, view)
    for pair in state.pairs:
        yield from _follow(params, view, pair, prices)


def _test(params: Pairs, view: GroupView, prices: FloatArray) -> Iterator[Hold]:
    state: State = view.state
    kept = []
    for pair in [pair for pair in state.pairs if pair.side]:
        again = tested(prices, pair.a, pair.b, params.lags)
        pair.p_value = again.p_value if again else 1.0
        if pair.p_value > params.drop:
            yield _leave(params, view, pair, f"no longer cointegrated: p {pair.p_value:.3f}")
        else:
            kept.append(pair)
    taken = [member for pair in kept for member in (pair.a, pair.b)]
    free = [member for member in range(len(view.legs)) if member not in taken]
    half_life, most = params.half_life * params.period, params.most_pairs - len(kept)
    found = select(prices, free, params.lags, params.significance, half_life, most)
    state.pairs = [*kept, *(_pair(each) for each in found)]


def _pair(found: Found) -> Pair:
    start = kalman.UNKNOWN._replace(slope=found.hedge, intercept=found.intercept)
    return Pair(
        found.a, found.b, found.hedge, found.p_value, found.half_life, found.noise, list(start)
    )


def _time_out(params: Pairs, view: GroupView) -> Iterator[Hold]:
    for pair in view.state.pairs:
        if params.most_bars and pair.side and view.state.bars - pair.since >= params.most_bars:
            yield _leave(params, view, pair, f"held for {params.most_bars} bars")
            pair.barred = True


def _follow(params: Pairs, view: GroupView, pair: Pair, prices: FloatArray) -> Iterator[Hold]:
    z = _z(params, pair, prices)
    away = -pair.side * z  # how far the spread is on the side that it entered on
    if pair.side and away > params.stop:
        yield _leave(params, view, pair, f"given up: z {z:.2f}", z)
        pair.barred = True
    elif pair.side and away < params.exit:
        yield _leave(params, view, pair, f"the spread is back: z {z:.2f}", z)
    elif pair.side and params.hedge == KALMAN:
        pair.weights = _weights(params, view, pair)
        yield _hold(params, view, pair, f"the hedge is {pair.hedge:.4g}", z)
    elif not pair.side and not pair.barred and params.entry < abs(z) < params.stop:
        pair.side, pair.since = (-1 if z > 0 else 1), view.state.bars
        pair.weights = _weights(params, view, pair)
        yield _hold(params, view, pair, f"the spread is wide: z {z:.2f}", z)


def _z(params: Pairs, pair: Pair, prices: FloatArray) -> float:
    a, b = prices[:, pair.a], prices[:, pair.b]
    if params.hedge == KALMAN:
        before = kalman.Hedge(*pair.filter)
        found = kalman.step(before, float(a[-1]), float(b[-1]), params.delta, pair.noise)
        pair.filter, pair.hedge = list(found.hedge), found.hedge.slope
        return found.error / found.deviation
    spread = a - pair.hedge * b
    deviation = float(spread.std(ddof=1))
    return float(spread[-1] - spread.mean()) / deviation if deviation > 0 else 0.0


def _weights(params: Pairs, view: GroupView, pair: Pair) -> list[float]:
    """Units of a and b, long a, that cost one unit of money together."""
    a, b = view.legs[pair.a].mid, view.legs[pair.b].mid
    if params.prices == "log":
        each = 1 / (1 + abs(pair.hedge))
        return [each / a, -pair.hedge * each / b]
    each = 1 / (a + abs(pair.hedge) * b)
    return [each, -pair.hedge * each]


def _leave(params: Pairs, view: GroupView, pair: Pair, why: str, z: float = math.nan) -> Hold:
    pair.side = 0
    return _hold(params, view, pair, why, z)


def _hold(params: Pairs, view: GroupView, pair: Pair, why: str, z: float) -> Hold:
    """All pairs, of which this one has changed."""
    state: State = view.state
    weights, held = [0.0] * len(view.legs), [each for each in state.pairs if each.side]
    for each in held:
        weights[each.a] += each.side * each.weights[0]
        weights[each.b] += each.side * each.weights[1]
    a, b = view.legs[pair.a].instrument, view.legs[pair.b].instrument
    return view.hold(
        weights,
        f"{a} and {b}: {why}, hedge {pair.hedge:.4g}, p {pair.p_value:.3g}",
        part=len(held) / params.most_pairs,
        volatility=_volatility(view, weights),
        z=z,
        hedge=pair.hedge,
        p_value=pair.p_value,
        half_life=pair.half_life,
    )


def _volatility(view: GroupView, weights: list[float]) -> float:
    """A year, of what the position makes, as a fraction of what it costs."""
    state, moved = view.state, np.diff(view.mids() @ np.array(weights))
    cost = sum(abs(w) * leg.mid for w, leg in zip(weights, view.legs, strict=True))
    step_s = (view.ts - state.began) / 1e9 / max(state.bars - 1, 1)
    if not cost > 0 or not step_s > 0 or len(moved) < 2:
        return math.nan
    return float(moved.std(ddof=1)) / cost * math.sqrt(YEAR_S / step_s)
