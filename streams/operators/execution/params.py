"""Parameters of an algorithm: the configuration's defaults, with an order's own laid over them.

An order carries text (FIX 957); every value takes the type of the default that it replaces. A
field in nanoseconds (``…_ns``) is written as a period without the ending: ``duration = "10m"``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any, TypeVar

from streams.operators.market.bars import period_ns

T = TypeVar("T")
CANCEL, TAKE = "cancel", "take"  # Terms.remainder
_MOST_YEARS_NS = 100 * 365 * 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class Terms:
    """What every algorithm knows.

    ``start`` and ``end`` in ns since the epoch (0: at once, and ``duration_ns`` after the start);
    ``min_slice`` and ``max_slice`` in units of the instrument (0: none); ``max_participation`` of
    what trades from the start (0: none); ``remainder``: whether what is left at the end is
    cancelled or taken from the book; ``retry_ns``: nothing is sent so long after a refusal.
    """

    start: int = 0
    end: int = 0
    duration_ns: int = 600 * 10**9
    min_slice: Decimal = Decimal(0)
    max_slice: Decimal = Decimal(0)
    max_participation: float = 0.0
    remainder: str = CANCEL
    retry_ns: int = 5 * 10**9

    def check(self) -> None:
        """Raises ValueError."""
        if self.remainder not in (CANCEL, TAKE):
            raise ValueError(f"remainder {self.remainder!r}: use {CANCEL} or {TAKE}")
        if self.min_slice < 0 or self.max_slice < 0:
            raise ValueError("min_slice and max_slice must not be negative")
        if self.max_slice and self.max_slice < self.min_slice:
            raise ValueError(f"max_slice {self.max_slice} lies below min_slice {self.min_slice}")
        at_least("max_participation", self.max_participation, 0)
        at_least("start", self.start, 0)
        at_least("end", self.end, 0)
        if not 0 < self.duration_ns <= _MOST_YEARS_NS:
            raise ValueError("duration must be a positive period")


def names(block: Any) -> list[str]:
    """How an order calls the block's fields."""
    return [field.name.removesuffix("_ns") for field in fields(block)]


def overlaid(block: T, params: Mapping[str, str]) -> T:
    """The block with those of its fields that ``params`` names. Raises ValueError."""
    found = {}
    for field in fields(block):  # type: ignore[arg-type]
        key = field.name.removesuffix("_ns")
        if key in params:
            found[field.name] = _value(field.name, params[key], getattr(block, field.name))
    return replace(block, **found)  # type: ignore[type-var]


def _value(name: str, text: str, default: Any) -> Any:
    if name.endswith("_ns"):
        return period_ns(text)
    try:
        value = type(default)(text)
    except (ValueError, InvalidOperation) as error:
        kind = type(default).__name__
        raise ValueError(f"{name} = {text!r}: must be of type {kind}") from error
    if not isinstance(value, str) and not isfinite(value):
        raise ValueError(f"{name} = {text!r}: must be finite")
    return value


def at_least(name: str, value: float, least: float) -> None:
    """Raises ValueError."""
    if value < least:
        raise ValueError(f"{name} {value} must be {least} or more")


def within(name: str, value: float, least: float, most: float) -> None:
    """Raises ValueError."""
    if not least <= value <= most:
        raise ValueError(f"{name} {value} must lie in {least} … {most}")
