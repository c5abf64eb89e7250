"""Rows of one kind and instrument as numpy columns, and what is done to them as a whole. Pure.

A depth message's levels lie flat in ``price`` and ``size``, as in a frame: ``bids + asks`` values a
row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from schemas.lake.kinds import LEVELS, TEXT, Kind

Columns: TypeAlias = dict[str, Any]
DAY_NS = 86_400 * 10**9


class ScaleError(ValueError):
    """Prices or sizes do not fit 64 bits at the scale that holds all of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """``sources`` are what the column ``source`` indexes, in the order of their names."""

    kind: Kind
    instrument: str
    price_scale: int
    size_scale: int
    sources: tuple[str, ...]
    columns: Columns

    def __len__(self) -> int:
        return len(self.columns["source"])

    @property
    def counts(self) -> Any:
        """Levels of each depth message."""
        return self.columns["bids"].astype(np.int64) + self.columns["asks"]

    def take(self, index: Any) -> "Rows":
        """The rows at these places, in this order."""
        columns = {
            name: column[index]
            for name, column in self.columns.items()
            if not (self.kind.has_levels and name in LEVELS)
        }
        if self.kind.has_levels:
            where = _levels_at(self.counts, index)
            columns |= {name: self.columns[name][where] for name in LEVELS}
        return replace(self, columns={name: columns[name] for name in self.columns})

    def given_by(self, source: str, offset: int) -> "Rows":
        """The same as what one record of a source gave."""
        columns = {**self.columns, "offset": np.full(len(self), offset, np.int64)}
        return replace(self, sources=(source,), columns=columns)

    def by_day(self) -> Iterator[tuple[int, "Rows"]]:
        """(days since 1970, UTC; the rows of that day) of every day."""
        days = self.columns[self.kind.event] // DAY_NS
        if len(days) and days[0] == days[-1] and (days == days[0]).all():
            yield int(days[0]), self
            return
        for day in np.unique(days).tolist():
            yield day, self.take(np.flatnonzero(days == day))


def _levels_at(counts: Any, index: Any) -> Any:
    """Places of the levels of the messages at ``index``."""
    starts = np.concatenate(([0], np.cumsum(counts)[:-1])) if len(counts) else counts
    chosen = counts[index]
    total = int(chosen.sum())
    ends = np.cumsum(chosen)
    return np.arange(total) + np.repeat(starts[index] - (ends - chosen), chosen)


def order_by(keys: Sequence[Any]) -> Any:
    """As ``np.lexsort``, the last key first; without sorting where all are in order already."""
    count = len(keys[0])
    equal = np.ones(max(count - 1, 0), bool)
    for key in reversed(keys):
        if (equal & (key[1:] < key[:-1])).any():
            return np.lexsort(keys)
        equal &= key[1:] == key[:-1]
    return np.arange(count)


def of_columns(
    kind: Kind,
    instrument: str,
    scales: tuple[int, int],
    columns: Columns,
    source: str,
    offset: int = 0,
    index: int = 0,
) -> Rows:
    """Whole columns that one cause gave, in the order in which they came."""
    count = len(columns[kind.event])
    origin = {
        "source": np.zeros(count, np.uint16),
        "offset": np.full(count, offset, np.int64),
        "index": np.full(count, index, np.int32),
        "row": np.arange(count, dtype=np.int32),
    }
    return Rows(kind, instrument, *scales, (source,), {**columns, **origin})


def empty(kind: Kind, instrument: str, price_scale: int, size_scale: int) -> Rows:
    columns = {name: np.empty(0, _dtype(kind_of)) for name, kind_of in kind.every.items()}
    return Rows(kind, instrument, price_scale, size_scale, (), columns)


def _dtype(name: str) -> Any:
    return object if name == TEXT else name


def concat(parts: Sequence[Rows]) -> Rows:
    """One after the other, at the scales that hold all. Raises ScaleError."""
    first = parts[0]
    if len(parts) == 1:
        return first
    price = max(part.price_scale for part in parts)
    size = max(part.size_scale for part in parts)
    sources = tuple(sorted({name for part in parts for name in part.sources}))
    scaled = [_prepared(part, price, size, sources) for part in parts]
    columns = {name: np.concatenate([part[name] for part in scaled]) for name in first.kind.every}
    return Rows(first.kind, first.instrument, price, size, sources, columns)


def _prepared(part: Rows, price: int, size: int, sources: tuple[str, ...]) -> Columns:
    columns = dict(part.columns)
    codes = np.array([sources.index(name) for name in part.sources] or [0], np.uint16)
    columns["source"] = codes[columns["source"]]
    for names, by in (
        (part.kind.prices, price - part.price_scale),
        (part.kind.sizes, size - part.size_scale),
    ):
        for name in names if by else ():
            columns[name] = _shifted(columns[name], by, name, part.instrument)
    if "notional_hi" in columns and (by := price + size - part.price_scale - part.size_scale):
        _shift_notional(columns, by)
    return columns


def _shifted(values: Any, by: int, name: str, instrument: str) -> Any:
    most = (2**63 - 1) // 10**by
    if len(values) and (values.max() > most or values.min() < -most):
        raise ScaleError(f"{instrument}: {name} does not fit 64 bits with {by} more decimals")
    return values * 10**by


def _shift_notional(columns: Columns, by: int) -> None:
    """A 128-bit integer in two columns."""
    both = zip(columns["notional_hi"].tolist(), columns["notional_lo"].tolist(), strict=True)
    wide = [((hi << 64) + lo) * 10**by for hi, lo in both]
    columns["notional_hi"] = np.array([value >> 64 for value in wide], np.int64)
    columns["notional_lo"] = np.array([value & (2**64 - 1) for value in wide], np.uint64)
