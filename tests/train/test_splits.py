"""Splits: what fits never overlaps what judges."""

from math import comb
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.train import splits
from research.train.errors import TrainError
from research.train.splits import Spans


@st.composite
def spans(draw: st.DrawFn) -> Spans:
    """Rows at whole times, several at one, with labels of any length."""
    gaps = draw(st.lists(st.integers(0, 4), min_size=30, max_size=120))
    lengths = draw(st.lists(st.integers(0, 9), min_size=len(gaps), max_size=len(gaps)))
    start = np.cumsum(gaps)
    return Spans(start, start + np.array(lengths))


def overlapping(labels: Spans, train: Any, test: Any) -> int:
    """Pairs, each looked at."""
    a, b = labels.start[train][:, None], labels.end[train][:, None]
    c, d = labels.start[test][None, :], labels.end[test][None, :]
    return int(((a <= d) & (b >= c)).sum())


def made(split: Any, *given: Any) -> Any:
    """Splits, or none where the rows are too few for them."""
    try:
        return split(*given)
    except TrainError:
        return []


@given(spans(), st.integers(2, 6), st.integers(0, 20))
def test_no_training_label_overlaps_a_test_label(labels: Spans, folds: int, embargo: int) -> None:
    found = made(splits.purged, labels, folds, embargo)
    found += made(splits.combinatorial, labels, folds + 1, 2, embargo)
    found += made(splits.walk_forward, labels, folds, embargo)
    for split in found:
        assert overlapping(labels, split.train, split.test) == 0
        assert splits.overlaps(labels, split) == 0
        assert not np.isin(split.train, split.test).any()


@given(spans(), st.integers(2, 6), st.integers(1, 20))
def test_nothing_trains_within_the_embargo(labels: Spans, folds: int, embargo: int) -> None:
    for split in made(splits.purged, labels, folds, embargo):
        behind = labels.start[split.train] - labels.end[split.test].max()
        assert not ((behind > 0) & (behind <= embargo)).any()


@given(spans(), st.integers(2, 6))
def test_every_row_is_tested_once(labels: Spans, folds: int) -> None:
    found = made(splits.purged, labels, folds)
    if found:
        tested = np.concatenate([split.test for split in found])
        assert np.sort(tested).tolist() == list(range(len(labels.start)))


def test_purging_takes_no_more_than_it_must() -> None:
    start = np.arange(20)
    labels = Spans(start, start + 2)
    middle = splits.purged(labels, 4, embargo_ns=3)[1]
    assert middle.test.tolist() == [5, 6, 7, 8, 9]  # their labels end at 11; until 14 by embargo
    assert middle.train.tolist() == [0, 1, 2, 15, 16, 17, 18, 19]


def test_combinatorial_splits_make_whole_paths() -> None:
    start = np.arange(60)
    found = splits.combinatorial(Spans(start, start), 6, 2)
    assert len(found) == comb(6, 2)
    paths = splits.paths(6, 2)
    assert len(paths) == comb(5, 1)
    for path in paths:
        for group, number in enumerate(path):
            assert set(range(group * 10, group * 10 + 10)) <= set(found[number].test.tolist())
    used = [(group, number) for path in paths for group, number in enumerate(path)]
    assert len(set(used)) == len(used)


def test_walking_forward_trains_on_the_past_only() -> None:
    start = np.arange(100)
    found = splits.walk_forward(Spans(start, start + 3), 4, embargo_ns=2)
    assert len(found) == 4
    for split in found:
        assert split.train.max() + 3 + 2 < split.test.min()


def test_rows_of_one_moment_are_in_one_fold() -> None:
    start = np.repeat(np.arange(10), 3)
    for split in splits.purged(Spans(start, start), 4):
        assert not np.isin(start[split.test], start[split.train]).any()


def test_labels_that_span_everything_are_refused() -> None:
    start = np.arange(30)
    with pytest.raises(TrainError, match="leaves none to train on"):
        splits.purged(Spans(start, start + 100), 3)
    with pytest.raises(TrainError, match="do not make 40 groups"):
        splits.purged(Spans(start, start), 40)
