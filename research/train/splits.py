"""Which rows a model is fitted on and which it is judged by.

A label looks ahead: it spans the time from its vector to the moment it became known. What always
holds, for every split but ``plain``:

- No training row's span overlaps the span of a test block, of any instrument (purging; López de
  Prado, *Advances in Financial Machine Learning*, 2018, 7.4.1). Ends that touch do overlap.
- No training row begins within the embargo behind a test block (7.4.2): features look back, so a
  vector right behind a block still holds what the block's labels were made of.
- Vectors of one moment are in one group: instruments move together.
"""

from collections.abc import Iterator
from itertools import combinations, groupby, pairwise
from math import comb
from typing import Any, NamedTuple

import numpy as np

from research.train.errors import TrainError


class Spans(NamedTuple):
    """Of labels, ns; rows in the order of ``start``."""

    start: Any
    end: Any


class Split(NamedTuple):
    """Row numbers, in order."""

    train: Any
    test: Any


def purged(spans: Spans, folds: int, embargo_ns: int = 0) -> list[Split]:
    """K folds, each a stretch of time that is tested once."""
    return combinatorial(spans, folds, 1, embargo_ns)


def combinatorial(spans: Spans, groups: int, tested: int, embargo_ns: int = 0) -> list[Split]:
    """Combinatorial purged cross-validation (AFML 12.3): every choice of ``tested`` groups is a
    test set, so each row is tested in ``comb(groups - 1, tested - 1)`` splits."""
    edges = group_edges(spans.start, groups)
    made = []
    for chosen in combinations(range(groups), tested):
        kept = np.ones(len(spans.start), bool)
        test = []
        for first, last in _blocks(chosen):
            lo, hi = edges[first], edges[last + 1]
            kept[lo:hi] = False
            kept &= ~_touched(spans, lo, hi, embargo_ns)
            test.append(np.arange(lo, hi))
        made.append(_split(np.flatnonzero(kept), np.concatenate(test)))
    return made


def walk_forward(spans: Spans, folds: int, embargo_ns: int = 0) -> list[Split]:
    """Each of ``folds`` stretches after the first is tested by a model of all before it. The
    embargo is left between them too."""
    edges = group_edges(spans.start, folds + 1)
    made = []
    for lo, hi in pairwise(edges[1:]):
        train = np.flatnonzero(spans.end[:lo] + embargo_ns < spans.start[lo])
        made.append(_split(train, np.arange(lo, hi)))
    return made


def plain(rows: int, folds: int, seed: int) -> list[Split]:
    """Shuffled folds, as for rows that have nothing to do with each other: what overlapping labels
    must not be judged by. For comparison only."""
    order = np.random.default_rng(seed).permutation(rows)
    parts = [np.sort(part) for part in np.array_split(order, folds)]
    return [Split(np.setdiff1d(order, part), part) for part in parts]


def paths(groups: int, tested: int) -> list[list[int]]:
    """The backtest paths of combinatorial splits (AFML 12.4): for each path, which split tests
    each group."""
    seen = [0] * groups
    found: list[list[int]] = [[-1] * groups for _ in range(comb(groups - 1, tested - 1))]
    for number, chosen in enumerate(combinations(range(groups), tested)):
        for group in chosen:
            found[seen[group]][group] = number
            seen[group] += 1
    return found


def overlaps(spans: Spans, split: Split) -> int:
    """How many training rows span a moment that a test row spans: none, where it was purged."""
    starts = np.sort(spans.start[split.test])
    ends = np.sort(spans.end[split.test])
    begun = np.searchsorted(starts, spans.end[split.train], "right")
    ended = np.searchsorted(ends, spans.start[split.train], "left")
    return int((begun > ended).sum())


def group_edges(start: Any, groups: int) -> list[int]:
    """Where each of so many stretches of about equal size begins, and the end of the last."""
    rows = len(start)
    wanted = [rows * n // groups for n in range(1, groups)]
    inner = [int(np.searchsorted(start, start[at], "left")) for at in wanted]
    edges = [0, *inner, rows]
    if groups < 2 or any(a >= b for a, b in pairwise(edges)):
        raise TrainError(
            f"{rows} labelled rows at {len(np.unique(start))} moments do not make {groups} groups "
            "in time: take at least two, fewer than there are moments"
        )
    return edges


def _blocks(chosen: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Runs of neighbours among the numbers, as (first, last)."""
    for _, run in groupby(enumerate(chosen), key=lambda item: item[1] - item[0]):
        numbers = [number for _, number in run]
        yield numbers[0], numbers[-1]


def _touched(spans: Spans, lo: int, hi: int, embargo_ns: int) -> Any:
    begins, ends = spans.start[lo], spans.end[lo:hi].max()
    return (spans.end >= begins) & (spans.start <= ends + embargo_ns)


def _split(train: Any, test: Any) -> Split:
    if not len(train):
        raise TrainError(
            f"a fold that tests {len(test)} rows leaves none to train on: labels and embargo are "
            "too long for the data; shorten them, take fewer folds or more data"
        )
    return Split(train, test)
