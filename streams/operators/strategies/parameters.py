"""What a strategy may be told: the fields of its parameters, each with its default and range.

A parameter class is a frozen dataclass whose fields are made here; a method ``check`` may say
further what does not go together (it raises ValueError).
"""

from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

_TERMS = "terms"


@dataclass(frozen=True, slots=True)
class Terms:
    """``least`` and ``most``: what it may be; ``choices``: of text; ``said``: for people."""

    said: str
    least: Any = None
    most: Any = None
    choices: tuple[str, ...] = ()

    @property
    def range(self) -> str:
        if self.choices:
            return " or ".join(self.choices)
        return "" if self.least is None else f"{self.least} … {self.most}"


def whole(default: int, least: int, most: int, said: str) -> Any:
    """A whole number, such as a number of bars."""
    return field(default=default, metadata={_TERMS: Terms(said, least, most)})


def number(default: float, least: float, most: float, said: str) -> Any:
    return field(default=default, metadata={_TERMS: Terms(said, least, most)})


def money(default: str, said: str, least: str = "0", most: str = "1e12") -> Any:
    """An exact amount: a Decimal, written as a string."""
    terms = Terms(said, Decimal(least), Decimal(most))
    return field(default=Decimal(default), metadata={_TERMS: terms})


def flag(default: bool, said: str) -> Any:
    return field(default=default, metadata={_TERMS: Terms(said)})


def choice(default: str, choices: tuple[str, ...], said: str) -> Any:
    return field(default=default, metadata={_TERMS: Terms(said, choices=choices)})


def terms_of(params: Any) -> dict[str, tuple[Any, Terms]]:
    """name → (default, terms) of a class of parameters, in order."""
    return {f.name: (f.default, f.metadata.get(_TERMS, Terms(""))) for f in fields(params)}


def check(params: Any) -> None:
    """Raises ValueError, which names the parameter and what it may be."""
    for name, (_, terms) in terms_of(params).items():
        value = getattr(params, name)
        if terms.choices and value not in terms.choices:
            raise ValueError(f"{name} {value!r}: use {terms.range}")
        if terms.least is not None and not terms.least <= value <= terms.most:
            raise ValueError(f"{name} {value} must lie in {terms.range}")
    further = getattr(params, "check", None)
    if further:
        further()
