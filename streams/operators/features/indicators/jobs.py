"""What is to be computed for a list of indicators: the steps that they share, then themselves."""

from dataclasses import dataclass
from typing import Any

from streams.operators.features.indicators.asked import Asked


@dataclass(frozen=True, slots=True)
class Job:
    """A kernel, the params that it takes, how many floats it keeps, how many rows it writes, and
    the columns that must be known at a bar. ``name`` says what its state is the state of."""

    name: str
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
                name = f"{step.run.__name__} {[*taken]} {[*one.needs]}"
                steps.append(Job(name, step.run, taken, step.state(taken), step.rows, one.needs))
                free += step.rows
            params = (*params, float(places[key]))
        its, state = one.indicator, one.indicator.state(one.params)
        name, rows = " ".join(one.names), len(one.names)
        indicators.append(Job(name, its.run, params, state, rows, one.needs, its.candles))
    return steps, indicators
