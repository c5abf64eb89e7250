"""What is to be computed for a list of indicators: the steps that they share, then themselves."""

from dataclasses import dataclass
from typing import Any

from streams.operators.features.indicators.asked import Asked


@dataclass(frozen=True, slots=True)
class Job:
    """A kernel, the params that it takes, how many floats it keeps, how many rows it writes, and
    the columns that must be known at a bar."""

    run: Any
    params: tuple[float, ...]
    state: int
    rows: int
    needs: tuple[int, ...]
    candles: bool = False


def jobs(asked: tuple[Asked, ...], free: int) -> tuple[list[Job], list[Job]]:
    """(steps, indicators). The rows of the steps begin behind the columns, at ``free``; each is
    there once for all indicators that take it with the same params over the same bars."""
    places: dict[Any, int] = {}
    steps, indicators = [], []
    for one in asked:
        step, params = one.indicator.step, one.params
        if step is not None:
            taken = step.takes(params)
            key = (step, taken, one.needs)
            if key not in places:
                places[key] = free
                steps.append(Job(step.run, taken, step.state(taken), step.rows, one.needs))
                free += step.rows
            params = (*params, float(places[key]))
        state, candles = one.indicator.state(one.params), one.indicator.candles
        indicators.append(Job(one.indicator.run, params, state, len(one.names), one.needs, candles))
    return steps, indicators
