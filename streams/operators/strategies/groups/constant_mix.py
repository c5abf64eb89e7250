"""Constant mix: all members are held, and sized anew every so often."""

from collections.abc import Iterable
from dataclasses import dataclass

from streams.operators.period import Period
from streams.operators.strategies.groups.kind import group_strategy
from streams.operators.strategies.groups.view import GroupView
from streams.operators.strategies.groups.wants import Hold
from streams.operators.strategies.parameters import shares, span

_MONTH_S = 30 * 86_400


@dataclass(frozen=True, slots=True)
class ConstantMix:
    every: Period = span(_MONTH_S, "time until it is sized anew", 1)
    parts: tuple[float, ...] = shares("of the money in each member; none: the same in each")

    def check(self) -> None:
        if self.parts and not (min(self.parts) > 0 and abs(sum(self.parts) - 1) <= 1e-6):
            raise ValueError(f"parts {list(self.parts)}: each above 0, and 1 in all")


@dataclass(slots=True)
class State:
    """``sized``: when it was, ns UTC."""

    sized: int = 0


@group_strategy(
    "constant_mix",
    state=State,
    fails="It has no opinion: it falls with the market. It buys what fell and sells what rose, so "
    "a trend that goes on costs it against one who only holds; each time that it is sized anew "
    "costs spread and fees.",
    source="Perold and Sharpe 1988, Dynamic Strategies for Asset Allocation, Financial Analysts "
    "Journal 44(1); with the sizing risk_parity: Maillard, Roncalli and Teiletche 2010",
)
def constant_mix(params: ConstantMix, view: GroupView) -> Iterable[Hold]:
    """It holds ``parts`` of the money in each member, long, and brings them back to that after
    ``every``. With the sizing ``risk_parity`` (which says how much of each itself) it is a risk
    parity portfolio: equal risk contributions, and a volatility of ``target``. It waits until all
    members have spoken, and until the sizing knows what it needs.
    """
    if view.silent or (view.since and view.ts < view.state.sized + params.every):
        return
    if params.parts and len(params.parts) != len(view.legs):
        raise ValueError(f"{len(params.parts)} parts of {len(view.legs)} members: one for each")
    parts = params.parts or (1 / len(view.legs),) * len(view.legs)
    weights = [part / leg.mid for part, leg in zip(parts, view.legs, strict=True)]
    mids = {f"mid {leg.instrument}": leg.mid for leg in view.legs}
    view.state.sized = view.ts
    yield view.hold(weights, "the mix is sized anew", resize=True, **mids)
