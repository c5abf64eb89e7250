"""What a strategy needs of the feature vector, by the names of its columns.

``ema_spread`` is a column; ``rsi(14)`` an indicator with one output; ``bbands(20, 2).upper`` one of
several. An indicator that the configuration does not ask for is asked for on the strategy's behalf.
"""

from typing import NamedTuple

from streams.operators.features.indicators.asked import Asked, parse
from streams.operators.features.indicators.library import LIBRARY


class Need(NamedTuple):
    """``asked``: the indicator that makes the column, where one does."""

    column: str
    asked: Asked | None


def need(text: str, columns: tuple[str, ...]) -> Need:
    """``columns``: what every vector has. Raises ValueError, which says what there is."""
    if text in columns:
        return Need(text, None)
    call, bracket, output = text.rpartition(")")
    call, output = (call + bracket, output) if bracket else text.partition(".")[::2]
    if not bracket and call not in LIBRARY:
        raise ValueError(
            f"no feature {text!r}; there are {', '.join(columns)}, and indicators such as rsi(14)"
        )
    asked = parse(call)
    return Need(_column(text, asked, output.removeprefix(".")), asked)


def _column(text: str, asked: Asked, output: str) -> str:
    outputs = dict(zip(asked.indicator.outputs, asked.names, strict=True))
    if output not in outputs:
        call = text.removesuffix(f".{output}")
        choices = " or ".join(f"{call}.{name}" if name else call for name in outputs)
        raise ValueError(f"{text}: say which output: {choices}")
    return outputs[output]
