"""Neural arbitrage: what a model foresees, less what the trade costs, is worth having or not."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from streams.operators.period import Period
from streams.operators.strategies.kind import strategy
from streams.operators.strategies.parameters import flag, number, span, text
from streams.operators.strategies.view import View
from streams.operators.strategies.wants import Signal


@dataclass(frozen=True, slots=True)
class NeuralArbitrage:
    model: str = text("forecast", "column of the foreseen move of the mid in basis points")
    min_profit: float = number(10.0, 0, 10_000, "basis points that must remain after all costs")
    fee: float = number(5.0, -100, 1000, "basis points of a position, each way")
    slippage: float = number(0.0, 0, 1000, "basis points that a fill is worse, each way")
    hold: Period = span(10, "time over which the model foresees, and the position is held", 1e-3)
    allow_short: bool = flag(True, "whether it may be short, or only flat")


@dataclass(slots=True)
class Trade:
    """``until``: event time at which the forecast is used up; ``price``: the mid foreseen."""

    until: int = 0
    price: float = math.nan


@strategy(
    "neural_arbitrage",
    needs=lambda p: {"forecast": p.model},
    may_lack=("forecast",),
    state=Trade,
    fails="Costs that are larger than said: a fill that comes late or moves the price eats a "
    "profit of a few basis points. A forecast whose size is wrong though its sign is right: "
    "regressors that fit outliers foresee moves that do not come. It is no arbitrage in the strict "
    "sense: the profit is an expectation, and single trades lose.",
    source="Garleanu and Pedersen 2013, Dynamic Trading with Predictable Returns and Transaction "
    "Costs, Journal of Finance 68; Lopez de Prado 2018, Advances in Financial Machine Learning, "
    "ch. 3 (profit target, stop and time limit)",
)
def neural_arbitrage(params: NeuralArbitrage, view: View) -> Iterable[Signal]:
    """The model is a regressor (a table ``[models.NAME]``: ``onnx``, ``linear``, …) whose column is
    the move that it foresees over ``hold``, in basis points of the mid. Costs are there and back:
    the spread as it stands, twice ``fee`` and twice ``slippage``. It enters the side of the
    forecast when |forecast| - costs > ``min_profit``, and turns at once when that is the other.

    It leaves when the mid has come to where it was foreseen, when the forecast has changed sign,
    and after ``hold``. A position that would be entered anew at that moment is kept instead, with
    the new forecast: that saves the costs. While the model says nothing, nothing is entered, and
    the time goes on. A stop is for the account to set (``stops``).

    The rules that it follows had a fixed cost of 20 basis points and a detector that never spoke.
    """
    forecast = view["forecast"]
    side = (forecast > 0) - (forecast < 0)
    costs = _costs(params, view)
    net = abs(forecast) - costs
    done = _done(params, view, side)
    if not _worth(params, net, side):
        if done:
            yield view.target(0, done, net=net, costs=costs)
    elif done or side != view.wanted:
        view.state.until = view.ts + params.hold
        view.state.price = view.mid * (1 + forecast / 1e4)
        reason = f"{forecast:+.1f} bp foreseen, {costs:.1f} bp costs"
        yield view.target(side, reason, net=net, costs=costs, price=view.state.price)


def _costs(params: NeuralArbitrage, view: View) -> float:
    """Basis points."""
    return (view.ask - view.bid) / view.mid * 1e4 + 2 * (params.fee + params.slippage)


def _worth(params: NeuralArbitrage, net: float, side: int) -> bool:
    return bool(side) and net > params.min_profit and (side > 0 or params.allow_short)


def _done(params: NeuralArbitrage, view: View, side: int) -> str:
    """Why a position is left; nothing where there is none, or no reason."""
    wanted, state = view.wanted, view.state
    if not wanted:
        return ""
    if (view.mid - state.price) * wanted >= 0:
        return f"the mid came to {state.price:g}, as foreseen"
    if side * wanted < 0:
        return "the forecast has turned"
    return f"held for {params.hold / 1e9:g} s" if view.ts >= state.until else ""
