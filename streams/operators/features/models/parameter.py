"""Parameters of models: a field of a dataclass, with what it may be and what it means."""

from collections.abc import Iterator
from dataclasses import Field, dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Range:
    """``least`` and ``most`` may both be taken."""

    least: float
    most: float


def number(default: Any, least: float, most: float, text: str) -> Any:
    return field(default=default, metadata={"may": Range(least, most), "says": text})


def one_of(default: str, words: tuple[str, ...], text: str) -> Any:
    return field(default=default, metadata={"may": words, "says": text})


def says(default: Any, text: str) -> Any:
    """A parameter that its type alone limits."""
    return field(default=default, metadata=meaning(text))


def meaning(text: str) -> dict[str, Any]:
    """The same, for a field whose type is none of Python's own."""
    return {"may": None, "says": text}


def parameters(cls: type) -> Iterator[tuple[Field[Any], Any, str]]:
    """(field, what it may be or None, what it means) of each that is explained."""
    for each in fields(cls):
        if "may" in each.metadata:
            yield each, each.metadata["may"], each.metadata["says"]


def check_parameters(given: Any) -> None:
    """Raises ValueError for the first that is not what it may be."""
    for each, may, _ in parameters(type(given)):
        value = getattr(given, each.name)
        if isinstance(may, Range):
            if not may.least <= value <= may.most:
                raise ValueError(f"{each.name} {value:g}: from {may.least:g} to {may.most:g}")
        elif may is not None and value not in may:
            words = ", ".join(word or "nothing" for word in may)
            raise ValueError(f"{each.name} {value!r}: use {words}")
