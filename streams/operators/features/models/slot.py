"""A model slot: what a ``[models.NAME]`` of the configuration becomes, once for each instrument.

`Features` runs its slots in the order of the configuration over the vectors that it made; each
appends its columns to the vector, so a later slot may take an earlier one's output as an input.

What always holds:

- A column of a row depends on that row and on those before it, never on a later one.
- Splitting rows into several calls changes nothing.
- NaN stands where a slot has no prediction: it warms up, or an input is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from schemas.records import Record

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
Said: TypeAlias = tuple[int, Record]  # the row of the last call that a record is about


class Slot(Protocol):
    """One model at work on one instrument."""

    names: tuple[str, ...]

    def fold(self, ts: IntArray, mid: FloatArray, inputs: FloatArray) -> FloatArray:
        """``ts`` and ``mid`` (NaN: the book had no two sides) of each row, ``inputs`` (rows, k) →
        (rows, columns)."""
        ...

    def said(self) -> list[Said]:
        """What it has to tell besides its columns since it was last asked, in order of rows."""
        ...

    def state(self) -> dict[str, Any]:
        """Everything that what follows depends on, of canonical plain data."""
        ...

    def restore(self, state: dict[str, Any]) -> None:
        """Takes up what ``state`` gave."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a slot stands. Predictions are evaluated over periods of ``period_ns``, event time."""

    instrument: str
    period_ns: int


class Model(Protocol):
    """A ``[models.NAME]``, as its kind reads it."""

    def check(self) -> None:
        """Raises ValueError, which says what is wrong and what there is."""
        ...

    def columns(self, name: str) -> tuple[str, ...]:
        """What it appends to the vector."""
        ...

    def reads(self, features: Sequence[str], earlier: Sequence[str]) -> tuple[str, ...]:
        """The columns that it takes, out of the features and what earlier slots append. Raises
        ValueError for one that is not there."""
        ...

    def slot(self, name: str, reads: tuple[str, ...], place: Place) -> Slot:
        """``reads`` are the columns that each row of inputs holds."""
        ...


def chosen(
    patterns: Sequence[str], features: Sequence[str], earlier: Sequence[str]
) -> tuple[str, ...]:
    """The columns that patterns name, in the order of the patterns, each once; all features where
    there is no pattern. Raises ValueError for a pattern that names none."""
    if not patterns:
        return tuple(features)
    there, found = (*features, *earlier), dict[str, None]()
    for pattern in patterns:
        matching = [name for name in there if fnmatchcase(name, pattern)]
        if not matching:
            raise ValueError(f"input {pattern!r} is no column; there are {', '.join(there)}")
        found.update(dict.fromkeys(matching))
    return tuple(found)


def plan(
    models: Sequence[tuple[str, Model]], features: Sequence[str]
) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    """(name, columns read, columns appended) of each slot in turn. Raises ValueError, which begins
    with the model's name, for what cannot run."""
    made, earlier = list[tuple[str, tuple[str, ...], tuple[str, ...]]](), list[str]()
    for name, model in models:
        try:
            if not name.isidentifier():
                raise ValueError("a name is a word of letters, digits and _")
            model.check()
            reads, columns = model.reads(features, earlier), model.columns(name)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
        for column in columns:
            if column in features or column in earlier:
                raise ValueError(f"{name}: there is a column {column} already; choose another name")
        made.append((name, reads, columns))
        earlier += columns
    return tuple(made)
