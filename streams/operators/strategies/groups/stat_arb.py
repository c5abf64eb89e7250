"""Statistical arbitrage: what an instrument did beyond what moves all of them comes back."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from streams.operators.statistics.principal import eigenportfolios
from streams.operators.statistics.regression import FloatArray
from streams.operators.strategies.groups.kind import group_strategy
from streams.operators.strategies.groups.residuals import Residual, residuals
from streams.operators.strategies.groups.view import GroupView
from streams.operators.strategies.groups.wants import Hold
from streams.operators.strategies.parameters import number, one_of

PCA, FIRST = "pca", "first"


@dataclass(frozen=True, slots=True)
class StatArb:
    factor: str = one_of(PCA, (PCA, FIRST), "eigenportfolios, or the first member (an index fund)")
    factors: int = number(1, 1, 20, "eigenportfolios; fewer than members")
    correlation: int = number(252, 20, 5000, "bars that the eigenportfolios are made of")
    period: int = number(60, 20, 5000, "bars that the residuals are read from")
    open: float = number(1.25, 0.01, 10, "s-score beyond which it enters")
    close_long: float = number(0.5, 0, 10, "a long is closed when s is above minus this")
    close_short: float = number(0.75, 0, 10, "a short is closed when s is below this")
    slowest: float = number(0.5, 0.01, 10, "longest time of reversion, in periods")

    def check(self) -> None:
        if max(self.close_long, self.close_short) >= self.open:
            raise ValueError(f"close_long and close_short must lie below open {self.open}")
        if self.factor == PCA and self.correlation < self.period:
            raise ValueError(f"correlation {self.correlation} must not be less than period")


@dataclass(slots=True)
class State:
    """``sides`` that are held, by member: 1 long, -1 short its residual."""

    sides: list[int] = field(default_factory=list)


@group_strategy(
    "stat_arb",
    state=State,
    history=lambda p: 1 + (p.correlation if p.factor == PCA else p.period),
    members=(3, 100),
    fails="News of one instrument, which the residual takes for a deviation, and times when all "
    "who trade so sell at once (August 2007). The factors are read from the past. With few members "
    "the first eigenportfolio is much of each of them, so little is left.",
    source="Avellaneda and Lee 2010, Statistical Arbitrage in the US Equities Market, Quantitative "
    "Finance 10; its thresholds are the defaults",
)
def stat_arb(params: StatArb, view: GroupView) -> Iterable[Hold]:
    """Each bar: log returns of the mids; the factors, which are the first eigenportfolios of their
    correlations over ``correlation`` bars, or the group's first member; each member's returns over
    ``period`` bars regressed on the factors'; the residuals added up and read as an
    Ornstein-Uhlenbeck process; s is how far it is from its mean, in its deviations.

    Long the residual (the member, less its betas of the factors) when s < -``open``, closed when s
    > -``close_long``; short when s > ``open``, closed when s < ``close_short``. A member whose
    residual comes back in more than ``slowest`` periods, or not at all, is not entered, and closed.
    All residuals together are one position; each member has an equal part of the size.
    """
    if view.silent or view.seen < view_rows(params):
        return
    if params.factor == PCA and params.factors >= len(view.legs):
        raise ValueError(f"{params.factors} factors of {len(view.legs)} members: take fewer")
    returns = np.diff(np.log(view.mids()), axis=0)
    portfolios = _portfolios(params, returns)
    if portfolios is None:
        return
    last = returns[-params.period :]
    found = residuals(last, last @ portfolios.T)
    if params.factor == FIRST:
        found[0] = None
    before = view.state.sides or [0] * len(view.legs)
    sides = [_side(params, side, each) for side, each in zip(before, found, strict=True)]
    view.state.sides = sides
    if sides != before:
        yield _hold(params, view, before, found, portfolios)


def view_rows(params: StatArb) -> int:
    """Mids that it needs."""
    return 1 + (params.correlation if params.factor == PCA else params.period)


def _portfolios(params: StatArb, returns: FloatArray) -> FloatArray | None:
    """Amounts of money by member, a row a factor."""
    if params.factor == FIRST:
        return np.eye(1, returns.shape[1])
    found = eigenportfolios(returns, params.factors)
    return None if found is None else found.portfolios


def _side(params: StatArb, side: int, found: Residual | None) -> int:
    if found is None or found.time > params.slowest * params.period:
        return 0
    if side > 0 and found.s < -params.close_long:
        return 1
    if side < 0 and found.s > params.close_short:
        return -1
    return 1 if found.s < -params.open else -1 if found.s > params.open else 0


def _hold(
    params: StatArb,
    view: GroupView,
    before: list[int],
    found: list[Residual | None],
    portfolios: FloatArray,
) -> Hold:
    sides: list[int] = view.state.sides
    money = np.zeros(len(sides))
    for n, (side, each) in enumerate(zip(sides, found, strict=True)):
        if side and each:
            money[n] += side
            money -= side * each.betas @ portfolios
    mids = np.array([leg.mid for leg in view.legs])
    names = len(sides) - (params.factor == FIRST)
    scores = {
        f"s {leg.instrument}": each.s for leg, each in zip(view.legs, found, strict=True) if each
    }
    changes = [
        f"{_words(side)} {leg.instrument}" + (f" (s {each.s:.2f})" if each else "")
        for leg, side, old, each in zip(view.legs, sides, before, found, strict=True)
        if side != old
    ]
    part = sum(map(abs, sides)) / names
    return view.hold(
        (money / mids).tolist(),
        f"residuals: {', '.join(changes)}",
        part=part,
        resize=True,
        **scores,
    )


def _words(side: int) -> str:
    return "long" if side > 0 else "short" if side < 0 else "out of"
