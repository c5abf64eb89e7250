"""What a strategy may be told: the fields of its parameters, each with its default and range.

A parameter class is a frozen dataclass whose fields are made here; a method ``check`` may say
further what does not go together (it raises ValueError).
"""

from decimal import Decimal
from typing import Any

from streams.operators.features.models.parameter import (
    check_parameters,
    number,
    one_of,
    parameters,
    says,
)
from streams.operators.period import Period

__all__ = [
    "ANY_TEXT",
    "check",
    "flag",
    "money",
    "names",
    "number",
    "numbers",
    "one_of",
    "parameters",
    "shares",
    "span",
    "text",
]
_SECOND = 10**9


class _AnyText:
    """What a text may be."""

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str)

    def __str__(self) -> str:
        return "any text"


ANY_TEXT = _AnyText()


def money(default: str, says: str, least: str = "0", most: str = "1e12") -> Any:
    """An exact amount: a Decimal, written as a string."""
    return number(Decimal(default), Decimal(least), Decimal(most), says)  # type: ignore[arg-type]


def flag(default: bool, says: str) -> Any:
    return one_of(default, (True, False), says)  # type: ignore[arg-type]


def text(default: str, says: str) -> Any:
    return one_of(default, ANY_TEXT, says)  # type: ignore[arg-type]


def names(default: tuple[str, ...], text: str) -> Any:
    """Names of something else, in an order."""
    return says(default, text)


def shares(text: str) -> Any:
    """Numbers, a part of a whole each, in the order of something else; none: even ones."""
    return says((), text)


def numbers(text: str) -> Any:
    """Numbers, in the order of something else; none: something is supposed."""
    return says((), text)


def span(default_s: float, says: str, least_s: float = 0, most_s: float = 1e9) -> Any:
    """A ``Period`` of so many seconds."""
    default = Period(int(default_s * _SECOND))
    return number(default, least_s * _SECOND, most_s * _SECOND, says)


def check(params: Any) -> None:
    """Raises ValueError, which names the parameter and what it may be."""
    check_parameters(params)
    further = getattr(params, "check", None)
    if further:
        further()
