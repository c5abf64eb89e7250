"""Moving-average crossover gated by a decision tree, a random forest or any other classifier."""

from collections.abc import Iterable
from dataclasses import dataclass

from streams.operators.strategies.crossing import Gate, Seen, cross
from streams.operators.strategies.kind import strategy
from streams.operators.strategies.parameters import flag, number, one_of, text
from streams.operators.strategies.view import View
from streams.operators.strategies.wants import Signal

AVERAGES = ("sma", "ema", "wma", "dema", "tema", "trima", "hma", "kama", "rma", "zlema", "vwma")


@dataclass(frozen=True, slots=True)
class MaCross:
    average: str = one_of("sma", AVERAGES, "the moving average")
    fast: int = number(10, 2, 5000, "bars of the fast average")
    slow: int = number(30, 3, 5000, "bars of the slow average")
    model: str = text("p_up", "column of the probability of a rise")
    threshold: float = number(0.55, 0, 1, "least probability for a position")
    allow_short: bool = flag(True, "whether it may be short, or only flat")

    def check(self) -> None:
        if self.fast >= self.slow:
            raise ValueError(f"fast {self.fast} must be shorter than slow {self.slow}")


@strategy(
    "ma_cross",
    needs=lambda p: {
        "fast": f"{p.average}({p.fast})",
        "slow": f"{p.average}({p.slow})",
        "p_up": p.model,
    },
    may_lack=("p_up",),
    state=Seen,
    fails="Sideways markets: each cross is late and the next one takes it back, so it pays the "
    "spread and fees both ways. The gate is as good as its model: a tree that has learnt noise is "
    "often sure of itself, and a cross that it refuses is not looked at again.",
    source="Murphy 1999, Technical Analysis of the Financial Markets, ch. 9; Domingos and Hulten "
    "2000, Mining High-Speed Data Streams (the tree); Gomes et al. 2017, Adaptive Random Forests "
    "for Evolving Data Stream Classification, Machine Learning 106; Lopez de Prado 2018, Advances "
    "in Financial Machine Learning, ch. 3 (a model that decides whether to act on a rule)",
)
def ma_cross(params: MaCross, view: View) -> Iterable[Signal]:
    """When the fast average rises above the slow one it wants to be long, when it falls below,
    short (or flat where ``allow_short`` is false). The side is the cross's alone; the model says
    whether it is taken: its probability of a rise >= threshold for long, <= 1 - threshold for
    short. Otherwise, and while the model warms up, the cross only closes what is open.

    ``model`` names a table ``[models.NAME]`` of any kind that tells a probability, for instance
    ``hoeffding_tree`` or ``adaptive_random_forest``, which learn as they go, or ``onnx`` for a
    tree or forest that was trained before. ``ema_cross`` is the same rule on the vector's own EMAs.
    """
    gate = Gate(params.model, view["p_up"], params.threshold, params.allow_short)
    yield from cross(view, view["fast"] - view["slow"], params.average.upper(), gate)
